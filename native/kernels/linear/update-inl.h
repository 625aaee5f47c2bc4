// What the blocked factorisations are made of: the update C -= A·B on a part of a matrix, on one
// thread with packed panels, and columns as lines. All matrices lie row by row.
#pragma once

#include "kernels/linear/lines-inl.h"
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

// C -= A·B, all of them read and written where they lie: for small ones.
inline void updateInPlace(Part c, int64_t rows, int64_t columns, Part a, Part b, int64_t depth) {
  if (rows <= 0 || columns <= 0) return;
  Block<double> block{};
  block.a = a.at;
  block.aRow = a.step;
  block.aDepth = 1;
  block.b = b.at;
  block.bDepth = b.step;
  block.c = c.at;
  block.cRow = c.step;
  block.depth = depth;
  block.alpha = -1;
  block.beta = 1;
  block.count = 1;
  multiplyDirect<double>(block, rows, columns);
}

// C -= A·B for panels of both that are packed already.
inline void updatePacked(Part c, int64_t rows, int64_t columns, const double* a, const double* b,
                         int64_t depth) {
  Block<double> block{};
  block.count = 1;
  block.cRow = c.step;
  block.depth = depth;
  block.alpha = -1;
  block.beta = 1;
  // Rows by what stays in the second-level cache of A while all columns go by.
  for (int64_t i = 0; i < rows; i += updateRows) {
    block.c = c.at + i * c.step;
    multiplyPacked<double>(block, minOf(updateRows, rows - i), columns, a + i * depth, b);
  }
}

// C (rows × columns) -= A (rows × depth) · B (depth × columns), depth <= blockWidth. B is given by
// its strides: a transposed one serves as well.
inline void update(Part c, int64_t rows, int64_t columns, Part a, Strided<double> b, int64_t depth,
                   UpdateScratch scratch) {
  if (rows <= 0 || columns <= 0) return;
  packColumns<double>(b, columns, depth, scratch.b);
  for (int64_t i = 0; i < rows; i += updateRows) {
    const int64_t height = minOf(updateRows, rows - i);
    packRows<double>({a.at + i * a.step, a.step, 1}, height, depth, scratch.a);
    updatePacked({c.at + i * c.step, c.step}, height, columns, scratch.a, scratch.b, depth);
  }
}

// Rows of a part that are turned at a time: they stay in the cache.
constexpr int64_t turnRowsAtOnce = 64;

// Columns become lines: to[j·step + i] = from[i·from.step + j].
inline void columnsToLines(Part from, int64_t rows, int64_t columns, double* to, int64_t step) {
  for (int64_t i = 0; i < rows; i += turnRowsAtOnce) {
    copyPanel<double>({from.at + i * from.step, from.step, 1}, minOf(turnRowsAtOnce, rows - i),
                      columns, to + i, step);
  }
}

// And back: to[i·to.step + j] = from[j·step + i].
inline void linesToColumns(const double* from, int64_t step, int64_t rows, int64_t columns,
                           Part to) {
  for (int64_t i = 0; i < rows; i += turnRowsAtOnce) {
    copyPanel<double>({from + i, step, 1}, columns, minOf(turnRowsAtOnce, rows - i),
                      to.at + i * to.step, to.step);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
