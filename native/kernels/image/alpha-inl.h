// Colours and their alpha: premultiply, unpremultiply, flatten, composite; blend. A unit is a row.
#pragma once

#include "kernels/image/over-inl.h"
#include "kernels/image/premultiply-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace alpha_ {

// product / 255, rounded, of products up to 255².
EC_INLINE uint8_t by255(int32_t product) {
  product += 128;
  return static_cast<uint8_t>((product + (product >> 8)) >> 8);
}

// Half to even and saturated: numbers this large have no fraction bits left.
EC_INLINE uint8_t byteOf(double value) {
  value = value > 0 ? value : 0;
  value = value < 255 ? value : 255;
  return static_cast<uint8_t>(static_cast<int32_t>((value + 0x1.8p52) - 0x1.8p52));
}

EC_INLINE const uint8_t* rowOf(const View& view, int64_t y) {
  return view.as<const uint8_t>() + y * view.stride[0];
}
EC_INLINE uint8_t* targetRow(const View& view, int64_t y) {
  return view.as<uint8_t>() + y * view.stride[0];
}

template <int Channels>
void premultiplyRow(const uint8_t* from, uint8_t* to, int64_t pixels) {
  for (int64_t x = 0; x < pixels; ++x, from += Channels, to += Channels) {
    const uint8_t alpha = from[Channels - 1];
    for (int c = 0; c < Channels - 1; ++c) to[c] = by255(from[c] * alpha);
    to[Channels - 1] = alpha;
  }
}

// Views: image, result; both with alpha.
void premultiply(const Call& call, Range range, void*) noexcept {
  const int64_t width = call.views[0].shape[1];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = rowOf(call.views[0], y);
    uint8_t* to = targetRow(call.views[1], y);
    call.views[0].shape[2] == 2 ? premultiplyRow<2>(from, to, width)
                                : premultiplyRow<4>(from, to, width);
  }
}

void unpremultiply(const Call& call, Range range, void*) noexcept {
  const int64_t width = call.views[0].shape[1];
  const int64_t channels = call.views[0].shape[2];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = rowOf(call.views[0], y);
    uint8_t* to = targetRow(call.views[1], y);
    if (to != from) memcpy(to, from, static_cast<size_t>(width * channels));
    channels == 2 ? unpremultiplyRow<2>(to, width) : unpremultiplyRow<4>(to, width);
  }
}

template <int Channels>
void flattenRow(const uint8_t* from, uint8_t* to, int64_t pixels, const int32_t* background) {
  for (int64_t x = 0; x < pixels; ++x, from += Channels, to += Channels - 1) {
    const int32_t alpha = from[Channels - 1];
    for (int c = 0; c < Channels - 1; ++c) {
      to[c] = by255(from[c] * alpha + background[c] * (255 - alpha));
    }
  }
}

// Views: image with alpha, result without. Params: the background's colours.
void flatten(const Call& call, Range range, void*) noexcept {
  const int64_t channels = call.views[0].shape[2];
  int32_t background[3] = {};
  for (int64_t c = 0; c < channels - 1; ++c) background[c] = static_cast<int32_t>(call.params[c]);
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = rowOf(call.views[0], y);
    uint8_t* to = targetRow(call.views[1], y);
    const int64_t width = call.views[0].shape[1];
    channels == 2 ? flattenRow<2>(from, to, width, background)
                  : flattenRow<4>(from, to, width, background);
  }
}

// Views: two images of one size, result. Params: the share of the second.
void blend(const Call& call, Range range, void*) noexcept {
  const View& result = call.views[2];
  const double share = call.params[0];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* EC_RESTRICT a = rowOf(call.views[0], y);
    const uint8_t* EC_RESTRICT b = rowOf(call.views[1], y);
    uint8_t* to = targetRow(result, y);
    for (int64_t i = 0; i < result.shape[1] * result.shape[2]; ++i) {
      to[i] = byteOf(a[i] + (b[i] - a[i]) * share);
    }
  }
}

// The order is that of `modes` in src/image/composite.ts.
enum class Mode { over, multiply, screen, overlay, darken, lighten, add, difference };

// What two opaque colours, 0 to 1, make of each other.
EC_INLINE double mixed(Mode mode, double below, double above) {
  switch (mode) {
    case Mode::multiply:
      return below * above;
    case Mode::screen:
      return below + above - below * above;
    case Mode::overlay:
      return below <= 0.5 ? 2 * below * above : 1 - 2 * (1 - below) * (1 - above);
    case Mode::darken:
      return minOf(below, above);
    case Mode::lighten:
      return maxOf(below, above);
    case Mode::difference:
      return below < above ? above - below : below - above;
    default:
      return above;
  }
}

// Pixels with and without alpha, gray and colour, alike.
struct Layer {
  int64_t channels, colors;
  bool hasAlpha;

  explicit Layer(const View& view)
      : channels(view.shape[2]), colors(channels < 3 ? 1 : 3), hasAlpha(channels % 2 == 0) {}
  EC_INLINE int32_t alpha(const uint8_t* pixel) const {
    return hasAlpha ? pixel[channels - 1] : 255;
  }
  EC_INLINE uint8_t color(const uint8_t* pixel, int64_t c) const {
    return pixel[colors == 1 ? 0 : c];
  }
};

