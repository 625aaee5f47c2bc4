// Sines and tangents with full reduction of the argument (Cody and Waite, 1980; Payne and Hanek,
// 1983), and their inverses. Reduced arguments and leading terms are carried in two doubles. The
// polynomials are Chebyshev interpolants of 60-digit values (test/goldens/fit-vector-math.py).
#pragma once

#include "kernels/math/vector-math.h"

namespace everycore::EC_ISA {
namespace {

constexpr double halfPi = 0x1.921fb54442d18p+0, halfPiLow = 0x1.1a62633145c07p-54,
                 halfPiRest = -0x1.f1976b7ed8fbcp-110;
// sin r = r + r³ · sinTail(r²), cos r = 1 - r²/2 + r⁴ · cosTail(r²) for |r| ≤ π/4.
constexpr double sinTail[] = {-0x1.5555555555555p-3, 0x1.1111111110ba5p-7,   -0x1.a01a019e80693p-13,
                              0x1.71de379252004p-19, -0x1.ae60069e53ef1p-26, 0x1.5e098556d302ep-33};
constexpr double cosTail[] = {0x1.5555555555555p-5,  -0x1.6c16c16c16960p-10,
                              0x1.a01a019f4d0edp-16, -0x1.27e4fa15bd814p-22,
                              0x1.1eeb66b683028p-29, -0x1.907c0e63adbb6p-37};
// atan t = t + t³ · atanTail(t²) for |t| ≤ √2 - 1.
constexpr double atanTail[] = {-0x1.5555555555555p-2, 0x1.999999999933dp-3,  -0x1.24924924355d5p-3,
                               0x1.c71c7184c32bfp-4,  -0x1.745d0b153ffadp-4, 0x1.3b126143b5cbcp-4,
                               -0x1.10fa5ee9ab25cp-4, 0x1.dfe49b2919c4ep-5,  -0x1.a090d1950d2b4p-5,
                               0x1.41495cefb6c73p-5,  -0x1.39f38ad451ea7p-6};
// asin t = t + t³ · asinTail(t²) for |t| ≤ ½.
constexpr double asinTail[] = {0x1.5555555555555p-3,  0x1.3333333333389p-4, 0x1.6db6db6dac0eap-5,
                               0x1.f1c71c7a5e151p-6,  0x1.6e8ba121b9d5fp-6, 0x1.1c4efd20ebb99p-6,
                               0x1.c990a42b32b03p-7,  0x1.7b02ef007d23ep-7, 0x1.3b462d121c5d3p-7,
                               0x1.31777489dfd29p-7,  0x1.8dcdf11997e12p-9, 0x1.40c91fa8deb7ep-6,
                               -0x1.3bd7e353ddbc1p-6, 0x1.e58a4f278e006p-6};

// The binary digits of 2/π.
constexpr uint64_t twoOverPi[] = {
    0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u, 0xfe5163abdebbc561u,
    0xb7246e3a424dd2e0u, 0x06492eea09d1921cu, 0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u,
    0xe99c7026b45f7e41u, 0x3991d639835339f4u, 0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu,
    0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du, 0x7527bac7ebe5f17bu,
    0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu};

struct Angle {
  DD r;  // x = r + quadrant · π/2; modulo 4, the rest of the quadrant says nothing
  I quadrant;
};

// One finite x ≥ 2^30: m · 2^e times 192 digits of 2/π from where they begin to count modulo 4.
__attribute__((noinline)) inline void reduceLarge(double x, double& high, double& low,
                                                  double& quadrant) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int e = static_cast<int>(bits >> 52 & 0x7ff) - 1075;
  const uint64_t m = (bits & 0xfffffffffffff) | 0x10000000000000;
  const int start = e > 2 ? e - 2 : 0;
  uint64_t window[3];
  for (int i = 0; i < 3; ++i) {
    const int at = start + 64 * i;
    const int shift = at % 64;
    const uint64_t first = twoOverPi[at / 64];
    window[i] = shift == 0 ? first : first << shift | twoOverPi[at / 64 + 1] >> (64 - shift);
  }
  using Wide = unsigned __int128;
  // The product, four words, the highest first.
  const Wide p2 = static_cast<Wide>(m) * window[2];
  const Wide p1 = static_cast<Wide>(m) * window[1] + static_cast<uint64_t>(p2 >> 64);
  const Wide p0 = static_cast<Wide>(m) * window[0] + static_cast<uint64_t>(p1 >> 64);
  uint64_t w[4] = {static_cast<uint64_t>(p0 >> 64), static_cast<uint64_t>(p0),
                   static_cast<uint64_t>(p1), static_cast<uint64_t>(p2)};
  for (int right = start > 0 ? 0 : 2 - e; right > 0;) {
    const int by = right < 32 ? right : 32;
    for (int i = 3; i > 0; --i) w[i] = w[i] >> by | w[i - 1] << (64 - by);
    w[0] >>= by;
    right -= by;
  }
  // Now the product counts units of 2^-190: two digits of whole quarters, then the fraction.
  int k = static_cast<int>(w[1] >> 62);
  Wide fraction = static_cast<Wide>(w[1] << 2 | w[2] >> 62) << 64 | (w[2] << 2 | w[3] >> 62);
  uint64_t rest = w[3] << 2;
  const bool negative = fraction >> 127 != 0;
  if (negative) {
    ++k;
    fraction = ~fraction;
    rest = ~rest;
  }
  int exponent = -64;  // of the lowest digit of the upper word
  while (fraction != 0 && fraction >> 127 == 0) {
    fraction = fraction << 1 | rest >> 63;
    rest <<= 1;
    --exponent;
  }
  const uint64_t upper = static_cast<uint64_t>(fraction >> 64);
  const double scale = __builtin_ldexp(1.0, exponent);
  const double h = static_cast<double>(upper >> 11 << 11) * scale;
  const Wide below = static_cast<Wide>(upper & 0x7ff) << 64 | static_cast<uint64_t>(fraction);
  const double l = static_cast<double>(static_cast<uint64_t>(below >> 11)) * 0x1p-53 * scale;
  const DD r = times(DD{all(h), all(l)}, DD{all(halfPi), all(halfPiLow)});
  high = negative ? -r.h[0] : r.h[0];
  low = negative ? -r.l[0] : r.l[0];
  quadrant = k & 3;
}

// Angles of which some are 2^30 or more, or no numbers.
__attribute__((noinline)) inline void reduceAny(D x, Angle& angle) {
  for (int i = 0; i < lanes<double>; ++i) {
    const double size = __builtin_fabs(x[i]);
    if (size < 0x1p30) continue;
    double high = x[i] - x[i], low = 0, quadrant = 0;  // no number has a sine
    if (size < infinity) reduceLarge(size, high, low, quadrant);
    const double sign = x[i] < 0 ? -1 : 1;
    angle.r.h[i] = sign * high;
    angle.r.l[i] = sign * low;
    angle.quadrant[i] = static_cast<int64_t>(sign * quadrant);
  }
}
EC_INLINE Angle reduced(D x) {
  const D moved = fused(x, 0x1.45f306dc9c883p-1, roundingMagic);
  const D k = moved - roundingMagic;
  // Exact, as is the difference that follows: both are multiples of 2^-53, and below 1.
  const D first = fused(-k, halfPi, x);
  const DD second = exactProduct(k, all(halfPiLow));
  const D high = first - second.h;
  const D low = ((first - high) - second.h) - second.l;
  Angle angle = {{high, fused(-k, halfPiRest, low)}, bitsOf(moved)};
  if (anyLane(beyond(x, 0x1p30))) reduceAny(x, angle);
  return angle;
}
EC_INLINE DD sinOf(DD r) {
  const D z = r.h * r.h;
  return {r.h, fused(r.h * z, series(sinTail, z), fused(z * -0.5, r.l, r.l))};
}
EC_INLINE DD cosOf(DD r) {
  const D z = r.h * r.h;
  const DD w = fastSum(all(1), z * -0.5);
  return {w.h, fused(z * z, series(cosTail, z), fused(-r.h, r.l, w.l))};
}
// sin(x + shift · π/2).
EC_INLINE D sinShifted(D x, int64_t shift) {
  const Angle angle = reduced(x);
  const DD s = sinOf(angle.r);
  const DD c = cosOf(angle.r);
  const I quadrant = angle.quadrant + shift;
  const D value = quadrant << 63 < 0 ? c.h + c.l : s.h + s.l;
  return ofBits(bitsOf(value) ^ (quadrant >> 1 << 63));
}
EC_INLINE D sinVector(D x) { return x == 0 || x != x ? x : sinShifted(x, 0); }
EC_INLINE D cosVector(D x) { return x != x ? x : sinShifted(x, 1); }
EC_INLINE D tanVector(D x) {
  const Angle angle = reduced(x);
  const DD s = sinOf(angle.r);
  const DD c = cosOf(angle.r);
  const auto odd = angle.quadrant << 63 < 0;
  const DD over = {odd ? -c.h : s.h, odd ? -c.l : s.l};
  const DD under = fastSum(odd ? s.h : c.h, odd ? s.l : c.l);
  const DD t = quotient(over, under);
  return x == 0 || x != x ? x : t.h + t.l;
}

// The angle of the point (x, y), both at least 0 and not beyond 2^±600, one not 0: atan(y / x),
// turned by π/4 or π/2 so that a tangent of at most √2 - 1 is left.
EC_INLINE DD angleOf(D x, D y) {
  const auto low = y < x * 0.41421356;
  const auto high = y > x * 2.41421356;
  const DD less = exactSum(y, -x);
  const DD more = exactSum(y, x);
  const auto turned = low || high;
  const DD over = {high ? -x : low ? y : less.h, turned ? all(0) : less.l};
  const DD under = {high ? y : low ? x : more.h, turned ? all(0) : more.l};
  const DD t = quotient(over, under);
  const D z = t.h * t.h;
  const D tail = fused(t.h * z, series(atanTail, z), fused(-z, t.l, t.l));
  const D turn = low ? all(0) : high ? all(halfPi) : all(halfPi / 2);
  const D turnLow = low ? all(0) : high ? all(halfPiLow) : all(halfPiLow / 2);
  const DD sum = fastSum(turn, t.h);
  return {sum.h, sum.l + (tail + turnLow)};
}
EC_INLINE D atanVector(D x) {
  const DD v = angleOf(all(1), limited(magnitude(x), 0, 0x1p60));
  return x != x ? x : withSign(v.h + v.l, x);
}
EC_INLINE D atan2Vector(D y, D x) {
  D above = magnitude(y);
  D right = magnitude(x);
  const D most = above > right ? above : right;
  if (anyLane(~(most > 0x1p-500 && most < 0x1p500))) {
    const D scale = most > 0x1p500 ? all(0x1p-600) : most < 0x1p-500 ? all(0x1p600) : all(1);
    const auto endless = most == infinity;
    above = endless ? (above == infinity ? all(1) : all(0)) : above * scale;
    right = endless ? (right == infinity ? all(1) : all(0)) : right * scale;
    right = most == 0 ? all(1) : right;
  }
  const DD v = angleOf(right, above);
  const DD left = fastSum(all(2 * halfPi), -v.h);
  const D value = bitsOf(x) < 0 ? left.h + (left.l + (2 * halfPiLow - v.l)) : v.h + v.l;
  const D known = x != x ? x : withSign(value, y);
  return y != y ? y : known;
}
struct ArcSine {
  D t;  // |x|, or √((1-|x|)/2) with its error
  D low;
  D tail;
};
EC_INLINE ArcSine arcSine(D a) {
  const auto near = a < 0.5;
  const D w = (1 - a) * 0.5;
  const DD s = root({w, all(0)});
  const D t = near ? a : s.h;
  const D z = near ? a * a : w;
  return {t, near ? all(0) : s.l, t * z * series(asinTail, z)};
}
EC_INLINE D asinVector(D x) {
  const D a = magnitude(x);
  const ArcSine s = arcSine(a);
  const DD far = fastSum(all(halfPi), s.t * -2);
  const D value = a < 0.5 ? s.t + s.tail : far.h + (far.l + (halfPiLow - 2 * (s.low + s.tail)));
  const D known = a > 1 ? all(notANumber) : withSign(value, x);
  return a < 0x1p-28 || x != x ? x : known;
}
EC_INLINE D acosVector(D x) {
  const D a = magnitude(x);
  const ArcSine s = arcSine(a);
  const D signedT = withSign(s.t, x);
  const D signedTail = withSign(s.tail, x);
  const DD middle = fastSum(all(halfPi), -signedT);
  const DD far = fastSum(all(halfPi * 2), s.t * -2);
  const D low = 2 * (s.low + s.tail);
  D value = s.t * 2 + low;
  value = x <= -0.5 ? far.h + (far.l + (halfPiLow * 2 - low)) : value;
  value = a < 0.5 ? middle.h + (middle.l + (halfPiLow - signedTail)) : value;
  const D known = a > 1 ? all(notANumber) : value;
  return x != x ? x : known;
}

EC_VECTOR_UNARY(sin, sinVector)
EC_VECTOR_UNARY(cos, cosVector)
EC_VECTOR_UNARY(tan, tanVector)
EC_VECTOR_UNARY(asin, asinVector)
EC_VECTOR_UNARY(acos, acosVector)
EC_VECTOR_UNARY(atan, atanVector)
EC_VECTOR_BINARY(atan2, atan2Vector)

// clang-format off
#define EC_KERNELS_TRIGONOMETRIC \
  EC_WIDE("sin", 1, sinStretch) \
  EC_WIDE("cos", 1, cosStretch) \
  EC_WIDE("tan", 1, tanStretch) \
  EC_WIDE("asin", 1, asinStretch) \
  EC_WIDE("acos", 1, acosStretch) \
  EC_WIDE("atan", 1, atanStretch) \
  EC_WIDE("atan2", 2, atan2Stretch)
// clang-format on

}  // namespace
}  // namespace everycore::EC_ISA
