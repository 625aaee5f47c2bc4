// The eight ways to lay an image on its sides: mirrored, turned by quarters, transposed. A unit is
// a row of the result. Pixels are moved whole, whatever they are made of.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace orient_ {

typedef uint8_t Block __attribute__((vector_size(16)));
typedef uint8_t LooseBlock __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint32_t Words __attribute__((vector_size(16)));

EC_INLINE Block loadBlock(const uint8_t* from) {
  return *reinterpret_cast<const LooseBlock*>(from);
}
EC_INLINE void storeBlock(uint8_t* to, Block value) { *reinterpret_cast<LooseBlock*>(to) = value; }

// Shuffles of bytes are one instruction on these.
constexpr bool hasShuffle = EC_LEVEL != EC_ISA_baseline;

template <int Bytes>
struct Source {
  const uint8_t* data;
  int64_t strideBytes, width, height;
  bool transposed, fromRight, fromBottom;

  const uint8_t* row(int64_t y) const {
    return data + (fromBottom ? height - 1 - y : y) * strideBytes;
  }
  int64_t column(int64_t x) const { return fromRight ? width - 1 - x : x; }
};

template <int Bytes>
void mirrorRow(const uint8_t* from, uint8_t* to, int64_t width) {
  int64_t x = 0;
  if constexpr (hasShuffle && Bytes == 3) {
    // Five pixels a block; one byte too many is read before them and written behind them.
    for (; x + 6 <= width; x += 5) {
      const Block v = loadBlock(from + (width - x - 5) * 3 - 1);
      storeBlock(to + x * 3, __builtin_shufflevector(v, v, 13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6,
                                                     1, 2, 3, 0));
    }
  }
  if constexpr (hasShuffle && Bytes == 1) {
    for (; x + 16 <= width; x += 16) {
      const Block v = loadBlock(from + width - x - 16);
      storeBlock(to + x, __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3,
                                                 2, 1, 0));
    }
  }
  for (; x < width; ++x) memcpy(to + x * Bytes, from + (width - 1 - x) * Bytes, Bytes);
}

// Four pixels of 3 or 4 bytes as four words, and back.
template <int Bytes>
EC_INLINE Words spread(Block v) {
  if constexpr (Bytes == 4) return (Words)v;
  return (Words)__builtin_shufflevector(v, v, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
}
template <int Bytes>
EC_INLINE void storePixels(uint8_t* to, Words words) {
  const Block v = (Block)words;
  if constexpr (Bytes == 4) return storeBlock(to, v);
  const Block packed =
      __builtin_shufflevector(v, v, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
  memcpy(to, &packed, 12);
}

// Columns [column, column + 4) of four rows become four rows of four pixels.
template <int Bytes>
EC_INLINE void transpose4(const uint8_t* const* rows, int64_t column, uint8_t* const* to) {
  const Words a = spread<Bytes>(loadBlock(rows[0] + column * Bytes));
  const Words b = spread<Bytes>(loadBlock(rows[1] + column * Bytes));
  const Words c = spread<Bytes>(loadBlock(rows[2] + column * Bytes));
  const Words d = spread<Bytes>(loadBlock(rows[3] + column * Bytes));
  const Words ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Words ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Words cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Words cd1 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  storePixels<Bytes>(to[0], __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5));
  storePixels<Bytes>(to[1], __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7));
  storePixels<Bytes>(to[2], __builtin_shufflevector(ab1, cd1, 0, 1, 4, 5));
  storePixels<Bytes>(to[3], __builtin_shufflevector(ab1, cd1, 2, 3, 6, 7));
}

// Rows [y, end) of the result, columns [x, right): columns of the source, as rows.
template <int Bytes>
void transposeTile(const Source<Bytes>& source, const View& result, int64_t resultStride, int64_t y,
                   int64_t end, int64_t x, int64_t right) {
  uint8_t* const base = result.as<uint8_t>();
  if constexpr (hasShuffle && (Bytes == 3 || Bytes == 4)) {
    for (; y + 4 <= end; y += 4) {
      const int64_t first = source.fromRight ? source.column(y + 3) : y;
      if (first * Bytes + 16 > source.width * Bytes) break;
      int64_t at = x;
      for (; at + 4 <= right; at += 4) {
        const uint8_t* rows[4];
        uint8_t* to[4];
        for (int i = 0; i < 4; ++i) {
          rows[i] = source.row(at + i);
          to[source.fromRight ? 3 - i : i] = base + (y + i) * resultStride + at * Bytes;
        }
        transpose4<Bytes>(rows, first, to);
      }
      for (; at < right; ++at) {
        for (int i = 0; i < 4; ++i) {
          memcpy(base + (y + i) * resultStride + at * Bytes,
                 source.row(at) + source.column(y + i) * Bytes, Bytes);
        }
      }
    }
  }
  for (; y < end; ++y) {
    const int64_t offset = source.column(y) * Bytes;
    for (int64_t at = x; at < right; ++at) {
      memcpy(base + y * resultStride + at * Bytes, source.row(at) + offset, Bytes);
    }
  }
}

template <int Bytes>
void rows(const Call& call, Range range, int64_t sampleBytes) {
  const View& image = call.views[0];
  const View& result = call.views[1];
  const Source<Bytes> source{
      image.as<const uint8_t>(), image.stride[0] * sampleBytes, image.shape[1],     image.shape[0],
      call.params[0] != 0,       call.params[1] != 0,           call.params[2] != 0};
  const int64_t stride = result.stride[0] * sampleBytes;
  const int64_t width = result.shape[1];
  if (source.transposed) {
    constexpr int64_t tileRows = 32, tileColumns = 64;
    for (int64_t y = range.begin; y < range.end; y += tileRows) {
      for (int64_t x = 0; x < width; x += tileColumns) {
        transposeTile(source, result, stride, y, minOf(y + tileRows, range.end), x,
                      minOf(x + tileColumns, width));
      }
    }
    return;
  }
  for (int64_t y = range.begin; y < range.end; ++y) {
    uint8_t* to = result.as<uint8_t>() + y * stride;
    if (source.fromRight) {
      mirrorRow<Bytes>(source.row(y), to, width);
    } else if (to != source.row(y)) {
      memcpy(to, source.row(y), static_cast<size_t>(width * Bytes));
    }
  }
}

// Views: image, result. Params: are columns to become rows; is the image read from its right end,
// from its bottom end?
void orient(const Call& call, Range range, void*) noexcept {
  const int64_t sampleBytes = dtypeBytes(call.views[0].dtype);
  switch (call.views[0].shape[2] * sampleBytes) {
#define EC_CASE(bytes) \
  case bytes:          \
    return rows<bytes>(call, range, sampleBytes);
    EC_CASE(1)
    EC_CASE(2)
    EC_CASE(3)
    EC_CASE(4)
    EC_CASE(6)
    EC_CASE(8)
    EC_CASE(12)
    EC_CASE(16)
#undef EC_CASE
  }
}

}  // namespace orient_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_ORIENT                                                              \
  {"orient", Dtype::u8, {orient_::orient}}, {"orient", Dtype::u16, {orient_::orient}}, \
      {"orient", Dtype::f32, {orient_::orient}},
