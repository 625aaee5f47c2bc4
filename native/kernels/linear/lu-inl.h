// The kernel "lu": LU with partial pivoting, right-looking, by blocks of columns (Golub and Van
// Loan, "Matrix Computations", 3.4).
#pragma once

#include "kernels/linear/blocks-inl.h"
#include "kernels/linear/panel-inl.h"

namespace everycore::EC_ISA {
namespace {

inline void swapLines(double* EC_RESTRICT x, double* EC_RESTRICT y, int64_t count) {
  for (int64_t j = 0; j < count; ++j) {
    const double kept = x[j];
    x[j] = y[j];
    y[j] = kept;
  }
}

// A matrix too small for lines to pay, row by row. Answers the first column without a pivot.
constexpr int64_t smallRows = 12;

inline int64_t factorSmall(Part a, int64_t rows, int64_t steps, int32_t* pivots) {
  int64_t missing = -1;
  for (int64_t k = 0; k < steps; ++k) {
    double* const row = a.at + k * a.step;
    int64_t pivot = k;
    for (int64_t i = k + 1; i < rows; ++i) {
      if (__builtin_fabs(a.at[i * a.step + k]) > __builtin_fabs(a.at[pivot * a.step + k])) {
        pivot = i;
      }
    }
    pivots[k] = static_cast<int32_t>(pivot);
    if (pivot != k) swapLines(row, a.at + pivot * a.step, steps);
    const double head = row[k];
    if (head == 0) {
      if (missing < 0) missing = k;
      continue;
    }
    for (int64_t i = k + 1; i < rows; ++i) {
      double* const x = a.at + i * a.step;
      const double factor = x[k] /= head;
      for (int64_t j = k + 1; j < steps; ++j) x[j] -= factor * row[j];
    }
  }
  return missing;
}

// The memory that a factorisation works in, as src/matrix/linear/lu.ts asks for it. What panels
// leave for the blocks behind is seen by all threads.
struct LuMemory {
  double* packed[2];
  double* b;
  double* lines;

  static int64_t packedSize(int64_t rows) { return roomFor(rows) * blockWidth; }

  LuMemory(double* shared, double* own, int64_t rows)
      : packed{shared, shared + packedSize(rows)},
        b(own),
        lines(own + roomFor(blockWidth) * blockWidth) {}
};

struct LuWork {
  const double* from;  // the matrix to be factored
  int64_t fromRow;
  int64_t fromColumn;
  double* a;
  int64_t rows;
  int64_t cols;
  int32_t* p;
  int32_t* pivots;  // row i has been interchanged with row pivots[i]
  int32_t* info;
  LuMemory memory;

  int64_t steps() const { return minOf(rows, cols); }
  Part at(int64_t i, int64_t j) const { return {a + i * cols + j, cols}; }
  int64_t endOf(int64_t block) const { return minOf((block + 1) * blockWidth, cols); }

  void panel(int64_t k) const {
    const int64_t first = k * blockWidth;
    const int64_t end = minOf(first + blockWidth, steps());
    if (k == 0) {
      fetch(0);
      *info = -1;
      for (int64_t i = 0; i < rows; ++i) p[i] = static_cast<int32_t>(i);
    }
    const int64_t missing = factor(first, end);
    if (missing >= 0 && *info < 0) *info = static_cast<int32_t>(first + missing);
    for (int64_t i = first; i < end; ++i) {
      pivots[i] += static_cast<int32_t>(first);
      const int32_t kept = p[i];
      p[i] = p[pivots[i]];
      p[pivots[i]] = kept;
    }
    if (end == cols) return;
    // A panel of full width is what the blocks behind need; one cut off by the last row is not all
    // of its block: the other columns of it are still to come.
    const Part below = at(end, first);
    packRows<double>({below.at, cols, 1}, rows - end, end - first, memory.packed[k % 2]);
    if (end < endOf(k)) follow(k, end, endOf(k));
  }

  void apply(int64_t k, int64_t j) const {
    if (k == 0) fetch(j);
    follow(k, j * blockWidth, endOf(j));
  }

  // Rows of a panel that later ones have interchanged.
  void finish(int64_t k) const {
    exchangeRows((k + 1) * blockWidth, steps(), k * blockWidth, endOf(k));
  }

