// clahe: OpenCV's contrast limited adaptive histogram equalization. Phase 0: a unit is a tile of
// the grid, which gets a table; phase 1: a row, between the tables of the four nearest tiles.
#pragma once

#include "kernels/image/border-inl.h"
#include "kernels/image/pack-inl.h"

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

void clip(int64_t* counts, int64_t limit) {
  int64_t clipped = 0;
  for (int i = 0; i < 256; ++i) {
    if (counts[i] <= limit) continue;
    clipped += counts[i] - limit;
    counts[i] = limit;
  }
  for (int i = 0; i < 256; ++i) counts[i] += clipped / 256;
  int64_t rest = clipped % 256;
  if (rest == 0) return;
  const int64_t step = maxOf<int64_t>(256 / rest, 1);
  for (int64_t i = 0; i < 256 && rest > 0; i += step, --rest) ++counts[i];
}

void makeTables(const Call& call, Range range, void*) noexcept {
  const Arguments a(call);
  const View& source = a.source;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t x0 = unit % a.columns * a.width;
    const int64_t y0 = unit / a.columns * a.height;
    const int64_t inside = minOf(maxOf<int64_t>(source.shape[1] - x0, 0), a.width);
    uint32_t parts[4][256] = {};
    for (int64_t y = y0; y < y0 + a.height; ++y) {
      const int64_t at = borderIndex(y, source.shape[0], Border::reflect101);
      const uint8_t* row = source.as<const uint8_t>() + at * source.stride[0];
      int64_t x = 0;
      for (; x + 4 <= inside; x += 4) {
        for (int k = 0; k < 4; ++k) ++parts[k][row[x0 + x + k]];
      }
      for (; x < inside; ++x) ++parts[0][row[x0 + x]];
      for (; x < a.width; ++x) {
        ++parts[0][row[borderIndex(x0 + x, source.shape[1], Border::reflect101)]];
      }
    }
    int64_t counts[256];
    for (int i = 0; i < 256; ++i) {
      counts[i] = int64_t{parts[0][i]} + parts[1][i] + parts[2][i] + parts[3][i];
    }
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
};

Between between(int64_t at, float inverse, int64_t tiles) {
  const float place = static_cast<float>(at) * inverse - 0.5f;
  const int32_t first = static_cast<int32_t>(__builtin_floorf(place));
  return {maxOf<int32_t>(first, 0), minOf<int32_t>(first + 1, static_cast<int32_t>(tiles - 1)),
          place - static_cast<float>(first)};
}

void interpolate(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  const int64_t width = a.source.shape[1];
  Between* columns = static_cast<Between*>(scratch);
  const float inverseWidth = 1.0f / static_cast<float>(a.width);
  const float inverseHeight = 1.0f / static_cast<float>(a.height);
  for (int64_t x = 0; x < width; ++x) {
    columns[x] = between(x, inverseWidth, a.columns);
    columns[x].first *= 256;
    columns[x].second *= 256;
  }
  for (int64_t y = range.begin; y < range.end; ++y) {
    const Between row = between(y, inverseHeight, a.rows);
    const uint8_t* upper = a.tables + row.first * a.columns * 256;
    const uint8_t* lower = a.tables + row.second * a.columns * 256;
    const uint8_t* from = a.source.as<const uint8_t>() + y * a.source.stride[0];
    uint8_t* to = a.result.as<uint8_t>() + y * a.result.stride[0];
    const float ya = row.weight, ya1 = 1.0f - row.weight;
    for (int64_t x = 0; x < width; ++x) {
      const Between& column = columns[x];
      const int64_t first = column.first + from[x], second = column.second + from[x];
      const float xa = column.weight, xa1 = 1.0f - column.weight;
      const float value = (upper[first] * xa1 + upper[second] * xa) * ya1 +
                          (lower[first] * xa1 + lower[second] * xa) * ya;
      to[x] = static_cast<uint8_t>(roundEven(value));
    }
  }
}

}  // namespace clahe_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CLAHE {"clahe", Dtype::u8, {clahe_::makeTables, clahe_::interpolate}},
