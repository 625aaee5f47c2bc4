// convertColor, as src/image/convert-color.ts says it: every colour through RGB, in doubles, each
// step rounded as it stands here. Lanes are pixels.
//
// Light, its inverse and Lab's roots stand in tables for bytes, so that all CPU levels (and
// TypeScript) give the same ones.
#pragma once

#include "kernels/image/light-inl.h"
#include "kernels/image/pack-inl.h"
#include "kernels/image/planes-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

using planes_::Planes;

// The order is that of `spaces` in src/image/convert-color.ts.
enum class Space { rgb, gray, hsv, hsl, lab, ycbcr, linear, xyz };

template <Space S>
struct SpaceIs {
  static constexpr Space value = S;
};

// Calls `use` with the space as a type.
template <class Use>
EC_INLINE void withSpace(Space space, const Use& use) {
  switch (space) {
#define EC_CASE(name) \
  case Space::name:   \
    return use(SpaceIs<Space::name>{});
    EC_CASE(rgb)
    EC_CASE(gray)
    EC_CASE(hsv)
    EC_CASE(hsl)
    EC_CASE(lab)
    EC_CASE(ycbcr)
    EC_CASE(linear)
    EC_CASE(xyz)
#undef EC_CASE
  }
}

typedef V<double> Doubles;

struct Color {
  Doubles a, b, c;
};

// What bytes need: the light of each; the byte of each light; the root of Lab for each 32768th.
struct ByteMath {
  static constexpr bool bytes = true;
  light_::Tables tables;
  const double* roots;

  explicit ByteMath(const View* views) : tables(views), roots(views[3].as<const double>()) {}

  // Colours of bytes are kept as bytes divided by 255.
  double light(double v) const {
    const double scaled = v * 255 + 0.5;
    const int32_t byte = static_cast<int32_t>(scaled < 0 ? 0 : scaled > 255 ? 255 : scaled);
    return tables.light[byte];
  }
  double srgb(double light) const { return tables.byteOf(static_cast<float>(light)) / 255.0; }
  double root(double t) const {
    if (t >= 1) return 1 + (t - 1) / 3;
    const double place = (t > 0 ? t : 0) * 32768;
    const int32_t whole = static_cast<int32_t>(place);
    return roots[whole] + (roots[whole + 1] - roots[whole]) * (place - whole);
  }
};

struct FloatMath {
  static constexpr bool bytes = false;
  explicit FloatMath(const View*) {}

  double light(double v) const {
    return v <= 0.04045 ? v / 12.92 : __builtin_pow((v + 0.055) / 1.055, 2.4);
  }
  double srgb(double light) const {
    return light <= 0.0031308 ? light * 12.92 : 1.055 * __builtin_pow(light, 1 / 2.4) - 0.055;
  }
  double root(double t) const {
    return t > 216.0 / 24389 ? __builtin_cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }
};

constexpr double white[3] = {0.95047, 1.0, 1.08883};  // D65

EC_INLINE Color toXyz(Color l) {
  return {0.412453 * l.a + 0.357580 * l.b + 0.180423 * l.c,
          0.212671 * l.a + 0.715160 * l.b + 0.072169 * l.c,
          0.019334 * l.a + 0.119193 * l.b + 0.950227 * l.c};
}

EC_INLINE Color fromXyz(Color v) {
  return {3.240481 * v.a - 1.537152 * v.b - 0.498536 * v.c,
          -0.969255 * v.a + 1.875990 * v.b + 0.041556 * v.c,
          0.055647 * v.a - 0.204041 * v.b + 1.057311 * v.c};
}

// What looks into tables, or calls the C library, does so lane by lane.
template <class F>
EC_INLINE Doubles each(Doubles v, const F& f) {
  for (int i = 0; i < lanes<double>; ++i) v[i] = f(v[i]);
  return v;
}

template <class Math>
EC_INLINE Color linear(const Math& math, Color v) {
  const auto light = [&](double value) { return math.light(value); };
  return {each(v.a, light), each(v.b, light), each(v.c, light)};
}

template <class Math>
EC_INLINE Color encoded(const Math& math, Color v) {
  const auto srgb = [&](double light) { return math.srgb(light); };
  return {each(v.a, srgb), each(v.b, srgb), each(v.c, srgb)};
}

