// The eight ways to lay an image on its sides: mirrored, turned by quarters,
// transposed. A unit is a row of the result. Pixels are moved whole, whatever
// they are made of.
#pragma once

#include "kernels/image/lanes-inl.h"
#include "kernels/image/packed-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace orient_ {

typedef uint8_t Block __attribute__((vector_size(16)));
typedef uint8_t LooseBlock __attribute__((vector_size(16), aligned(1), may_alias));

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

// The next row lies `ahead` bytes from this one. It is fetched meanwhile: rows read backwards, each
// after the end of one that was, are nothing the CPU expects.
template <int Bytes>
void mirrorRow(const uint8_t* from, uint8_t* to, int64_t width, int64_t ahead) {
  int64_t x = 0;
  if constexpr (hasShuffle && Bytes == 3) {
    for (; x + 16 <= width; x += 16) {
      const uint8_t* at = from + (width - x - 16) * 3;
      __builtin_prefetch(at + ahead);
      const Block a = loadBlock(at), b = loadBlock(at + 16), c = loadBlock(at + 32);
      // The one in the middle has a byte of each neighbour.
      const Block middle =
          __builtin_shufflevector(b, c, 15, 16, 11, 12, 13, 8, 9, 10, 5, 6, 7, 2, 3, 4, 0, 0);
      storeBlock(to + x * 3, __builtin_shufflevector(b, c, 29, 30, 31, 26, 27, 28, 23, 24, 25, 20,
                                                     21, 22, 17, 18, 19, 14));
      storeBlock(to + x * 3 + 16, __builtin_shufflevector(middle, a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
                                                          10, 11, 12, 13, 31, 15));
      storeBlock(to + x * 3 + 32, __builtin_shufflevector(a, b, 17, 12, 13, 14, 9, 10, 11, 6, 7, 8,
                                                          3, 4, 5, 0, 1, 2));
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

// Four columns of as many rows as a vector has words, beginning `offset` bytes into them, become
// four rows.
template <int Bytes>
EC_INLINE void turnBlock(const uint8_t* const* rows, int64_t offset, uint8_t* const* to) {
  lanes_::Bytes v[4];
  for (int i = 0; i < 4; ++i) {
    v[i] = lanes_::loadBlocks(rows + i, offset);
    if constexpr (Bytes == 3) v[i] = packed_::spread(v[i]);
  }
  lanes_::turnOuter<4>(v);
  lanes_::turnInner<4>(v);
  for (int i = 0; i < 4; ++i) {
    if constexpr (Bytes == 3) packed_::storePixels(to[i], v[i]);
    if constexpr (Bytes == 4) store(to[i], v[i]);
  }
}

// A part of the result, and where its rows lie.
struct Part {
  uint8_t* base;
  int64_t stride, top, bottom, left, right;
};

// Columns of the source become rows.
template <int Bytes>
void turnPixels(const Source<Bytes>& source, const Part& part) {
  for (int64_t y = part.top; y < part.bottom; ++y) {
    const int64_t offset = source.column(y) * Bytes;
    uint8_t* to = part.base + y * part.stride;
    for (int64_t x = part.left; x < part.right; ++x) {
      memcpy(to + x * Bytes, source.row(x) + offset, Bytes);
    }
  }
}

template <int Bytes>
void turnTile(const Source<Bytes>& source, Part part) {
  if constexpr (Bytes == 4 || (hasShuffle && Bytes == 3)) {
    constexpr int width = lanes_::stripRows;
    for (; part.left + width <= part.right; part.left += width) {
      const uint8_t* rows[width];
      for (int i = 0; i < width; ++i) rows[i] = source.row(part.left + i);
      int64_t y = part.top;
      for (; y + 4 <= part.bottom; y += 4) {
        const int64_t first = source.fromRight ? source.column(y + 3) : y;
        // 16 bytes of a row are read, which may be more than four pixels.
        if (first * Bytes + 16 > source.width * Bytes) {
          turnPixels(source, {part.base, part.stride, y, y + 4, part.left, part.left + width});
          continue;
        }
        uint8_t* to[4];
        for (int i = 0; i < 4; ++i) {
          to[source.fromRight ? 3 - i : i] = part.base + (y + i) * part.stride + part.left * Bytes;
        }
        turnBlock<Bytes>(rows, first * Bytes, to);
      }
      turnPixels(source, {part.base, part.stride, y, part.bottom, part.left, part.left + width});
    }
  }
  turnPixels(source, part);
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
    constexpr int64_t tileRows = 64, tileColumns = 64;
    for (int64_t y = range.begin; y < range.end; y += tileRows) {
      for (int64_t x = 0; x < width; x += tileColumns) {
        turnTile(source, {result.as<uint8_t>(), stride, y, minOf(y + tileRows, range.end), x,
                          minOf(x + tileColumns, width)});
      }
    }
    return;
  }
  const int64_t ahead = source.fromBottom ? -source.strideBytes : source.strideBytes;
  for (int64_t y = range.begin; y < range.end; ++y) {
    uint8_t* to = result.as<uint8_t>() + y * stride;
    if (source.fromRight) {
      mirrorRow<Bytes>(source.row(y), to, width, ahead);
    } else if (to != source.row(y)) {
      memcpy(to, source.row(y), static_cast<size_t>(width * Bytes));
    }
  }
}

// Views: image, result. Params: are columns to become rows; is the image read
// from its right end, from its bottom end?
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
