// distanceTransform: how far the nearest zero is. Phase 0: a unit is a column; phase 1: a unit is a
// row, along which the lower envelope of a parabola a column is found (Felzenszwalb, Huttenlocher,
// 2012).
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace distance_ {

// Views: image, result. The distance to the nearest zero above or below.
void downColumns(const Call& call, Range range, void*) noexcept {
  const View& source = call.views[0];
  const View& result = call.views[1];
  const int64_t height = source.shape[0];
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t* from = source.as<const uint8_t>() + y * source.stride[0];
    float* to = result.as<float>() + y * result.stride[0];
    const float* above = y == 0 ? nullptr : to - result.stride[0];
    for (int64_t x = range.begin; x < range.end; ++x) {
      const float far = above == nullptr ? __builtin_inff() : above[x] + 1;
      to[x] = from[x] == 0 ? 0 : far;
    }
  }
  for (int64_t y = height - 2; y >= 0; --y) {
    float* to = result.as<float>() + y * result.stride[0];
    const float* below = to + result.stride[0];
    for (int64_t x = range.begin; x < range.end; ++x) to[x] = minOf(to[x], below[x] + 1);
  }
}

// Scratch: of each parabola its vertex, the square there, and where it begins to be the lowest.
void alongRows(const Call& call, Range range, void* scratch) noexcept {
  const View& result = call.views[1];
  const int64_t width = result.shape[1];
  double* vertex = static_cast<double*>(scratch);
  double* square = vertex + width;
  double* from = square + width;
  for (int64_t y = range.begin; y < range.end; ++y) {
    float* row = result.as<float>() + y * result.stride[0];
    int64_t count = 0;
    for (int64_t i = 0; i < width; ++i) {
      if (row[i] == __builtin_inff()) continue;
      const double far = row[i], x = static_cast<double>(i);
      double begin = -__builtin_inf();
      for (; count > 0; --count) {
        const double last = vertex[count - 1];
        begin = (far * far + x * x - (square[count - 1] + last * last)) / (2 * (x - last));
        if (begin > from[count - 1]) break;
      }
      vertex[count] = x;
      square[count] = far * far;
      from[count] = count == 0 ? -__builtin_inf() : begin;
      ++count;
    }
    for (int64_t i = 0, k = 0; i < width && count > 0; ++i) {
      const double x = static_cast<double>(i);
      while (k + 1 < count && from[k + 1] < x) ++k;
      const double far = x - vertex[k];
      row[i] = static_cast<float>(__builtin_sqrt(far * far + square[k]));
    }
  }
}

}  // namespace distance_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_DISTANCE \
  {"distanceTransform", Dtype::u8, {distance_::downColumns, distance_::alongRows}},