// The angle of the hue in degrees, 0 to 360.
EC_INLINE Doubles hue(Color v, Doubles most, Doubles range) {
  const auto isRed = most == v.a, isGreen = most == v.b;
  const Doubles rise = isRed ? v.b - v.c : isGreen ? v.c - v.a : v.a - v.b;
  // -0 and a number are that number, also where it is -0.
  const Doubles from = isRed ? -Doubles{} : isGreen ? Doubles{} + 120.0 : Doubles{} + 240.0;
  Doubles turn = from + 60.0 * rise / range;
  turn = turn < 0.0 ? turn + 360.0 : turn;
  return range == 0.0 ? Doubles{} : turn;
}

EC_INLINE Doubles truncated(Doubles v) {
  typedef int32_t Whole __attribute__((vector_size(EC_VECTOR_BYTES / 2)));
  return __builtin_convertvector(__builtin_convertvector(v, Whole), Doubles);
}

// The colour of a hue between the least and the most of its parts.
EC_INLINE Color ofHue(Doubles degrees, Doubles least, Doubles most) {
  Doubles sixths = degrees / 60.0;
  sixths -= 6.0 * truncated(sixths / 6.0);
  sixths = sixths < 0.0 ? sixths + 6.0 : sixths;
  const Doubles part = truncated(sixths);
  const Doubles rise = least + (most - least) * (sixths - part);
  const Doubles fall = most - (most - least) * (sixths - part);
  const auto is = [&](double number) EC_INLINE_LAMBDA { return part == number; };
  return {is(1)            ? fall
          : is(2) || is(3) ? least
          : is(4)          ? rise
                           : most,
          is(0)            ? rise
          : is(1) || is(2) ? most
          : is(3)          ? fall
                           : least,
          is(0) || is(1)   ? least
          : is(2)          ? rise
          : is(3) || is(4) ? most
                           : fall};
}

template <Space S, class Math>
EC_INLINE Color fromRgb(const Math& math, Color v) {
  const Doubles most = maxV<double>(maxV<double>(v.a, v.b), v.c);
  const Doubles least = minV<double>(minV<double>(v.a, v.b), v.c);
  const Doubles range = most - least;
  if constexpr (S == Space::gray) {
    return {0.299 * v.a + 0.587 * v.b + 0.114 * v.c, Doubles{}, Doubles{}};
  } else if constexpr (S == Space::hsv) {
    return {hue(v, most, range), most > 0.0 ? range / most : Doubles{}, most};
  } else if constexpr (S == Space::hsl) {
    const Doubles middle = (most + least) / 2.0;
    const Doubles width = middle < 0.5 ? most + least : 2.0 - most - least;
    const auto colorful = (range > 0.0) & (width > 0.0);
    return {hue(v, most, range), colorful ? range / width : Doubles{}, middle};
  } else if constexpr (S == Space::ycbcr) {
    const Doubles y = 0.299 * v.a + 0.587 * v.b + 0.114 * v.c;
    return {y, (v.c - y) * 0.564 + 128 / 255.0, (v.a - y) * 0.713 + 128 / 255.0};
  } else if constexpr (S == Space::linear) {
    return linear(math, v);
  } else if constexpr (S == Space::xyz) {
    return toXyz(linear(math, v));
  } else if constexpr (S == Space::lab) {
    const auto root = [&](double t) { return math.root(t); };
    const Color xyz = toXyz(linear(math, v));
    const Doubles x = each(xyz.a / white[0], root), y = each(xyz.b, root),
                  z = each(xyz.c / white[2], root);
    return {116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)};
  } else {
    return v;
  }
}

EC_INLINE Doubles cubed(Doubles f) {
  return f > 6.0 / 29 ? f * f * f : (116.0 * f - 16.0) * 27.0 / 24389.0;
}

template <Space S, class Math>
EC_INLINE Color toRgb(const Math& math, Color v) {
  if constexpr (S == Space::gray) {
    return {v.a, v.a, v.a};
  } else if constexpr (S == Space::hsv) {
    return ofHue(v.a, v.c - v.c * v.b, v.c);
  } else if constexpr (S == Space::hsl) {
    const Doubles half = v.b * (v.c < 0.5 ? v.c : 1.0 - v.c);
    return ofHue(v.a, v.c - half, v.c + half);
  } else if constexpr (S == Space::ycbcr) {
    const Doubles cb = v.b - 128 / 255.0, cr = v.c - 128 / 255.0;
    return {v.a + 1.403 * cr, v.a - 0.714 * cr - 0.344 * cb, v.a + 1.773 * cb};
  } else if constexpr (S == Space::linear) {
    return encoded(math, v);
  } else if constexpr (S == Space::xyz) {
    return encoded(math, fromXyz(v));
  } else if constexpr (S == Space::lab) {
    const Doubles y = (v.a + 16.0) / 116.0, x = y + v.b / 500.0, z = y - v.c / 200.0;
    return encoded(math, fromXyz({cubed(x) * white[0], cubed(y), cubed(z) * white[2]}));
  } else {
    return v;
  }
}

