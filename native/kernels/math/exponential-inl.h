// exp, log and all that is made of them. Reduced arguments and the leading terms are carried in two
// doubles; the polynomials are Chebyshev interpolants of 60-digit values
// (test/goldens/fit-vector-math.py).
#pragma once

#include "kernels/math/vector-math.h"

namespace everycore::EC_ISA {
namespace {

constexpr double ln2High = 0x1.62e42fefa3800p-1,
                 ln2Low = 0x1.ef35793c76730p-45;  // the first has 42 bits
constexpr double log2e = 0x1.71547652b82fep+0;
// (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2.
constexpr double expTail[] = {0x1.0000000000000p-1,  0x1.5555555555555p-3,  0x1.5555555555557p-5,
                              0x1.1111111111111p-7,  0x1.6c16c16c158f5p-10, 0x1.a01a01a0195e6p-13,
                              0x1.a01a01aa828e2p-16, 0x1.71de3a5af94e9p-19, 0x1.27e4d2841fc93p-22,
                              0x1.ae642ad2afd38p-26, 0x1.1f820dbf5e732p-29, 0x1.61c2c1ba3877dp-33};
// log((1+s)/(1-s)) = 2s + s³ · logTail(s²).
constexpr double logTail[] = {0x1.5555555555555p-1, 0x1.9999999999a4fp-2, 0x1.249249247343fp-2,
                              0x1.c71c72078b928p-3, 0x1.745cf674f6889p-3, 0x1.3b1cbf421a439p-3,
                              0x1.0fb04d4fa4e54p-3, 0x1.0c97816496c47p-3};
// (logTail(t) - 2/3 - 2/5·t) / t², for the precise logarithm.
constexpr double logTailRest[] = {0x1.2492492492492p-2, 0x1.c71c71c71c849p-3, 0x1.745d17459e1c1p-3,
                                  0x1.3b13b1706692fp-3, 0x1.1110f5e92c09cp-3, 0x1.e1f0ddf392294p-4,
                                  0x1.ace0bc2dcee8cp-4, 0x1.b3d47c0f2eee2p-4};

struct Exponential {
  DD m;  // e^x = m · 2^k; the first of the two is the nearest double already
  D k;
};
// e^(r + low) for reduced arguments.
EC_INLINE DD expReduced(D r, D low) {
  const DD s = fastSum(all(1), r);
  const D tail = r * r * series(expTail, r);
  return fastSum(s.h, s.l + (tail + (low + low * r)));
}
EC_INLINE Exponential expOf(DD x) {
  const D k = nearest(x.h * log2e);
  // Where the first is the smaller, both are so small that what is lost does not count beside 1.
  const DD r = fastSum(x.h - k * ln2High, x.l - k * ln2Low);
  return {expReduced(r.h, r.l), k};
}
EC_INLINE D limited(D x, double low, double high) {
  const D least = x < low ? all(low) : x;
  return least > high ? all(high) : least;
}
EC_INLINE D expVector(D x) {
  const Exponential e = expOf({limited(x, -746, 710), all(0)});
  return scaled(e.m.h, e.k);
}
EC_INLINE D exp2Vector(D x) {
  const D limit = limited(x, -1080, 1025);
  const D k = nearest(limit);
  const D f = limit - k;
  const DD r = exactProduct(f, all(0x1.62e42fefa39efp-1));
  const DD m = expReduced(r.h, r.l + f * 0x1.abc9e3b39803fp-56);
  return scaled(m.h, k);
}
// e^x - 1 for |x| ≤ 700.
EC_INLINE DD expm1Of(D x) {
  const Exponential e = expOf({x, all(0)});
  const D scale = powerOf2(wholeOf(e.k));
  return plus(DD{e.m.h * scale, e.m.l * scale}, all(-1));
}
EC_INLINE D expm1Vector(D x) {
  const DD e = expm1Of(limited(x, -700, 700));
  const D value = x > 700 ? expVector(x) : e.h + e.l;
  return magnitude(x) < 0x1p-54 ? x : value;
}
EC_INLINE D tanhVector(D x) {
  const DD e = expm1Of(limited(magnitude(x), 0, 22) * 2);
  const DD t = quotient(e, plus(e, all(2)));
  const D value = magnitude(x) < 0x1p-28 ? x : t.h + t.l;
  return x != x ? x : withSign(value, x);
}
EC_INLINE D sinhVector(D x) {
  const D a = magnitude(x);
  const DD e = expm1Of(limited(a, 0, 22));
  const DD s = plus(e, quotient(e, plus(e, all(1))));
  const Exponential far = expOf({limited(a, 0, 712), all(0)});
  const D value = a > 22 ? scaled(far.m.h + far.m.l, far.k - 1) : (s.h + s.l) * 0.5;
  return x != x ? x : withSign(a < 0x1p-28 ? x : value, x);
}
EC_INLINE D coshVector(D x) {
  const D a = magnitude(x);
  const Exponential far = expOf({limited(a, 0, 712), all(0)});
  const Exponential near = expOf({limited(a, 0, 22), all(0)});
  const D scale = powerOf2(wholeOf(near.k));
  const DD e = {near.m.h * scale, near.m.l * scale};
  const DD s = plus(e, quotient({all(1), all(0)}, e));
  const D value = a > 22 ? scaled(far.m.h + far.m.l, far.k - 1) : (s.h + s.l) * 0.5;
  return x != x ? x : value;
}
EC_INLINE D sigmoidVector(D x) {
  const D a = -limited(magnitude(x), 0, 60);
  const Exponential e = expOf({a, all(0)});
  const D scale = powerOf2(wholeOf(e.k));
  const DD t = {e.m.h * scale, e.m.l * scale};
  const DD q = quotient({x < 0 ? t.h : all(1), x < 0 ? t.l : all(0)}, plus(t, all(1)));
  const D value = x < -50 ? expVector(x) : q.h + q.l;
  return x != x ? x : value;
}

struct Reduced {
  DD log;  // of a number in [√½, √2)
  D k;
};
// log(x) = log + k · ln 2 for positive finite x. `precise`: to about 2^-70 of its size, for powers.
template <bool precise>
EC_INLINE Reduced logOf(D x) {
  const auto tiny = x < 0x1p-1022;
  const D normal = tiny ? x * 0x1p54 : x;
  constexpr int64_t rootHalf = 0x3fe6a09e667f3bcd;
  using U = V<uint64_t>;
  const I k = (I)((U)(bitsOf(normal) + (0x3ff0000000000000 - rootHalf)) >> 52) - 1023;
  const D m = ofBits(bitsOf(normal) - (k << 52));
  const D f = m - 1;
  const DD s = quotient({f, all(0)}, exactSum(all(2), f));
  const D exponent = doubleOf(k) - (tiny ? all(54) : all(0));
  if constexpr (!precise) {
    const D z = s.h * s.h;
    const DD log = fastSum(s.h + s.h, (s.l + s.l) + s.h * z * series(logTail, z));
    return {log, exponent};
  } else {
    const DD z = times(s, s);
    const DD second = plus(times(z, z.h * series(logTailRest, z.h)),
                           times(z, DD{all(0x1.999999999999ap-2), all(-0x1.999999999999ap-56)}));
    const DD tail =
        times(times(s, z), plus(DD{all(0x1.5555555555555p-1), all(0x1.5555555555555p-55)}, second));
    return {plus(DD{s.h + s.h, s.l + s.l}, tail), exponent};
  }
}
EC_INLINE DD logSum(Reduced r) {
  const DD high = exactSum(r.k * ln2High, r.log.h);
  return fastSum(high.h, high.l + (r.log.l + r.k * ln2Low));
}
// The values of a logarithm where its argument is no positive finite number.
EC_INLINE D logSpecial(D x, D value) {
  const D zero = x == 0 ? all(-infinity) : value;
  const D known = x < 0 ? all(notANumber) : zero;
  return x == infinity || x != x ? x : known;
}
EC_INLINE D logVector(D x) { return logSpecial(x, logSum(logOf<false>(x)).h); }
EC_INLINE D log2Vector(D x) {
  const Reduced r = logOf<false>(x);
  const DD v = plus(times(r.log, DD{all(0x1.71547652b82fep+0), all(0x1.777d0ffda0d24p-56)}), r.k);
  return logSpecial(x, v.h + v.l);
}
EC_INLINE D log10Vector(D x) {
  const DD v =
      times(logSum(logOf<true>(x)), DD{all(0x1.bcb7b1526e50ep-2), all(0x1.95355baaafad3p-57)});
  return logSpecial(x, v.h + v.l);
}
// log(1 + x), x ≥ 0 in two doubles (or a lone x > -1).
EC_INLINE DD log1pOf(DD x) {
  const DD u = plus(DD{all(1), all(0)}, x);
  DD v = logSum(logOf<false>(u.h));
  return fastSum(v.h, v.l + u.l / u.h);
}
EC_INLINE D log1pVector(D x) {
  const DD v = log1pOf({x, all(0)});
  const D value = magnitude(x) < 0x1p-54 ? x : v.h == 0 ? v.l : v.h + v.l;
  const D edge = x == -1 ? all(-infinity) : value;
  const D known = x < -1 ? all(notANumber) : edge;
  return x == infinity || x != x ? x : known;
}
EC_INLINE D asinhVector(D x) {
  const D a = limited(magnitude(x), 0, 0x1p28);
  const DD square = exactProduct(a, a);
  const DD u = plus(quotient(square, plus(root(plus(square, all(1))), all(1))), a);
  const DD near = log1pOf(u);
  const DD far = logSum(logOf<false>(magnitude(x)));
  const DD wide = plus(far, DD{all(0x1.62e42fefa39efp-1), all(0x1.abc9e3b39803fp-56)});
  const D value = magnitude(x) > 0x1p28 ? wide.h + wide.l : near.h + near.l;
  const D known =
      magnitude(x) < 0x1p-28 || magnitude(x) == infinity || x != x ? x : withSign(value, x);
  return known;
}
EC_INLINE D acoshVector(D x) {
  const D a = limited(x, 1, 0x1p28);
  const DD t = exactSum(a, all(-1));
  const DD near = log1pOf(plus(t, root(times(t, plus(t, all(2))))));
  const DD far = logSum(logOf<false>(x));
  const DD wide = plus(far, DD{all(0x1.62e42fefa39efp-1), all(0x1.abc9e3b39803fp-56)});
  const D value = x > 0x1p28 ? wide.h + wide.l : near.h + near.l;
  const D edge = x == 1 ? all(0) : value;
  const D known = x < 1 ? all(notANumber) : edge;
  return x == infinity || x != x ? x : known;
}
EC_INLINE D atanhVector(D x) {
  const D a = limited(magnitude(x), 0, 0x1.fffffffffffffp-1);
  const DD v = log1pOf(quotient({a + a, all(0)}, exactSum(all(1), -a)));
  const D value = (v.h + v.l) * 0.5;
  const D edge = magnitude(x) == 1 ? all(infinity) : value;
  const D known = magnitude(x) > 1 ? all(notANumber) : withSign(edge, x);
  return magnitude(x) < 0x1p-28 || x != x ? x : known;
}

EC_INLINE D powerVector(D x, D y) {
  const D base = magnitude(x);
  const D exponent = limited(y, -1e20, 1e20);
  const DD product = times(logSum(logOf<true>(base)), exponent);
  const auto beyond = magnitude(product.h) > 1000;
  const Exponential e = expOf({limited(product.h, -1000, 1000), beyond ? all(0) : product.l});
  const D size = magnitude(y);
  const auto whole = (size + 0x1p52) - 0x1p52 == size || size >= 0x1p52;
  const D half = size * 0.5;
  const auto even = (half + 0x1p52) - 0x1p52 == half || half >= 0x1p52;
  D value = scaled(e.m.h, e.k);
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

EC_VECTOR_UNARY(exp, expVector)
EC_VECTOR_UNARY(exp2, exp2Vector)
EC_VECTOR_UNARY(expm1, expm1Vector)
EC_VECTOR_UNARY(log, logVector)
EC_VECTOR_UNARY(log2, log2Vector)
EC_VECTOR_UNARY(log10, log10Vector)
EC_VECTOR_UNARY(log1p, log1pVector)
EC_VECTOR_UNARY(sinh, sinhVector)
EC_VECTOR_UNARY(cosh, coshVector)
EC_VECTOR_UNARY(tanh, tanhVector)
EC_VECTOR_UNARY(asinh, asinhVector)
EC_VECTOR_UNARY(acosh, acoshVector)
EC_VECTOR_UNARY(atanh, atanhVector)
EC_VECTOR_UNARY(sigmoid, sigmoidVector)
EC_VECTOR_BINARY(power, powerVector)

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
  EC_DOUBLES("asinh", 1, asinhStretch) \
  EC_DOUBLES("acosh", 1, acoshStretch) \
  EC_DOUBLES("atanh", 1, atanhStretch) \
  EC_WIDE("sigmoid", 1, sigmoidStretch) \
  EC_DOUBLES("power", 2, powerStretch)
// clang-format on

}  // namespace
}  // namespace everycore::EC_ISA
