// What the blocked factorisations are made of: the update C -= A·B on a part of a matrix, on one
// thread with packed panels, and the triangular solve with a small block. All matrices lie row by
// row.
#pragma once

#include "kernels/matrix/gemm-direct-inl.h"
#include "kernels/matrix/gemm-panels-inl.h"

namespace everycore::EC_ISA {
namespace {

// Columns (or rows) that a factorisation goes on by.
constexpr int64_t blockWidth = 64;
// Rows of A that are packed at a time.
constexpr int64_t updateRows = 240;

// Scratch of `update`, for results of so many columns: as src/matrix/linear/work.ts asks for it.
struct UpdateScratch {
  double* b;
  double* a;

  UpdateScratch(void* scratch, int64_t columns)
      : b(static_cast<double*>(scratch)), a(b + (columns + 23) / 24 * 24 * blockWidth) {}
};

struct Part {
  double* at;
  int64_t step;  // elements from row to row
};

// C (rows × columns) -= A (rows × depth) · B (depth × columns), depth <= blockWidth. B is given by
// its strides: a transposed one serves as well.
inline void update(Part c, int64_t rows, int64_t columns, Part a, Strided<double> b, int64_t depth,
                   UpdateScratch scratch) {
  if (rows <= 0 || columns <= 0) return;
  packColumns<double>(b, columns, depth, scratch.b);
  Block<double> block{};
  block.count = 1;
  block.cRow = c.step;
  block.depth = depth;
  block.alpha = -1;
  block.beta = 1;
  for (int64_t i = 0; i < rows; i += updateRows) {
    const int64_t height = minOf(updateRows, rows - i);
    packRows<double>({a.at + i * a.step, a.step, 1}, height, depth, scratch.a);
    block.c = c.at + i * c.step;
    multiplyPacked<double>(block, height, columns, scratch.a, scratch.b);
  }
}

// y -= factor · x, both straight.
EC_INLINE void subtractLine(double* EC_RESTRICT y, const double* EC_RESTRICT x, double factor,
                            int64_t count) {
  for (int64_t j = 0; j < count; ++j) y[j] -= factor * x[j];
}

// Columns that a triangular solve goes through at a time: its rows stay in the cache.
constexpr int64_t stripColumns = 256;

// X = L⁻¹·X for a unit lower triangle of `size` rows.
inline void solveUnitLower(Part l, int64_t size, Part x, int64_t columns) {
  for (int64_t j = 0; j < columns; j += stripColumns) {
    const int64_t width = minOf(stripColumns, columns - j);
    for (int64_t i = 1; i < size; ++i) {
      for (int64_t k = 0; k < i; ++k) {
        subtractLine(x.at + i * x.step + j, x.at + k * x.step + j, l.at[i * l.step + k], width);
      }
    }
  }
}

// X = U⁻¹·X for an upper triangle of `size` rows.
inline void solveUpper(Part u, int64_t size, Part x, int64_t columns) {
  for (int64_t j = 0; j < columns; j += stripColumns) {
    const int64_t width = minOf(stripColumns, columns - j);
    for (int64_t i = size - 1; i >= 0; --i) {
      double* const row = x.at + i * x.step + j;
      for (int64_t k = i + 1; k < size; ++k) {
        subtractLine(row, x.at + k * x.step + j, u.at[i * u.step + k], width);
      }
      const double head = u.at[i * u.step + i];
      for (int64_t c = 0; c < width; ++c) row[c] /= head;
    }
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
