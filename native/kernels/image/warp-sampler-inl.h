// One pixel of an image, at a place that may lie between its pixels. All in doubles, each step
// rounded as it stands here: the same bytes on every CPU level and in TypeScript.
#pragma once

#include "kernels/image/border-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace warp_ {

typedef double Pixel __attribute__((vector_size(32)));

// The order is that of `filters` in src/image/warp.ts.
enum class Filter { nearest, bilinear, bicubic };

constexpr double farAway = 1 << 30;

// Places that are no numbers lie far away.
EC_INLINE double within(double v) {
  if (!(v > -farAway)) return -farAway;
  return v < farAway ? v : farAway;
}

EC_INLINE int64_t floorOf(double v) {
  const int64_t whole = static_cast<int64_t>(v);
  return whole - (v < static_cast<double>(whole));
}

// The weights of the four pixels around a place `t` behind the second one: Keys' cubic with a =
// -0.75.
struct Cubic {
  double weights[4];

  explicit Cubic(double t) {
    constexpr double a = -0.75;
    const double before = t + 1, after = 1 - t;
    weights[0] = ((a * before - 5 * a) * before + 8 * a) * before - 4 * a;
    weights[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    weights[2] = ((a + 2) * after - (a + 3)) * after * after + 1;
    weights[3] = 1 - weights[0] - weights[1] - weights[2];
  }
};

// Half to even and saturated: numbers this large have no fraction bits left.
template <class T>
EC_INLINE T rounded(double value, double top) {
  value = value > 0 ? value : 0;
  value = value < top ? value : top;
  return static_cast<T>(static_cast<int32_t>((value + 0x1.8p52) - 0x1.8p52));
}
EC_INLINE void keep(double value, uint8_t& to) { to = rounded<uint8_t>(value, 255); }
EC_INLINE void keep(double value, uint16_t& to) { to = rounded<uint16_t>(value, 65535); }
EC_INLINE void keep(double value, float& to) { to = static_cast<float>(value); }

template <class T, int Channels>
struct Sampler {
  const View& image;
  Border border;
  Filter filter;
  T value[4] = {};  // of the constant border

  Sampler(const View& view, const double* params)
      : image(view),
        border(static_cast<Border>(static_cast<int>(params[1]))),
        filter(static_cast<Filter>(static_cast<int>(params[0]))) {
    for (int c = 0; c < Channels; ++c) value[c] = static_cast<T>(params[2 + c]);
  }

  // -1 for the constant border.
  EC_INLINE int64_t column(int64_t x) const { return inside(x, image.shape[1]); }
  EC_INLINE int64_t row(int64_t y) const { return inside(y, image.shape[0]); }
  EC_INLINE const T* address(int64_t column, int64_t row) const {
    if ((column | row) < 0) return value;
    return image.as<const T>() + row * image.stride[0] + column * Channels;
  }

  Pixel at(int64_t x, int64_t y) const {
    const T* from = address(column(x), row(y));
    Pixel pixel{};
    for (int c = 0; c < Channels; ++c) pixel[c] = from[c];
    return pixel;
  }

  __attribute__((noinline)) void sample(double u, double v, T* to) const {
    u = within(u), v = within(v);
    Pixel pixel;
    if (filter == Filter::nearest) {
      pixel = at(floorOf(u + 0.5), floorOf(v + 0.5));
    } else {
      const int64_t x = floorOf(u), y = floorOf(v);
      const double right = u - static_cast<double>(x), below = v - static_cast<double>(y);
      pixel =
          filter == Filter::bicubic ? bicubic(x, y, right, below) : bilinear(x, y, right, below);
    }
    for (int c = 0; c < Channels; ++c) keep(pixel[c], to[c]);
  }

  Pixel bilinear(int64_t x, int64_t y, double right, double below) const {
    const Pixel a = at(x, y), b = at(x + 1, y), c = at(x, y + 1), d = at(x + 1, y + 1);
    const Pixel upper = a + (b - a) * right;
    const Pixel lower = c + (d - c) * right;
    return upper + (lower - upper) * below;
  }

  Pixel bicubic(int64_t x, int64_t y, double right, double below) const {
    const Cubic across(right), down(below);
    Pixel sum{};
    for (int i = 0; i < 4; ++i) {
      Pixel row{};
      for (int k = 0; k < 4; ++k) row += at(x - 1 + k, y - 1 + i) * across.weights[k];
      sum += row * down.weights[i];
    }
    return sum;
  }

 private:
  EC_INLINE int64_t inside(int64_t index, int64_t length) const {
    if (static_cast<uint64_t>(index) < static_cast<uint64_t>(length)) return index;
    return borderIndex(index, length, border);
  }
};

}  // namespace warp_
}  // namespace
}  // namespace everycore::EC_ISA
