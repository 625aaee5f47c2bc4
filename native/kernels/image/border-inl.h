// What lies beyond the edges of an image: which pixel stands in for one outside, and rows copied
// together with what a window needs left and right of them.
#pragma once

#include "kernels/image/pack-inl.h"

namespace everycore::EC_ISA {
namespace {

// The order is that of `borders` in src/image/border.ts.
enum class Border { reflect101, replicate, reflect, wrap, constant };

// A position inside [0, length) that stands in for `index`; -1 for the constant border. A
// reflection goes on to and fro when the window is wider than the image.
int64_t borderIndex(int64_t index, int64_t length, Border border) {
  if (index >= 0 && index < length) return index;
  switch (border) {
    case Border::replicate:
      return index < 0 ? 0 : length - 1;
    case Border::wrap: {
      const int64_t rest = index % length;
      return rest < 0 ? rest + length : rest;
    }
    case Border::reflect101:
    case Border::reflect: {
      const int64_t twice = border == Border::reflect ? 1 : 0;  // is the edge pixel repeated?
      const int64_t period = maxOf<int64_t>(2 * (length - 1 + twice), 1);
      int64_t rest = index % period;
      if (rest < 0) rest += period;
      return rest < length ? rest : period - twice - rest;
    }
    default:
      return -1;
  }
}

template <class T>
struct BorderedImage {
  const View& view;
  Border border;
  T value[4];  // of the constant border, one per channel

  template <class To>
  void fill(To* to, int64_t pixels) const {
    const int64_t channels = view.shape[2];
    for (int64_t i = 0; i < pixels; ++i) {
      for (int64_t c = 0; c < channels; ++c) *to++ = value[c];
    }
  }

  // Copies the pixels [x, x + pixels) of row y, as they are or as wider numbers; both may lie
  // outside.
  template <class To>
  void copyRow(To* to, int64_t y, int64_t x, int64_t pixels) const {
    const int64_t width = view.shape[1];
    const int64_t channels = view.shape[2];
    const int64_t row = borderIndex(y, view.shape[0], border);
    if (row < 0) return fill(to, pixels);
    const T* from = view.as<const T>() + row * view.stride[0];
    const int64_t end = x + pixels;
    const int64_t inside = minOf(maxOf<int64_t>(x, 0), end);
    const int64_t outside = maxOf(minOf(end, width), inside);
    copyPixels(to, from, x, inside);
    copySamples(to + (inside - x) * channels, from + inside * channels,
                (outside - inside) * channels);
    copyPixels(to + (outside - x) * channels, from, outside, end);
  }

 private:
  static void copySamples(T* to, const T* from, int64_t count) {
    memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
  }
  template <class To>
  static void copySamples(To* to, const T* from, int64_t count) {
    int64_t i = 0;
    for (; i + lanes<To> <= count; i += lanes<To>) store(to + i, loadAs<To>(from + i));
    for (; i < count; ++i) to[i] = from[i];
  }

  template <class To>
  void copyPixels(To* to, const T* from, int64_t x, int64_t end) const {
    const int64_t channels = view.shape[2];
    for (; x < end; ++x) {
      const int64_t at = borderIndex(x, view.shape[1], border);
      const T* pixel = at < 0 ? value : from + at * channels;
      for (int64_t c = 0; c < channels; ++c) *to++ = pixel[c];
    }
  }
};

}  // namespace
}  // namespace everycore::EC_ISA
