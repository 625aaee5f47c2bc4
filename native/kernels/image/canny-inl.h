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

// 2 · v · tangent of 22.5° (15 bits), as far as it is whole.
EC_INLINE V<int16_t> flatOf(V<int16_t> twice) {
  constexpr int16_t tangent = 13573;
#if EC_LEVEL == EC_ISA_avx512
  return (V<int16_t>)_mm512_mulhi_epi16((__m512i)twice, _mm512_set1_epi16(tangent));
#elif EC_LEVEL == EC_ISA_avx2
  return (V<int16_t>)_mm256_mulhi_epi16((__m256i)twice, _mm256_set1_epi16(tangent));
#elif defined(__x86_64__)
  return (V<int16_t>)_mm_mulhi_epi16((__m128i)twice, _mm_set1_epi16(tangent));
#else
  for (int i = 0; i < lanes<int16_t>; ++i) {
    twice[i] = static_cast<int16_t>(twice[i] * tangent >> 16);
  }
  return twice;
#endif
}
EC_INLINE V<int32_t> flatOf(V<int32_t> twice) { return twice * 13573 >> 16; }

// `Length` holds lengths of gradients: words the sums of their parts, 32 bits those of squares.
template <class Length>
class Marker {
 public:
  Marker(const Arguments& arguments, void* scratch) : a_(arguments) {
    Arena arena{static_cast<char*>(scratch)};
    const int64_t padded = a_.stride + sampleGrain;
    for (auto& row : words_) row = arena.take<int16_t>(padded);
    for (int k = 0; k < 3; ++k) {
      x_[k] = arena.take<int16_t>(padded);
      y_[k] = arena.take<int16_t>(padded);
      lengths_[k] = arena.take<Length>(padded);
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
  typedef V<Length> Lengths;

  static int slot(int64_t y) { return static_cast<int>((y + 6) % 3); }

  void readRow(int64_t y) {
    const BorderedImage<uint8_t> image{a_.source, Border::replicate, {}};
    image.copyRow(words_[slot(y)], y, -1, a_.width + 2);
  }

  // Gradients of row y and their lengths, which are 0 around the image.
  void measure(int64_t y) {
    const int k = slot(y);
    Length* lengths = lengths_[k];
    if (y < 0 || y >= a_.height) {
      memset(lengths, 0, static_cast<size_t>(a_.width + 2) * sizeof(*lengths));
      return;
    }
    const int16_t* rows[3] = {words_[slot(y - 1)], words_[slot(y)], words_[slot(y + 1)]};
    for (int64_t i = 0; i < a_.width; i += lanes<int16_t>) {
      V<int16_t> dx, dy;
      sobel_::gradient(rows, i, 1, dx, dy);
      store(x_[k] + i, dx);
      store(y_[k] + i, dy);
      if constexpr (sizeof(Length) == 2) store(lengths + i + 1, absolute(dx) + absolute(dy));
    }
    if constexpr (sizeof(Length) == 4) {
      const int16_t* dx = x_[k];
      const int16_t* dy = y_[k];
      for (int64_t i = 0; i < a_.width; ++i) lengths[i + 1] = dx[i] * dx[i] + dy[i] * dy[i];
    }
    lengths[0] = 0;
    lengths[a_.width + 1] = 0;
  }

  void mark(int64_t y) {
    const int k = slot(y);
    const Length* above = lengths_[slot(y - 1)] + 1;
    const Length* lengths = lengths_[k] + 1;
    const Length* below = lengths_[slot(y + 1)] + 1;
    uint8_t* to = a_.markRow(y);
    for (int64_t i = 0; i < a_.width; i += lanes<uint8_t>) {
      constexpr int parts = sizeof(Length);
      Lengths marks[parts];
      for (int part = 0; part < parts; ++part) {
        const int64_t at = i + part * lanes<Length>;
        marks[part] = marksOf(above + at, lengths + at, below + at, x_[k] + at, y_[k] + at);
      }
      V<uint8_t> bytes;
      if constexpr (parts == 2) {
        bytes = packBytes(marks[0], marks[1]);
      } else {
        bytes = packBytes(marks[0], marks[1], marks[2], marks[3]);
      }
      storeUpTo(to + i, bytes, a_.width - i);
    }
    to[-1] = none;
    memset(to + a_.width, none, static_cast<size_t>(a_.stride - 1 - a_.width));
  }

  static EC_INLINE Lengths absolute(Lengths v) { return maxV<Length>(v, -v); }

  // Is a length the greatest along the gradient? Whole numbers are compared with tangents of 22.5°
  // and 67.5° (twice 1 more), which are none, or 0 where the length is 0 too.
  EC_INLINE Lengths marksOf(const Length* above, const Length* lengths, const Length* below,
                            const int16_t* dx, const int16_t* dy) const {
    const Lengths length = load(lengths);
    const Lengths candidate = length > static_cast<Length>(a_.low);
    if (noneSet(candidate)) return Lengths{};
    const Lengths x = loadAs<Length>(dx), y = loadAs<Length>(dy);
    const Lengths twice = absolute(x) + absolute(x), height = absolute(y), flat = flatOf(twice);
    const Lengths isFlat = height <= flat, isSteep = height > flat + twice;
    const Lengths rises = (x ^ y) >= 0;
    const Lengths before = isFlat    ? load(lengths - 1)
                           : isSteep ? load(above)
                           : rises   ? load(above - 1)
                                     : load(above + 1);
    const Lengths after = isFlat    ? load(lengths + 1)
                          : isSteep ? load(below)
                          : rises   ? load(below + 1)
                                    : load(below - 1);
    const Lengths beyond = (length > after) | ((length == after) & (isFlat | isSteep));
    const Lengths crest = candidate & (length > before) & beyond;
    return -crest - (crest & (length > static_cast<Length>(a_.high)));
  }

  static EC_INLINE bool noneSet(Lengths mask) {
    const V<int32_t> pairs = (V<int32_t>)mask;
    return maskBits(pairs | pairs << 16) == 0;
  }

  const Arguments& a_;
  int16_t* words_[3];
  int16_t* x_[3];
  int16_t* y_[3];
  Length* lengths_[3];
};

template <class Length>
void markAll(const Arguments& a, Range bands, void* scratch) {
  Marker<Length> marker(a, scratch);
  for (int64_t band = bands.begin; band < bands.end; ++band) {
    marker.run(band * a.bandRows, minOf((band + 1) * a.bandRows, a.height));
  }
}

void markBands(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  if (a.squares) return markAll<int32_t>(a, range, scratch);
  markAll<int16_t>(a, range, scratch);
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
  static_assert(sampleGrain % lanes<uint8_t> == 0);
  for (int64_t i = a.stride; i < end; i += lanes<uint8_t>) {
    const V<int32_t> marks = (V<int32_t>)load(a.marks + i);
    if (allTrue((marks & 0x02020202) == 0)) continue;
    for (int64_t k = i; k < i + lanes<uint8_t>; ++k) {
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
