// The kernels "lu" and "solve": LU with partial pivoting, right-looking and blocked (Golub and Van
// Loan, "Matrix Computations", 3.4), and the solutions that follow from it. A unit is one matrix.
#pragma once

#include "kernels/linear/update-inl.h"

namespace everycore::EC_ISA {
namespace {

inline void swapLines(double* EC_RESTRICT x, double* EC_RESTRICT y, int64_t count) {
  for (int64_t j = 0; j < count; ++j) {
    const double kept = x[j];
    x[j] = y[j];
    y[j] = kept;
  }
}

// Columns `first` to `end` of A, from row `first` on; whole rows are interchanged.
inline void factorPanel(double* a, int64_t rows, int64_t cols, int64_t first, int64_t end,
                        int32_t* p, int32_t* info) {
  for (int64_t k = first; k < end; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < rows; ++i) {
      if (__builtin_fabs(a[i * cols + k]) > __builtin_fabs(a[pivot * cols + k])) pivot = i;
    }
    if (pivot != k) {
      swapLines(a + k * cols, a + pivot * cols, cols);
      const int32_t kept = p[k];
      p[k] = p[pivot];
      p[pivot] = kept;
    }
    const double head = a[k * cols + k];
    if (head == 0) {
      if (*info < 0) *info = static_cast<int32_t>(k);
      continue;
    }
    for (int64_t i = k + 1; i < rows; ++i) {
      const double factor = a[i * cols + k] /= head;
      subtractLine(a + i * cols + k + 1, a + k * cols + k + 1, factor, end - k - 1);
    }
  }
}

inline void factorLu(double* a, int64_t rows, int64_t cols, int32_t* p, int32_t* info,
                     UpdateScratch scratch) {
  *info = -1;
  for (int64_t i = 0; i < rows; ++i) p[i] = static_cast<int32_t>(i);
  const int64_t steps = minOf(rows, cols);
  for (int64_t k = 0; k < steps; k += blockWidth) {
    const int64_t end = minOf(k + blockWidth, steps);
    factorPanel(a, rows, cols, k, end, p, info);
    double* const right = a + k * cols + end;
    solveUnitLower({a + k * cols + k, cols}, end - k, {right, cols}, cols - end);
    update({a + end * cols + end, cols}, rows - end, cols - end, {a + end * cols + k, cols},
           {right, 1, cols}, end - k, scratch);
  }
}

// X of A·X = B from the LU of A, with X = B interchanged already.
inline void solveFactored(double* lu, int64_t n, double* x, int64_t cols, UpdateScratch scratch) {
  for (int64_t k = 0; k < n; k += blockWidth) {
    const int64_t end = minOf(k + blockWidth, n);
    solveUnitLower({lu + k * n + k, n}, end - k, {x + k * cols, cols}, cols);
    update({x + end * cols, cols}, n - end, cols, {lu + end * n + k, n}, {x + k * cols, 1, cols},
           end - k, scratch);
  }
  for (int64_t k = (n - 1) / blockWidth * blockWidth; k >= 0; k -= blockWidth) {
    const int64_t end = minOf(k + blockWidth, n);
    solveUpper({lu + k * n + k, n}, end - k, {x + k * cols, cols}, cols);
    update({x, cols}, k, cols, {lu + k, n}, {x + k * cols, 1, cols}, end - k, scratch);
  }
}

// Views: LU [count·rows·cols], p, info. Params: rows, cols.
inline void luKernel(const Call& call, Range range, void* scratch) noexcept {
  const auto rows = static_cast<int64_t>(call.params[0]);
  const auto cols = static_cast<int64_t>(call.params[1]);
  for (int64_t m = range.begin; m < range.end; ++m) {
    factorLu(call.views[0].as<double>() + m * rows * cols, rows, cols,
             call.views[1].as<int32_t>() + m * rows, call.views[2].as<int32_t>() + m,
             {scratch, cols});
  }
}

// Views: LU [count·n·n], p, info, B [count·n·cols], X alike. Params: n, cols.
inline void solveKernel(const Call& call, Range range, void* scratch) noexcept {
  const auto n = static_cast<int64_t>(call.params[0]);
  const auto cols = static_cast<int64_t>(call.params[1]);
  for (int64_t m = range.begin; m < range.end; ++m) {
    double* const lu = call.views[0].as<double>() + m * n * n;
    int32_t* const p = call.views[1].as<int32_t>() + m * n;
    int32_t* const info = call.views[2].as<int32_t>() + m;
    const double* const b = call.views[3].as<double>() + m * n * cols;
    double* const x = call.views[4].as<double>() + m * n * cols;
    factorLu(lu, n, n, p, info, {scratch, maxOf(n, cols)});
    if (*info >= 0) continue;
    for (int64_t i = 0; i < n; ++i) {
      memcpy(x + i * cols, b + p[i] * cols, static_cast<size_t>(cols) * sizeof(double));
    }
    solveFactored(lu, n, x, cols, {scratch, maxOf(n, cols)});
  }
}

#define EC_KERNELS_LU                                               \
  {"lu", Dtype::f64, {luKernel, nullptr, nullptr, nullptr}}, {      \
    "solve", Dtype::f64, { solveKernel, nullptr, nullptr, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
