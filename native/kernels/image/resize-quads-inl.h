// resize of bytes along rows by quads: four samples times four weights in one instruction (VNNI),
// and nothing turned: one permutation (VBMI) brings the bytes of a row to their results. Where
// pixels have three or four channels; others stay with resize-u8-inl.h, whose bytes these are.
//
// Pillow's weights of 22 fraction bits come as up to three digits of 8 bits with a sign, the upper
// ones first: (d₀ · 256 + d₁) · 256 + d₂. By whole factors the lower ones are often zero, and then
// left out. Sums wrap on the way, and the whole fits.
#pragma once

#include "kernels/image/resize-u8-inl.h"

#if EC_QUADS

namespace everycore::EC_ISA {
namespace {
namespace resize_quads_ {

using namespace lanes_;
using namespace resize_;

constexpr int rowsAtOnce = 4;    // weights are spread once for all of them
constexpr int pixelsAtOnce = 4;  // results, in a block of 16 bytes each

typedef const uint8_t* const* Rows;

EC_INLINE __m512i inAllBlocks(__m128i block) { return _mm512_broadcast_i32x4(block); }
EC_INLINE __m128i loadBlock(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

// By the instruction itself: around the intrinsic GCC 12 copies every sum to and fro.
EC_INLINE void addQuads(__m512i& sum, __m512i samples, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(samples), "v"(weights));
}

// The sums of a row's results, one for each digit of the weights.
template <int Digits>
struct RowSums {
  __m512i first = {}, second = {}, third = {};

  EC_INLINE void add(__m512i samples, const __m512i* weights) {
    addQuads(first, samples, weights[0]);
    if constexpr (Digits > 1) addQuads(second, samples, weights[1]);
    if constexpr (Digits > 2) addQuads(third, samples, weights[2]);
  }

  // `shift`: fraction bits of whole weights.
  EC_INLINE V<int32_t> rounded(int shift) const {
    V<uint32_t> sum = (V<uint32_t>)first;
    if constexpr (Digits > 1) sum = (sum << 8) + (V<uint32_t>)second;
    if constexpr (Digits > 2) sum = (sum << 8) + (V<uint32_t>)third;
    shift -= 8 * (3 - Digits);
    return (V<int32_t>)(sum + (uint32_t{1} << (shift - 1))) >> shift;
  }
};

// Of four pixels in a block: the samples of each channel side by side.
template <int Channels>
EC_INLINE __m512i quadOrder() {
  if constexpr (Channels == 3) {
    return inAllBlocks(_mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1));
  } else {
    return inAllBlocks(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  }
}

// Where four results begin to read, and two ways to a block of each: out of 64 bytes that hold all
// of them, …
template <int Channels>
struct Near {
  int64_t begin;
  __m512i order;

  // `firsts`: pixels, every third number.
  EC_INLINE Near(const int32_t* firsts, int64_t origin, int64_t)
      : begin((firsts[0] - origin) * Channels) {
    const __m512i ofBlocks = _mm512_setr_epi32(0, 0, 0, 0, 3, 3, 3, 3, 6, 6, 6, 6, 9, 9, 9, 9);
    const __m512i pixels = _mm512_sub_epi32(
        _mm512_permutexvar_epi32(ofBlocks, _mm512_maskz_loadu_epi32(0x3ff, firsts)),
        _mm512_set1_epi32(firsts[0]));
    order = _mm512_add_epi8(quadOrder<Channels>(),
                            _mm512_mullo_epi32(pixels, _mm512_set1_epi32(0x01010101 * Channels)));
  }
  EC_INLINE __m512i load(const uint8_t* row, int64_t at) const {
    return _mm512_permutexvar_epi8(order, _mm512_loadu_si512(row + begin + at));
  }
};

// … and one by one. `AtEnd`: what lies behind the row's bytes is not read.
template <int Channels, bool AtEnd>
struct Apart {
  int64_t begin[pixelsAtOnce];
  int64_t rowBytes;

  EC_INLINE Apart(const int32_t* firsts, int64_t origin, int64_t bytes) : rowBytes(bytes) {
    for (int i = 0; i < pixelsAtOnce; ++i) begin[i] = (firsts[3 * i] - origin) * Channels;
  }
  EC_INLINE __m512i load(const uint8_t* row, int64_t at) const {
    const auto block = [&](int i) {
      if constexpr (!AtEnd) return loadBlock(row + begin[i] + at);
      const int64_t from = minOf(begin[i] + at, rowBytes);
      const int64_t count = minOf<int64_t>(rowBytes - from, 16);
      return _mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << count) - 1), row + from);
    };
    const __m512i half = _mm512_inserti32x4(_mm512_castsi128_si512(block(0)), block(1), 1);
    const __m512i all = _mm512_inserti32x4(_mm512_inserti32x4(half, block(2), 2), block(3), 3);
    return _mm512_shuffle_epi8(all, quadOrder<Channels>());
  }
};

