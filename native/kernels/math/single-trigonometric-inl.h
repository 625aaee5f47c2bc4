// Sines and tangents of floats: Cody and Waite's reduction in three parts with fused multiply-adds,
// so that the first difference is exact; vectors with larger arguments go through the kernels of
// doubles. test/goldens/fit-single-math.py makes the polynomials and the parts of π/2.
#pragma once

#include "kernels/math/single-math.h"
#include "kernels/math/trigonometric-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace single_ {

// sin r = r + r³ · sinTail(r²), cos r = 1 - r²/2 + r⁴ · cosTail(r²) for |r| ≤ π/4.
constexpr float sinTail[] = {-0x1.555556p-3f, 0x1.111164p-7f, -0x1.a0483p-13f, 0x1.77c742p-19f};
constexpr float cosTail[] = {0x1.555556p-5f, -0x1.6c175p-10f, 0x1.a063d6p-16f, -0x1.32b7c6p-22f};

struct Angle {
  FF r;  // x = r + k · π/2
  J k;
};
// For |x| < 2^17.
EC_INLINE Angle reduced(F x) {
  const Whole k = wholeOf(fused(x, 0x1.45f306p-1f, roundingMagic));
  const F first = fused(k.value, -0x1.921fb6p+0f, x);
  const F second = k.value * 0x1.777a5cp-25f;
  const FF sum = exactSum(first, second);
  const F rest = sum.l + fused(k.value, all(0x1.777a5cp-25f), -second);
  return {{sum.h, fused(k.value, 0x1.ee59dap-50f, rest)}, k.count};
}
// The values as sums of which the second is small.
EC_INLINE FF sinOf(FF r) {
  const F z = r.h * r.h;
  return {r.h, fused(r.h * z, series(sinTail, z), fused(z * -0.5f, r.l, r.l))};
}
EC_INLINE FF cosOf(FF r) {
  const F half = r.h * -0.5f;
  const F z = r.h * r.h;
  const F w = fused(half, r.h, all(1));
  const F rest = fused(half, r.h, 1 - w);
  return {w, fused(z * z, series(cosTail, z), fused(-r.h, r.l, rest))};
}
EC_INLINE F sinOrCos(Angle a, J quadrant) {
  const FF s = sinOf(a.r);
  const FF c = cosOf(a.r);
  const auto odd = (quadrant & 1) != 0;
  const F value = (odd ? c.h : s.h) + (odd ? c.l : s.l);
  return ofBits(bitsOf(value) ^ ((quadrant & 2) << 30));
}
// `value`, and by a kernel of doubles where |x| is larger: there alone, as a result must not depend
// on what lies beside it.
template <class G>
EC_INLINE F completed(F x, F value, G function) {
  const auto large = magnitude(x) >= 0x1p17f;
  if (!anyLane((J)large)) return value;
  float lane[lanes<float>];
  store<float>(lane, x);
  for (int i = 0; i < lanes<float>; i += lanes<double>)
    narrowed(function(widened(lane + i)), lane + i);
  return large ? load<float>(lane) : value;
}
EC_INLINE F sinVector(F x) {
  const Angle a = reduced(x);
  return completed(x, x == 0 ? x : sinOrCos(a, a.k),
                   [](D y) EC_INLINE_LAMBDA { return EC_ISA::sinVector(y); });
}
EC_INLINE F cosVector(F x) {
  const Angle a = reduced(x);
  return completed(x, sinOrCos(a, a.k + 1),
                   [](D y) EC_INLINE_LAMBDA { return EC_ISA::cosVector(y); });
}
EC_INLINE F tanVector(F x) {
  const Angle a = reduced(x);
  const FF sine = sinOf(a.r);
  const FF cosine = cosOf(a.r);
  const FF s = fastSum(sine.h, sine.l);
  const FF c = fastSum(cosine.h, cosine.l);
  const auto odd = (a.k & 1) != 0;
  const F value =
      quotient({odd ? -c.h : s.h, odd ? -c.l : s.l}, {odd ? s.h : c.h, odd ? s.l : c.l});
  return completed(x, magnitude(x) < 0x1p-13f ? x : value,
                   [](D y) EC_INLINE_LAMBDA { return EC_ISA::tanVector(y); });
}

EC_SINGLE_UNARY(sin, sinVector)
EC_SINGLE_UNARY(cos, cosVector)
EC_SINGLE_UNARY(tan, tanVector)

#define EC_KERNELS_SINGLE_TRIGONOMETRIC    \
  EC_SINGLE("sin", 1, single_::sinStretch) \
  EC_SINGLE("cos", 1, single_::cosStretch) \
  EC_SINGLE("tan", 1, single_::tanStretch)

}  // namespace single_
}  // namespace
}  // namespace everycore::EC_ISA
