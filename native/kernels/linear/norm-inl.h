// The kernel "matrixNorm": of every line of a matrix the sum of squares, the sum of sizes or the
// largest size, in doubles. A unit is `normLines` lines.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// As src/matrix/norm.ts counts units; also the elements that are added up side by side.
constexpr int64_t normLines = 16;

template <class T>
struct Squares {
  typedef double Sum;
  static EC_INLINE Sum add(Sum sum, T x) {
    return sum + static_cast<double>(x) * static_cast<double>(x);
  }
  static Sum join(Sum a, Sum b) { return a + b; }
  static double result(Sum sum) { return sum; }
};

template <class T>
struct Sizes {
  typedef double Sum;
  static EC_INLINE Sum add(Sum sum, T x) { return sum + __builtin_fabs(static_cast<double>(x)); }
  static Sum join(Sum a, Sum b) { return a + b; }
  static double result(Sum sum) { return sum; }
};

template <class T>
struct BitsOf;
template <>
struct BitsOf<double> {
  typedef int64_t type;
};
template <>
struct BitsOf<float> {
  typedef int32_t type;
};

// Sizes are compared as the integers that their bits are: in this order NaN is above infinity.
template <class T>
struct Largest {
  typedef typename BitsOf<T>::type Sum;
  static EC_INLINE Sum add(Sum largest, T x) {
    Sum bits = 0;
    memcpy(&bits, &x, sizeof bits);
    bits &= static_cast<Sum>(~(Sum{1} << (8 * sizeof(Sum) - 1)));
    return bits > largest ? bits : largest;
  }
  static Sum join(Sum a, Sum b) { return a > b ? a : b; }
  static double result(Sum largest) {
    T size = 0;
    memcpy(&size, &largest, sizeof size);
    return static_cast<double>(size);
  }
};

// sums[l] of at[l], at[l + step], and so on.
template <class Op, class T>
void addUp(const T* at, int64_t step, int64_t count, typename Op::Sum* sums) {
  for (int64_t l = 0; l < normLines; ++l) sums[l] = 0;
  for (int64_t k = 0; k < count; ++k, at += step) {
    for (int64_t l = 0; l < normLines; ++l) sums[l] = Op::add(sums[l], at[l]);
  }
}

template <class Op, class T>
double normOfLine(const T* line, int64_t step, int64_t length) {
  typename Op::Sum sums[normLines] = {};
  int64_t k = 0;
  if (step == 1) {
    k = length / normLines * normLines;
    addUp<Op>(line, normLines, length / normLines, sums);
  }
  for (; k < length; ++k) sums[k % normLines] = Op::add(sums[k % normLines], line[k * step]);
  for (int64_t half = normLines / 2; half > 0; half /= 2) {
    for (int64_t l = 0; l < half; ++l) sums[l] = Op::join(sums[l], sums[l + half]);
  }
  return Op::result(sums[0]);
}

template <class Op, class T>
void normOfLines(const View& a, Range range, double* out) {
  const int64_t length = a.shape[2];
  const int64_t end = minOf(range.end * normLines, a.shape[1]);
  for (int64_t line = range.begin * normLines; line < end; line += normLines) {
    const T* const at = a.as<T>() + line * a.stride[1];
    const int64_t count = minOf(normLines, end - line);
    if (a.stride[1] == 1 && a.stride[2] != 1 && count == normLines) {
      typename Op::Sum sums[normLines];
      addUp<Op>(at, a.stride[2], length, sums);
      for (int64_t l = 0; l < normLines; ++l) out[line + l] = Op::result(sums[l]);
      continue;
    }
    for (int64_t l = 0; l < count; ++l) {
      out[line + l] = normOfLine<Op>(at + l * a.stride[1], a.stride[2], length);
    }
  }
}

// Views: A [lines, length] with any strides, out [lines]. Params: what is added up.
template <class T>
void matrixNorm(const Call& call, Range range, void*) noexcept {
  double* const out = call.views[1].as<double>();
  switch (static_cast<int>(call.params[0])) {
    case 0:
      return normOfLines<Squares<T>, T>(call.views[0], range, out);
    case 1:
      return normOfLines<Sizes<T>, T>(call.views[0], range, out);
    default:
      return normOfLines<Largest<T>, T>(call.views[0], range, out);
  }
}

#define EC_KERNELS_NORM                                                          \
  {"matrixNorm", Dtype::f64, {matrixNorm<double>, nullptr, nullptr, nullptr}}, { \
    "matrixNorm", Dtype::f32, { matrixNorm<float>, nullptr, nullptr, nullptr }   \
  }

}  // namespace
}  // namespace everycore::EC_ISA
