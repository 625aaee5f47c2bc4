// Straight lines of doubles: sums of products and multiples, with as many multiply-adds in flight
// as the processor has room for.
#pragma once

#include "kernels/matrix/lanes-inl.h"

namespace everycore::EC_ISA {
namespace {

EC_INLINE V<double> fused(V<double> a, V<double> b, V<double> c) {
  return multiplyAdd<double, EC_VECTOR_BYTES>(a, b, c);
}

// The sum of x[i]·y[i].
inline double dotLine(const double* x, const double* y, int64_t count) {
  constexpr int width = lanes<double>;
  V<double> sum[4] = {};
  int64_t i = 0;
  for (; i + 4 * width <= count; i += 4 * width) {
    EC_UNROLL
    for (int k = 0; k < 4; ++k) {
      sum[k] = fused(load(x + i + k * width), load(y + i + k * width), sum[k]);
    }
  }
  for (; i + width <= count; i += width) sum[0] = fused(load(x + i), load(y + i), sum[0]);
  if (i < count) {
    const Live<double, EC_VECTOR_BYTES> rest(count - i);
    sum[1] = fused(rest.load(x + i), rest.load(y + i), sum[1]);
  }
  const V<double> lanesTotal = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  double total = 0;
  for (int k = 0; k < width; ++k) total += lanesTotal[k];
  return total;
}

// y += factor·x.
inline void addLine(double* EC_RESTRICT y, const double* EC_RESTRICT x, double factor,
                    int64_t count) {
  constexpr int width = lanes<double>;
  const V<double> factors = broadcast(factor);
  int64_t i = 0;
  for (; i + width <= count; i += width) store(y + i, fused(factors, load(x + i), load(y + i)));
  if (i < count) {
    const Live<double, EC_VECTOR_BYTES> rest(count - i);
    rest.store(y + i, fused(factors, rest.load(x + i), rest.load(y + i)));
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
