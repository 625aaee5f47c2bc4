// The kernel "transpose": squares of a few cache lines are read along their rows and written along
// their columns, so that every line is fetched once even where rows are a power of two apart.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// Rows of the result that a unit is, and the side of the squares it is gone through by. As
// `transposeRows` in src/matrix/products.ts.
constexpr int64_t transposeRows = 64;

// One square: out[j·outRow + i] = in[i·down + j·right], gathered beside each other first.
template <class T>
void transposeSquare(const T* in, int64_t down, int64_t right, T* out, int64_t outRow, int64_t rows,
                     int64_t columns) {
  constexpr int64_t side = 16;
  T square[side * side];
  for (int64_t j = 0; j < columns; j += side) {
    const int64_t width = minOf(side, columns - j);
    for (int64_t i = 0; i < rows; i += side) {
      const int64_t height = minOf(side, rows - i);
      for (int64_t y = 0; y < height; ++y) {
        const T* const from = in + (i + y) * down + j * right;
        for (int64_t x = 0; x < width; ++x) square[x * side + y] = from[x * right];
      }
      for (int64_t x = 0; x < width; ++x) {
        memcpy(out + (j + x) * outRow + i, square + x * side,
               static_cast<size_t>(height) * sizeof(T));
      }
    }
  }
}

// Views: in [count, rows, columns] with any strides, out [count, columns, rows] row by row. A unit
// is `transposeRows` rows of one result.
template <class T>
void transpose(const Call& call, Range range, void*) noexcept {
  const View& in = call.views[0];
  const View& out = call.views[1];
  const int64_t rows = in.shape[1];
  const int64_t columns = in.shape[2];
  const int64_t strips = (columns + transposeRows - 1) / transposeRows;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t matrix = unit / strips;
    const int64_t j = unit % strips * transposeRows;
    const int64_t width = minOf(transposeRows, columns - j);
    for (int64_t i = 0; i < rows; i += transposeRows) {
      transposeSquare<T>(in.as<T>() + matrix * in.stride[0] + i * in.stride[1] + j * in.stride[2],
                         in.stride[1], in.stride[2],
                         out.as<T>() + matrix * out.stride[0] + j * out.stride[1] + i,
                         out.stride[1], minOf(transposeRows, rows - i), width);
    }
  }
}

#define EC_TRANSPOSE(dtype, type)                                             \
  {                                                                           \
    "transpose", Dtype::dtype, { transpose<type>, nullptr, nullptr, nullptr } \
  }

// Only the size of an element matters.
#define EC_KERNELS_TRANSPOSE                                                                 \
  EC_TRANSPOSE(i8, uint8_t), EC_TRANSPOSE(u8, uint8_t), EC_TRANSPOSE(u8c, uint8_t),          \
      EC_TRANSPOSE(i16, uint16_t), EC_TRANSPOSE(u16, uint16_t), EC_TRANSPOSE(i32, uint32_t), \
      EC_TRANSPOSE(u32, uint32_t), EC_TRANSPOSE(f32, uint32_t), EC_TRANSPOSE(f64, uint64_t), \
      EC_TRANSPOSE(i64, uint64_t), EC_TRANSPOSE(u64, uint64_t)

}  // namespace
}  // namespace everycore::EC_ISA
