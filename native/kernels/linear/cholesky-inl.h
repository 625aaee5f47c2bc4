// The kernel "cholesky": L of A = L·Lᵀ, right-looking and blocked. A unit is one matrix.
#pragma once

#include "kernels/linear/update-inl.h"

namespace everycore::EC_ISA {
namespace {

// The block on the diagonal. Answers the first minor that is not positive, from 1, or 0.
inline int64_t factorDiagonal(Part a, int64_t size) {
  for (int64_t k = 0; k < size; ++k) {
    const double head = a.at[k * a.step + k];
    if (!(head > 0)) return k + 1;
    const double root = __builtin_sqrt(head);
    a.at[k * a.step + k] = root;
    for (int64_t i = k + 1; i < size; ++i) a.at[i * a.step + k] /= root;
    for (int64_t i = k + 1; i < size; ++i) {
      for (int64_t j = k + 1; j <= i; ++j) {
        a.at[i * a.step + j] -= a.at[i * a.step + k] * a.at[j * a.step + k];
      }
    }
  }
  return 0;
}

// Rows below the diagonal block: x = x·L⁻ᵀ, with L turned so that its columns are straight.
inline void solveRows(Part l, int64_t size, Part x, int64_t rows) {
  double turned[blockWidth * blockWidth];
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j <= i; ++j) turned[j * blockWidth + i] = l.at[i * l.step + j];
  }
  for (int64_t i = 0; i < rows; ++i) {
    double* const row = x.at + i * x.step;
    for (int64_t j = 0; j < size; ++j) {
      const double* const column = turned + j * blockWidth;
      const double value = row[j] /= column[j];
      subtractLine(row + j + 1, column + j + 1, value, size - j - 1);
    }
  }
}

inline int64_t factorCholesky(double* a, int64_t n, UpdateScratch scratch) {
  for (int64_t k = 0; k < n; k += blockWidth) {
    const int64_t end = minOf(k + blockWidth, n);
    const int64_t minor = factorDiagonal({a + k * n + k, n}, end - k);
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
