// Functions of f32 that a float could not carry: computed in doubles, whose many digits make short
// work of them, and rounded once. The polynomials are made by test/goldens/fit-single-math.py.
#pragma once

#include "kernels/math/exponential-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace wide_ {

constexpr double halfPi = 0x1.921fb54442d18p+0;
// log((1+s)/(1-s)) = 2s + s³ · logWide(s²), e^r = 1 + r + r² · expWide(r) for |r| ≤ ln 2 / 2,
// asin t = t + t³ · asinWide(t²) for |t| ≤ ½, atan t = t + t³ · atanWide(t²) for |t| ≤ tan(π/8).
constexpr double logWide[] = {0x1.5555555628702p-1, 0x1.9999968fa69bcp-2, 0x1.24941c72e2709p-2,
                              0x1.c6279d248faacp-3, 0x1.914861ce5343cp-3};
constexpr double expWide[] = {0x1.000000452131fp-1, 0x1.555554a341811p-3,  0x1.55547c464c7fcp-5,
                              0x1.1111e4e8d41c3p-7, 0x1.6d99fb697c26ap-10, 0x1.9fc9b7ae77b9cp-13};
constexpr double asinWide[] = {0x1.555556067e492p-3, 0x1.3332aa553e9c2p-4, 0x1.6dda9b146b72dp-5,
                               0x1.ed61c01f4b43bp-6, 0x1.92fe6da85c222p-6, 0x1.edda11bbbe3f4p-8,
                               0x1.1b8e48f19401p-5};
constexpr double atanWide[] = {-0x1.555554bc9db2bp-2, 0x1.999912c39567ep-3,  -0x1.247e3bc1c1863p-3,
                               0x1.c455179ee5b89p-4,  -0x1.5ade231933a3fp-4, 0x1.8350bb2cedb4ap-5};
// erf x = x · erfWide(x²) for |x| ≤ 1, erfc z = exp(-z²) / (1 + 2z) · erfcWide((z - 4) / (z + 4)).
constexpr double erfWide[] = {0x1.20dd7503ff7a1p+0,  -0x1.8127465e3af62p-2, 0x1.ce2f073bdc15p-4,
                              -0x1.b8299f24766c5p-6, 0x1.56288e783c232p-8,  -0x1.bcba4aaeee559p-11,
                              0x1.d80dc90e96097p-14, -0x1.434bf1fc3907p-17};
constexpr double erfcWide[] = {
    0x1.3ba5916efc93cp+0,  -0x1.1df1ad2babf18p-3, 0x1.f7f5c179f0c8ep-7,   0x1.16ecf82787c12p-4,
    -0x1.9ddabc0c64489p-4, 0x1.7fedac3043066p-4,  -0x1.0fb4ac954407cp-4,  0x1.307a1f1d7cd13p-5,
    -0x1.091039a7db346p-6, 0x1.4a70e91288b92p-8,  -0x1.a3e34ea03b714p-11, -0x1.f94b097019604p-13,
    0x1.7cb390b29066dp-13, 0x1.c289ccff8c352p-16};

// Horner's rule without fused steps, which not every CPU has and doubles do not need here.
template <int n>
EC_INLINE D polynomial(const double (&c)[n], D x) {
  const D square = x * x;
  D even = all(c[(n - 1) / 2 * 2]);
  D odd = all(c[n / 2 * 2 - 1]);
#pragma GCC unroll 16
  for (int i = (n - 1) / 2 * 2 - 2; i >= 0; i -= 2) even = even * square + c[i];
#pragma GCC unroll 16
  for (int i = n / 2 * 2 - 3; i >= 0; i -= 2) odd = odd * square + c[i];
  return odd * x + even;
}
// Of positive normal numbers.
EC_INLINE D log(D x) {
  const Split parts = split(x);
  const D s = parts.f / (parts.f + 2);
  const D z = s * s;
  return parts.k * ln2 + s * (z * polynomial(logWide, z) + 2);
}
// Where the result is a normal number.
EC_INLINE D exp(D x) {
  const D moved = x * log2e + roundingMagic;
  const D r = x - (moved - roundingMagic) * ln2;
  const D m = r * r * polynomial(expWide, r) + r + 1;
  return ofBits(bitsOf(m) + (bitsOf(moved) << 52));
}

