// What the transcendental functions of f32 are made of: vectors of floats, sums with their rounding
// errors (Dekker, "A floating-point technique for extending the available precision", 1971) and
// fused multiply-adds. A function carries a number in two floats only where the last rounding alone
// would not keep it within one unit in the last place.
#pragma once

#include "kernels/math/multiply-add-inl.h"
#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace single_ {

using F = V<float>;
using J = V<int32_t>;

struct FF {
  F h;
  F l;
};

EC_INLINE F all(float x) { return broadcast<float>(x); }
EC_INLINE J bitsOf(F x) { return (J)x; }
EC_INLINE F ofBits(J x) { return (F)x; }
EC_INLINE F magnitude(F x) { return ofBits(bitsOf(x) & INT32_MAX); }
EC_INLINE F withSign(F x, F sign) {
  return ofBits((bitsOf(x) & INT32_MAX) | (bitsOf(sign) & INT32_MIN));
}
constexpr float infinity = __builtin_inff();
constexpr float notANumber = __builtin_nanf("");

EC_INLINE F fused(F a, F b, F c) { return EC_ISA::fused(a, b, c); }
EC_INLINE F fused(F a, float b, F c) { return EC_ISA::fused(a, all(b), c); }
EC_INLINE F fused(F a, float b, float c) { return EC_ISA::fused(a, all(b), all(c)); }

// Whether a comparison holds in a lane: what hardly ever is the case is computed apart.
EC_INLINE bool anyLane(J mask) {
#if EC_LEVEL == EC_ISA_avx512
  return __builtin_expect(_mm512_movepi32_mask((__m512i)mask) != 0, 0);
#elif EC_LEVEL == EC_ISA_avx2
  return __builtin_expect(_mm256_movemask_ps((__m256)mask) != 0, 0);
#elif defined(__x86_64__)
  return __builtin_expect(_mm_movemask_ps((__m128)mask) != 0, 0);
#else
  return __builtin_expect(vmaxvq_u32((uint32x4_t)mask) != 0, 0);
#endif
}

EC_INLINE FF fastSum(F a, F b) {  // |a| ≥ |b|, or a = 0
  const F s = a + b;
  return {s, b - (s - a)};
}
EC_INLINE FF exactSum(F a, F b) {
  const F s = a + b;
  const F back = s - a;
  return {s, (a - (s - back)) + (b - back)};
}
// To within a rounding of the quotient of their sums.
EC_INLINE F quotient(FF a, FF b) {
  const F inverse = 1 / b.h;
  const F q = a.h * inverse;
  return fused(fused(-q, b.h, a.h) + fused(-q, b.l, a.l), inverse, q);
}

// NaN stays.
EC_INLINE F limited(F x, float low, float high) {
  const F least = x < low ? all(low) : x;
  return least > high ? all(high) : least;
}

// The nearest whole number of |x| < 2^22: adding the magic number leaves it in the lowest bits.
constexpr float roundingMagic = 0x1.8p23f;
struct Whole {
  F value;
  J count;
};
EC_INLINE Whole wholeOf(F shifted) {
  return {shifted - roundingMagic, bitsOf(shifted) - bitsOf(all(roundingMagic))};
}

EC_INLINE F powerOf2(J k) { return ofBits((k + 127) << 23); }
// x · 2^k in two steps, so that results below the normal numbers come out too.
EC_INLINE F scaled(F x, J k) {
  const J half = k >> 1;
  return x * powerOf2(half) * powerOf2(k - half);
}

// A polynomial, the lowest power first in the list: Horner's rule for the even and for the odd
// powers side by side, as each step waits for the one before.
template <int n>
EC_INLINE F series(const float (&c)[n], F x) {
  const F square = x * x;
  F even = all(c[(n - 1) / 2 * 2]);
  F odd = all(c[n / 2 * 2 - 1]);
#pragma GCC unroll 16
  for (int i = (n - 1) / 2 * 2 - 2; i >= 0; i -= 2) even = fused(even, square, all(c[i]));
#pragma GCC unroll 16
  for (int i = n / 2 * 2 - 3; i >= 0; i -= 2) odd = fused(odd, square, all(c[i]));
  return fused(odd, x, even);
}

template <class G>
EC_INLINE void mapSingles(const Inputs& in, void* to, int64_t count, G function) {
  const float* const x = in.as<float>(0);
  float* const out = static_cast<float*>(to);
  constexpr int64_t step = lanes<float>;
  if (in.step[0] == 0) {
    const F value = function(all(x[0]));
    for (int64_t i = 0; i < count; ++i) out[i] = value[0];
    return;
  }
  int64_t i = 0;
  for (; i + step <= count; i += step) store<float>(out + i, function(load<float>(x + i)));
  if (i < count) storePart<float>(out + i, function(loadPart<float>(x + i, count - i)), count - i);
}

#define EC_SINGLE_UNARY(name, function)                                          \
  inline void name##Stretch(const Inputs& in, void* to, int64_t count) {         \
    mapSingles(in, to, count, [](F x) EC_INLINE_LAMBDA { return function(x); }); \
  }

}  // namespace single_
}  // namespace
}  // namespace everycore::EC_ISA
