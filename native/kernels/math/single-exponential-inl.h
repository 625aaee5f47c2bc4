// exp and what is made of it, for f32. The polynomials are made by test/goldens/fit-single-math.py.
#pragma once

#include "kernels/math/single-math.h"

namespace everycore::EC_ISA {
namespace {
namespace single_ {

constexpr float ln2 = 0x1.62e43p-1f, ln2Rest = -0x1.05c61p-29f;
constexpr float log2e = 0x1.715476p+0f;
// (e^r - 1 - r) / r², and (e^r - 1 - r - r²/2) / r³, for |r| ≤ ln 2 / 2.
constexpr float expTail[] = {0x1.fffff8p-2f, 0x1.55548ap-3f, 0x1.555b8ap-5f, 0x1.123ecap-7f,
                             0x1.68674ep-10f};
constexpr float expm1Tail[] = {0x1.555554p-3f, 0x1.5554eep-5f, 0x1.111304p-7f, 0x1.6d465ep-10f,
                               0x1.9e147p-13f};
// (2^f - 1 - f · ln 2) / f² for |f| ≤ ½.
constexpr float exp2Tail[] = {0x1.ebfbd8p-3f, 0x1.c6af84p-5f, 0x1.3b30b2p-7f, 0x1.5f0654p-10f,
                              0x1.3f8e34p-13f};
// tanh x = x + x³ · tanhTail(x²) for |x| ≤ 5/8, sinh x = x + x³ · sinhTail(x²) for |x| ≤ 1.
constexpr float tanhTail[] = {-0x1.555554p-2f, 0x1.11107ap-3f,  -0x1.b9f19p-5f,
                              0x1.63a616p-6f,  -0x1.0c64d2p-7f, 0x1.1a45cap-9f};
constexpr float sinhTail[] = {0x1.555556p-3f, 0x1.1110eap-7f, 0x1.a01c22p-13f, 0x1.76771ep-19f};

struct Exponential {
  FF m;  // e^x = (h + l) · 2^k, l small beside h
  J k;
};
EC_INLINE Exponential expOf(F x) {
  const Whole k = wholeOf(fused(x, log2e, roundingMagic));
  const F r = fused(k.value, -ln2Rest, fused(k.value, -ln2, x));
  const FF lead = fastSum(all(1), r);
  return {{lead.h, fused(r * r, series(expTail, r), lead.l)}, k.count};
}
EC_INLINE F expVector(F x) {
  const Exponential e = expOf(limited(x, -104, 89));
  return scaled(e.m.h + e.m.l, e.k);
}
EC_INLINE F exp2Vector(F x) {
  const F limit = limited(x, -151, 129);
  const Whole k = wholeOf(limit + roundingMagic);
  const F f = limit - k.value;
  const F tail = fused(f * f, series(exp2Tail, f), f * ln2Rest);
  return scaled(1 + fused(f, ln2, tail), k.count);
}
EC_INLINE F expm1Vector(F x) {
  const F limit = limited(x, -18, 89);
  const Whole k = wholeOf(fused(limit, log2e, roundingMagic));
  const F first = fused(k.value, -ln2, limit);
  const F r = fused(k.value, -ln2Rest, first);
  const F low = fused(k.value, -ln2Rest, first - r);
  const F z = r * r;
  const F tail = fused(r * z, series(expm1Tail, r), fused(z, 0.5f, fused(r, low, low)));
  // (1 + r + tail) · 2^k - 1, halved so that 2^k does not overflow.
  const F scale = powerOf2(k.count - 1);
  const FF lead = fastSum(scale, all(-0.5f));
  const FF sum = fastSum(lead.h, scale * r);
  const F value = sum.h + fused(scale, tail, sum.l + lead.l);
  return magnitude(x) < 0x1p-25f ? x : value + value;
}
// 1 - 2 / (1 + e^2|x|), or a polynomial.
EC_INLINE F tanhVector(F x) {
  const F z = x * x;
  const F near = fused(x * z, series(tanhTail, z), x);
  const Exponential e = expOf(limited(magnitude(x), 0, 10) * 2);
  const FF m = fastSum(e.m.h, e.m.l);
  const F scale = powerOf2(e.k);
  const FF sum = fastSum(m.h * scale, all(1));
  const F q = 2 / sum.h;
  const FF far = fastSum(all(1), -q);
  const F value = far.h + fused(q * q * 0.5f, fused(m.l, scale, sum.l), far.l);
  return magnitude(x) < 0.625f ? near : withSign(value, x);
}

// e^|x| = (h + l) · 2^k, and 2^-2k / h, which is e^-|x| on the same scale.
struct TwoSided {
  FF up;
  F down;
  J k;
};
EC_INLINE TwoSided twoSided(F x) {
  const Exponential e = expOf(limited(magnitude(x), 0, 91));
  const J shift = e.k > 60 ? e.k * 0 + 60 : e.k;
  return {e.m, powerOf2(shift * -2) / (e.m.h + e.m.l), e.k};
}
EC_INLINE F sinhVector(F x) {
  const F z = x * x;
  const F near = fused(x * z, series(sinhTail, z), x);
  const TwoSided e = twoSided(x);
  const F far = scaled(e.up.h + (e.up.l - e.down), e.k - 1);
  return magnitude(x) < 1 ? near : withSign(far, x);
}
EC_INLINE F coshVector(F x) {
  const TwoSided e = twoSided(x);
  return scaled(e.up.h + (e.up.l + e.down), e.k - 1);
}
// 1 / (1 + e^-x) for x ≥ 0, e^x / (1 + e^x) below.
EC_INLINE F sigmoidVector(F x) {
  const Exponential e = expOf(-limited(magnitude(x), 0, 104));
  const FF m = fastSum(e.m.h, e.m.l);
  const F scale = powerOf2(e.k < -60 ? e.k * 0 - 60 : e.k);
  const FF sum = fastSum(all(1), m.h * scale);
  const auto below = x < 0;
  const F value =
      quotient({below ? m.h : all(1), below ? m.l : all(0)}, {sum.h, fused(m.l, scale, sum.l)});
  return scaled(value, below & e.k);
}

EC_SINGLE_UNARY(exp, expVector)
EC_SINGLE_UNARY(exp2, exp2Vector)
EC_SINGLE_UNARY(expm1, expm1Vector)
EC_SINGLE_UNARY(sinh, sinhVector)
EC_SINGLE_UNARY(cosh, coshVector)
EC_SINGLE_UNARY(tanh, tanhVector)
EC_SINGLE_UNARY(sigmoid, sigmoidVector)

#define EC_KERNELS_SINGLE_EXPONENTIAL          \
  EC_SINGLE("exp", 1, single_::expStretch)     \
  EC_SINGLE("exp2", 1, single_::exp2Stretch)   \
  EC_SINGLE("expm1", 1, single_::expm1Stretch) \
  EC_SINGLE("sinh", 1, single_::sinhStretch)   \
  EC_SINGLE("cosh", 1, single_::coshStretch)   \
  EC_SINGLE("tanh", 1, single_::tanhStretch)   \
  EC_SINGLE("sigmoid", 1, single_::sigmoidStretch)

}  // namespace single_
}  // namespace
}  // namespace everycore::EC_ISA
