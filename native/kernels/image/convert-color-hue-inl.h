// Hues of bytes in floats, and colours of hues.
#pragma once

#include "kernels/image/convert-color-doubts-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

// Hue and saturation are shares of whole numbers: 30 · rise / range of a sixth of the circle, in
// half degrees, and 255 · range / width. The middle between two bytes is met exactly, or missed by
// at least 1 / 510. What leads to them and what follows is done in bytes.
struct Hue {
  V<uint8_t> most, least, range, rise, from;
  V<int8_t> up;

  EC_INLINE Hue(V<uint8_t> r, V<uint8_t> g, V<uint8_t> b)
      : most(maxV<uint8_t>(maxV<uint8_t>(r, g), b)), least(minV<uint8_t>(minV<uint8_t>(r, g), b)) {
    range = most - least;
    const auto isRed = most == r, isGreen = most == g;
    const V<uint8_t> next = isRed ? g : isGreen ? b : r, last = isRed ? b : isGreen ? r : g;
    rise = maxV<uint8_t>(next, last) - minV<uint8_t>(next, last);
    up = next >= last;
    const V<uint8_t> red = up ? V<uint8_t>{} : V<uint8_t>{} + uint8_t{180};
    from = isRed ? red : isGreen ? V<uint8_t>{} + uint8_t{60} : V<uint8_t>{} + uint8_t{120};
  }

  EC_INLINE V<uint8_t> at(V<uint8_t> halfDegrees) const {
    const V<uint8_t> turn = up ? from + halfDegrees : from - halfDegrees;
    return turn == uint8_t{180} ? V<uint8_t>{} : turn;
  }
};

// Hues and saturations of a chunk; `widthOf` answers what a range is divided by.
template <class WidthOf>
EC_INLINE void hues(const Planes<uint8_t>& source, Planes<uint8_t>& target, int64_t count,
                    Doubts& doubts, const WidthOf& widthOf) {
  constexpr float guard = 9e-4f;
  for (int64_t i = 0; i < count; i += lanes<uint8_t>) {
    const Hue hue(load(source.at[0] + i), load(source.at[1] + i), load(source.at[2] + i));
    alignas(64) uint8_t ranges[lanes<uint8_t>], rises[lanes<uint8_t>], widths[lanes<uint8_t>];
    store(ranges, hue.range);
    store(rises, hue.rise);
    store(widths, maxV<uint8_t>(widthOf(hue), V<uint8_t>{} + uint8_t{1}));
    V<int32_t> degrees[4], shares[4];
    uint64_t found = 0;
    for (int k = 0; k < 4; ++k) {
      const int at = k * lanes<float>;
      const Floats range = loadAs<float>(ranges + at), width = loadAs<float>(widths + at);
      const Floats rise = loadAs<float>(rises + at);
      // One division for both; up to here all numbers are whole and fit into floats.
      const Floats divisor = maxV<float>(range, Floats{} + 1.0f);
      const Floats part = 1.0f / (divisor * width);
      const Rounded degree(30.0f * rise * width * part, guard);
      const Rounded share(255.0f * range * range * part, guard);
      degrees[k] = degree.byte(), shares[k] = share.byte();
      found |= inDoubt(minV<int32_t>(degree.rest(), share.rest()), guard) << at;
    }
    doubts.add(i, found);
    store(target.at[0] + i, hue.at(packBytes(degrees[0], degrees[1], degrees[2], degrees[3])));
    store(target.at[1] + i, packBytes(shares[0], shares[1], shares[2], shares[3]));
    store(target.at[2] + i, hue.most);
  }
}

struct ToHsv {
  static void all(const Planes<uint8_t>& source, Planes<uint8_t>& target, int64_t count,
                  Doubts& doubts) {
    hues(source, target, count, doubts, [](const Hue& hue) EC_INLINE_LAMBDA { return hue.most; });
  }
};

// The lightness, half of all times in the middle between two bytes, is computed apart.
struct ToHsl {
  static void all(const Planes<uint8_t>& source, Planes<uint8_t>& target, int64_t count,
                  Doubts& doubts) {
    hues(source, target, count, doubts, [](const Hue& hue) EC_INLINE_LAMBDA {
      const V<uint8_t> sum = hue.most + hue.least;  // beyond 255 its rest
      return hue.least > ~hue.most ? -sum - uint8_t{2} : sum;
    });
    lightness(source, target.at[2], count);
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
      fit((share(most) + share(least)) / 2 * 255 + 0x1.8p52 - 0x1.8p52, to[i]);
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
  static EC_INLINE Near at(Floats h, Floats s, Floats v) {
    return ofHalfHue(h, v * s * (1 / 255.0f), v);
  }
};

struct FromHsl {
  static constexpr int channels = 3;
  static constexpr float guard = 2e-4f;
  static EC_INLINE Near at(Floats h, Floats s, Floats l) {
    const Floats half = s * minV<float>(l, 255.0f - l) * (1 / 255.0f);
    return ofHalfHue(h, half + half, l + half);
  }
};

}  // namespace convert_
}  // namespace
}  // namespace everycore::EC_ISA
