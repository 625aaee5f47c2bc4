// Panels of LU: a few columns of a matrix, factored with partial pivoting. They lie as lines, which
// makes searching a column and what it does to the others straight; half of them are done, applied
// to the other half as a product, and so on (Toledo, "Locality of Reference in LU Decomposition
// with Partial Pivoting", 1997).
#pragma once

#include "kernels/linear/update-inl.h"

namespace everycore::EC_ISA {
namespace {

// Columns that are done one by one.
constexpr int64_t narrowPanel = 8;

struct Panel {
  double* lines;
  int64_t length;
  int64_t step;  // from line to line
  int64_t width;
  int32_t* pivots;  // row j has been interchanged with row pivots[j]
  int64_t missing;  // the first column without a pivot, -1 if each has one

  double* line(int64_t j) const { return lines + j * step; }
};

// From line to line of a panel: never a multiple of what the caches tell apart.
constexpr int64_t panelStep(int64_t length) { return (length + 15) / 16 * 16 + 8; }

// The first place from `from` on of the largest |x[i]|. NaN is larger than nothing, but one at
// `from` stays.
inline int64_t largestAt(const double* x, int64_t from, int64_t count) {
  constexpr int width = lanes<double>;
  V<double> most[2] = {broadcast(__builtin_fabs(x[from])), broadcast(__builtin_fabs(x[from]))};
  int64_t i = from;
  for (; i + 2 * width <= count; i += 2 * width) {
    EC_UNROLL
    for (int k = 0; k < 2; ++k) {
      const V<double> value = load(x + i + k * width);
      const V<double> size = value < 0 ? -value : value;
      most[k] = size > most[k] ? size : most[k];
    }
  }
  double best = __builtin_fabs(x[from]);
  for (int k = 0; k < 2 * width; ++k) {
    const double size = most[k / width][k % width];
    if (size > best) best = size;
  }
  for (; i < count; ++i) {
    if (__builtin_fabs(x[i]) > best) best = __builtin_fabs(x[i]);
  }
  for (i = from; i < count; ++i) {
    if (__builtin_fabs(x[i]) == best) return i;
  }
  return from;
}

// Rows `from` to `to` of columns `begin` to `behind` less what rows `first` to `end` of them ask of
// these, by the columns of the same numbers, which are done.
inline void subtractRows(const Panel& panel, int64_t first, int64_t end, int64_t from, int64_t to,
                         int64_t begin, int64_t behind) {
  updateInPlace({panel.line(begin) + from, panel.step}, behind - begin, to - from,
                {panel.line(begin) + first, panel.step}, {panel.line(first) + from, panel.step},
                end - first);
}

// What columns `first` to `end`, which are done, do to columns `begin` to `behind`.
inline void applyColumns(const Panel& panel, int64_t first, int64_t end, int64_t begin,
                         int64_t behind) {
  for (int64_t from = first; from < end; from += narrowPanel) {
    const int64_t to = minOf(from + narrowPanel, end);
    for (int64_t j = begin; j < behind; ++j) {
      double* EC_RESTRICT const x = panel.line(j);
      for (int64_t k = from; k + 1 < to; ++k) {
        const double* const done = panel.line(k);
        for (int64_t i = k + 1; i < to; ++i) x[i] -= x[k] * done[i];
      }
    }
    subtractRows(panel, from, to, to, end, begin, behind);
  }
  subtractRows(panel, first, end, end, panel.length, begin, behind);
}

inline void interchange(const Panel& panel, int64_t a, int64_t b) {
  for (int64_t c = 0; c < panel.width; ++c) {
    double* const x = panel.line(c);
    const double kept = x[a];
    x[a] = x[b];
    x[b] = kept;
  }
}

inline void factorColumns(Panel& panel, int64_t first, int64_t end) {
  if (end - first > narrowPanel) {
    const int64_t half = (end - first + 1) / 2;
    const int64_t middle = first + (half + narrowPanel - 1) / narrowPanel * narrowPanel;
    factorColumns(panel, first, middle);
    applyColumns(panel, first, middle, middle, end);
    factorColumns(panel, middle, end);
    return;
  }
  for (int64_t j = first; j < end; ++j) {
    double* const x = panel.line(j);
    if (j > first) applyColumns(panel, first, j, j, j + 1);
    const int64_t pivot = largestAt(x, j, panel.length);
    panel.pivots[j] = static_cast<int32_t>(pivot);
    if (pivot != j) interchange(panel, j, pivot);
    const double head = x[j];
    if (head == 0) {
      if (panel.missing < 0) panel.missing = j;
      continue;
    }
    for (int64_t i = j + 1; i < panel.length; ++i) x[i] /= head;
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
