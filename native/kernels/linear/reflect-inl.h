// Householder reflectors H = I - tau·v·vᵀ with v[0] = 1, one by one and in blocks: the product of
// several is I - Vᵀ·T·V with an upper triangular T (Schreiber and Van Loan, "A Storage-Efficient WY
// Representation for Products of Householder Transformations", 1989), and so is done by products of
// matrices. Vectors lie as rows.
#pragma once

#include "kernels/linear/update-inl.h"

namespace everycore::EC_ISA {
namespace {

struct Reflector {
  double tau;
  double beta;  // what the reflector makes of x[0]; all behind it becomes zero
};

// x becomes v.
inline Reflector makeReflector(double* x, int64_t count) {
  const double alpha = x[0];
  const double rest = dotLine(x + 1, x + 1, count - 1);
  x[0] = 1;
  if (rest == 0) return {0, alpha};
  const double norm = __builtin_sqrt(alpha * alpha + rest);
  const double beta = alpha > 0 ? -norm : norm;
  for (int64_t i = 1; i < count; ++i) x[i] /= alpha - beta;
  return {(beta - alpha) / beta, beta};
}

// x = H·x.
inline void reflectLine(double* x, const double* v, double tau, int64_t count) {
  if (tau != 0) addLine(x, v, -tau * dotLine(v, x, count), count);
}

// The power of two by which to multiply so that the largest element is near 1: squares then neither
// overflow nor vanish. NaN when not all are finite.
inline double scaleOf(const double* a, int64_t count) {
  double largest = 0;
  bool finite = true;
  for (int64_t i = 0; i < count; ++i) {
    const double size = __builtin_fabs(a[i]);
    finite = finite && size < __builtin_inf();
    largest = size > largest ? size : largest;
  }
  if (!finite) return __builtin_nan("");
  if (largest == 0) return 1;
  uint64_t bits = 0;
  memcpy(&bits, &largest, sizeof bits);
  const int64_t exponent = static_cast<int64_t>(bits >> 52) - 1023;
  bits = static_cast<uint64_t>(1023 - maxOf<int64_t>(-1000, minOf<int64_t>(1000, exponent))) << 52;
  double factor = 0;
  memcpy(&factor, &bits, sizeof factor);
  return factor;
}

inline void scaleLine(double* a, double factor, int64_t count) {
  if (factor == 1) return;
  for (int64_t i = 0; i < count; ++i) a[i] *= factor;
}

// `count` reflectors, blockWidth at most, of vectors of `length`: row k of V has zeros before its
// k-th element. T lies in rows of blockWidth.
struct Reflectors {
  const double* v;
  int64_t stride;
  int64_t length;
  int64_t count;
  double* t;
};

// T from the vectors, and the taus on its diagonal.
inline void makeTriangle(Reflectors h) {
  for (int64_t k = 0; k < h.count; ++k) {
    double* const t = h.t;
    const double tau = t[k * blockWidth + k];
    double dots[blockWidth];
    for (int64_t i = 0; i < k; ++i) {
      dots[i] = dotLine(h.v + i * h.stride + k, h.v + k * h.stride + k, h.length - k);
    }
    for (int64_t i = 0; i < k; ++i) {
      double sum = 0;
      for (int64_t j = i; j < k; ++j) sum += t[i * blockWidth + j] * dots[j];
      t[i * blockWidth + k] = -tau * sum;
      t[k * blockWidth + i] = 0;
    }
  }
}

// Columns and elements of the vectors that are gone through at a time.
constexpr int64_t reflectColumns = 240;
constexpr int64_t reflectDepth = 120;

// Scratch of `reflect`: as src/matrix/linear/work.ts asks for it.
struct ReflectScratch {
  double* b;
  double* a;
  double* w;
  double* tw;

  explicit ReflectScratch(void* scratch)
      : b(static_cast<double*>(scratch)),
        a(b + reflectColumns * reflectDepth),
        w(a + updateRows * blockWidth),
        tw(w + blockWidth * reflectColumns) {}
};

// C (length × columns) becomes (I - Vᵀ·T·V)·C, or with Tᵀ.
inline void reflect(const Reflectors& h, bool transposed, Part c, int64_t columns,
                    ReflectScratch scratch) {
  for (int64_t j = 0; j < columns; j += reflectColumns) {
    const int64_t width = minOf(reflectColumns, columns - j);
    double* const at = c.at + j;
    Block<double> block{};
    block.count = 1;
    block.c = scratch.w;
    block.cRow = reflectColumns;
    block.alpha = 1;
    for (int64_t p = 0; p < h.length; p += reflectDepth) {
      block.depth = minOf(reflectDepth, h.length - p);
      block.beta = p == 0 ? 0 : 1;
      packRows<double>({h.v + p, h.stride, 1}, h.count, block.depth, scratch.a);
      packColumns<double>({at + p * c.step, 1, c.step}, width, block.depth, scratch.b);
      multiplyPacked<double>(block, h.count, width, scratch.a, scratch.b);
    }
    block.a = h.t;
    block.aRow = transposed ? 1 : blockWidth;
    block.aDepth = transposed ? blockWidth : 1;
    block.b = scratch.w;
    block.bDepth = reflectColumns;
    block.c = scratch.tw;
    block.depth = h.count;
    block.beta = 0;
    multiplyDirect<double>(block, h.count, width);
    packColumns<double>({scratch.tw, 1, reflectColumns}, width, h.count, scratch.b);
    block.alpha = -1;
    block.beta = 1;
    block.cRow = c.step;
    for (int64_t i = 0; i < h.length; i += updateRows) {
      const int64_t height = minOf(updateRows, h.length - i);
      packRows<double>({h.v + i, 1, h.stride}, height, h.count, scratch.a);
      block.c = at + i * c.step;
      multiplyPacked<double>(block, height, width, scratch.a, scratch.b);
    }
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
