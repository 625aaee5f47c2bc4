// The kernel "cholesky": L of A = L·Lᵀ, right-looking and blocked. A unit is one matrix.
#pragma once

#include "kernels/linear/triangle-inl.h"

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
  constexpr int64_t width = solveVectors * lanes<double>;
  double turned[blockWidth * width];
  for (int64_t i = 0; i < rows; i += width) {
    const int64_t count = minOf(width, rows - i);
    const Part some{x.at + i * x.step, x.step};
    columnsToLines(some, count, size, turned, width);
    solveTriangle<Triangle::lower>(l, size, {turned, width}, count);
    linesToColumns(turned, width, count, size, some);
  }
}

inline int64_t factorCholesky(double* a, int64_t n, UpdateScratch scratch) {
  for (int64_t k = 0; k < n; k += blockWidth) {
    const int64_t end = minOf(k + blockWidth, n);
    const int64_t minor =
        n <= smallSize ? factorSmallSize(a, n) : factorDiagonal({a + k * n + k, n}, end - k);
    if (minor > 0) return k + minor;
    solveRows({a + k * n + k, n}, end - k, {a + end * n + k, n}, n - end);
    // Of the rest only what is below the diagonal: strips of rows, each as wide as it reaches.
    for (int64_t i = end; i < n; i += updateRows) {
      const int64_t height = minOf(updateRows, n - i);
      update({a + i * n + end, n}, height, i + height - end, {a + i * n + k, n},
             {a + end * n + k, n, 1}, end - k, scratch);
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) a[i * n + j] = 0;
  }
  return 0;
}

// Views: A [count·n·n], which becomes L, info. Params: n.
inline void choleskyKernel(const Call& call, Range range, void* scratch) noexcept {
  const auto n = static_cast<int64_t>(call.params[0]);
  for (int64_t m = range.begin; m < range.end; ++m) {
    call.views[1].as<int32_t>()[m] = static_cast<int32_t>(
        factorCholesky(call.views[0].as<double>() + m * n * n, n, {scratch, n}));
  }
}

#define EC_KERNELS_CHOLESKY                                               \
  {                                                                       \
    "cholesky", Dtype::f64, { choleskyKernel, nullptr, nullptr, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
