// canny: edges of one channel, as OpenCV's. Phase 0: a unit is a band of rows, whose pixels are
// marked as no edge, a weak or a strong one; phase 1 (one unit): weak ones that touch strong ones
// become strong; phase 2: a unit is a row. The marks lie in shared memory, with a pixel of no edge
// all around.
#pragma once

#include "kernels/image/border-inl.h"
#include "kernels/image/gradient-inl.h"
#include "kernels/image/pack-inl.h"
#include "kernels/image/tile-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace canny_ {

enum Mark : uint8_t { none, weak, strong };

// Views: image, result. Parameters: low, high, 1 for the root of squares, rows of a band.
struct Arguments {
  const View& source;
  const View& result;
  int32_t low, high;
  bool squares;
  int64_t bandRows, width, height, stride;
  uint8_t* marks;   // of row -1
  uint32_t* stack;  // of places in `marks`

  explicit Arguments(const Call& call)
      : source(call.views[0]),
        result(call.views[1]),
        low(static_cast<int32_t>(call.params[0])),
        high(static_cast<int32_t>(call.params[1])),
        squares(call.params[2] != 0),
        bandRows(static_cast<int64_t>(call.params[3])),
        width(source.shape[1]),
        height(source.shape[0]),
        stride(roundUp(width + 2, sampleGrain)),
        marks(static_cast<uint8_t*>(call.shared)),
        stack(reinterpret_cast<uint32_t*>(marks + stride * (height + 2))) {}

  uint8_t* markRow(int64_t y) const { return marks + (y + 1) * stride + 1; }
};

class Marker {
 public:
  Marker(const Arguments& arguments, void* scratch) : a_(arguments) {
    Arena arena{static_cast<char*>(scratch)};
    const int64_t padded = a_.stride + sampleGrain;
    bytes_ = arena.take<uint8_t>(padded);
    memset(bytes_, 0, static_cast<size_t>(padded));
    for (auto& row : words_) row = arena.take<int16_t>(padded);
    for (int k = 0; k < 3; ++k) {
      x_[k] = arena.take<int16_t>(padded);
      y_[k] = arena.take<int16_t>(padded);
      lengths_[k] = arena.take<int32_t>(padded);
    }
  }

  void run(int64_t begin, int64_t end) {
    for (int64_t y = begin - 2; y < begin; ++y) readRow(y);
    for (int64_t y = begin - 1; y <= end; ++y) {
      readRow(y + 1);
      measure(y);
      if (y > begin) mark(y - 1);
    }
  }

 private:
  static int slot(int64_t y) { return static_cast<int>((y + 6) % 3); }

  void readRow(int64_t y) {
    const BorderedImage<uint8_t> image{a_.source, Border::replicate, {}};
    image.copyRow(bytes_, y, -1, a_.width + 2);
    int16_t* to = words_[slot(y)];
    for (int64_t i = 0; i < a_.width + 2; i += lanes<int16_t>) {
      store(to + i, loadAs<int16_t>(bytes_ + i));
    }
  }

  // Gradients of row y and their lengths, which are 0 around the image.
  void measure(int64_t y) {
    const int k = slot(y);
    int32_t* lengths = lengths_[k];
    if (y < 0 || y >= a_.height) {
      memset(lengths, 0, static_cast<size_t>(a_.width + 2) * sizeof(*lengths));
      return;
    }
    const int16_t* rows[3] = {words_[slot(y - 1)], words_[slot(y)], words_[slot(y + 1)]};
    for (int64_t i = 0; i < a_.width; i += lanes<int16_t>) {
      V<int16_t> x, y2;
      sobel_::gradient(rows, i, 1, x, y2);
      store(x_[k] + i, x);
      store(y_[k] + i, y2);
    }
    lengths[0] = 0;
    const int16_t* x = x_[k];
    const int16_t* dy = y_[k];
    if (a_.squares) {
      for (int64_t i = 0; i < a_.width; ++i) lengths[i + 1] = x[i] * x[i] + dy[i] * dy[i];
    } else {
      for (int64_t i = 0; i < a_.width; ++i) {
        lengths[i + 1] = __builtin_abs(x[i]) + __builtin_abs(dy[i]);
      }
    }
    lengths[a_.width + 1] = 0;
  }

