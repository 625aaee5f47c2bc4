// What a call of resize says: src/image/resize.ts writes it, in the same order.
#pragma once

#include "kernels/image/tile-inl.h"
#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace resize_ {

// Which source samples one axis of the result is made of. Result `i` weighs `spans[3 i + 1]` groups
// of samples from group `spans[3 i]` on, in `spans[3 i + 2]` parts of a weight; the low one is left
// out where all are zero. A group is one sample (floats) or two (whole numbers),
// with its weights beside each other.
struct Axis {
  const int32_t* spans;
  const void* weights;
  int64_t size;    // of the result
  int64_t stride;  // weights from one result to the next

  Axis(const View& spanView, const View& weightView)
      : spans(spanView.as<const int32_t>()),
        weights(weightView.data),
        size(spanView.shape[1]),
        stride(weightView.stride[1]) {}

  int64_t first(int64_t i) const { return spans[3 * i]; }
  int64_t count(int64_t i) const { return spans[3 * i + 1]; }
  bool hasLowParts(int64_t i) const { return spans[3 * i + 2] > 1; }
  template <class T>
  const T* weightsOf(int64_t i) const {
    return static_cast<const T*>(weights) + i * stride;
  }
};

// The image is resized to x.size by y.size and lies at (left, top) in the result; around it is
// background. Phase 0 weighs along the rows `firstRow` and following into the shared memory, phase
// 1 weighs down its columns.
struct Arguments {
  const View& image;
  const View& result;
  const View* tables;  // those of linear light, or of bytes the quads of the rows
  Axis x, y;
  int64_t channels;
  int64_t left, top;
  int64_t firstRow, rows;  // of the image, for phase 0
  int64_t window;          // groups that the scratch of phase 0 holds
  int shiftX, shiftY;      // fraction bits of the weights
  const double* background;
  void* shared;

  explicit Arguments(const Call& call)
      : image(call.views[0]),
        result(call.views[call.viewCount - 1]),
        tables(call.viewCount > 6 ? call.views + 5 : nullptr),
        x(call.views[1], call.views[2]),
        y(call.views[3], call.views[4]),
        channels(image.shape[2]),
        left(static_cast<int64_t>(call.params[0])),
        top(static_cast<int64_t>(call.params[1])),
        firstRow(static_cast<int64_t>(call.params[2])),
        rows(static_cast<int64_t>(call.params[3])),
        window(static_cast<int64_t>(call.params[4])),
        shiftX(static_cast<int>(call.params[5])),
        shiftY(static_cast<int>(call.params[6])),
        background(call.params + 7),
        shared(call.shared) {}

  // Samples of a shared row, rounded up so that whole vectors may be read and written.
  int64_t sharedStride() const { return roundUp(x.size * channels, sampleGrain); }
};

template <class T>
void fillPixels(T* to, int64_t pixels, int64_t channels, const double* value) {
  for (int64_t i = 0; i < pixels; ++i) {
    for (int64_t c = 0; c < channels; ++c) *to++ = static_cast<T>(value[c]);
  }
}

// Writes the background of one row of the result. Answers where the resized pixels of it begin, or
// null when there are none.
template <class T>
T* beginRow(const View& result, int64_t left, int64_t width, int64_t top, int64_t height,
            const double* background, int64_t row) {
  const int64_t channels = result.shape[2];
  T* to = result.as<T>() + row * result.stride[0];
  if (row < top || row >= top + height) {
    fillPixels(to, result.shape[1], channels, background);
    return nullptr;
  }
  fillPixels(to, left, channels, background);
  fillPixels(to + (left + width) * channels, result.shape[1] - left - width, channels, background);
  return to + left * channels;
}

template <class T>
T* beginRow(const Arguments& a, int64_t row) {
  return beginRow<T>(a.result, a.left, a.x.size, a.top, a.y.size, a.background, row);
}

// The rows of a strip that begins at `row`; beyond `end` its last row again, so that all lanes have
// one. They are computed twice, to the same bytes.
template <class T>
struct StripRows {
  T* rows[lanes<int32_t>];

  StripRows(T* first, int64_t strideBytes, int64_t row, int64_t end) {
    for (int i = 0; i < lanes<int32_t>; ++i)
      rows[i] = first + minOf(row + i, end - 1) * strideBytes;
  }
};

}  // namespace resize_
}  // namespace
}  // namespace everycore::EC_ISA