 private:
  // Copies a block of columns to where it is worked on.
  void fetch(int64_t block) const {
    const int64_t column = block * blockWidth;
    const int64_t width = endOf(block) - column;
    const double* const first = from + column * fromColumn;
    double* const to = a + column;
    if (fromColumn != 1) {
      copyPanel<double>({first, fromColumn, fromRow}, width, rows, to, cols);
      return;
    }
    for (int64_t i = 0; i < rows; ++i) {
      memcpy(to + i * cols, first + i * fromRow, static_cast<size_t>(width) * sizeof(double));
    }
  }

  int64_t factor(int64_t first, int64_t end) const {
    const Part part = at(first, first);
    if (rows <= smallRows) return factorSmall(part, rows, end, pivots);
    const int64_t length = rows - first;
    const int64_t width = end - first;
    const int64_t step = panelStep(length);
    Panel panel{memory.lines, length, step, width, pivots + first, -1};
    columnsToLines(part, length, width, panel.lines, step);
    factorColumns(panel, 0, width);
    linesToColumns(panel.lines, step, length, width, part);
    return panel.missing;
  }

  void exchangeRows(int64_t from, int64_t to, int64_t column, int64_t end) const {
    for (int64_t i = from; i < to; ++i) {
      if (pivots[i] == i) continue;
      swapLines(at(i, column).at, at(pivots[i], column).at, end - column);
    }
  }

  // What panel k asks of some columns behind it.
  void follow(int64_t k, int64_t column, int64_t columnEnd) const {
    const int64_t first = k * blockWidth;
    const int64_t end = minOf(first + blockWidth, steps());
    const int64_t columns = columnEnd - column;
    exchangeRows(first, end, column, columnEnd);
    const Part right = at(first, column);
    solveTriangle<Triangle::unitLower>(at(first, first), end - first, right, columns);
    if (end == rows) return;
    packColumns<double>({right.at, 1, cols}, columns, end - first, memory.b);
    updatePacked(at(end, column), rows - end, columns, memory.packed[k % 2], memory.b, end - first);
  }
};

// Where the factors of a call lie: in a view of their own, or in the memory that its phases share.
enum class Factors { viewed, shared };

// Doubles at the beginning of shared memory that panels of a single matrix of several blocks take.
inline int64_t sharedPanels(int64_t count, int64_t rows, int64_t cols) {
  return count == 1 && blocksOf(cols) > 1 ? 2 * LuMemory::packedSize(rows) : 0;
}

// Views: A [count, rows, cols], p, info, steps: progress, then pivots; and LU [count·rows·cols] if
// it is viewed. Params: rows, cols. A unit is a matrix, or of a single one as runUnits says.
template <Factors factors>
void luKernel(const Call& call, Range range, void* scratch) noexcept {
  const View& from = call.views[0];
  const auto rows = static_cast<int64_t>(call.params[0]);
  const auto cols = static_cast<int64_t>(call.params[1]);
  const int64_t panels = blocksOf(minOf(rows, cols));
  const int64_t blocks = blocksOf(cols);
  const int64_t count = call.views[2].shape[2];
  const int64_t panelsSize = sharedPanels(count, rows, cols);
  auto* const own = static_cast<double*>(scratch);
  auto* const shared = panelsSize > 0 ? static_cast<double*>(call.shared) : own;
  const LuMemory memory(shared, shared == own ? own + 2 * LuMemory::packedSize(rows) : own, rows);
  double* const lu = factors == Factors::viewed ? call.views[4].as<double>()
                                                : static_cast<double*>(call.shared) + panelsSize;
  const auto workOn = [&](int64_t m) -> LuWork {
    return {from.as<double>() + m * from.stride[0],
            from.stride[1],
            from.stride[2],
            lu + m * rows * cols,
            rows,
            cols,
            call.views[1].as<int32_t>() + m * rows,
            call.views[3].as<int32_t>() + blocks + m * minOf(rows, cols),
            call.views[2].as<int32_t>() + m,
            memory};
  };
  if (count == 1) {
    return runUnits(workOn(0), panels, blocks, range, {call.views[3].as<int32_t>()});
  }
  for (int64_t m = range.begin; m < range.end; ++m) {
    runUnits(workOn(m), panels, blocks, {0, unitsOf(panels, blocks)}, {nullptr});
  }
}

#define EC_KERNELS_LU                                                          \
  {                                                                            \
    "lu", Dtype::f64, { luKernel<Factors::viewed>, nullptr, nullptr, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
