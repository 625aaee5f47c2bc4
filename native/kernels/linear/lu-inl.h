// The kernels "lu" and "solve": LU with partial pivoting, right-looking and blocked (Golub and Van
// Loan, "Matrix Computations", 3.4), and the solutions that follow from it.
#pragma once

#include "kernels/linear/triangle-inl.h"

namespace everycore::EC_ISA {
namespace {

inline void swapLines(double* EC_RESTRICT x, double* EC_RESTRICT y, int64_t count) {
  for (int64_t j = 0; j < count; ++j) {
    const double kept = x[j];
    x[j] = y[j];
    y[j] = kept;
  }
}

// A matrix too small for lines to pay, row by row.
constexpr int64_t smallRows = 12;

inline void factorSmall(double* a, int64_t rows, int64_t cols, int64_t steps, int32_t* p,
                        int32_t* info) {
  for (int64_t k = 0; k < steps; ++k) {
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
      for (int64_t j = k + 1; j < steps; ++j) a[i * cols + j] -= factor * a[k * cols + j];
    }
  }
}

// Columns `first` to `end` of A, from row `first` on, as lines in `panel`; whole rows of A are
// interchanged. Each column takes what the ones before it are to do to it, then finds its pivot.
inline void factorPanel(double* a, int64_t rows, int64_t cols, int64_t first, int64_t end,
                        int32_t* p, int32_t* info, double* panel) {
  const int64_t length = rows - first;
  const int64_t width = end - first;
  const Part part{a + first * cols + first, cols};
  columnsToLines(part, length, width, panel, length);
  for (int64_t j = 0; j < width; ++j) {
    double* const x = panel + j * length;
    for (int64_t k = 0; k < j; ++k) {
      addLine(x + k + 1, panel + k * length + k + 1, -x[k], length - k - 1);
    }
    int64_t pivot = j;
    for (int64_t i = j + 1; i < length; ++i) {
      if (__builtin_fabs(x[i]) > __builtin_fabs(x[pivot])) pivot = i;
    }
    if (pivot != j) {
      for (int64_t c = 0; c < width; ++c) {
        const double kept = panel[c * length + j];
        panel[c * length + j] = panel[c * length + pivot];
        panel[c * length + pivot] = kept;
      }
      swapLines(a + (first + j) * cols, a + (first + pivot) * cols, cols);
      const int32_t kept = p[first + j];
      p[first + j] = p[first + pivot];
      p[first + pivot] = kept;
    }
    const double head = x[j];
    if (head == 0) {
      if (*info < 0) *info = static_cast<int32_t>(first + j);
      continue;
    }
    for (int64_t i = j + 1; i < length; ++i) x[i] /= head;
  }
  linesToColumns(panel, length, length, width, part);
}

// Scratch for matrices of so many rows, and updates of so many columns.
struct LuScratch {
  UpdateScratch update;
  double* panel;

