// What the transcendental functions of doubles (vector-math.h) and of floats (single-math.h) have
// in common: sums with their rounding errors (Dekker, "A floating-point technique for extending the
// available precision", 1971), polynomials, and the loops over the numbers.
#pragma once

#include "kernels/math/multiply-add-inl.h"
#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

// A number of twice the precision: the sum of two.
template <class Vector>
struct Two {
  Vector h;
  Vector l;
};

template <class Vector>
EC_INLINE Two<Vector> fastSum(Vector a, Vector b) {  // |a| ≥ |b|, or a = 0
  const Vector s = a + b;
  return {s, b - (s - a)};
}
template <class Vector>
EC_INLINE Two<Vector> exactSum(Vector a, Vector b) {
  const Vector s = a + b;
  const Vector back = s - a;
  return {s, (a - (s - back)) + (b - back)};
}

// A polynomial, the lowest power first in the list: Horner's rule for the even and for the odd
// powers side by side, as each step waits for the one before.
template <class Vector, class T, int n>
EC_INLINE Vector series(const T (&c)[n], Vector x) {
  const Vector square = x * x;
  Vector even = broadcast<T>(c[(n - 1) / 2 * 2]);
  Vector odd = broadcast<T>(c[n / 2 * 2 - 1]);
#pragma GCC unroll 32
  for (int i = (n - 1) / 2 * 2 - 2; i >= 0; i -= 2) even = fused(even, square, broadcast<T>(c[i]));
#pragma GCC unroll 32
  for (int i = n / 2 * 2 - 3; i >= 0; i -= 2) odd = fused(odd, square, broadcast<T>(c[i]));
  return fused(odd, x, even);
}

template <class T, class F>
EC_INLINE void mapVectors(const Inputs& in, void* to, int64_t count, F f) {
  const T* const x = in.as<T>(0);
  T* const out = static_cast<T*>(to);
  constexpr int64_t step = lanes<T>;
  if (in.step[0] == 0) {
    const V<T> value = f(broadcast<T>(x[0]));
    for (int64_t i = 0; i < count; ++i) out[i] = value[0];
    return;
  }
  int64_t i = 0;
  for (; i + step <= count; i += step) store<T>(out + i, f(load<T>(x + i)));
  if (i < count) storePart<T>(out + i, f(loadPart<T>(x + i, count - i)), count - i);
}

}  // namespace
}  // namespace everycore::EC_ISA
