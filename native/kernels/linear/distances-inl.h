// The kernel "pairwiseDistances": of every row of A from every row of B, from the differences
// themselves (the way over |a|² + |b|² - 2·a·b would lose what is near), in doubles. First phase:
// rows of B are packed as panels of columns. Second phase: strips of rows of A against all panels.
#pragma once

#include "kernels/matrix/lanes-inl.h"

namespace everycore::EC_ISA {
namespace {

// As src/matrix/distances.ts counts units: rows of B, and rows of A.
constexpr int64_t distanceColumns = 16;
constexpr int64_t distanceRows = 32;

enum class Metric { euclidean, sqeuclidean, manhattan, cosine };

// A block of distances that stays in registers.
constexpr int tileVectors = 2;
constexpr int64_t tileColumns = tileVectors * lanes<double>;
constexpr int64_t tileRows = EC_VECTOR_BYTES == 64 ? 8 : 4;

// `count` rows from one on, as a panel of `Width` columns whose last ones may be zeros; what the
// squares of each add up to goes to `squares`.
template <int64_t Width, class T>
void packDistances(const View& from, int64_t first, int64_t count, double* panel, double* squares) {
  const int64_t depth = from.shape[2];
  for (int64_t c = 0; c < Width; ++c) {
    const T* const row = from.as<T>() + (first + c) * from.stride[1];
    double sum = 0;
    for (int64_t k = 0; k < depth; ++k) {
      const double value = c < count ? static_cast<double>(row[k * from.stride[2]]) : 0;
      panel[k * Width + c] = value;
      sum += value * value;
    }
    squares[c] = sum;
  }
}

// Sums over the depth of tileRows rows against tileColumns columns.
template <Metric metric>
void sumBlock(const double* a, const double* b, int64_t depth, double* sums) {
  V<double> sum[tileRows][tileVectors] = {};
  for (int64_t k = 0; k < depth; ++k) {
    V<double> column[tileVectors];
    EC_UNROLL
    for (int j = 0; j < tileVectors; ++j) column[j] = load(b + j * lanes<double>);
    EC_UNROLL
    for (int i = 0; i < tileRows; ++i) {
      const V<double> row = broadcast(a[i]);
      EC_UNROLL
      for (int j = 0; j < tileVectors; ++j) {
        if constexpr (metric == Metric::cosine) {
          sum[i][j] = multiplyAdd<double, EC_VECTOR_BYTES>(row, column[j], sum[i][j]);
        } else {
          const V<double> apart = row - column[j];
          if constexpr (metric == Metric::manhattan) {
            sum[i][j] += (V<double>)((V<int64_t>)apart & INT64_MAX);  // without its sign
          } else {
            sum[i][j] = multiplyAdd<double, EC_VECTOR_BYTES>(apart, apart, sum[i][j]);
          }
        }
      }
    }
    a += tileRows;
    b += tileColumns;
  }
  EC_UNROLL
  for (int i = 0; i < tileRows; ++i) {
    EC_UNROLL
    for (int j = 0; j < tileVectors; ++j) {
      store(sums + i * tileColumns + j * lanes<double>, sum[i][j]);
    }
  }
}

// Views: A [rows, depth] and B [columns, depth] with any strides, out [rows · columns].
// Params: metric. Shared: panels of B and their squares.
struct Distances {
  const View& a;
  const View& b;
  const View& out;
  int64_t rows;
  int64_t columns;
  int64_t depth;
  Metric metric;
  double* panels;
  double* squares;

  explicit Distances(const Call& call)
      : a(call.views[0]),
        b(call.views[1]),
        out(call.views[2]),
        rows(a.shape[1]),
        columns(b.shape[1]),
        depth(a.shape[2]),
        metric(static_cast<Metric>(static_cast<int>(call.params[0]))),
        panels(static_cast<double*>(call.shared)),
        squares(panels +
                (columns + distanceColumns - 1) / distanceColumns * distanceColumns * depth) {}

  double finished(double sum, double squaresA, double squaresB) const {
    switch (metric) {
      case Metric::euclidean:
        return __builtin_sqrt(sum);
      case Metric::cosine:
        return 1 - sum / (__builtin_sqrt(squaresA) * __builtin_sqrt(squaresB));
      default:
        return sum;
    }
  }

  void sum(const double* rowPanel, const double* columnPanel, double* sums) const {
    switch (metric) {
      case Metric::manhattan:
        return sumBlock<Metric::manhattan>(rowPanel, columnPanel, depth, sums);
      case Metric::cosine:
        return sumBlock<Metric::cosine>(rowPanel, columnPanel, depth, sums);
      default:
        return sumBlock<Metric::euclidean>(rowPanel, columnPanel, depth, sums);
    }
  }
};

template <class T>
void distancesPack(const Call& call, Range range, void*) noexcept {
  const Distances d(call);
  const int64_t end = minOf(range.end * distanceColumns, d.columns);
  for (int64_t j = range.begin * distanceColumns; j < end; j += tileColumns) {
    packDistances<tileColumns, T>(d.b, j, minOf(tileColumns, end - j), d.panels + j * d.depth,
                                  d.squares + j);
  }
}

template <class T>
void distancesRows(const Call& call, Range range, void* scratch) noexcept {
  const Distances d(call);
  double* const squares = static_cast<double*>(scratch);
  double* const panels = squares + distanceRows;
  alignas(64) double sums[tileRows * tileColumns];
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t first = unit * distanceRows;
    const int64_t count = minOf(distanceRows, d.rows - first);
    for (int64_t i = 0; i < count; i += tileRows) {
      packDistances<tileRows, T>(d.a, first + i, minOf(tileRows, count - i), panels + i * d.depth,
                                 squares + i);
    }
    for (int64_t j = 0; j < d.columns; j += tileColumns) {
      const int64_t width = minOf(tileColumns, d.columns - j);
      for (int64_t i = 0; i < count; i += tileRows) {
        d.sum(panels + i * d.depth, d.panels + j * d.depth, sums);
        for (int64_t y = 0; y < minOf(tileRows, count - i); ++y) {
          T* const to = d.out.as<T>() + (first + i + y) * d.columns + j;
          for (int64_t x = 0; x < width; ++x) {
            to[x] = static_cast<T>(
                d.finished(sums[y * tileColumns + x], squares[i + y], d.squares[j + x]));
          }
        }
      }
    }
  }
}

#define EC_DISTANCES(dtype, type)                                \
  {                                                              \
    "pairwiseDistances", Dtype::dtype, {                         \
      distancesPack<type>, distancesRows<type>, nullptr, nullptr \
    }                                                            \
  }

#define EC_KERNELS_DISTANCES EC_DISTANCES(f64, double), EC_DISTANCES(f32, float)

}  // namespace
}  // namespace everycore::EC_ISA
