// exp and all that is made of it, and powers. Reduced arguments and the leading terms are carried
// in two doubles; the polynomials are Chebyshev interpolants of 60-digit values
// (test/goldens/fit-vector-math.py).
#pragma once

#include "kernels/math/logarithm-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr double log2e = 0x1.71547652b82fep+0;
// (e^r - 1 - r - r²/2) / r³ for |r| ≤ ln 2 / 2.
constexpr double expTail[] = {0x1.5555555555556p-3,  0x1.5555555555555p-5,  0x1.11111111109a6p-7,
                              0x1.6c16c16c167dap-10, 0x1.a01a01a7cebcdp-13, 0x1.a01a01a48116fp-16,
                              0x1.71de0d85293b8p-19, 0x1.27e4e1dcf773bp-22, 0x1.af390ba7e6f47p-26,
                              0x1.1f6717774d5e0p-29};

// e^x = m · 2^k; `place` is k where a double has its exponent.
struct Exponential {
  DD m;
  D k;
  I place;
};
// e^(r + low) for reduced arguments.
EC_INLINE DD expReduced(D r, D low) {
  const D half = r * 0.5;
  const D first = fused(half, r, r);
  const D rest = fused(half, r, r - first);
  const DD s = fastSum(all(1), first);
  const D tail = fused(r * r * r, series(expTail, r), rest);
  return {s.h, s.l + (tail + fused(low, first, low))};
}
EC_INLINE Exponential expOf(DD x) {
  const D moved = fused(x.h, log2e, all(roundingMagic));
  const D k = moved - roundingMagic;
  // The first step is exact: both terms are multiples of 2^-54, and what is left is below ½.
  const DD r = fastSum(fused(-k, ln2, x.h), fused(-k, ln2Rest, x.l));
  return {expReduced(r.h, r.l), k, bitsOf(moved) << 52};
}
// m · 2^k, where that is a normal number.
EC_INLINE D near(Exponential e) { return ofBits(bitsOf(e.m.h + e.m.l) + e.place); }
// m · 2^(k - down), the first part at least 2^-1022.
EC_INLINE DD parts(Exponential e, int64_t down) {
  const D scale = ofBits(e.place + ((1023 - down) << 52));
  return {e.m.h * scale, e.m.l * scale};
}
EC_INLINE D far(Exponential e) { return scaled(e.m.h + e.m.l, e.k); }

EC_INLINE D expVector(D x) {
  const Exponential e = expOf({x, all(0)});
  if (anyLane(beyond(x, 708))) return x != x ? x : far(e);
  return near(e);
}
EC_INLINE D exp2Vector(D x) {
  const D moved = x + roundingMagic;
  const D k = moved - roundingMagic;
  const D f = x - k;
  const D r = f * ln2;
  const DD m = expReduced(r, fused(f, ln2Rest, fused(f, ln2, -r)));
  const Exponential e = {m, k, bitsOf(moved) << 52};
  if (anyLane(beyond(x, 1021))) {
    return x != x ? x : magnitude(x) < 1100 ? far(e) : x < 0 ? all(0) : all(infinity);
  }
  return near(e);
}
EC_INLINE D expm1Vector(D x) {
  const DD e = parts(expOf({x, all(0)}), 0);
  const DD less = exactSum(e.h, all(-1));
  D value = less.h + (less.l + e.l);
  if (anyLane(beyond(x, 708))) {
    value = x >= 708 ? expVector(x) : value;
    value = x <= -708 ? all(-1) : value;
    value = x != x ? x : value;
  }
  return x == 0 ? x : value;
}
// e^2a, of which tanh is made.
EC_INLINE DD tanhExp(D x) {
  const D a = limited(magnitude(x), 0, 22);
  return parts(expOf({a + a, all(0)}), 0);
}
EC_INLINE D tanhVector(D x, DD e) {
  const DD less = fastSum(e.h, all(-1));
  const DD more = fastSum(e.h, all(1));
  const DD t = quotient({less.h, less.l + e.l}, fastSum(more.h, more.l + e.l));
  return x != x ? x : withSign(t.h + t.l, x);
}
// A quarter of e^|x| for |x| ≤ 710.5, as twice that of sinh and cosh is still finite.
EC_INLINE DD quarterOfExp(D x) {
  return parts(expOf({limited(magnitude(x), 0, 710.5), all(0)}), 2);
}
EC_INLINE D sinhVector(D x, DD e) {
  // With E = e^|x|, sinh |x| = (E - 1 + (E - 1) / E) / 2.
  const DD less = fastSum(e.h, all(-0.25));
  const DD first = {less.h, less.l + e.l};
  const DD second = quotient({less.h * 0.25, first.l * 0.25}, fastSum(e.h, e.l));
  const DD sum = fastSum(first.h, second.h);
  const D value = 2 * (sum.h + (sum.l + (first.l + second.l)));
  return magnitude(x) < 0x1p-28 || x != x ? x : withSign(value, x);
}
EC_INLINE D coshVector(D x) {
  const DD e = quarterOfExp(x);
  const D value = 2 * (e.h + (e.l + 0.0625 / (e.h + e.l)));
  return x != x ? x : value;
}
EC_INLINE D sigmoidVector(D x) {
  const D e = expVector(-magnitude(x));
  const DD q = quotient(x < 0 ? e : all(1), fastSum(all(1), e));
  return x != x ? x : q.h + q.l;
}

