// convertColor of bytes in floats. A float is nearly always enough to know which byte is nearest;
// where it is not, because the number lies too close to the middle between two bytes, the pixel is
// doubtful and computed again in doubles. The bytes are those of convert-color-exact-inl.h.
#pragma once

#include "kernels/image/convert-color-exact-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

using planes_::chunk;

typedef V<float> Floats;

// The numbers a rule computes, in units of bytes, or of light.
struct Near {
  Floats at[3];
};

// Pixels of a chunk, a bit each.
struct Doubts {
  uint64_t bits[chunk / 64] = {};

  EC_INLINE void add(int64_t at, uint64_t lanes) { bits[at / 64] |= lanes << at % 64; }
};

EC_INLINE Floats absolute(Floats v) { return (Floats)((V<uint32_t>)v & 0x7fffffffu); }

// Each rule says how its numbers are computed; `guard`, how far they may be from those that doubles
// give (generously: every one of the 2²⁴ colours has been compared); and which are in doubt at all.

struct Gray {
  static constexpr int channels = 1;
  static constexpr float guard = 2e-4f;
  static constexpr bool doubtful[3] = {true, false, false};
  static EC_INLINE Floats luma(Floats r, Floats g, Floats b) {
    return 0.299f * r + 0.587f * g + 0.114f * b;
  }
  static EC_INLINE Near at(Floats r, Floats g, Floats b) { return {luma(r, g, b), r, r}; }
};

struct ToYcbcr {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static constexpr bool doubtful[3] = {true, true, true};
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    const Floats y = Gray::luma(r, g, b);
    return {y, (b - y) * 0.564f + 128.0f, (r - y) * 0.713f + 128.0f};
  }
};

struct FromYcbcr {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static constexpr bool doubtful[3] = {true, true, true};
  static EC_INLINE Near at(Floats y, Floats cb, Floats cr) {
    cb -= 128.0f, cr -= 128.0f;
    return {y + 1.403f * cr, y - 0.714f * cr - 0.344f * cb, y + 1.773f * cb};
  }
};

// Half degrees, as bytes have them. Whole numbers as they are, the middle between two of them is
// met exactly, or missed by at least 1 / 510.
EC_INLINE Floats halfHue(Floats r, Floats g, Floats b, Floats most, Floats range) {
  const auto isRed = most == r, isGreen = most == g;
  const Floats rise = isRed ? g - b : isGreen ? b - r : r - g;
  const Floats base = isRed ? Floats{} : isGreen ? Floats{} + 60.0f : Floats{} + 120.0f;
  Floats turn = 30.0f * rise / maxV<float>(range, Floats{} + 1.0f) + base;
  turn = turn < 0.0f ? turn + 180.0f : turn;
  return turn > 179.5f ? Floats{} : turn;
}

struct ToHsv {
  static constexpr int channels = 3;
  static constexpr float guard = 9e-4f;
  static constexpr bool doubtful[3] = {true, true, false};
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    const Floats most = maxV<float>(maxV<float>(r, g), b);
    const Floats range = most - minV<float>(minV<float>(r, g), b);
    return {halfHue(r, g, b, most, range), 255.0f * range / maxV<float>(most, Floats{} + 1.0f),
            most};
  }
};

