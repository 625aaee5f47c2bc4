// The kernel "cholesky": L of A = L·Lᵀ, right-looking, by blocks of columns.
#pragma once

#include "kernels/linear/blocks-inl.h"

namespace everycore::EC_ISA {
namespace {

// A matrix too small for a transpose to pay. Answers as factorDiagonal does.
constexpr int64_t smallSize = 12;

inline int64_t factorSmallSize(double* a, int64_t n) {
  for (int64_t k = 0; k < n; ++k) {
    const double head = a[k * n + k];
    if (!(head > 0)) return k + 1;
    const double root = __builtin_sqrt(head);
    a[k * n + k] = root;
    for (int64_t i = k + 1; i < n; ++i) a[i * n + k] /= root;
    for (int64_t i = k + 1; i < n; ++i) {
      for (int64_t j = k + 1; j <= i; ++j) a[i * n + j] -= a[i * n + k] * a[j * n + k];
    }
  }
  return 0;
}

// The block on the diagonal, by its transpose, whose rows are straight. Answers the first minor
// that is not positive, from 1, or 0.
inline int64_t factorDiagonal(Part a, int64_t size) {
  double u[blockWidth * blockWidth];
  columnsToLines(a, size, size, u, blockWidth);
  for (int64_t k = 0; k < size; ++k) {
    double* const row = u + k * blockWidth;
    if (!(row[k] > 0)) return k + 1;
    const double root = __builtin_sqrt(row[k]);
    for (int64_t j = k; j < size; ++j) row[j] /= root;
    for (int64_t i = k + 1; i < size; ++i) {
      addLine(u + i * blockWidth + i, row + i, -row[i], size - i);
    }
  }
  linesToColumns(u, blockWidth, size, size, a);
  return 0;
}

// Rows below the diagonal block: x = x·L⁻ᵀ, by their transpose.
inline void solveRows(Part l, int64_t size, Part x, int64_t rows) {
  constexpr int64_t width = 2 * solveVectors * lanes<double>;
  double turned[blockWidth * width];
  for (int64_t i = 0; i < rows; i += width) {
    const int64_t count = minOf(width, rows - i);
    const Part some{x.at + i * x.step, x.step};
    columnsToLines(some, count, size, turned, width);
    solveTriangle<Triangle::lower>(l, size, {turned, width}, count);
    linesToColumns(turned, width, count, size, some);
  }
}

struct CholeskyWork {
  double* a;
  int64_t n;
  int32_t* minor;     // the first that is not positive, from 1, or 0
  double* packed[2];  // what panels leave for the blocks behind, seen by all threads
  double* b;

  static int64_t packedSize(int64_t n) { return roomFor(n) * blockWidth; }

  Part at(int64_t i, int64_t j) const { return {a + i * n + j, n}; }

  void panel(int64_t k) const {
    const int64_t first = k * blockWidth;
    const int64_t end = minOf(first + blockWidth, n);
    if (k == 0) *minor = 0;
    if (*minor > 0) return;
    const int64_t found =
        n <= smallSize ? factorSmallSize(a, n) : factorDiagonal(at(first, first), end - first);
    if (found > 0) *minor = static_cast<int32_t>(first + found);
    for (int64_t i = 0; i < end; ++i) {
      for (int64_t j = maxOf(i + 1, first); j < end; ++j) a[i * n + j] = 0;
    }
    if (found > 0 || end == n) return;
    solveRows(at(first, first), end - first, at(end, first), n - end);
    packRows<double>({at(end, first).at, n, 1}, n - end, end - first, packed[k % 2]);
  }

  // Of block j what is below the diagonal, and a few rows above it: packed rows come in panels.
  void apply(int64_t k, int64_t j) const {
    const int64_t first = k * blockWidth;
    const int64_t end = minOf(first + blockWidth, n);
    const int64_t column = j * blockWidth;
    const int64_t columns = minOf(blockWidth, n - column);
    const int64_t row = end + (column - end) / packedRows * packedRows;
    packColumns<double>({at(column, first).at, n, 1}, columns, end - first, b);
    updatePacked(at(row, column), n - row, columns, packed[k % 2] + (row - end) * (end - first), b,
                 end - first);
  }

  void finish(int64_t) const {}
};

// Views: A [count·n·n], which becomes L, info, progress. Params: n. A unit is a matrix, or of a
// single one as runUnits says.
inline void choleskyKernel(const Call& call, Range range, void* scratch) noexcept {
  const auto n = static_cast<int64_t>(call.params[0]);
  const int64_t blocks = blocksOf(n);
  const bool single = call.views[1].shape[2] == 1;
  auto* const own = static_cast<double*>(scratch);
  auto* const shared = single && blocks > 1 ? static_cast<double*>(call.shared) : own;
  const int64_t packedSize = CholeskyWork::packedSize(n);
  const auto workOn = [&](int64_t m) -> CholeskyWork {
    return {call.views[0].as<double>() + m * n * n,
            n,
            call.views[1].as<int32_t>() + m,
            {shared, shared + packedSize},
            shared == own ? own + 2 * packedSize : own};
  };
  if (single) return runUnits(workOn(0), blocks, blocks, range, {call.views[2].as<int32_t>()});
  for (int64_t m = range.begin; m < range.end; ++m) {
    runUnits(workOn(m), blocks, blocks, {0, unitsOf(blocks, blocks)}, {nullptr});
  }
}

#define EC_KERNELS_CHOLESKY                                               \
  {                                                                       \
    "cholesky", Dtype::f64, { choleskyKernel, nullptr, nullptr, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
