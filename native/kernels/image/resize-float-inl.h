// resize in floats: of 16-bit numbers, of floats, and of linear light. Nothing is rounded to the
// dtype or clamped between the passes. A product is rounded before it is added, on every CPU level,
// so that all levels (and TypeScript) give the same bits.
#pragma once

#include "kernels/image/lanes-inl.h"
#include "kernels/image/light-inl.h"
#include "kernels/image/resize-arguments-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace resize_ {

// How samples of T become floats and come back. Only bytes are multiplied with their alpha.
template <class T, int Channels, bool Linear>
struct Pixels;

template <int Channels, bool Linear>
struct Pixels<uint8_t, Channels, Linear> {
  static constexpr bool hasAlpha = Channels % 2 == 0;
  static constexpr int colors = hasAlpha ? Channels - 1 : Channels;
  const light_::Tables tables;

  explicit Pixels(const View* views) : tables(views) {}

  EC_INLINE void decode(const uint8_t* from, float* to) const {
    for (int c = 0; c < colors; ++c) {
      to[c] = Linear ? tables.light[from[c]] : static_cast<float>(from[c]);
    }
    if (!hasAlpha) return;
    const float alpha = from[colors];
    for (int c = 0; c < colors; ++c) to[c] *= alpha;
    to[colors] = alpha;
  }

  EC_INLINE void encode(const float* from, uint8_t* to) const {
    float colorOf[4];
    const uint8_t alpha = hasAlpha ? byteOf(from[colors]) : 255;
    for (int c = 0; c < colors; ++c) {
      colorOf[c] = !hasAlpha ? from[c] : alpha == 0 ? 0 : from[c] / from[colors];
    }
    for (int c = 0; c < colors; ++c) {
      to[c] = Linear ? tables.byteOf(colorOf[c]) : byteOf(colorOf[c]);
    }
    if (hasAlpha) to[colors] = alpha;
  }

 private:
  static EC_INLINE uint8_t byteOf(float value) {
    value = value > 0 ? value : 0;
    return static_cast<uint8_t>((value < 255 ? value : 255) + 0.5f);
  }
};

template <int Channels, bool Linear>
struct Pixels<uint16_t, Channels, Linear> {
  static constexpr int colors = !Linear ? 0 : Channels % 2 == 0 ? Channels - 1 : Channels;
  const float* light;

  explicit Pixels(const View* views) : light(Linear ? views[0].as<const float>() : nullptr) {}

  EC_INLINE void decode(const uint16_t* from, float* to) const {
    for (int c = 0; c < colors; ++c) to[c] = light[from[c]];
    for (int c = colors; c < Channels; ++c) to[c] = from[c];
  }

  EC_INLINE void encode(const float* from, uint16_t* to) const {
    for (int c = 0; c < colors; ++c) to[c] = wordOf(light_::encode(from[c]) * 65535.0f);
    for (int c = colors; c < Channels; ++c) to[c] = wordOf(from[c]);
  }

 private:
  static EC_INLINE uint16_t wordOf(float value) {
    value = value > 0 ? value : 0;
    return static_cast<uint16_t>((value < 65535 ? value : 65535) + 0.5f);
  }
};

template <int Channels, bool Linear>
struct Pixels<float, Channels, Linear> {
  static constexpr int colors = !Linear ? 0 : Channels % 2 == 0 ? Channels - 1 : Channels;

  explicit Pixels(const View*) {}

  EC_INLINE void decode(const float* from, float* to) const {
    for (int c = 0; c < colors; ++c) to[c] = light_::decode(from[c]);
    for (int c = colors; c < Channels; ++c) to[c] = from[c];
  }

  EC_INLINE void encode(const float* from, float* to) const {
    for (int c = 0; c < colors; ++c) to[c] = light_::encode(from[c]);
    for (int c = colors; c < Channels; ++c) to[c] = from[c];
  }
};

// As Window in resize-u8-inl.h, one vector for each sample of the rows.
template <class T, int Channels, bool Linear>
class FloatWindow {
 public:
  FloatWindow(const Arguments& a, int64_t row, int64_t end, V<float>* memory)
      : source_(a.image.as<const T>(), a.image.stride[0], row, end),
        pixels_(a.tables),
        width_(a.image.shape[1]),
        memory_(memory),
        capacity_(a.window) {}

  EC_INLINE const V<float>* samples(int64_t first, int64_t count) {
    if (first + count > end_) fill(first, first + count);
    return memory_ + (first - begin_) * Channels;
  }

 private:
  static constexpr int stepPixels = 4;

  __attribute__((noinline)) void fill(int64_t first, int64_t end) {
    if (first >= end_) begin_ = end_ = first;
    while (end_ < end) {
      if (end_ + stepPixels > begin_ + capacity_) {
        const V<float>* kept = memory_ + (first - begin_) * Channels;
        memmove(memory_, kept, static_cast<size_t>((end_ - first) * Channels) * sizeof(*kept));
        begin_ = first;
      }
      appendStep(memory_ + (end_ - begin_) * Channels);
      end_ += stepPixels;
    }
  }