// Four weights for each of four results, to all channels of the result's block.
EC_INLINE __m512i spreadWeights(const int8_t* weights) {
  const __m512i places =
      _mm512_add_epi32(_mm512_setr_epi32(0, 0, 0, 0, 0x04040404, 0x04040404, 0x04040404, 0x04040404,
                                         0x08080808, 0x08080808, 0x08080808, 0x08080808, 0x0c0c0c0c,
                                         0x0c0c0c0c, 0x0c0c0c0c, 0x0c0c0c0c),
                       _mm512_set1_epi32(0x03020100));
  return _mm512_shuffle_epi8(inAllBlocks(loadBlock(weights)), places);
}

// Results in the samples of `Channels` channels, from results in blocks, with a dword of each row,
// to rows in blocks.
template <int Channels>
EC_INLINE __m512i turnResults(Bytes results) {
  alignas(64) static constexpr struct Order {
    uint8_t at[64];
    constexpr Order() : at() {
      for (int i = 0; i < 64; ++i) {
        const int sample = minOf(i % 16, pixelsAtOnce * Channels - 1);
        at[i] = static_cast<uint8_t>(sample / Channels * 16 + i / 16 * 4 + sample % Channels);
      }
    }
  } order;
  return _mm512_permutexvar_epi8(_mm512_load_si512(order.at), (__m512i)results);
}

// A strip of rows, what they become, and the rows of the next strip.
struct Strip {
  const uint8_t* rows[rowsAtOnce];
  const uint8_t* next[rowsAtOnce];
  uint8_t* to[rowsAtOnce];

  Strip(const Arguments& a, int64_t row, int64_t end) {
    const auto source = [&](int64_t y) {
      return a.image.as<const uint8_t>() +
             minOf(a.firstRow + y, a.image.shape[0] - 1) * a.image.stride[0];
    };
    for (int i = 0; i < rowsAtOnce; ++i) {
      const int64_t y = minOf(row + i, end - 1);  // the last row again, to the same bytes
      rows[i] = source(y);
      next[i] = source(row + rowsAtOnce + i);
      to[i] = static_cast<uint8_t*>(a.shared) + y * a.sharedStride();
    }
  }
};

// Four results of four rows. `left`: bytes of the results from `at` on.
template <int Channels, int Digits, class Source>
EC_INLINE void weigh(const Source source, Rows rows, const int8_t* weights, int64_t blocks,
                     int shift, uint8_t* const* to, int64_t at, int64_t left) {
  RowSums<Digits> a, b, c, d;
  for (int64_t i = 0; i < blocks * 4 * Channels; i += 4 * Channels) {
    __m512i spread[Digits];
    for (int k = 0; k < Digits; ++k, weights += 16) spread[k] = spreadWeights(weights);
    a.add(source.load(rows[0], i), spread);
    b.add(source.load(rows[1], i), spread);
    c.add(source.load(rows[2], i), spread);
    d.add(source.load(rows[3], i), spread);
  }
  const __m512i results =
      turnResults<Channels>(narrowToBytes(narrowToWords(a.rounded(shift), b.rounded(shift)),
                                          narrowToWords(c.rounded(shift), d.rounded(shift))));
  const auto put = [&](int row, __m128i block) {
    // Beyond the results the row of the next ones begins, or nothing.
    if (left >= 16) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to[row] + at), block);
    } else {
      memcpy(to[row] + at, &block, static_cast<size_t>(left));
    }
  };
  put(0, _mm512_castsi512_si128(results));
  put(1, _mm512_extracti32x4_epi32(results, 1));
  put(2, _mm512_extracti32x4_epi32(results, 2));
  put(3, _mm512_extracti32x4_epi32(results, 3));
}

template <int Channels, class Source, class... Rest>
EC_INLINE void weighDigits(int count, const Source source, Rest... rest) {
  if (count == 1) return weigh<Channels, 1>(source, rest...);
  if (count == 2) return weigh<Channels, 2>(source, rest...);
  weigh<Channels, 3>(source, rest...);
}