EC_INLINE D powerVector(D x, D y) {
  const D product = log(magnitude(x)) * y;
  const D value = exp(limited(product, -700, 700));
  if (anyLane(~(x > 0 && x < infinity && magnitude(product) < 700)))
    return powerSpecial(x, y, value);
  return value;
}
EC_INLINE D hypotVector(D x, D y) {
  const D value = squareRoot(x * x + y * y);
  return magnitude(x) == infinity || magnitude(y) == infinity ? all(infinity) : value;
}
EC_INLINE D cbrtVector(D x) {
  const Split parts = split(magnitude(x));
  const D third = nearest(parts.k * (1.0 / 3));
  const D m = (parts.f + 1) * powerOf2(wholeOf(parts.k - third * 3));  // from 0.35 to 2.83
  D y = m * 0.3 + 0.65;
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {  // Halley's steps
    const D cube = y * y * y;
    y = y * (cube + m + m) / (cube + cube + m);
  }
  const D value = withSign(y * powerOf2(wholeOf(third)), x);
  return x == 0 || magnitude(x) == infinity || x != x ? x : value;
}
EC_INLINE D asinhVector(D x) {
  const D a = magnitude(x);
  const D value = withSign(log(a + squareRoot(a * a + 1)), x);
  return a > 0x1p-12 && a < infinity ? value : x;
}
EC_INLINE D acoshVector(D x) {
  const D value = log(x + squareRoot(x * x - 1));
  return x == infinity || x != x ? x : x < 1 ? all(notANumber) : value;
}
EC_INLINE D atanhVector(D x) {
  const D a = magnitude(x);
  const D value = withSign(log((1 + a) / (1 - a)) * 0.5, x);
  const D edge = a == 1 ? withSign(all(infinity), x) : a > 1 ? all(notANumber) : value;
  return a < 0x1p-12 || x != x ? x : edge;
}

EC_INLINE D erfc(D z, D square) {
  return exp(-square) * polynomial(erfcWide, (z - 4) / (z + 4)) / (z * 2 + 1);
}
EC_INLINE D erfVector(D x) {
  const D a = limited(magnitude(x), 0, 6);
  const D far = withSign(1 - erfc(a, a * a), x);
  return a < 1 ? x * polynomial(erfWide, x * x) : far;
}
EC_INLINE D geluVector(D x) {
  const D a = limited(magnitude(x), 0, 36);
  const D tail = a * erfc(a * 0x1.6a09e667f3bcdp-1, a * a * 0.5) * 0.5;
  return (x < 0 ? all(0) : x) - tail;
}

// asin t for |t| ≤ ½ and z = t².
EC_INLINE D arcSine(D t, D z) { return t + t * z * polynomial(asinWide, z); }
// acos a for a from ½ to 1: twice the arc sine of half the chord.
EC_INLINE D arcCosine(D a) {
  const D z = (1 - a) * 0.5;
  return 2 * arcSine(squareRoot(z), z);
}
EC_INLINE D asinVector(D x) {
  const D far = withSign(halfPi - arcCosine(magnitude(x)), x);
  return magnitude(x) < 0.5 ? arcSine(x, x * x) : far;
}
EC_INLINE D acosVector(D x) {
  const D far = arcCosine(magnitude(x));
  const D sided = x < 0 ? 2 * halfPi - far : far;
  return magnitude(x) < 0.5 ? halfPi - arcSine(x, x * x) : sided;
}
// The angle of (x, y) with x ≥ 0 and y ≥ 0.
EC_INLINE D firstQuadrant(D y, D x) {
  const auto steep = y > x;
  const D most = steep ? y : x;
  const D least = steep ? x : y;
  // Above tan(π/8) the angle less π/4 is smaller.
  const auto middle = least > most * 0.41421356 || least == infinity;
  const D number = middle ? least - most : least;
  const D divisor = middle ? least + most : most;
  const D t = number == 0 || least == infinity ? all(0) : number / divisor;
  const D z = t * t;
  const D value = t + t * z * polynomial(atanWide, z);
  const D angle = middle ? value + halfPi / 2 : value;
  return steep ? halfPi - angle : angle;
}
EC_INLINE D atanVector(D x) {
  return x != x ? x : withSign(firstQuadrant(magnitude(x), all(1)), x);
}
EC_INLINE D atan2Vector(D y, D x) {
  const D angle = firstQuadrant(magnitude(y), magnitude(x));
  const D value = withSign(bitsOf(x) < 0 ? 2 * halfPi - angle : angle, y);
  return x != x ? x : y != y ? y : value;
}