  void appendStep(V<float>* to) const {
    float decoded[lanes_::stripRows][stepPixels * Channels];
    const uint8_t* rows[lanes_::stripRows];
    const int64_t count = minOf<int64_t>(stepPixels, width_ - end_);
    for (int i = 0; i < lanes_::stripRows; ++i) {
      const T* from = source_.rows[i] + end_ * Channels;
      if (count == stepPixels) {
        for (int x = 0; x < stepPixels; ++x)
          pixels_.decode(from + x * Channels, decoded[i] + x * Channels);
      } else {
        memset(decoded[i], 0, sizeof(decoded[i]));
        for (int64_t x = 0; x < count; ++x)
          pixels_.decode(from + x * Channels, decoded[i] + x * Channels);
      }
      rows[i] = reinterpret_cast<const uint8_t*>(decoded[i]);
    }
    for (int block = 0; block < Channels; ++block) {
      lanes_::Bytes v[4];
      for (int k = 0; k < 4; ++k) v[k] = lanes_::loadBlocks(rows + k, block * 16);
      lanes_::turnOuter<4>(v);
      lanes_::turnInner<4>(v);
      for (int k = 0; k < 4; ++k) to[block * 4 + k] = (V<float>)v[k];
    }
  }

  const StripRows<const T> source_;
  const Pixels<T, Channels, Linear> pixels_;
  const int64_t width_;
  V<float>* const memory_;
  const int64_t capacity_;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

// Phase 0 of one strip.
template <class T, int Channels, bool Linear>
void resizeFloatStrip(const Arguments& a, int64_t row, int64_t end, Arena arena) {
  constexpr int pixels = 4;  // at once: whole blocks of four floats for every count of channels
  FloatWindow<T, Channels, Linear> window(a, a.firstRow + row, a.firstRow + end,
                                          arena.take<V<float>>(a.window * Channels));
  const StripRows<uint8_t> target(static_cast<uint8_t*>(a.shared), a.sharedStride() * 4, row, end);
  for (int64_t x = 0; x < a.x.size; x += pixels) {
    const int64_t count = minOf<int64_t>(pixels, a.x.size - x);
    V<float> sums[pixels * Channels] = {};
    for (int64_t i = 0; i < count; ++i) {
      const int64_t taps = a.x.count(x + i);
      const V<float>* samples = window.samples(a.x.first(x + i), taps);
      const float* weights = a.x.weightsOf<float>(x + i);
      V<float> sum[Channels] = {};
      for (int64_t t = 0; t < taps; ++t, samples += Channels) {
        for (int c = 0; c < Channels; ++c) sum[c] += samples[c] * weights[t];
      }
      for (int c = 0; c < Channels; ++c) sums[i * Channels + c] = sum[c];
    }
    for (int64_t at = 0; at < count * Channels; at += 4) {
      lanes_::Bytes v[4];
      for (int k = 0; k < 4; ++k) v[k] = (lanes_::Bytes)sums[at + k];
      lanes_::turnOuter<4>(v);
      lanes_::turnInner<4>(v);
      for (int k = 0; k < 4; ++k) {
        lanes_::storeBlocks(target.rows + k, (x * Channels + at) * 4, v[k]);
      }
    }
  }
}

template <class T, bool Linear>
void alongRowsFloat(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  for (int64_t row = range.begin; row < range.end; row += lanes_::stripRows) {
    const int64_t end = minOf(row + lanes_::stripRows, range.end);
    const Arena arena{static_cast<char*>(scratch)};
    switch (a.channels) {
      case 1:
        resizeFloatStrip<T, 1, Linear>(a, row, end, arena);
        break;
      case 2:
        resizeFloatStrip<T, 2, Linear>(a, row, end, arena);
        break;
      case 3:
        resizeFloatStrip<T, 3, Linear>(a, row, end, arena);
        break;
      default:
        resizeFloatStrip<T, 4, Linear>(a, row, end, arena);
    }
  }
}

// Phase 1 of one row of the result, as far as its floats.
void resizeFloatRow(const Arguments& a, int64_t y, float* to) {
  constexpr int count = 4;
  const int64_t stride = a.sharedStride();
  const int64_t taps = a.y.count(y);
  const float* weights = a.y.weightsOf<float>(y);
  const float* top = static_cast<const float*>(a.shared) + (a.y.first(y) - a.firstRow) * stride;
  for (int64_t at = 0; at < a.x.size * a.channels; at += count * lanes<float>) {
    const float* from = top + at;
    V<float> sum[count] = {};
    for (int64_t t = 0; t < taps; ++t, from += stride) {
      for (int i = 0; i < count; ++i) sum[i] += load(from + i * lanes<float>) * weights[t];
    }
    for (int i = 0; i < count; ++i) store(to + at + i * lanes<float>, sum[i]);
  }
}

template <class T, int Channels, bool Linear>
void encodeRow(const Arguments& a, const float* from, T* to) {
  const Pixels<T, Channels, Linear> pixels(a.tables);
  for (int64_t x = 0; x < a.x.size; ++x, from += Channels, to += Channels) pixels.encode(from, to);
}

template <class T, bool Linear>
void downColumnsFloat(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  Arena arena{static_cast<char*>(scratch)};
  float* sums = arena.take<float>(a.sharedStride());
  for (int64_t row = range.begin; row < range.end; ++row) {
    T* to = beginRow<T>(a, row);
    if (to == nullptr) continue;
    resizeFloatRow(a, row - a.top, sums);
    if (a.channels == 1) encodeRow<T, 1, Linear>(a, sums, to);
    if (a.channels == 2) encodeRow<T, 2, Linear>(a, sums, to);
    if (a.channels == 3) encodeRow<T, 3, Linear>(a, sums, to);
    if (a.channels == 4) encodeRow<T, 4, Linear>(a, sums, to);
  }
}

}  // namespace resize_
}  // namespace
}  // namespace everycore::EC_ISA