// The lightness, half of all times in the middle between two bytes, is computed apart.
struct ToHsl {
  static constexpr int channels = 3;
  static constexpr float guard = 9e-4f;
  static constexpr bool doubtful[3] = {true, true, false};
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    const Floats most = maxV<float>(maxV<float>(r, g), b);
    const Floats least = minV<float>(minV<float>(r, g), b);
    const Floats range = most - least, sum = most + least;
    const Floats width = minV<float>(sum, 510.0f - sum);
    return {halfHue(r, g, b, most, range), 255.0f * range / maxV<float>(width, Floats{} + 1.0f),
            most};
  }

  // byte / 255, rounded as a division is. Where a product and a sum are rounded once, the product
  // with 1 / 255 and what it is wrong by are faster, and for bytes the same.
  static EC_INLINE double share(double byte) {
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
    const double near = byte * (1 / 255.0);
    return __builtin_fma(__builtin_fma(near, -255.0, byte), 1 / 255.0, near);
#else
    return byte / 255;
#endif
  }

  static void lightness(const Planes<uint8_t>& source, uint8_t* to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const uint8_t r = source.at[0][i], g = source.at[1][i], b = source.at[2][i];
      const double most = maxOf(maxOf(r, g), b), least = minOf(minOf(r, g), b);
      fit((share(most) + share(least)) / 2 * 255, to[i]);
    }
  }
};

// A channel of a hue: as far below the most as its place in the circle says, where every sixth has
// 30 places.
EC_INLINE Floats below(Floats h, float turn, Floats thirtieth) {
  Floats place = h + turn;
  place = place >= 180.0f ? place - 180.0f : place;
  place = minV<float>(place, 120.0f - place);
  return thirtieth * clampV<float>(place, 0, 30);
}

EC_INLINE Near ofHalfHue(Floats h, Floats range, Floats most) {
  h = h >= 180.0f ? h - 180.0f : h;
  const Floats thirtieth = range * (1 / 30.0f);
  return {most - below(h, 150, thirtieth), most - below(h, 90, thirtieth),
          most - below(h, 30, thirtieth)};
}

struct FromHsv {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static constexpr bool doubtful[3] = {true, true, true};
  static EC_INLINE Near at(Floats h, Floats s, Floats v) {
    return ofHalfHue(h, v * s * (1 / 255.0f), v);
  }
};

struct FromHsl {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static constexpr bool doubtful[3] = {true, true, true};
  static EC_INLINE Near at(Floats h, Floats s, Floats l) {
    const Floats half = s * minV<float>(l, 255.0f - l) * (1 / 255.0f);
    return ofHalfHue(h, half + half, l + half);
  }
};

// From light.
struct ToXyz {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static constexpr bool doubtful[3] = {true, true, true};
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    constexpr float x = 255;
    return {(0.412453f * x) * r + (0.357580f * x) * g + (0.180423f * x) * b,
            (0.212671f * x) * r + (0.715160f * x) * g + (0.072169f * x) * b,
            (0.019334f * x) * r + (0.119193f * x) * g + (0.950227f * x) * b};
  }
};

// Lab's root. The exponent of a float, divided by -3, is a first guess at 1 / ∛t, 0.03 away at
// most; two steps, of the fourth and of the second order, make it as good as a float can be.
EC_INLINE Floats rootOf(Floats t) {
  const Floats bits = __builtin_convertvector((V<int32_t>)t, Floats);
  Floats y = (Floats) __builtin_convertvector(1419967116.0f - bits * (1 / 3.0f), V<int32_t>);
  Floats h = 1.0f - t * y * y * y;
  y += y * h * (1 / 3.0f + h * (2 / 9.0f + h * (14 / 81.0f)));
  h = 1.0f - t * y * y * y;
  y += y * h * (1 / 3.0f);
  const Floats straight = t * static_cast<float>(24389 / 27.0 / 116) + 16 / 116.0f;
  return t > 216.0f / 24389 ? t * y * y : straight;
}

struct ToLab {
  static constexpr int channels = 3;
  static constexpr float guard = 8e-4f;
  static constexpr bool doubtful[3] = {true, true, true};
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    constexpr double x = 1 / white[0], z = 1 / white[2];
    const Floats fx =
        rootOf(float(0.412453 * x) * r + float(0.357580 * x) * g + float(0.180423 * x) * b);
    const Floats fy = rootOf(0.212671f * r + 0.715160f * g + 0.072169f * b);
    const Floats fz =
        rootOf(float(0.019334 * z) * r + float(0.119193 * z) * g + float(0.950227 * z) * b);
    return {295.8f * fy - 40.8f, 500.0f * (fx - fy) + 128.0f, 200.0f * (fy - fz) + 128.0f};
  }
};

