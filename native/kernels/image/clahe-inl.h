// clahe: OpenCV's contrast limited adaptive histogram equalization. Phase 0: a unit is a tile of
// the grid, which gets a table; phase 1: a row, between the tables of the four nearest tiles.
#pragma once

#include "kernels/image/border-inl.h"
#include "kernels/image/byte-counts-inl.h"
#include "kernels/image/pack-inl.h"
#include "kernels/image/tile-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace clahe_ {

// Views: image, result. Parameters: columns and rows of the grid, width and height of a tile, most
// pixels of one value (0: any number). The shared memory holds the tables, row by row of the grid.
struct Arguments {
  const View& source;
  const View& result;
  int64_t columns, rows, width, height, limit;
  uint8_t* tables;

  explicit Arguments(const Call& call)
      : source(call.views[0]),
        result(call.views[1]),
        columns(static_cast<int64_t>(call.params[0])),
        rows(static_cast<int64_t>(call.params[1])),
        width(static_cast<int64_t>(call.params[2])),
        height(static_cast<int64_t>(call.params[3])),
        limit(static_cast<int64_t>(call.params[4])),
        tables(static_cast<uint8_t*>(call.shared)) {}
};

void clip(uint32_t* counts, int64_t limit) {
  int64_t clipped = 0;
  for (int i = 0; i < 256; ++i) {
    if (counts[i] <= limit) continue;
    clipped += counts[i] - limit;
    counts[i] = static_cast<uint32_t>(limit);
  }
  for (int i = 0; i < 256; ++i) counts[i] += static_cast<uint32_t>(clipped / 256);
  int64_t rest = clipped % 256;
  if (rest == 0) return;
  const int64_t step = maxOf<int64_t>(256 / rest, 1);
  for (int64_t i = 0; i < 256 && rest > 0; i += step, --rest) ++counts[i];
}

void makeTables(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  const View& source = a.source;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t x0 = unit % a.columns * a.width;
    const int64_t y0 = unit / a.columns * a.height;
    const int64_t inside = minOf(maxOf<int64_t>(source.shape[1] - x0, 0), a.width);
    ByteCounts bytes(1, inside * a.height, scratch);
    uint32_t counts[256] = {};
    for (int64_t y = y0; y < y0 + a.height; ++y) {
      const int64_t at = borderIndex(y, source.shape[0], Border::reflect101);
      const uint8_t* row = source.as<const uint8_t>() + at * source.stride[0];
      bytes.add(row + x0, inside);
      for (int64_t x = inside; x < a.width; ++x) {
        ++counts[row[borderIndex(x0 + x, source.shape[1], Border::reflect101)]];
      }
    }
    bytes.addTo(counts);
    if (a.limit > 0) clip(counts, a.limit);
    const float scale = 255.0f / static_cast<float>(a.width * a.height);
    int64_t sum = 0;
    for (int i = 0; i < 256; ++i) {
      sum += counts[i];
      const float value = minOf(static_cast<float>(sum) * scale, 255.0f);
      a.tables[unit * 256 + i] = static_cast<uint8_t>(roundEven(value));
    }
  }
}

struct Between {
  int32_t first, second;  // tiles
  float weight;           // of the second one
  int32_t number;         // of the place between tiles: 0 is before the first one
};

Between between(int64_t at, float inverse, int64_t tiles) {
  const float place = static_cast<float>(at) * inverse - 0.5f;
  const int32_t first = static_cast<int32_t>(__builtin_floorf(place));
  return {maxOf<int32_t>(first, 0), minOf<int32_t>(first + 1, static_cast<int32_t>(tiles - 1)),
          place - static_cast<float>(first), first + 1};
}

// A number of the table for each lane.
EC_INLINE V<uint32_t> lookUp(const uint32_t* table, V<int32_t> at) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<uint32_t>)_mm512_i32gather_epi32((__m512i)at, table, 4);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<uint32_t>)_mm256_i32gather_epi32(reinterpret_cast<const int*>(table), (__m256i)at, 4);
#else
  V<uint32_t> found;
  for (int i = 0; i < lanes<uint32_t>; ++i) found[i] = table[at[i]];
  return found;