// A kernel of doubles over floats.
template <int inputs, class G>
EC_INLINE void map(const Inputs& in, void* to, int64_t count, G function) {
  constexpr int64_t step = lanes<double>;
  float* const out = static_cast<float*>(to);
  for (int64_t i = 0; i < count; i += step) {
    const int64_t n = minOf(step, count - i);
    const auto operand = [&](int input) EC_INLINE_LAMBDA {
      const float* const x = in.as<float>(input);
      if (in.step[input] == 0) return all(x[0]);
      if (n == step) return widened(x + i);
      float part[step] = {};
      memcpy(part, x + i, static_cast<size_t>(n) * sizeof(float));
      return widened(part);
    };
    D value;
    if constexpr (inputs == 1)
      value = function(operand(0));
    else
      value = function(operand(0), operand(1));
    float part[step];
    float* const into = n == step ? out + i : part;
    narrowed(value, into);
    if (n < step) memcpy(out + i, part, static_cast<size_t>(n) * sizeof(float));
  }
}

#define EC_WIDE_UNARY(name)                                                      \
  inline void name##Stretch(const Inputs& in, void* to, int64_t count) {         \
    map<1>(in, to, count, [](D x) EC_INLINE_LAMBDA { return name##Vector(x); }); \
  }
#define EC_WIDE_BINARY(name)                                                             \
  inline void name##Stretch(const Inputs& in, void* to, int64_t count) {                 \
    map<2>(in, to, count, [](D a, D b) EC_INLINE_LAMBDA { return name##Vector(a, b); }); \
  }
EC_WIDE_UNARY(cbrt)
EC_WIDE_UNARY(erf)
EC_WIDE_UNARY(gelu)
EC_WIDE_UNARY(asin)
EC_WIDE_UNARY(acos)
EC_WIDE_UNARY(atan)
EC_WIDE_UNARY(asinh)
EC_WIDE_UNARY(acosh)
EC_WIDE_UNARY(atanh)
EC_WIDE_BINARY(power)
EC_WIDE_BINARY(hypot)
EC_WIDE_BINARY(atan2)

#define EC_KERNELS_SINGLE_WIDE               \
  EC_SINGLE("cbrt", 1, wide_::cbrtStretch)   \
  EC_SINGLE("erf", 1, wide_::erfStretch)     \
  EC_SINGLE("gelu", 1, wide_::geluStretch)   \
  EC_SINGLE("asin", 1, wide_::asinStretch)   \
  EC_SINGLE("acos", 1, wide_::acosStretch)   \
  EC_SINGLE("atan", 1, wide_::atanStretch)   \
  EC_SINGLE("asinh", 1, wide_::asinhStretch) \
  EC_SINGLE("acosh", 1, wide_::acoshStretch) \
  EC_SINGLE("atanh", 1, wide_::atanhStretch) \
  EC_SINGLE("power", 2, wide_::powerStretch) \
  EC_SINGLE("hypot", 2, wide_::hypotStretch) \
  EC_SINGLE("atan2", 2, wide_::atan2Stretch)

}  // namespace wide_
}  // namespace
}  // namespace everycore::EC_ISA
