// Sines and tangents with full reduction of the argument (Cody and Waite, 1980; Payne and Hanek,
// 1983), and their inverses. Reduced arguments and leading terms are carried in two doubles.
#pragma once

#include "kernels/math/vector-math.h"

namespace everycore::EC_ISA {
namespace {

constexpr double halfPi = 0x1.921fb54442d18p+0, halfPiLow = 0x1.1a62633145c07p-54;
// sin r = r + r³ · sinTail(r²), cos r = 1 - r²/2 + r⁴ · cosTail(r²) for |r| ≤ π/4.
constexpr double sinTail[] = {-0x1.5555555555555p-3, 0x1.1111111111110p-7,   -0x1.a01a01a019880p-13,
                              0x1.71de3a544a6cep-19, -0x1.ae6453ecab5c4p-26, 0x1.612161267019ep-33,
                              -0x1.ab066192d3e8fp-41};
constexpr double cosTail[] = {
    0x1.5555555555555p-5,  -0x1.6c16c16c16c16p-10, 0x1.a01a01a019cb8p-16, -0x1.27e4fb7708fb2p-22,
    0x1.1eed8ddaa5390p-29, -0x1.93949f74df9adp-37, 0x1.ab68d5c08a457p-45};
// atan t = t + t³ · atanTail(t²) for |t| ≤ 7/16.
constexpr double atanTail[] = {-0x1.5555555555555p-2, 0x1.99999999998afp-3,  -0x1.249249248416fp-3,
                               0x1.c71c71bc56e55p-4,  -0x1.745d1527ab7a3p-4, 0x1.3b137218795a0p-4,
                               -0x1.110c617c737d9p-4, 0x1.e16bbdb73b166p-5,  -0x1.ab3a7312877fep-5,
                               0x1.6f826101cc1bap-5,  -0x1.0e3f2fb6f585cp-5, 0x1.df95f1ffbbfe0p-7};
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
  DD r;  // x = r + k · π/2
  D k;
};

// One finite x ≥ 2^20: m · 2^e times 192 digits of 2/π from where they begin to count modulo 4.
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

EC_INLINE Angle reduced(D x) {
  const D size = magnitude(x);
  const auto large = size >= 0x1p20;
  const D small = large ? all(0) : x;
  D k = nearest(small * 0x1.45f306dc9c883p-1);
  const D first = small - k * 0x1.921fb54400000p+0;
  const DD second = exactSum(first, -k * 0x1.0b4611a600000p-34);
  const DD third = exactSum(second.h, -k * 0x1.3198a2e000000p-69);
  DD r = fastSum(third.h, second.l + third.l - k * 0x1.b839a252049c1p-104);
  bool any = false;
  for (int i = 0; i < lanes<double>; ++i) any |= large[i] != 0;
  if (__builtin_expect(any, 0)) {
    for (int i = 0; i < lanes<double>; ++i) {
      if (!(size[i] >= 0x1p20) || size[i] == infinity) continue;
      double high, low, quadrant;
      reduceLarge(size[i], high, low, quadrant);
      const double sign = x[i] < 0 ? -1 : 1;
      r.h[i] = sign * high;
      r.l[i] = sign * low;
      k[i] = sign * quadrant;
    }
  }
  return {r, k};
}
EC_INLINE DD sinOf(DD r) {
  const D z = r.h * r.h;
  return fastSum(r.h, r.h * z * series(sinTail, z) + r.l * (1 - z * 0.5));
}
EC_INLINE DD cosOf(DD r) {
  const DD z = exactProduct(r.h, r.h);
  const DD w = fastSum(all(1), z.h * -0.5);
  return fastSum(w.h, w.l + (z.h * z.h * series(cosTail, z.h) - r.h * r.l - z.l * 0.5));
}
EC_INLINE D chosen(Angle a, D shift) {
  const DD s = sinOf(a.r);
  const DD c = cosOf(a.r);
  const I quadrant = wholeOf(a.k + shift) & 3;
  const D value = (quadrant & 1) != 0 ? c.h + c.l : s.h + s.l;
  return (quadrant & 2) != 0 ? -value : value;
}
EC_INLINE D sinVector(D x) {
  const D value = chosen(reduced(x), all(0));
  const D known = magnitude(x) == infinity ? all(notANumber) : value;
  return x == 0 || x != x ? x : known;
}
EC_INLINE D cosVector(D x) {
  const D value = chosen(reduced(x), all(1));
  const D known = magnitude(x) == infinity ? all(notANumber) : value;
  return x != x ? x : known;
}
EC_INLINE D tanVector(D x) {
  const Angle a = reduced(x);
  const DD s = sinOf(a.r);
  const DD c = cosOf(a.r);
  const auto odd = (wholeOf(a.k) & 1) != 0;
  const DD t = quotient({odd ? -c.h : s.h, odd ? -c.l : s.l}, {odd ? s.h : c.h, odd ? s.l : c.l});
  const D known = magnitude(x) == infinity ? all(notANumber) : t.h + t.l;
  return magnitude(x) < 0x1p-28 || x != x ? x : known;
}

// atan(a) for a ≥ 0, with a small correction to a.
EC_INLINE DD atanOf(D a, D correction) {
  const auto i1 = a >= 0.4375;
  const auto i2 = a >= 0.6875;
  const auto i3 = a >= 1.1875;
  const auto i4 = a >= 2.4375;
  const DD one = exactSum(all(1), a);
  const DD two = exactSum(all(2), a);
  const DD triple = plus(exactProduct(a > 4 ? all(4) : a, all(3)), all(2));
  D number = a;
  number = i1 ? a * 2 - 1 : number;
  number = i2 ? a - 1 : number;
  number = i3 ? a * 2 - 3 : number;
  number = i4 ? all(-1) : number;
  DD divisor = {all(1), all(0)};
  divisor = {i1 ? two.h : divisor.h, i1 ? two.l : divisor.l};
  divisor = {i2 ? one.h : divisor.h, i2 ? one.l : divisor.l};
  divisor = {i3 ? triple.h : divisor.h, i3 ? triple.l : divisor.l};
  divisor = {i4 ? a : divisor.h, i4 ? all(0) : divisor.l};
  D base = all(0);
  base = i1 ? all(0x1.dac670561bb4fp-2) : base;
  base = i2 ? all(0x1.921fb54442d18p-1) : base;
  base = i3 ? all(0x1.f730bd281f69bp-1) : base;
  base = i4 ? all(halfPi) : base;
  D baseLow = all(0);
  baseLow = i1 ? all(0x1.a2b7f222f65e2p-56) : baseLow;
  baseLow = i2 ? all(0x1.1a62633145c07p-55) : baseLow;
  baseLow = i3 ? all(0x1.007887af0cbbdp-56) : baseLow;
  baseLow = i4 ? all(halfPiLow) : baseLow;
  const auto plain = a < 0.4375 || a > 0x1p60;
  DD t = quotient({number, all(0)}, divisor);
  t = {plain ? number / divisor.h : t.h, plain ? all(0) : t.l};
  const D z = t.h * t.h;
  const D rest = correction / (1 + a * a);
  const DD sum = fastSum(base, t.h);
  const DD first = {i1 ? sum.h : t.h, i1 ? sum.l : all(0)};
  return fastSum(first.h, first.l + (t.l + t.h * z * series(atanTail, z) + baseLow + rest));
}
EC_INLINE D atanVector(D x) {
  const DD v = atanOf(magnitude(x), all(0));
  return magnitude(x) < 0x1p-28 || x != x ? x : withSign(v.h + v.l, x);
}
EC_INLINE D atan2Vector(D y, D x) {
  const D ay = magnitude(y);
  const D ax = magnitude(x);
  const D most = ay > ax ? ay : ax;
  const D scale = most > 0x1p500 ? all(0x1p-600) : most < 0x1p-500 ? all(0x1p600) : all(1);
  const D sy = ay * scale;
  const D sx = ax * scale;
  D q = sy / sx;
  q = ay == 0 && ax == 0 ? all(0) : q;
  q = ay == infinity && ax == infinity ? all(1) : q;
  const DD p = exactProduct(q, sx);
  const D left = ((sy - p.h) - p.l) / sx;
  const auto usual = q > 0x1p-960 && q < 0x1p100 && most < infinity;
  const DD v = atanOf(q, usual ? left : all(0));
  const DD other = plus(DD{all(halfPi * 2), all(halfPiLow * 2)}, negative(v));
  const auto back = bitsOf(x) < 0;
  const D near = q < 0x1p-28 ? q + (usual ? left : all(0)) : v.h + v.l;
  const D value = withSign(back ? other.h + other.l : near, y);
  const D known = x != x ? x : value;
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
  EC_DOUBLES("sin", 1, sinStretch) \
  EC_DOUBLES("cos", 1, cosStretch) \
  EC_DOUBLES("tan", 1, tanStretch) \
  EC_DOUBLES("asin", 1, asinStretch) \
  EC_DOUBLES("acos", 1, acosStretch) \
  EC_DOUBLES("atan", 1, atanStretch) \
  EC_DOUBLES("atan2", 2, atan2Stretch)
// clang-format on

}  // namespace
}  // namespace everycore::EC_ISA
