// Logarithms and the inverses of the hyperbolic functions. An argument is 2^k · (1 + f) with 1 + f
// between √½ and √2, and log(1 + f) a series in s = f / (2 + f), which stands for the division by
// tabled numbers (Tang, "Table-driven implementation of the logarithm function", 1990) on all CPU
// levels alike. The polynomials are Chebyshev interpolants of 60-digit values
// (test/goldens/fit-vector-math.py).
#pragma once

#include "kernels/math/vector-math.h"

namespace everycore::EC_ISA {
namespace {

constexpr double ln2 = 0x1.62e42fefa39efp-1, ln2Rest = 0x1.abc9e3b39803fp-56;
// The first of these has 42 bits: its product with a whole number below 2^11 is exact.
constexpr double ln2High = 0x1.62e42fefa3800p-1, ln2Low = 0x1.ef35793c76730p-45;
constexpr double log10of2High = 0x1.34413509f7800p-2, log10of2Low = 0x1.fef311f12b358p-46;
// log((1+s)/(1-s)) = 2s + s³ · logTail(s²), logTail(t) = 2/3 + t · logTailRest(t).
constexpr double logTail[] = {0x1.5555555555558p-1, 0x1.99999999949d0p-2, 0x1.2492492eefe17p-2,
                              0x1.c71c61a40ddfbp-3, 0x1.74630f3e18fa7p-3, 0x1.39f2bba043e06p-3,
                              0x1.2be6c99b32a48p-3};
constexpr double logTailRest[] = {0x1.999999999999ap-2, 0x1.2492492492537p-2, 0x1.c71c71c6e441bp-3,
                                  0x1.745d17802c2c5p-3, 0x1.3b139383219ecp-3, 0x1.11194432dbb5fp-3,
                                  0x1.df6309497fd78p-4, 0x1.e1390904a24bap-4};

// x = (1 + f) · 2^k for positive normal numbers.
struct Split {
  D f;
  D k;
};
EC_INLINE Split split(D x) {
  using U = V<uint64_t>;
  constexpr int64_t rootHalf = 0x3fe6a09e667f3bcd;
  const I moved = bitsOf(x) + (0x3ff0000000000000 - rootHalf);
  const D m = ofBits((moved & 0x000fffffffffffff) + rootHalf);
  const D k = ofBits((I)((U)moved >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
  return {m - 1, k};
}

// log(1 + f); the second part may be as large as a tenth of the first.
EC_INLINE DD log1pReduced(D f) {
  const D half = f * 0.5;
  const D first = fused(-half, f, f);
  const D rest = fused(-half, f, f - first);
  const D s = f / (f + 2);
  const D z = s * s;
  return {first, fused(s, fused(half, f, z * series(logTail, z)), rest)};
}
// The same to about 2^-68 of its size, for powers.
EC_INLINE DD log1pPrecise(D f) {
  const DD s = quotient(f, fastSum(all(2), f));
  const DD z = times(s, s);
  const D tail = series(logTailRest, z.h);
  const DD sum = fastSum(all(0x1.5555555555555p-1), z.h * tail);
  const DD factor = {sum.h, sum.l + fused(z.l, tail, 0x1.5555555555555p-55)};
  const DD last = times(s, times(z, factor));
  const DD log = fastSum(s.h + s.h, last.h);
  return {log.h, log.l + fused(s.l, 2, last.l)};
}
// v + k · ln 2.
EC_INLINE DD withPower(DD v, D k) {
  const DD high = fastSum(k * ln2High, v.h);
  return {high.h, high.l + fused(k, ln2Low, v.l)};
}

// A logarithm by a function of the split argument, and its values where the argument is no positive
// normal number.
template <class F>
EC_INLINE D logarithm(D x, F f) {
  constexpr int64_t least = 0x0010000000000000, beyond = 0x7ff0000000000000;
  if (!anyLane(bitsOf(x) - (INT64_MIN + least) > beyond - least - 1 + INT64_MIN))
    return f(split(x));
  const auto tiny = x < 0x1p-1022;
  Split parts = split(tiny ? x * 0x1p54 : x);
  parts.k -= tiny ? all(54) : all(0);
  D value = f(parts);
  value = x == 0 ? all(-infinity) : value;
  value = x < 0 ? all(notANumber) : value;
  return x == infinity || x != x ? x : value;
}
EC_INLINE D logVector(D x) {
  return logarithm(x, [](Split x) EC_INLINE_LAMBDA {
    const DD v = withPower(log1pReduced(x.f), x.k);
    return v.h + v.l;
  });
}
// A logarithm to a base: `scale` is 1 / log(base), `two` the logarithm of 2.
EC_INLINE D logToBase(Split x, double scale, double scaleLow, double two, double twoLow) {
  const DD natural = log1pReduced(x.f);
  const DD v = fastSum(natural.h, natural.l);
  const D p = v.h * scale;
  const D low = fused(v.h, scale, -p) + fused(v.h, scaleLow, v.l * scale);
  const DD high = fastSum(x.k * two, p);
  return high.h + (high.l + fused(x.k, twoLow, low));
}
EC_INLINE D log2Vector(D x) {
  return logarithm(x, [](Split x) EC_INLINE_LAMBDA {
    return logToBase(x, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56, 1, 0);
  });
}
EC_INLINE D log10Vector(D x) {
  return logarithm(x, [](Split x) EC_INLINE_LAMBDA {
    return logToBase(x, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57, log10of2High, log10of2Low);
  });
}

// log(1 + x) for -1 < x < 2^1000.
EC_INLINE D log1pOf(DD x) {
  const DD u = exactSum(all(1), x.h);
  const Split parts = split(u.h);
  // What 1 + x lost comes back at its own power of two; where k is 0, f is all of x again.
  const DD f = fastSum(parts.f, (u.l + x.l) * powerOf2(wholeOf(-parts.k)));
  DD v = log1pReduced(f.h);
  v.l += fused(-f.l, f.h, f.l);
  v = withPower(v, parts.k);
  return v.h + v.l;
}
// log(2x) for large finite x.
EC_INLINE D logTwice(D x) {
  const Split parts = split(x);
  const DD v = withPower(log1pReduced(parts.f), parts.k + 1);
  return v.h + v.l;
}
EC_INLINE D log1pVector(D x) {
  D value = log1pOf({x, all(0)});
  if (anyLane(~(x > -1 && x < 0x1p1000))) {
    value = x >= 0x1p1000 ? logVector(x) : value;
    value = x == -1 ? all(-infinity) : value;
    value = x < -1 ? all(notANumber) : value;
    value = x != x ? x : value;
  }
  return x == 0 ? x : value;
}
// Of the inverses, what the logarithm of one more is taken of comes first.
EC_INLINE DD asinhArgument(D x) {
  const D a = magnitude(x);
  return fastSum(a, a * a / (1 + squareRoot(fused(a, a, 1))));
}
EC_INLINE D asinhVector(D x, DD argument) {
  const D a = magnitude(x);
  D value = log1pOf(argument);
  if (anyLane(~(a < 0x1p28))) {
    value = a >= 0x1p28 ? logTwice(a) : value;
    value = a == infinity || x != x ? x : value;
  }
  return withSign(value, x);
}
EC_INLINE DD acoshArgument(D x) {
  const D t = x - 1;
  return exactSum(t, squareRoot(fused(t, t, t + t)));
}
EC_INLINE D acoshVector(D x, DD argument) {
  D value = log1pOf(argument);
  if (anyLane(~(x >= 1 && x < 0x1p28))) {
    value = x >= 0x1p28 ? logTwice(x) : value;
    value = x < 1 ? all(notANumber) : value;
    value = x == infinity || x != x ? x : value;
  }
  return value;
}
EC_INLINE DD atanhArgument(D x) {
  const D a = magnitude(x);
  return quotient(a + a, fastSum(all(1), -a));
}
EC_INLINE D atanhVector(D x, DD argument) {
  const D a = magnitude(x);
  D value = log1pOf(argument) * 0.5;
  if (anyLane(~(a < 1))) {
    value = a == 1 ? all(infinity) : value;
    value = a > 1 ? all(notANumber) : value;
    value = x != x ? x : value;
  }
  return withSign(value, x);
}

}  // namespace
}  // namespace everycore::EC_ISA
