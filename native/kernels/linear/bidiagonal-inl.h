// Reduction of a square matrix to upper bidiagonal form by Householder reflectors from both sides
// (Golub and Kahan, "Calculating the singular values and pseudo-inverse of a matrix", 1965), with
// the update of one step done on the way of the next one's product, so that memory is gone through
// twice a step and not four times.
#pragma once

#include "kernels/linear/qr-inl.h"

namespace everycore::EC_ISA {
namespace {

struct Bidiagonal {
  int64_t n;
  double* a;
  double* diagonal;
  double* off;
  ReflectorBlocks left;
  ReflectorBlocks right;
  // The update that is due: A - u·yᵀ - x·vᵀ. u and v are the last reflectors, none (zeros) at
  // first.
  double* none;
  double* x;
  double* y;
  double* sums;
};

// Four rows: the update that is due is done from column j on, and next·row is added to the sums.
inline void updateFourRows(const Bidiagonal& s, const double* u, const double* v,
                           const double* next, int64_t i, int64_t j) {
  constexpr int width = lanes<double>;
  V<double> minusU[4];
  V<double> minusX[4];
  V<double> own[4];
  EC_UNROLL
  for (int k = 0; k < 4; ++k) {
    minusU[k] = broadcast(-u[i + k]);
    minusX[k] = broadcast(-s.x[i + k]);
    own[k] = broadcast(next[i + k]);
  }
  double* const a = s.a + i * s.n;
  const auto step = [&](int64_t at, auto read, auto write) EC_INLINE_LAMBDA {
    const V<double> y = read(s.y + at);
    const V<double> w = read(v + at);
    V<double> sum = read(s.sums + at);
    EC_UNROLL
    for (int k = 0; k < 4; ++k) {
      V<double> row = read(a + k * s.n + at);
      row = fused(minusU[k], y, row);
      row = fused(minusX[k], w, row);
      write(a + k * s.n + at, row);
      sum = fused(row, own[k], sum);
    }
    write(s.sums + at, sum);
  };
  for (; j + width <= s.n; j += width) {
    step(
        j, [](const double* from) EC_INLINE_LAMBDA { return load(from); },
        [](double* to, V<double> value) EC_INLINE_LAMBDA { store(to, value); });
  }
  if (j < s.n) {
    const Live<double, EC_VECTOR_BYTES> rest(s.n - j);
    step(
        j, [&](const double* from) EC_INLINE_LAMBDA { return rest.load(from); },
        [&](double* to, V<double> value) EC_INLINE_LAMBDA { rest.store(to, value); });
  }
}

// Step k; answers the taus of both reflectors.
inline void bidiagonalStep(const Bidiagonal& s, int64_t k, double* tauLeft, double* tauRight) {
  const int64_t n = s.n;
  const double* const u = k == 0 ? s.none : s.left.v + (k - 1) * n;
  const double* const v = k == 0 ? s.none : s.right.v + (k - 1) * n;
  double* const column = s.left.v + k * n;
  for (int64_t i = 0; i < k; ++i) column[i] = 0;
  for (int64_t i = k; i < n; ++i) column[i] = s.a[i * n + k] - u[i] * s.y[k] - s.x[i] * v[k];
  const Reflector ofColumn = makeReflector(column + k, n - k);
  s.diagonal[k] = ofColumn.beta;
  *tauLeft = ofColumn.tau;
  if (k + 1 == n) return;

  const int64_t first = k + 1;
  for (int64_t j = first; j < n; ++j) s.sums[j] = 0;
  int64_t i = k;
  for (; i + 4 <= n; i += 4) updateFourRows(s, u, v, column, i, first);
  for (; i < n; ++i) {
    double* const row = s.a + i * n;
    for (int64_t j = first; j < n; ++j) {
      row[j] -= u[i] * s.y[j] + s.x[i] * v[j];
      s.sums[j] += column[i] * row[j];
    }
  }
  double* const row = s.right.v + k * n;
  for (int64_t j = 0; j < first; ++j) row[j] = 0;
  for (int64_t j = first; j < n; ++j) {
    s.y[j] = ofColumn.tau * s.sums[j];
    row[j] = s.a[k * n + j] - s.y[j];
  }
  const Reflector ofRow = makeReflector(row + first, n - first);
  s.off[k] = ofRow.beta;
  *tauRight = ofRow.tau;
  const double across = dotLine(s.y + first, row + first, n - first);
  for (i = first; i < n; ++i) {
    const double along = dotLine(s.a + i * n + first, row + first, n - first);
    s.x[i] = ofRow.tau * (along - column[i] * across);
  }
}

// Steps of one block of reflectors.
inline void bidiagonalBlock(const Bidiagonal& s, int64_t block) {
  const int64_t first = block * blockWidth;
  const int64_t end = minOf(first + blockWidth, s.n);
  const bool hasRight = block < s.right.blocks();
  for (int64_t k = first; k < end; ++k) {
    const int64_t at = (k - first) * (blockWidth + 1);
    double last = 0;
    bidiagonalStep(s, k, s.left.at(block).t + at, k + 1 < s.n ? s.right.at(block).t + at : &last);
  }
  makeTriangle(s.left.at(block));
  if (hasRight) makeTriangle(s.right.at(block));
}

}  // namespace
}  // namespace everycore::EC_ISA
