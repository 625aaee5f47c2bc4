// The kernels "solve" and "inverse": LU, and the solutions that follow from it, by strips of their
// columns.
#pragma once

#include "kernels/linear/lu-inl.h"

namespace everycore::EC_ISA {
namespace {

// Columns of X that are a unit, as src/matrix/linear/lu.ts counts them.
constexpr int64_t solveStrip = 120;
// Rows of X that are read before those that they are taken from are visited again: what is read of
// a few of their columns stays in the first-level cache.
constexpr int64_t solveDepth = 256;

// Rows of X less what solved rows `from` to `to` ask of them.
inline void takeAway(const double* lu, int64_t n, Part x, int64_t row, int64_t rows, int64_t cols,
                     int64_t from, int64_t to) {
  for (int64_t k = from; k < to; k += solveDepth) {
    const Part factors{const_cast<double*>(lu) + row * n + k, n};
    updateInPlace({x.at + row * x.step, x.step}, rows, cols, factors, {x.at + k * x.step, x.step},
                  minOf(solveDepth, to - k));
  }
}

// X of A·X = B from the LU of A, with X = B interchanged already. Rows before `first` are zero.
inline void solveFactored(const double* lu, int64_t n, Part x, int64_t cols, int64_t first) {
  const auto triangle = [&](int64_t i) -> Part { return {const_cast<double*>(lu) + i * n + i, n}; };
  first -= first % blockWidth;
  for (int64_t i = first; i < n; i += blockWidth) {
    const int64_t rows = minOf(blockWidth, n - i);
    takeAway(lu, n, x, i, rows, cols, first, i);
    solveTriangle<Triangle::unitLower>(triangle(i), rows, {x.at + i * x.step, x.step}, cols);
  }
  for (int64_t i = (n - 1) / blockWidth * blockWidth; i >= 0; i -= blockWidth) {
    const int64_t rows = minOf(blockWidth, n - i);
    takeAway(lu, n, x, i, rows, cols, i + rows, n);
    solveTriangle<Triangle::upper>(triangle(i), rows, {x.at + i * x.step, x.step}, cols);
  }
}

// The same for one column, which lies straight.
inline void solveOne(const double* lu, int64_t n, double* x) {
  for (int64_t i = 1; i < n; ++i) x[i] -= dotLine(lu + i * n, x, i);
  for (int64_t i = n - 1; i >= 0; --i) {
    x[i] = (x[i] - dotLine(lu + i * n + i + 1, x + i + 1, n - i - 1)) / lu[i * n + i];
  }
}

// What strips of solutions have in common. Params: n, n, columns of X.
struct Strips {
  int64_t n;
  int64_t cols;
  int64_t perMatrix;

  explicit Strips(const Call& call)
      : n(static_cast<int64_t>(call.params[0])),
        cols(static_cast<int64_t>(call.params[2])),
        perMatrix((cols + solveStrip - 1) / solveStrip) {}

  int64_t first(int64_t unit) const { return unit % perMatrix * solveStrip; }
  int64_t width(int64_t unit) const { return minOf(solveStrip, cols - first(unit)); }
  const double* lu(const Call& call, int64_t m) const {
    const int64_t count = call.views[2].shape[2];
    return static_cast<const double*>(call.shared) + sharedPanels(count, n, n) + m * n * n;
  }
  const int32_t* p(const Call& call, int64_t m) const {
    return call.views[1].as<int32_t>() + m * n;
  }
  bool singular(const Call& call, int64_t m) const { return call.views[2].as<int32_t>()[m] >= 0; }
};

inline void copyLine(const double* from, int64_t count, double* to) {
  for (int64_t j = 0; j < count; ++j) to[j] = from[j];
}

// Views: those of "lu", B [count·n·cols], X alike. The second phase of "solve": a unit is a strip
// of columns of one matrix.
inline void solveStrips(const Call& call, Range range, void* scratch) noexcept {
  const Strips strips(call);
  const int64_t n = strips.n;
  const int64_t cols = strips.cols;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t m = unit / strips.perMatrix;
    if (strips.singular(call, m)) continue;
    const int64_t at = m * n * cols + strips.first(unit);
    const int64_t width = strips.width(unit);
    const double* const b = call.views[4].as<double>() + at;
    double* const x = call.views[5].as<double>() + at;
    // Columns of a wide X lie far apart from row to row: they are solved by themselves.
    const bool apart = width < cols;
    const Part strip = apart ? Part{static_cast<double*>(scratch), width} : Part{x, cols};
    const int32_t* const p = strips.p(call, m);
    for (int64_t i = 0; i < n; ++i) copyLine(b + p[i] * cols, width, strip.at + i * strip.step);
    if (cols == 1) {
      solveOne(strips.lu(call, m), n, x);
    } else {
      solveFactored(strips.lu(call, m), n, strip, width, 0);
    }
    if (!apart) continue;
    for (int64_t i = 0; i < n; ++i) copyLine(strip.at + i * width, width, x + i * cols);
  }
}

// Views: those of "lu", X [count·n·n]. The second phase of "inverse": a unit is a strip of columns
// of U⁻¹·L⁻¹, whose first rows are zero half way.
inline void invertStrips(const Call& call, Range range, void* scratch) noexcept {
  const Strips strips(call);
  const int64_t n = strips.n;
  auto* const strip = static_cast<double*>(scratch);
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t m = unit / strips.perMatrix;
    if (strips.singular(call, m)) continue;
    const int64_t first = strips.first(unit);
    const int64_t width = strips.width(unit);
    for (int64_t i = 0; i < n * width; ++i) strip[i] = 0;
    for (int64_t j = 0; j < width; ++j) strip[(first + j) * width + j] = 1;
    solveFactored(strips.lu(call, m), n, {strip, width}, width, first);
    double* const x = call.views[4].as<double>() + m * n * n + first;
    for (int64_t i = 0; i < n; ++i) copyLine(strip + i * width, width, x + i * n);
  }
}

// The third phase of "inverse": its columns as the rows were interchanged. A unit is one row.
inline void orderColumns(const Call& call, Range range, void* scratch) noexcept {
  const Strips strips(call);
  const int64_t n = strips.n;
  auto* const kept = static_cast<double*>(scratch);
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t m = unit / n;
    if (strips.singular(call, m)) continue;
    double* const row = call.views[4].as<double>() + unit * n;
    const int32_t* const p = strips.p(call, m);
    copyLine(row, n, kept);
    for (int64_t j = 0; j < n; ++j) row[p[j]] = kept[j];
  }
}

#define EC_KERNELS_SOLVE                                                                      \
  {"solve", Dtype::f64, {luKernel<Factors::shared>, solveStrips, nullptr, nullptr}}, {        \
    "inverse", Dtype::f64, { luKernel<Factors::shared>, invertStrips, orderColumns, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