  LuScratch(void* scratch, int64_t columns)
      : update(scratch, columns), panel(update.a + updateRows * blockWidth) {}
};

// The block of columns from k on, and what follows from it for those behind.
inline void factorBlock(double* a, int64_t rows, int64_t cols, int64_t k, int32_t* p, int32_t* info,
                        LuScratch scratch) {
  if (k == 0) {
    *info = -1;
    for (int64_t i = 0; i < rows; ++i) p[i] = static_cast<int32_t>(i);
  }
  const int64_t end = minOf(k + blockWidth, minOf(rows, cols));
  if (rows <= smallRows) {
    factorSmall(a, rows, cols, end, p, info);
  } else {
    factorPanel(a, rows, cols, k, end, p, info, scratch.panel);
  }
  if (end == cols) return;
  double* const right = a + k * cols + end;
  solveTriangle<Triangle::unitLower>({a + k * cols + k, cols}, end - k, {right, cols}, cols - end);
  update({a + end * cols + end, cols}, rows - end, cols - end, {a + end * cols + k, cols},
         {right, 1, cols}, end - k, scratch.update);
}

// X of A·X = B from the LU of A, with X = B interchanged already.
inline void solveFactored(double* lu, int64_t n, Part x, int64_t cols, UpdateScratch scratch) {
  for (int64_t k = 0; k < n; k += blockWidth) {
    const int64_t end = minOf(k + blockWidth, n);
    solveTriangle<Triangle::unitLower>({lu + k * n + k, n}, end - k, {x.at + k * x.step, x.step},
                                       cols);
    update({x.at + end * x.step, x.step}, n - end, cols, {lu + end * n + k, n},
           {x.at + k * x.step, 1, x.step}, end - k, scratch);
  }
  for (int64_t k = (n - 1) / blockWidth * blockWidth; k >= 0; k -= blockWidth) {
    const int64_t end = minOf(k + blockWidth, n);
    solveTriangle<Triangle::upper>({lu + k * n + k, n}, end - k, {x.at + k * x.step, x.step}, cols);
    update(x, k, cols, {lu + k, n}, {x.at + k * x.step, 1, x.step}, end - k, scratch);
  }
}

// The same for one column, which lies straight.
inline void solveOne(const double* lu, int64_t n, double* x) {
  for (int64_t i = 1; i < n; ++i) x[i] -= dotLine(lu + i * n, x, i);
  for (int64_t i = n - 1; i >= 0; --i) {
    x[i] = (x[i] - dotLine(lu + i * n + i + 1, x + i + 1, n - i - 1)) / lu[i * n + i];
  }
}

// Views: LU [count·rows·cols], p, info, and others. Params: rows, cols. A unit is a matrix, or of
// a single one a block of columns.
inline void luKernel(const Call& call, Range range, void* scratch) noexcept {
  const auto rows = static_cast<int64_t>(call.params[0]);
  const auto cols = static_cast<int64_t>(call.params[1]);
  const int64_t blocks = (minOf(rows, cols) + blockWidth - 1) / blockWidth;
  const bool single = call.views[2].shape[2] == 1;
  const int64_t perUnit = single ? 1 : blocks;
  for (int64_t at = range.begin * perUnit; at < range.end * perUnit; ++at) {
    const int64_t m = at / blocks;
    factorBlock(call.views[0].as<double>() + m * rows * cols, rows, cols, at % blocks * blockWidth,
                call.views[1].as<int32_t>() + m * rows, call.views[2].as<int32_t>() + m,
                {scratch, cols});
  }
}

// Columns of X that are a unit, as src/matrix/linear/lu.ts counts them.
constexpr int64_t solveStrip = 120;

// Views: LU [count·n·n], p, info, B [count·n·cols], X alike. Params: n, n, cols. The second phase
// of "solve": a unit is a strip of columns of one matrix.
inline void solveStrips(const Call& call, Range range, void* scratch) noexcept {
  const auto n = static_cast<int64_t>(call.params[0]);
  const auto cols = static_cast<int64_t>(call.params[2]);
  const int64_t strips = (cols + solveStrip - 1) / solveStrip;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t m = unit / strips;
    if (call.views[2].as<int32_t>()[m] >= 0) continue;
    const int64_t first = unit % strips * solveStrip;
    const int64_t width = minOf(solveStrip, cols - first);
    double* const lu = call.views[0].as<double>() + m * n * n;
    const int32_t* const p = call.views[1].as<int32_t>() + m * n;
    const double* const b = call.views[3].as<double>() + m * n * cols + first;
    double* const x = call.views[4].as<double>() + m * n * cols + first;
    for (int64_t i = 0; i < n; ++i) {
      const double* const from = b + p[i] * cols;
      for (int64_t j = 0; j < width; ++j) x[i * cols + j] = from[j];
    }
    if (cols == 1) {
      solveOne(lu, n, x);
    } else {
      solveFactored(lu, n, {x, cols}, width, {scratch, width});
    }
  }
}

#define EC_KERNELS_LU                                                \
  {"lu", Dtype::f64, {luKernel, nullptr, nullptr, nullptr}}, {       \
    "solve", Dtype::f64, { luKernel, solveStrips, nullptr, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
