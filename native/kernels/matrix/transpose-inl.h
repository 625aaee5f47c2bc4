// The kernel "transpose": squares of a cache line by a cache line are turned in registers, so that
// every line is read once and written once, even where rows are a power of two apart and all lines
// of a column share the same few places of a cache.
#pragma once

#include "kernels/exchange.h"
#include "kernels/matrix/lanes-inl.h"

namespace everycore::EC_ISA {
namespace {

// Rows of the result that a unit is. As `transposeRows` in src/matrix/products.ts.
constexpr int64_t transposeRows = 64;

// Elements in a cache line: the side of the squares.
template <class T>
constexpr int64_t lineElements = 64 / static_cast<int64_t>(sizeof(T));

// The vectors of a square that fits the registers, 16 at most.
template <class T>
constexpr int turnBytes = minOf<int>(EC_VECTOR_BYTES, 16 * static_cast<int>(sizeof(T)));

// Within every 16 bytes: elements of a and b by turns, from the lower or the upper half.
template <int Group, bool Upper, class Vector, int... I>
EC_INLINE Vector zip(Vector a, Vector b, Indices<I...>) {
  constexpr int count = sizeof...(I);
  return __builtin_shufflevector(
      a, b,
      (I / Group * Group + I % Group / 2 + (Upper ? Group / 2 : 0) + (I % 2 == 0 ? 0 : count))...);
}

// out[j·outRow + i] = in[i·down + j] for a square that fits the registers.
template <class T>
EC_INLINE void turnSquare(const T* in, int64_t down, T* out, int64_t outRow) {
  constexpr int bytes = turnBytes<T>;
  constexpr int side = laneCount<T, bytes>;
  constexpr int group = 16 / static_cast<int>(sizeof(T));
  constexpr typename IndicesTo<side>::type all{};
  using Vector = Lanes<T, bytes>;
  Vector row[side];
  EC_UNROLL
  for (int i = 0; i < side; ++i) row[i] = loadLanes<T, bytes>(in + i * down);
  // Squares of 16 bytes a row, by zipping the first half of their rows with the second again and
  // again: within 16 bytes that is one instruction everywhere.
  EC_UNROLL
  for (int round = 1; round < group; round *= 2) {
    Vector next[side];
    EC_UNROLL
    for (int i = 0; i < side; i += group) {
      EC_UNROLL
      for (int k = 0; k < group / 2; ++k) {
        next[i + 2 * k] = zip<group, false>(row[i + k], row[i + k + group / 2], all);
        next[i + 2 * k + 1] = zip<group, true>(row[i + k], row[i + k + group / 2], all);
      }
    }
    EC_UNROLL
    for (int i = 0; i < side; ++i) row[i] = next[i];
  }
  exchangeRuns<group>(row);
  EC_UNROLL
  for (int i = 0; i < side; ++i) storeLanes<T, bytes>(out + i * outRow, row[i]);
}

// The same for a square of whole cache lines, which `stream` stores past the caches.
template <class T>
EC_INLINE void turnLines(const T* in, int64_t down, T* out, int64_t outRow, bool stream) {
  constexpr int64_t side = laneCount<T, turnBytes<T>>;
  alignas(64) T square[lineElements<T> * lineElements<T>];
  for (int64_t y = 0; y < lineElements<T>; y += side) {
    for (int64_t x = 0; x < lineElements<T>; x += side) {
      turnSquare(in + y * down + x, down, square + x * lineElements<T> + y, lineElements<T>);
    }
  }
  for (int64_t x = 0; x < lineElements<T>; ++x) {
    for (int64_t y = 0; y < lineElements<T>; y += lanes<T>) {
      const V<T> value = load(square + x * lineElements<T> + y);
      if (stream) {
        storeStream(out + x * outRow + y, value);
      } else {
        store(out + x * outRow + y, value);
      }
    }
  }
}

// Any strides and sizes: out[j·outRow + i·outColumn] = in[i·down + j·right].
template <class T>
void gatherRows(const T* in, int64_t down, int64_t right, T* out, int64_t outRow, int64_t outColumn,
                int64_t rows, int64_t columns) {
  constexpr int64_t side = 16;
  T square[side * side];
  for (int64_t i = 0; i < rows; i += side) {
    const int64_t height = minOf(side, rows - i);
    for (int64_t j = 0; j < columns; j += side) {
      const int64_t width = minOf(side, columns - j);
      for (int64_t y = 0; y < height; ++y) {
        const T* const from = in + (i + y) * down + j * right;
        for (int64_t x = 0; x < width; ++x) square[x * side + y] = from[x * right];
      }
      for (int64_t x = 0; x < width; ++x) {
        T* const to = out + (j + x) * outRow + i * outColumn;
        for (int64_t y = 0; y < height; ++y) to[y * outColumn] = square[x * side + y];
      }
    }
  }
}

// Rows of the input that lie straight. The last squares of a row or column that are not whole
// overlap the ones before: what they share is written twice, alike.
template <class T>
void turnRows(const T* in, int64_t down, T* out, int64_t outRow, int64_t rows, int64_t columns,
              bool stream) {
  constexpr int64_t side = lineElements<T>;
  if (rows < side || columns < side) {
    gatherRows(in, down, 1, out, outRow, 1, rows, columns);
    return;
  }
  for (int64_t i = 0; i < rows; i += side) {
    const int64_t y = minOf(i, rows - side);
    const bool next = i + 2 * side <= rows;
    for (int64_t j = 0; j < columns; j += side) {
      const int64_t x = minOf(j, columns - side);
      if (next) {
        for (int64_t k = 0; k < side; ++k) __builtin_prefetch(in + (i + side + k) * down + x);
      }
      turnLines(in + y * down + x, down, out + x * outRow + y, outRow, stream && y == i);
    }
  }
}

template <class T>
bool aligned(const T* at, int64_t step) {
  const auto bytes = static_cast<uintptr_t>(step) * sizeof(T);
  return ((reinterpret_cast<uintptr_t>(at) | bytes) & 63) == 0;
}

// Views: in [count, rows, columns] with any strides, out [count, columns, rows] alike. A unit is
// `transposeRows` rows of one result.
template <class T>
void transpose(const Call& call, Range range, void*) noexcept {
  const View& in = call.views[0];
  const View& out = call.views[1];
  const int64_t rows = in.shape[1];
  const int64_t columns = in.shape[2];
  const int64_t down = in.stride[1];
  const int64_t right = in.stride[2];
  const int64_t outRow = out.stride[1];
  const int64_t outColumn = out.stride[2];
  const int64_t strips = (columns + transposeRows - 1) / transposeRows;
  const bool large =
      in.shape[0] * rows * columns * static_cast<int64_t>(sizeof(T)) >= streamBytesMin;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t matrix = unit / strips;
    const int64_t j = unit % strips * transposeRows;
    const int64_t width = minOf(transposeRows, columns - j);
    const T* const from = in.as<T>() + matrix * in.stride[0] + j * right;
    T* const to = out.as<T>() + matrix * out.stride[0] + j * outRow;
    if (right == 1 && outColumn == 1) {
      turnRows(from, down, to, outRow, rows, width, large && aligned(to, outRow));
    } else if (down == 1 && outColumn == 1) {
      for (int64_t x = 0; x < width; ++x) {
        memcpy(to + x * outRow, from + x * right, static_cast<size_t>(rows) * sizeof(T));
      }
    } else {
      gatherRows(from, down, right, to, outRow, outColumn, rows, width);
    }
  }
  if (large) streamFence();
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