EC_INLINE V<int16_t> premultiplyWords(V<int16_t> colors) {
  const __m512i ofPixels =
      inAllBlocks(_mm_setr_epi8(6, -1, 6, -1, 6, -1, -1, -1, 14, -1, 14, -1, 14, -1, -1, -1));
  const __m512i alphas = _mm512_or_si512(_mm512_shuffle_epi8((__m512i)colors, ofPixels),
                                         _mm512_set1_epi64(int64_t{255} << 48));
  return alpha_::premultiply(colors, (V<int16_t>)alphas);
}

// Part of a strip of RGBA, premultiplied: as many pixels as the scratch holds, the same of each
// row.
class Premultiplied {
 public:
  Premultiplied(void* memory, int64_t groups) : capacity_(16 * groups) {
    for (int i = 0; i < rowsAtOnce; ++i)
      rows_[i] = static_cast<uint8_t*>(memory) + i * capacity_ * 4;
  }
  Rows rows() const { return rows_; }
  int64_t begin() const { return begin_; }
  int64_t end() const { return end_; }

  EC_INLINE void need(const Strip& strip, int64_t first, int64_t end, int64_t width) {
    if (end <= end_) return;
    begin_ = first;
    end_ = minOf(first + capacity_ - slack, width);
    const int64_t bytes = (end_ - begin_) * 4;
    for (int i = 0; i < rowsAtOnce; ++i) {
      for (int64_t at = 0; at < bytes; at += 64) {
        __builtin_prefetch(strip.next[i] + begin_ * 4 + at, 0, 2);
        const int64_t left = minOf<int64_t>(bytes - at, 64);
        const Bytes v = (Bytes)_mm512_maskz_loadu_epi8(~uint64_t{0} >> (64 - left),
                                                       strip.rows[i] + begin_ * 4 + at);
        store(rows_[i] + at,
              narrowToBytes(premultiplyWords(widenLow(v)), premultiplyWords(widenHigh(v))));
      }
    }
  }

  // Pixels behind the last one that may be read as well.
  static constexpr int64_t slack = 16;

 private:
  uint8_t* rows_[rowsAtOnce];
  const int64_t capacity_;
  int64_t begin_ = 0, end_ = 0;
};

// Phase 0 of a strip.
template <int Channels>
void resizeStrip(const Arguments& a, const Axis& axis, const Strip& strip, void* scratch) {
  const int64_t width = a.image.shape[1], samples = a.x.size * Channels;
  Premultiplied made(scratch, a.window);
  int64_t fetched = 0;
  for (int64_t x = 0; x < a.x.size; x += pixelsAtOnce) {
    const int32_t* firsts = axis.spans + 3 * x;
    const int64_t first = axis.first(x), last = axis.first(x + pixelsAtOnce - 1);
    const int64_t blocks = axis.count(x);
    Rows rows = strip.rows;
    int64_t origin = 0, end = width;  // of the pixels that may be read
    if constexpr (Channels == 4) {
      made.need(strip, first, minOf(last + 4 * blocks, width), width);
      rows = made.rows();
      origin = made.begin();
      end = made.end() + Premultiplied::slack;
    } else {
      // As the window of resize-u8-inl.h does it: the same place in the rows of the next strip.
      for (; fetched < last * Channels; fetched += 64)
        for (const uint8_t* row : strip.next) __builtin_prefetch(row + fetched, 0, 2);
    }
    const int64_t lastBlock = 4 * (blocks - 1);
    const int8_t* weights =
        static_cast<const int8_t*>(axis.weights) + x / pixelsAtOnce * axis.stride;
    const auto run = [&](auto source) EC_INLINE_LAMBDA {
      const int digits = firsts[2];
      weighDigits<Channels>(digits, source, rows, weights, blocks, a.shiftX, strip.to, x * Channels,
                            samples - x * Channels);
    };
    const int64_t bytes = (end - origin) * Channels;
    if ((last + 4 - first) * Channels <= 64 &&
        (first + lastBlock - origin) * Channels + 64 <= bytes) {
      run(Near<Channels>(firsts, origin, bytes));
    } else if ((last + lastBlock - origin) * Channels + 16 <= bytes) {
      run(Apart<Channels, false>(firsts, origin, bytes));
    } else {
      run(Apart<Channels, true>(firsts, origin, bytes));
    }
  }
}

void alongRows(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  if (a.channels < 3) return resize_::alongRows<Pillow>(call, range, scratch);
  const Axis axis(call.views[5], call.views[6]);
  for (int64_t row = range.begin; row < range.end; row += rowsAtOnce) {
    const Strip strip(a, row, range.end);
    a.channels == 3 ? resizeStrip<3>(a, axis, strip, scratch)
                    : resizeStrip<4>(a, axis, strip, scratch);
  }
}

}  // namespace resize_quads_
}  // namespace
}  // namespace everycore::EC_ISA

#endif
