// Triangular solves with a small block.
#pragma once

#include "kernels/linear/update-inl.h"

namespace everycore::EC_ISA {
namespace {

enum class Triangle { lower, unitLower, upper };

// Rows that are solved one by one; what follows from them for the others is a product.
constexpr int64_t solveRowsAtOnce = 16;
// Vectors of columns that are solved at a time: their rows stay in the first-level cache.
constexpr int solveVectors = 4;

// X = T⁻¹·X for `Vectors` vectors of columns; of the last of a matrix only the live lanes.
template <Triangle triangle, int Vectors, bool Whole>
void solveColumns(Part t, int64_t size, const double* inverses, Part x, int64_t live) {
  constexpr int width = lanes<double>;
  const Live<double, EC_VECTOR_BYTES> part(Whole ? width : live);
  const auto read = [&](const double* from)
                        EC_INLINE_LAMBDA { return Whole ? load(from) : part.load(from); };
  for (int64_t step = 0; step < size; ++step) {
    const int64_t i = triangle == Triangle::upper ? size - 1 - step : step;
    double* const row = x.at + i * x.step;
    V<double> sum[Vectors];
    EC_UNROLL
    for (int v = 0; v < Vectors; ++v) sum[v] = read(row + v * width);
    const int64_t begin = triangle == Triangle::upper ? i + 1 : 0;
    const int64_t end = triangle == Triangle::upper ? size : i;
    for (int64_t k = begin; k < end; ++k) {
      const V<double> factor = broadcast(-t.at[i * t.step + k]);
      EC_UNROLL
      for (int v = 0; v < Vectors; ++v) {
        sum[v] = fused(factor, read(x.at + k * x.step + v * width), sum[v]);
      }
    }
    EC_UNROLL
    for (int v = 0; v < Vectors; ++v) {
      if (triangle != Triangle::unitLower) sum[v] *= broadcast(inverses[i]);
      if (Whole) {
        store(row + v * width, sum[v]);
      } else {
        part.store(row + v * width, sum[v]);
      }
    }
  }
}

// The same for all columns and a triangle of solveRowsAtOnce rows at most.
template <Triangle triangle>
void solveSmallTriangle(Part t, int64_t size, Part x, int64_t columns) {
  constexpr int64_t width = lanes<double>;
  double inverses[solveRowsAtOnce];
  if (triangle != Triangle::unitLower) {
    for (int64_t i = 0; i < size; ++i) inverses[i] = 1 / t.at[i * t.step + i];
  }
  int64_t j = 0;
  for (; j + solveVectors * width <= columns; j += solveVectors * width) {
    solveColumns<triangle, solveVectors, true>(t, size, inverses, {x.at + j, x.step}, width);
  }
  for (; j < columns; j += width) {
    const int64_t live = minOf(width, columns - j);
    solveColumns<triangle, 1, false>(t, size, inverses, {x.at + j, x.step}, live);
  }
}

// X = T⁻¹·X for a triangle of `size` rows.
template <Triangle triangle>
void solveTriangle(Part t, int64_t size, Part x, int64_t columns) {
  constexpr bool upward = triangle == Triangle::upper;
  const int64_t blocks = (size + solveRowsAtOnce - 1) / solveRowsAtOnce;
  for (int64_t step = 0; step < blocks; ++step) {
    const int64_t i = (upward ? blocks - 1 - step : step) * solveRowsAtOnce;
    const int64_t end = minOf(i + solveRowsAtOnce, size);
    const Part solved{x.at + i * x.step, x.step};
    solveSmallTriangle<triangle>({t.at + i * t.step + i, t.step}, end - i, solved, columns);
    const int64_t first = upward ? 0 : end;
    const int64_t rest = upward ? i : size - end;
    updateInPlace({x.at + first * x.step, x.step}, rest, columns,
                  {t.at + first * t.step + i, t.step}, solved, end - i);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
