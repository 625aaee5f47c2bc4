// The kernel "qr": Q and R by blocks of Householder reflectors (Golub and Van Loan, "Matrix
// Computations", 5.2). First phase, in order: a unit is a block of columns, which becomes
// reflectors and is done to all columns behind it. Second phase: a unit is a strip of columns of Q.
#pragma once

#include "kernels/linear/reflect-inl.h"

namespace everycore::EC_ISA {
namespace {

// Columns of Q that are a unit, as src/matrix/linear/qr.ts counts them.
constexpr int64_t formColumns = 120;

// The reflectors of a matrix of `rows` rows, block after block: their vectors, one a row, and the
// triangles. Block k begins at row and column first(k) + shift.
struct ReflectorBlocks {
  double* v;
  double* t;
  int64_t rows;
  int64_t count;
  int64_t shift;

  int64_t blocks() const { return (count + blockWidth - 1) / blockWidth; }
  Reflectors at(int64_t block) const {
    const int64_t first = block * blockWidth;
    const int64_t from = first + shift;
    return {v + first * rows + from, rows, rows - from, minOf(blockWidth, count - first),
            t + block * blockWidth * blockWidth};
  }
};

// Columns of Q (rows × width), from `begin` to `end`: the product of all reflectors, done to the
// identity from the last block on, which leaves columns before its own as they are.
inline void formColumnsOf(const ReflectorBlocks& all, double* q, int64_t width, int64_t begin,
                          int64_t end, ReflectScratch scratch) {
  for (int64_t i = 0; i < all.rows; ++i) {
    for (int64_t j = begin; j < end; ++j) q[i * width + j] = i == j ? 1 : 0;
  }
  for (int64_t block = all.blocks() - 1; block >= 0; --block) {
    const int64_t row = block * blockWidth + all.shift;
    const int64_t column = maxOf(begin, row);
    if (column >= end) continue;
    reflect(all.at(block), false, {q + row * width + column, width}, end - column, scratch);
  }
}

// One block of columns of A becomes reflectors; what is left of A are columns of R.
inline void factorColumns(double* a, int64_t cols, Reflectors h, double* v) {
  columnsToLines({a, cols}, h.length, h.count, v, h.stride);
  for (int64_t j = 0; j < h.count; ++j) {
    double* const x = v + j * h.stride;
    for (int64_t k = 0; k < j; ++k) {
      reflectLine(x + k, v + k * h.stride + k, h.t[k * blockWidth + k], h.length - k);
    }
    for (int64_t i = 0; i < j; ++i) {
      a[i * cols + j] = x[i];
      x[i] = 0;
    }
    const Reflector made = makeReflector(x + j, h.length - j);
    h.t[j * blockWidth + j] = made.tau;
    a[j * cols + j] = made.beta;
  }
  for (int64_t i = 1; i < h.length; ++i) {
    memset(a + i * cols, 0, static_cast<size_t>(minOf(i, h.count)) * sizeof(double));
  }
}

// The reflectors in the memory that the phases share.
inline ReflectorBlocks qrReflectors(const Call& call) {
  const auto rows = static_cast<int64_t>(call.params[0]);
  const int64_t count = minOf(rows, static_cast<int64_t>(call.params[1]));
  double* const v = static_cast<double*>(call.shared) + 1;
  return {v, v + count * rows, rows, count, 0};
}

// Views: A [rows·cols], which becomes R, Q [rows·width]. Params: rows, cols, width.
inline void qrFactor(const Call& call, Range range, void* scratch) noexcept {
  const ReflectorBlocks all = qrReflectors(call);
  const auto cols = static_cast<int64_t>(call.params[1]);
  double* const a = call.views[0].as<double>();
  double* const factor = static_cast<double*>(call.shared);
  for (int64_t block = range.begin; block < range.end; ++block) {
    if (block == 0) {
      *factor = scaleOf(a, all.rows * cols);
      if (!(*factor == *factor)) *factor = 1;
      scaleLine(a, *factor, all.rows * cols);
    }
    const Reflectors h = all.at(block);
    const int64_t first = block * blockWidth;
    double* const corner = a + first * cols + first;
    factorColumns(corner, cols, h, all.v + first * all.rows + first);
    makeTriangle(h);
    reflect(h, true, {corner + h.count, cols}, cols - first - h.count, ReflectScratch(scratch));
    if (block + 1 == all.blocks()) scaleLine(a, 1 / *factor, all.count * cols);
  }
}

// The last strips, which take the longest, come first.
inline void qrForm(const Call& call, Range range, void* scratch) noexcept {
  const ReflectorBlocks all = qrReflectors(call);
  const auto width = static_cast<int64_t>(call.params[2]);
  const int64_t strips = (width + formColumns - 1) / formColumns;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t begin = (strips - 1 - unit) * formColumns;
    formColumnsOf(all, call.views[1].as<double>(), width, begin, minOf(begin + formColumns, width),
                  ReflectScratch(scratch));
  }
}

#define EC_KERNELS_QR                                        \
  {                                                          \
    "qr", Dtype::f64, { qrFactor, qrForm, nullptr, nullptr } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