#endif
}

// Between two rows of tiles. For each place between two columns of them there is a table that holds
// what all four tiles say of a value, so that a pixel looks up once.
class Interpolation {
 public:
  Interpolation(const Arguments& arguments, void* scratch)
      : a_(arguments), width_(arguments.source.shape[1]) {
    Arena arena{static_cast<char*>(scratch)};
    tables_ = arena.take<uint32_t>((a_.columns + 1) * 256);
    begins_ = arena.take<int32_t>(width_);
    weights_ = arena.take<float>(width_);
    const float inverse = 1.0f / static_cast<float>(a_.width);
    for (int64_t x = 0; x < width_; ++x) {
      const Between column = between(x, inverse, a_.columns);
      begins_[x] = 256 * column.number;
      weights_[x] = column.weight;
    }
  }

  void run(int64_t y) {
    const Between row = between(y, 1.0f / static_cast<float>(a_.height), a_.rows);
    if (row.number != number_) makeTables(row);
    const uint8_t* from = a_.source.as<const uint8_t>() + y * a_.source.stride[0];
    uint8_t* to = a_.result.as<uint8_t>() + y * a_.result.stride[0];
    const float lower = row.weight, upper = 1.0f - row.weight;
    int64_t x = 0;
    for (; x + lanes<uint8_t> <= width_; x += lanes<uint8_t>) {
      V<int32_t> bytes[4];
      for (int k = 0; k < 4; ++k) {
        const int64_t at = x + k * lanes<int32_t>;
        const V<uint32_t> four = lookUp(tables_, load(begins_ + at) + loadAs<int32_t>(from + at));
        const V<float> right = load(weights_ + at), left = 1.0f - right;
        bytes[k] = roundEven((tile(four, 0) * left + tile(four, 8) * right) * upper +
                             (tile(four, 16) * left + tile(four, 24) * right) * lower);
      }
      store(to + x, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]));
    }
    for (; x < width_; ++x) {
      const uint32_t four = tables_[begins_[x] + from[x]];
      const float right = weights_[x], left = 1.0f - right;
      const auto tile = [=](int i) { return static_cast<float>(four >> i & 255); };
      to[x] = static_cast<uint8_t>(roundEven((tile(0) * left + tile(8) * right) * upper +
                                             (tile(16) * left + tile(24) * right) * lower));
    }
  }

 private:
  static EC_INLINE V<float> tile(V<uint32_t> four, int shift) {
    return __builtin_convertvector((V<int32_t>)(four >> shift & 255), V<float>);
  }

  void makeTables(const Between& row) {
    number_ = row.number;
    const uint8_t* upper = a_.tables + row.first * a_.columns * 256;
    const uint8_t* lower = a_.tables + row.second * a_.columns * 256;
    for (int64_t place = 0; place <= a_.columns; ++place) {
      const int64_t left = maxOf<int64_t>(place - 1, 0) * 256;
      const int64_t right = minOf(place, a_.columns - 1) * 256;
      uint32_t* to = tables_ + place * 256;
      for (int i = 0; i < 256; ++i) {
        to[i] = upper[left + i] | uint32_t{upper[right + i]} << 8 |
                uint32_t{lower[left + i]} << 16 | uint32_t{lower[right + i]} << 24;
      }
    }
  }

  const Arguments& a_;
  const int64_t width_;
  uint32_t* tables_;
  int32_t* begins_;  // of the table of each column of pixels
  float* weights_;   // of the tiles on the right
  int32_t number_ = -1;
};

void interpolate(const Call& call, Range range, void* scratch) noexcept {
  const Arguments arguments(call);
  Interpolation rows(arguments, scratch);
  for (int64_t y = range.begin; y < range.end; ++y) rows.run(y);
}

}  // namespace clahe_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CLAHE {"clahe", Dtype::u8, {clahe_::makeTables, clahe_::interpolate}},