// log(x^y) for positive normal x.
EC_INLINE DD logOfPower(Split x, D y) { return times(withPower(log1pPrecise(x.f), x.k), y); }
EC_INLINE DD powerLog(D x, D y) { return logOfPower(split(x), y); }
// x^y for all x and y there are, given |x|^y where both are finite and x is not 0.
EC_INLINE D powerSpecial(D x, D y, D value) {
  const D base = magnitude(x);
  const D size = magnitude(y);
  const auto whole = (size + 0x1p52) - 0x1p52 == size || size >= 0x1p52;
  const D half = size * 0.5;
  const auto even = (half + 0x1p52) - 0x1p52 == half || half >= 0x1p52;
  value = base == 0 ? (y < 0 ? all(infinity) : all(0)) : value;
  value = base == infinity ? (y < 0 ? all(0) : all(infinity)) : value;
  value = size == infinity ? ((base > 1) == (y > 0) ? all(infinity) : all(0)) : value;
  value = size == infinity && base == 1 ? all(notANumber) : value;
  const auto below = bitsOf(x) < 0;
  value = below && whole && !even ? -value : value;
  value = x < 0 && base != infinity && size != infinity && !whole ? all(notANumber) : value;
  value = x != x ? x : value;
  value = y != y ? y : value;
  return y == 0 ? all(1) : value;
}
__attribute__((noinline)) inline D powerOfAny(D x, D y) {
  const D base = magnitude(x);
  const auto tiny = base < 0x1p-1022;
  Split parts = split(tiny ? base * 0x1p54 : base);
  parts.k -= tiny ? all(54) : all(0);
  const DD product = logOfPower(parts, limited(y, -1e20, 1e20));
  const auto beyond = magnitude(product.h) > 1000;
  return powerSpecial(x, y,
                      far(expOf({limited(product.h, -1000, 1000), beyond ? all(0) : product.l})));
}
// x^y, given its logarithm.
EC_INLINE D powerVector(D x, D y, DD log) {
  if (anyLane(~(x >= 0x1p-1022 && x < infinity && magnitude(log.h) < 708))) return powerOfAny(x, y);
  return near(expOf(log));
}

EC_VECTOR_UNARY(exp, expVector)
EC_VECTOR_UNARY(exp2, exp2Vector)
EC_VECTOR_UNARY(expm1, expm1Vector)
EC_VECTOR_UNARY(log, logVector)
EC_VECTOR_UNARY(log2, log2Vector)
EC_VECTOR_UNARY(log10, log10Vector)
EC_VECTOR_UNARY(log1p, log1pVector)
EC_VECTOR_UNARY_IN_TWO(sinh, quarterOfExp, sinhVector)
EC_VECTOR_UNARY(cosh, coshVector)
EC_VECTOR_UNARY_IN_TWO(tanh, tanhExp, tanhVector)
EC_VECTOR_UNARY_IN_TWO(asinh, asinhArgument, asinhVector)
EC_VECTOR_UNARY_IN_TWO(acosh, acoshArgument, acoshVector)
EC_VECTOR_UNARY_IN_TWO(atanh, atanhArgument, atanhVector)
EC_VECTOR_UNARY(sigmoid, sigmoidVector)
EC_VECTOR_BINARY_IN_TWO(power, powerLog, powerVector)

// clang-format off
#define EC_KERNELS_EXPONENTIAL \
  EC_WIDE("exp", 1, expStretch) \
  EC_WIDE("exp2", 1, exp2Stretch) \
  EC_WIDE("expm1", 1, expm1Stretch) \
  EC_WIDE("log", 1, logStretch) \
  EC_WIDE("log2", 1, log2Stretch) \
  EC_WIDE("log10", 1, log10Stretch) \
  EC_WIDE("log1p", 1, log1pStretch) \
  EC_WIDE("sinh", 1, sinhStretch) \
  EC_WIDE("cosh", 1, coshStretch) \
  EC_WIDE("tanh", 1, tanhStretch) \
  EC_WIDE("asinh", 1, asinhStretch) \
  EC_WIDE("acosh", 1, acoshStretch) \
  EC_WIDE("atanh", 1, atanhStretch) \
  EC_WIDE("sigmoid", 1, sigmoidStretch) \
  EC_WIDE("power", 2, powerStretch)
// clang-format on

}  // namespace
}  // namespace everycore::EC_ISA