// What the bytes of each space stand for.
template <Space S>
EC_INLINE Color fromBytes(Color v) {
  if constexpr (S == Space::hsv || S == Space::hsl) return {v.a * 2.0, v.b / 255.0, v.c / 255.0};
  if constexpr (S == Space::lab) return {v.a * 100.0 / 255.0, v.b - 128.0, v.c - 128.0};
  return {v.a / 255.0, v.b / 255.0, v.c / 255.0};
}

template <Space S>
EC_INLINE Color toBytes(Color v) {
  if constexpr (S == Space::hsv || S == Space::hsl) {
    const Doubles half = v.a / 2.0;
    return {half >= 179.5 ? Doubles{} : half, v.b * 255.0, v.c * 255.0};
  }
  if constexpr (S == Space::lab) return {v.a * 255.0 / 100.0, v.b + 128.0, v.c + 128.0};
  return {v.a * 255.0, v.b * 255.0, v.c * 255.0};
}

template <class F>
EC_INLINE void eachColor(Planes<double>& planes, int64_t count, const F& f) {
  for (int64_t i = 0; i < count; i += lanes<double>) {
    const Color v =
        f(Color{load(planes.at[0] + i), load(planes.at[1] + i), load(planes.at[2] + i)});
    store(planes.at[0] + i, v.a), store(planes.at[1] + i, v.b), store(planes.at[2] + i, v.c);
  }
}

// Half to even and saturated: numbers this large have no fraction bits left.
EC_INLINE Doubles wholeByte(Doubles value) {
  return clampV<double>(value, 0, 255) + 0x1.8p52 - 0x1.8p52;
}

EC_INLINE void fit(double whole, uint8_t& to) {
  to = static_cast<uint8_t>(static_cast<int32_t>(whole));
}
EC_INLINE void fit(double value, float& to) { to = static_cast<float>(value); }

// Colours in the numbers of another space, of bytes rounded to whole numbers. `planes` is written
// up to the end of a vector.
template <class Math>
void convert(const Math& math, Space from, Space to, Planes<double>& planes, int64_t count) {
  for (auto& plane : planes.at) {
    for (int64_t i = count; i % lanes<double> != 0; ++i) plane[i] = 0;
  }
  withSpace(from, [&](auto space) {
    constexpr Space s = decltype(space)::value;
    eachColor(planes, count, [&](Color v) EC_INLINE_LAMBDA {
      if constexpr (Math::bytes) v = fromBytes<s>(v);
      return toRgb<s>(math, v);
    });
  });
  withSpace(to, [&](auto space) {
    constexpr Space s = decltype(space)::value;
    eachColor(planes, count, [&](Color v) EC_INLINE_LAMBDA {
      v = fromRgb<s>(math, v);
      if constexpr (Math::bytes) {
        v = toBytes<s>(v);
        v = {wholeByte(v.a), wholeByte(v.b), wholeByte(v.c)};
      }
      return v;
    });
  });
}

// All colours of a chunk. Alpha is left alone.
template <class T, class Math>
void exact(const Math& math, Space from, Space to, const Planes<T>& source, Planes<T>& target,
           int64_t count) {
  Planes<double> planes;
  const int colors = from == Space::gray ? 1 : 3, resultColors = to == Space::gray ? 1 : 3;
  for (int c = 0; c < 3; ++c) {
    const T* plane = source.at[c < colors ? c : 0];
    for (int64_t i = 0; i < count; ++i) planes.at[c][i] = plane[i];
  }
  convert(math, from, to, planes, count);
  for (int c = 0; c < resultColors; ++c) {
    for (int64_t i = 0; i < count; ++i) fit(planes.at[c][i], target.at[c][i]);
  }
}

}  // namespace convert_
}  // namespace
}  // namespace everycore::EC_ISA