// To light.
struct FromXyz {
  static EC_INLINE Near at(Floats x, Floats y, Floats z) {
    constexpr float part = 1 / 255.0f;
    return {(3.240481f * part) * x - (1.537152f * part) * y - (0.498536f * part) * z,
            (-0.969255f * part) * x + (1.875990f * part) * y + (0.041556f * part) * z,
            (0.055647f * part) * x - (0.204041f * part) * y + (1.057311f * part) * z};
  }
};

struct FromLab {
  static EC_INLINE Floats cubed(Floats f) {
    const Floats straight = (f - 16 / 116.0f) * static_cast<float>(116 * 27 / 24389.0);
    return f > 6.0f / 29 ? f * f * f : straight;
  }
  static EC_INLINE Near at(Floats l, Floats a, Floats b) {
    const Floats fy = l * static_cast<float>(100 / 255.0 / 116) + 16 / 116.0f;
    const Floats x = 255 * float(white[0]) * cubed(fy + (a - 128.0f) * (1 / 500.0f));
    const Floats z = 255 * float(white[2]) * cubed(fy - (b - 128.0f) * (1 / 200.0f));
    return FromXyz::at(x, 255 * cubed(fy), z);
  }
};

template <class Rule, class From>
EC_INLINE Near nearAt(const Planes<From>& source, int64_t i) {
  return Rule::at(loadAs<float>(source.at[0] + i), loadAs<float>(source.at[1] + i),
                  loadAs<float>(source.at[2] + i));
}

// Numbers of a rule as the bytes nearest to them.
template <class Rule, class From>
void round(const Planes<From>& source, Planes<uint8_t>& target, int64_t count, Doubts& doubts) {
  constexpr float shifter = 12582912.0f;  // floats this large have no fraction bits left
  constexpr float limit = 0.5f - Rule::guard;
  for (int64_t i = 0; i < count; i += lanes<uint8_t>) {
    V<int32_t> rounded[3][4];
    Floats far[4] = {};
    for (int k = 0; k < 4; ++k) {
      const Near near = nearAt<Rule>(source, i + k * lanes<float>);
      for (int c = 0; c < Rule::channels; ++c) {
        const Floats shifted = near.at[c] + shifter;
        rounded[c][k] = (V<int32_t>)shifted - 0x4b400000;
        if (Rule::doubtful[c]) {
          far[k] = maxV<float>(far[k], absolute(near.at[c] - (shifted - shifter)));
        }
      }
    }
    for (int c = 0; c < Rule::channels; ++c) {
      store(target.at[c] + i,
            packBytes(rounded[c][0], rounded[c][1], rounded[c][2], rounded[c][3]));
    }
    for (int k = 0; k < 4; ++k) {
      doubts.add(i + k * lanes<float>, maskBits((V<int32_t>)(far[k] >= limit)));
    }
  }
}