EC_INLINE void mixPixel(Mode mode, double opacity, const Layer& base, const Layer& over,
                        const uint8_t* below, const uint8_t* above, uint8_t* to) {
  const int32_t alphaBelow = base.alpha(below);
  const int32_t alphaAbove = over.alpha(above);
  if (mode == Mode::over && opacity == 1 && alphaBelow == 255) {
    for (int64_t c = 0; c < base.colors; ++c) {
      to[c] = by255(over.color(above, c) * alphaAbove + below[c] * (255 - alphaAbove));
    }
    if (base.hasAlpha) to[base.colors] = 255;
    return;
  }
  const double a = alphaBelow / 255.0, b = alphaAbove / 255.0 * opacity;
  double alpha = a + b - a * b;
  if (mode == Mode::add) alpha = a + b < 1 ? a + b : 1;
  for (int64_t c = 0; c < base.colors; ++c) {
    const double under = below[c] / 255.0, top = over.color(above, c) / 255.0;
    const double sum = mode == Mode::add ? b * top + a * under
                                         : b * (1 - a) * top + a * (1 - b) * under +
                                               a * b * mixed(mode, under, top);
    to[c] = alpha == 0 ? 0 : byteOf(sum / alpha * 255);
  }
  if (base.hasAlpha) to[base.colors] = byteOf(alpha * 255);
}

// `over` of pixels of four bytes onto ones of three.
void overColors(const uint8_t* below, const uint8_t* above, uint8_t* to, int64_t pixels) {
  for (int64_t x = 0; x < pixels; ++x) {
    const int32_t alpha = above[4 * x + 3];
    for (int c = 0; c < 3; ++c) {
      to[3 * x + c] = by255(above[4 * x + c] * alpha + below[3 * x + c] * (255 - alpha));
    }
  }
}

// Pixels until `to` is aligned to vectors; -1 where it never is.
EC_INLINE int64_t pixelsToAligned(const uint8_t* to) {
  const int64_t over = static_cast<int64_t>(reinterpret_cast<uintptr_t>(to) % EC_VECTOR_BYTES);
  return over % 4 != 0 ? -1 : (EC_VECTOR_BYTES - over) % EC_VECTOR_BYTES / 4;
}

// Views: base, the image over it, result. Params: where the upper image lies, mode, opacity. A row
// is copied where nothing lies over it; the rest is left to `mix(under, above, to, pixels)`.
template <class T, class Mix>
EC_INLINE void compositeRows(const Call& call, Range range, const Layer& base, const Layer& over,
                             Mix mix) {
  const View& baseView = call.views[0];
  const View& overView = call.views[1];
  const View& result = call.views[2];
  const int64_t left = static_cast<int64_t>(call.params[0]);
  const int64_t top = static_cast<int64_t>(call.params[1]);
  const int64_t begin = maxOf<int64_t>(left, 0);
  const int64_t end = minOf(baseView.shape[1], left + overView.shape[1]);
  const int64_t width = baseView.shape[1];
  const size_t pixelBytes = static_cast<size_t>(base.channels) * sizeof(T);
  for (int64_t y = range.begin; y < range.end; ++y) {
    const T* const below = baseView.as<const T>() + y * baseView.stride[0];
    T* const to = result.as<T>() + y * result.stride[0];
    const bool covered = y >= top && y < top + overView.shape[0] && begin < end;
    if (to != below) {
      const int64_t before = covered ? begin : width;
      memcpy(to, below, static_cast<size_t>(before) * pixelBytes);
      if (covered) {
        memcpy(to + end * base.channels, below + end * base.channels,
               static_cast<size_t>(width - end) * pixelBytes);
      }
    }
    if (!covered) continue;
    const T* const above = overView.as<const T>() + (y - top) * overView.stride[0];
    mix(below + begin * base.channels, above + (begin - left) * over.channels,
        to + begin * base.channels, end - begin);
  }
}

void composite(const Call& call, Range range, void*) noexcept {
  const View& result = call.views[2];
  const Layer base(call.views[0]), over(call.views[1]);
  const Mode mode = static_cast<Mode>(static_cast<int>(call.params[2]));
  const double opacity = call.params[3];
  const bool large = result.shape[0] * result.shape[1] * result.shape[2] >= streamBytesMin;
  const bool usual = mode == Mode::over && opacity == 1 && over.channels == 4;
  compositeRows<uint8_t>(
      call, range, base, over,
      [&](const uint8_t* under, const uint8_t* above, uint8_t* to, int64_t count) {
        if (usual && base.channels == 3) return overColors(under, above, to, count);
        int64_t x = 0;
        const auto mixUntil = [&](int64_t last) EC_INLINE_LAMBDA {
          for (; x < last; ++x) {
            mixPixel(mode, opacity, base, over, under + x * base.channels,
                     above + x * over.channels, to + x * base.channels);
          }
        };
        if (usual && base.channels == 4) {
          const int64_t toAligned = large ? pixelsToAligned(to) : -1;
          if (toAligned > 0) mixUntil(minOf(toAligned, count));
          while (x < count) {
            x +=
                (toAligned < 0 ? overOpaque<false> : overOpaque<true>)(under + 4 * x, above + 4 * x,
                                                                       to + 4 * x, count - x);
            mixUntil(minOf<int64_t>(x + lanes<uint32_t>, count));
          }
        }
        mixUntil(count);
      });
  if (large) streamFence();
}

}  // namespace alpha_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_ALPHA                                                                \
  {"premultiply", Dtype::u8, {alpha_::premultiply}},                                    \
      {"unpremultiply", Dtype::u8, {alpha_::unpremultiply}},                            \
      {"flatten", Dtype::u8, {alpha_::flatten}}, {"blend", Dtype::u8, {alpha_::blend}}, \
      {"composite", Dtype::u8, {alpha_::composite}},
