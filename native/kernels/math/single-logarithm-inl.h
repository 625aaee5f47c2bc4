// Logarithms of f32: the exponent times a constant of 16 bits, which is exact, and log(1 + f) by a
// polynomial (test/goldens/fit-single-math.py makes it).
#pragma once

#include "kernels/math/single-math.h"

namespace everycore::EC_ISA {
namespace {
namespace single_ {

// (log(1 + f) - f + f²/2) / f³ for 1 + f in [√½, √2).
constexpr float logTail[] = {0x1.555546p-2f,  -0x1.00000ap-2f, 0x1.99a546p-3f,
                             -0x1.555ae4p-3f, 0x1.232cfap-3f,  -0x1.fc4dap-4f,
                             0x1.e7a54ep-4f,  -0x1.dd651p-4f,  0x1.11c874p-4f};

struct Mantissa {
  F f;  // x = (1 + f) · 2^k
  F k;
};
// Of a positive normal number.
EC_INLINE Mantissa mantissaOf(F x) {
  constexpr int32_t rootHalf = 0x3f3504f3;
  const J k = (bitsOf(x) - rootHalf) >> 23;
  return {ofBits(bitsOf(x) - (k << 23)) - 1, __builtin_convertvector(k, F)};
}
// Of any positive number.
EC_INLINE Mantissa mantissaOfAny(F x) {
  const auto tiny = x < 0x1p-126f;
  Mantissa m = mantissaOf(tiny ? x * 0x1p23f : x);
  m.k -= tiny ? all(23) : all(0);
  return m;
}
// log(1 + f) - f.
EC_INLINE F logRest(F f) { return fused(f * -0.5f, f, f * f * f * series(logTail, f)); }
// The values of a logarithm where its argument is no positive finite number.
EC_INLINE F logSpecial(F x, F value) {
  const F known = x < 0 ? all(notANumber) : x == 0 ? all(-infinity) : value;
  return x < infinity ? known : x;
}
EC_INLINE F logVector(F x) {
  const Mantissa m = mantissaOfAny(x);
  const FF sum = fastSum(m.k * 0x1.62e4p-1f, m.f);
  return logSpecial(x, sum.h + fused(m.k, 0x1.7f7d1cp-20f, logRest(m.f) + sum.l));
}
// k · (unit + unitRest) + log(1 + f) · (scale + scaleRest), as with another base.
EC_INLINE F logToBase(F x, float unit, float unitRest, float scale, float scaleRest) {
  const Mantissa m = mantissaOfAny(x);
  const F lead = m.f * scale;
  const F rest = fused(logRest(m.f), scale, fused(m.f, scaleRest, fused(m.f, all(scale), -lead)));
  const FF sum = fastSum(m.k * unit, lead);
  return logSpecial(x, sum.h + (sum.l + fused(m.k, unitRest, rest)));
}
EC_INLINE F log2Vector(F x) { return logToBase(x, 1, 0, 0x1.715476p+0f, 0x1.4ae0cp-26f); }
EC_INLINE F log10Vector(F x) {
  return logToBase(x, 0x1.3442p-2f, -0x1.95ec1p-19f, 0x1.bcb7b2p-2f, -0x1.5b235ep-27f);
}
EC_INLINE F log1pVector(F x) {
  const FF u = exactSum(all(1), x);
  const Mantissa m = mantissaOf(u.h);
  const FF sum = fastSum(m.k * 0x1.62e4p-1f, m.f);
  const F rest = sum.l + (logRest(m.f) + u.l / u.h);
  const F value = sum.h + fused(m.k, 0x1.7f7d1cp-20f, rest);
  const F edge = x < -1 ? all(notANumber) : x == -1 ? all(-infinity) : value;
  return magnitude(x) < 0x1p-25f || !(x < infinity) ? x : edge;
}

EC_SINGLE_UNARY(log, logVector)
EC_SINGLE_UNARY(log2, log2Vector)
EC_SINGLE_UNARY(log10, log10Vector)
EC_SINGLE_UNARY(log1p, log1pVector)

#define EC_KERNELS_SINGLE_LOGARITHM            \
  EC_SINGLE("log", 1, single_::logStretch)     \
  EC_SINGLE("log2", 1, single_::log2Stretch)   \
  EC_SINGLE("log10", 1, single_::log10Stretch) \
  EC_SINGLE("log1p", 1, single_::log1pStretch)

}  // namespace single_
}  // namespace
}  // namespace everycore::EC_ISA