// Light that a rule answers as the bytes that make it: the byte before the first threshold above,
// or the one behind it. Thresholds lie further apart than 4096ths.
template <class Rule>
void encode(const light_::Tables& tables, const Planes<uint8_t>& source, Planes<uint8_t>& target,
            int64_t count, Doubts& doubts) {
  constexpr float guard = 4e-6f;
  Planes<float> light;
  alignas(64) int32_t places[chunk], bytes[chunk];
  alignas(64) float least[chunk];
  for (int64_t i = 0; i < count; i += lanes<float>) {
    const Near near = nearAt<Rule>(source, i);
    for (int c = 0; c < 3; ++c) store(light.at[c] + i, clampV<float>(near.at[c] - guard, 0, 1));
  }
  for (int c = 0; c < 3; ++c) {
    for (int64_t i = 0; i < count; i += lanes<float>) {
      const Floats scaled = load(light.at[c] + i) * 4096.0f;
      store(places + i, __builtin_convertvector(scaled, V<int32_t>));
    }
    for (int64_t i = 0; i < count; ++i) {
      bytes[i] = tables.dark[places[i]];
      least[i] = tables.least[bytes[i]];
    }
    for (int64_t i = 0; i < count; i += lanes<uint8_t>) {
      V<int32_t> rounded[4];
      for (int k = 0; k < 4; ++k) {
        const int64_t at = i + k * lanes<float>;
        const Floats value = load(light.at[c] + at), threshold = load(least + at);
        rounded[k] = load(bytes + at) - (V<int32_t>)(value >= threshold);
        const auto between = (value < threshold) & (value + 2 * guard >= threshold);
        doubts.add(at, maskBits((V<int32_t>)between));
      }
      store(target.at[c] + i, packBytes(rounded[0], rounded[1], rounded[2], rounded[3]));
    }
  }
}

void lightOf(const light_::Tables& tables, const Planes<uint8_t>& source, Planes<float>& light,
             int64_t count) {
  for (int c = 0; c < 3; ++c) {
    for (int64_t i = 0; i < count; ++i) light.at[c][i] = tables.light[source.at[c][i]];
  }
}

// Computes the doubtful pixels again.
void settle(const ByteMath& math, Space from, Space to, const Planes<uint8_t>& source,
            Planes<uint8_t>& target, int64_t count, const Doubts& doubts) {
  Planes<uint8_t> some;
  uint8_t where[chunk];
  int64_t found = 0;
  for (int64_t word = 0; word * 64 < count; ++word) {
    for (uint64_t bits = doubts.bits[word]; bits != 0; bits &= bits - 1) {
      const int64_t i = 64 * word + __builtin_ctzll(bits);
      if (i >= count) break;
      for (int c = 0; c < 3; ++c) some.at[c][found] = source.at[c][i];
      where[found++] = static_cast<uint8_t>(i);
    }
  }
  if (found == 0) return;
  exact(math, from, to, some, some, found);
  for (int64_t i = 0; i < found; ++i) {
    for (int c = 0; c < 3; ++c) target.at[c][where[i]] = some.at[c][i];
  }
}

// False where no fast way is known.
bool fast(const ByteMath& math, Space from, Space to, const Planes<uint8_t>& source,
          Planes<uint8_t>& target, int64_t count, Doubts& doubts) {
  if (from == Space::rgb) {
    Planes<float> light;
    if (to == Space::xyz || to == Space::lab) lightOf(math.tables, source, light, count);
    switch (to) {
      case Space::gray:
        return round<Gray>(source, target, count, doubts), true;
      case Space::hsv:
        return round<ToHsv>(source, target, count, doubts), true;
      case Space::hsl:
        round<ToHsl>(source, target, count, doubts);
        return ToHsl::lightness(source, target.at[2], count), true;
      case Space::ycbcr:
        return round<ToYcbcr>(source, target, count, doubts), true;
      case Space::xyz:
        return round<ToXyz>(light, target, count, doubts), true;
      case Space::lab:
        return round<ToLab>(light, target, count, doubts), true;
      default:
        return false;
    }
  }
  if (to != Space::rgb) return false;
  switch (from) {
    case Space::hsv:
      return round<FromHsv>(source, target, count, doubts), true;
    case Space::hsl:
      return round<FromHsl>(source, target, count, doubts), true;
    case Space::ycbcr:
      return round<FromYcbcr>(source, target, count, doubts), true;
    case Space::xyz:
      return encode<FromXyz>(math.tables, source, target, count, doubts), true;
    case Space::lab:
      return encode<FromLab>(math.tables, source, target, count, doubts), true;
    default:
      return false;
  }
}

}  // namespace convert_
}  // namespace
}  // namespace everycore::EC_ISA
