// convertColor of bytes in floats. Doubtful pixels are computed again in doubles: the bytes are
// those of convert-color-exact-inl.h.
#pragma once

#include "kernels/image/convert-color-hue-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

// Each rule says how its numbers, from 0 to 255, are computed; `guard`, how far they may be from
// those that doubles give (generously: every one of the 2²⁴ colours has been compared).

struct Gray {
  static constexpr int channels = 1;
  static constexpr float guard = 2e-4f;
  static EC_INLINE Floats luma(Floats r, Floats g, Floats b) {
    return weighed(r, g, b, 0.299f, 0.587f, 0.114f);
  }
  static EC_INLINE Near at(Floats r, Floats g, Floats b) { return {luma(r, g, b), r, r}; }
};

struct ToYcbcr {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    const Floats y = Gray::luma(r, g, b);
    const Floats one = Floats{} + 1.0f, middle = one * 128.0f;
    return {y, multiplyAdd(b - y, one * 0.564f, middle), multiplyAdd(r - y, one * 0.713f, middle)};
  }
};

struct FromYcbcr {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static EC_INLINE Near at(Floats y, Floats cb, Floats cr) {
    cb -= 128.0f, cr -= 128.0f;
    return {inside(y + 1.403f * cr), inside(y - 0.714f * cr - 0.344f * cb),
            inside(y + 1.773f * cb)};
  }
};

// From light.
struct ToXyz {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    constexpr float x = 255;
    return {weighed(r, g, b, 0.412453f * x, 0.357580f * x, 0.180423f * x),
            weighed(r, g, b, 0.212671f * x, 0.715160f * x, 0.072169f * x),
            inside(weighed(r, g, b, 0.019334f * x, 0.119193f * x, 0.950227f * x))};
  }
};

// Lab's root. The exponent of a float, divided by -3, is a first guess y at 1 / ∛t, 0.035 away at
// most; with h = 1 - t · y³, ∛t is t · y² · (1 - h)^(-2/3), the latter by a polynomial
// (fitted at Chebyshev's points for |h| < 0.1024) that is wrong by 3e-8.
EC_INLINE Floats rootOf(Floats t) {
  const Floats one = Floats{} + 1.0f;
  const Floats bits = __builtin_convertvector((V<int32_t>)t, Floats);
  const Floats guess = multiplyAdd(bits, one * (-1 / 3.0f), one * 1419900000.0f);
  const Floats y = (Floats) __builtin_convertvector(guess, V<int32_t>);
  const Floats root = t * y * y, h = multiplyAdd(-root, y, one);
  Floats series = one * 0.42863795f;
  constexpr float others[] = {0.45795324f, 0.49380255f, 0.55554169f, 0.66666669f};
  for (const float next : others) {
    series = multiplyAdd(series, h, one * next);
  }
  const Floats line = multiplyAdd(t, one * float(24389 / 27.0 / 116), one * (16 / 116.0f));
  return t > 216.0f / 24389 ? multiplyAdd(root * h, series, root) : line;
}

struct ToLab {
  static constexpr int channels = 3;
  static constexpr float guard = 4e-4f;
  static EC_INLINE Near at(Floats r, Floats g, Floats b) {
    constexpr double x = 1 / white[0], z = 1 / white[2];
    const Floats fx = rootOf(weighed(r, g, b, 0.412453 * x, 0.357580 * x, 0.180423 * x));
    const Floats fy = rootOf(weighed(r, g, b, 0.212671f, 0.715160f, 0.072169f));
    const Floats fz = rootOf(weighed(r, g, b, 0.019334 * z, 0.119193 * z, 0.950227 * z));
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
  for (int64_t i = 0; i < count; i += lanes<uint8_t>) {
    V<int32_t> bytes[3][4];
    uint64_t found = 0;
    for (int k = 0; k < 4; ++k) {
      const Near near = nearAt<Rule>(source, i + k * lanes<float>);
      V<int32_t> rest = V<int32_t>{} + 0x7fff;
      for (int c = 0; c < Rule::channels; ++c) {
        const Rounded rounded(near.at[c], Rule::guard);
        bytes[c][k] = rounded.byte();
        rest = minV<int32_t>(rest, rounded.rest());
      }
      found |= inDoubt(rest, Rule::guard) << k * lanes<float>;
    }
    doubts.add(i, found);
    for (int c = 0; c < Rule::channels; ++c) {
      store(target.at[c] + i, packBytes(bytes[c][0], bytes[c][1], bytes[c][2], bytes[c][3]));
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
  Planes<double> some;
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
  convert(math, from, to, some, found);
  for (int64_t i = 0; i < found; ++i) {
    for (int c = 0; c < 3; ++c) fit(some.at[c][i], target.at[c][where[i]]);
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
        return ToHsv::all(source, target, count, doubts), true;
      case Space::hsl:
        return ToHsl::all(source, target, count, doubts), true;
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
