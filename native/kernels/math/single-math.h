// What the transcendental functions of f32 are made of: vectors of floats, sums with their rounding
// errors and fused multiply-adds. A function carries a number in two floats only where the last
// rounding alone would not keep it within one unit in the last place.
#pragma once

#include "kernels/math/common-math.h"

namespace everycore::EC_ISA {
namespace {
namespace single_ {

using F = V<float>;
using J = V<int32_t>;
using FF = Two<F>;

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

#define EC_SINGLE_UNARY(name, function)                                                 \
  inline void name##Stretch(const Inputs& in, void* to, int64_t count) {                \
    mapVectors<float>(in, to, count, [](F x) EC_INLINE_LAMBDA { return function(x); }); \
  }

}  // namespace single_
}  // namespace
}  // namespace everycore::EC_ISA
