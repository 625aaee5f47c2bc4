// convertColor: colours in the numbers of another space. A unit is a row; every pixel goes through
// RGB.
//
// Spaces of light, XYZ and Lab are computed in doubles; what needs roots and powers stands in
// tables for bytes, so that all CPU levels (and TypeScript) give the same ones.
#pragma once

#include "kernels/image/alpha-inl.h"
#include "kernels/image/light-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

// The order is that of `spaces` in src/image/convert-color.ts.
enum class Space { rgb, gray, hsv, hsl, lab, ycbcr, linear, xyz };

struct Color {
  double a, b, c;
};

// What bytes need: the light of each; the byte of each light; the cube root of Lab for each
// 32768th.
struct ByteMath {
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

template <class Math>
EC_INLINE Color linear(const Math& math, Color v) {
  return {math.light(v.a), math.light(v.b), math.light(v.c)};
}

template <class Math>
EC_INLINE Color encoded(const Math& math, Color v) {
  return {math.srgb(v.a), math.srgb(v.b), math.srgb(v.c)};
}

// The angle of the hue in degrees, 0 to 360.
EC_INLINE double hue(Color v, double most, double range) {
  if (range == 0) return 0;
  double turn;
  if (most == v.a) {
    turn = 60 * (v.b - v.c) / range;
  } else if (most == v.b) {
    turn = 120 + 60 * (v.c - v.a) / range;
  } else {
    turn = 240 + 60 * (v.a - v.b) / range;
  }
  return turn < 0 ? turn + 360 : turn;
}

// The colour of a hue between the least and the most of its parts.
EC_INLINE Color ofHue(double degrees, double least, double most) {
  double sixths = degrees / 60;
  sixths -= 6 * static_cast<double>(static_cast<int32_t>(sixths / 6));
  if (sixths < 0) sixths += 6;
  const int32_t part = static_cast<int32_t>(sixths);
  const double rise = least + (most - least) * (sixths - part);
  const double fall = most - (most - least) * (sixths - part);
  switch (part) {
    case 0:
      return {most, rise, least};
    case 1:
      return {fall, most, least};
    case 2:
      return {least, most, rise};
    case 3:
      return {least, fall, most};
    case 4:
      return {rise, least, most};
    default:
      return {most, least, fall};
  }
}

template <class Math>
EC_INLINE Color fromRgb(const Math& math, Space space, Color v) {
  const double most = maxOf(maxOf(v.a, v.b), v.c), least = minOf(minOf(v.a, v.b), v.c);
  const double range = most - least;
  switch (space) {
    case Space::gray:
      return {0.299 * v.a + 0.587 * v.b + 0.114 * v.c, 0, 0};
    case Space::hsv:
      return {hue(v, most, range), most > 0 ? range / most : 0, most};
    case Space::hsl: {
      const double middle = (most + least) / 2;
      const double width = middle < 0.5 ? most + least : 2 - most - least;
      return {hue(v, most, range), range > 0 && width > 0 ? range / width : 0, middle};
    }
    case Space::ycbcr: {
      const double y = 0.299 * v.a + 0.587 * v.b + 0.114 * v.c;
      return {y, (v.c - y) * 0.564 + 128 / 255.0, (v.a - y) * 0.713 + 128 / 255.0};
    }
    case Space::linear:
      return linear(math, v);
    case Space::xyz:
      return toXyz(linear(math, v));
    case Space::lab: {
      const Color xyz = toXyz(linear(math, v));
      const double x = math.root(xyz.a / white[0]), y = math.root(xyz.b),
                   z = math.root(xyz.c / white[2]);
      return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }
    default:
      return v;
  }
}

EC_INLINE double cubed(double f) { return f > 6.0 / 29 ? f * f * f : (116 * f - 16) * 27 / 24389; }

template <class Math>
EC_INLINE Color toRgb(const Math& math, Space space, Color v) {
  switch (space) {
    case Space::gray:
      return {v.a, v.a, v.a};
    case Space::hsv:
      return ofHue(v.a, v.c - v.c * v.b, v.c);
    case Space::hsl: {
      const double half = v.b * (v.c < 0.5 ? v.c : 1 - v.c);
      return ofHue(v.a, v.c - half, v.c + half);
    }
    case Space::ycbcr: {
      const double cb = v.b - 128 / 255.0, cr = v.c - 128 / 255.0;
      return {v.a + 1.403 * cr, v.a - 0.714 * cr - 0.344 * cb, v.a + 1.773 * cb};
    }
    case Space::linear:
      return encoded(math, v);
    case Space::xyz:
      return encoded(math, fromXyz(v));
    case Space::lab: {
      const double y = (v.a + 16) / 116, x = y + v.b / 500, z = y - v.c / 200;
      return encoded(math, fromXyz({cubed(x) * white[0], cubed(y), cubed(z) * white[2]}));
    }
    default:
      return v;
  }
}

// Bytes of each space: what they stand for.
EC_INLINE Color fromBytes(Space space, const uint8_t* from) {
  const double a = from[0], b = space == Space::gray ? 0 : from[1],
               c = space == Space::gray ? 0 : from[2];
  if (space == Space::hsv || space == Space::hsl) return {a * 2, b / 255, c / 255};
  if (space == Space::lab) return {a * 100 / 255, b - 128, c - 128};
  return {a / 255, b / 255, c / 255};
}

EC_INLINE Color toBytes(Space space, Color v) {
  if (space == Space::hsv || space == Space::hsl) {
    const double half = v.a / 2;
    return {half >= 179.5 ? 0 : half, v.b * 255, v.c * 255};
  }
  if (space == Space::lab) return {v.a * 255 / 100, v.b + 128, v.c + 128};
  return {v.a * 255, v.b * 255, v.c * 255};
}

EC_INLINE Color read(Space space, const uint8_t* from) { return fromBytes(space, from); }
EC_INLINE Color read(Space space, const float* from) {
  if (space == Space::gray) return {from[0], 0, 0};
  return {from[0], from[1], from[2]};
}
EC_INLINE void write(Space space, Color v, uint8_t* to) {
  v = toBytes(space, v);
  to[0] = alpha_::byteOf(v.a);
  if (space == Space::gray) return;
  to[1] = alpha_::byteOf(v.b), to[2] = alpha_::byteOf(v.c);
}
EC_INLINE void write(Space space, Color v, float* to) {
  to[0] = static_cast<float>(v.a);
  if (space == Space::gray) return;
  to[1] = static_cast<float>(v.b), to[2] = static_cast<float>(v.c);
}

// Views: image, tables (of bytes), result. Params: from which space, to which.
template <class T, class Math>
void rows(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& result = call.views[call.viewCount - 1];
  const Math math(call.views + 1);
  const Space from = static_cast<Space>(static_cast<int>(call.params[0]));
  const Space to = static_cast<Space>(static_cast<int>(call.params[1]));
  const int64_t channels = image.shape[2], resultChannels = result.shape[2];
  const bool hasAlpha = channels % 2 == 0;
  for (int64_t y = range.begin; y < range.end; ++y) {
    const T* source = image.as<const T>() + y * image.stride[0];
    T* target = result.as<T>() + y * result.stride[0];
    for (int64_t x = 0; x < image.shape[1]; ++x, source += channels, target += resultChannels) {
      const T alpha = source[channels - 1];
      write(to, fromRgb(math, to, toRgb(math, from, read(from, source))), target);
      if (hasAlpha) target[resultChannels - 1] = alpha;
    }
  }
}

}  // namespace convert_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CONVERT_COLOR                                              \
  {"convertColor", Dtype::u8, {convert_::rows<uint8_t, convert_::ByteMath>}}, \
      {"convertColor", Dtype::f32, {convert_::rows<float, convert_::FloatMath>}},