  void mark(int64_t y) {
    const int k = slot(y);
    const int32_t* above = lengths_[slot(y - 1)] + 1;
    const int32_t* lengths = lengths_[k] + 1;
    const int32_t* below = lengths_[slot(y + 1)] + 1;
    uint8_t* to = a_.markRow(y);
    to[-1] = none;
    memset(to, none, static_cast<size_t>(a_.stride - 1));
    for (int64_t i = 0; i < a_.width; ++i) {
      const int32_t length = lengths[i];
      if (length <= a_.low) continue;
      if (isCrest(above + i, lengths + i, below + i, x_[k][i], y_[k][i])) {
        to[i] = length > a_.high ? strong : weak;
      }
    }
  }

  // Is the length the greatest along the gradient? Its direction is told by the tangent of 22.5°,
  // 15 bits.
  static EC_INLINE bool isCrest(const int32_t* above, const int32_t* at, const int32_t* below,
                                int32_t x, int32_t y) {
    const int32_t width = __builtin_abs(x), height = __builtin_abs(y) << 15;
    const int32_t flat = width * 13573;
    if (height < flat) return at[0] > at[-1] && at[0] >= at[1];
    if (height > flat + (width << 16)) return at[0] > above[0] && at[0] >= below[0];
    const int sign = (x ^ y) < 0 ? -1 : 1;
    return at[0] > above[-sign] && at[0] > below[sign];
  }

  const Arguments& a_;
  uint8_t* bytes_;
  int16_t* words_[3];
  int16_t* x_[3];
  int16_t* y_[3];
  int32_t* lengths_[3];
};

void markBands(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  Marker marker(a, scratch);
  for (int64_t band = range.begin; band < range.end; ++band) {
    marker.run(band * a.bandRows, minOf((band + 1) * a.bandRows, a.height));
  }
}

void follow(const Call& call, Range, void*) noexcept {
  const Arguments a(call);
  memset(a.marks, none, static_cast<size_t>(a.stride));
  memset(a.marks + a.stride * (a.height + 1), none, static_cast<size_t>(a.stride));
  const int64_t around[8] = {-a.stride - 1, -a.stride, -a.stride + 1, -1, 1,
                             a.stride - 1,  a.stride,  a.stride + 1};
  const auto grow = [&](int64_t start) {
    int64_t count = 0;
    int64_t at = start;
    for (;;) {
      for (const int64_t step : around) {
        if (a.marks[at + step] != weak) continue;
        a.marks[at + step] = strong;
        a.stack[count++] = static_cast<uint32_t>(at + step);
      }
      if (count == 0) return;
      at = a.stack[--count];
    }
  };
  const int64_t end = a.stride * (a.height + 1);
  for (int64_t i = a.stride; i < end; i += 8) {
    uint64_t eight;
    memcpy(&eight, a.marks + i, 8);
    if ((eight & 0x0202020202020202u) == 0) continue;
    for (int64_t k = i; k < i + 8; ++k) {
      if (a.marks[k] == strong) grow(k);
    }
  }
}

void write(const Call& call, Range range, void*) noexcept {
  const Arguments a(call);
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* marks = a.markRow(y);
    uint8_t* to = a.result.as<uint8_t>() + y * a.result.stride[0];
    for (int64_t i = 0; i < a.width; ++i) to[i] = marks[i] == strong ? 255 : 0;
  }
}

}  // namespace canny_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CANNY {"canny", Dtype::u8, {canny_::markBands, canny_::follow, canny_::write}},
