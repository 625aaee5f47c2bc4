// What the transcendental functions are made of: vectors of doubles, sums and products with their
// rounding errors, and numbers of twice the precision made of two doubles. Errors of products come
// from fused multiply-adds.
#pragma once

#include "kernels/math/common-math.h"

namespace everycore::EC_ISA {
namespace {

using D = V<double>;
using I = V<int64_t>;
using DD = Two<D>;

EC_INLINE D all(double x) { return broadcast<double>(x); }
EC_INLINE I bitsOf(D x) { return (I)x; }
EC_INLINE D ofBits(I x) { return (D)x; }
EC_INLINE D magnitude(D x) { return ofBits(bitsOf(x) & 0x7fffffffffffffff); }
EC_INLINE D withSign(D x, D sign) {
  return ofBits((bitsOf(x) & 0x7fffffffffffffff) | (bitsOf(sign) & INT64_MIN));
}
constexpr double infinity = __builtin_inf();
constexpr double notANumber = __builtin_nan("");

EC_INLINE D fused(D a, double b, D c) { return fused(a, all(b), c); }
EC_INLINE D fused(D a, D b, double c) { return fused(a, b, all(c)); }
EC_INLINE D fused(D a, double b, double c) { return fused(a, all(b), all(c)); }

// Whether a lane is negative, as a comparison that holds is: what hardly ever is the case is
// computed apart.
EC_INLINE bool anyLane(I mask) {
#if EC_LEVEL == EC_ISA_avx512
  return __builtin_expect(_mm512_movepi64_mask((__m512i)mask) != 0, 0);
#elif EC_LEVEL == EC_ISA_avx2
  return __builtin_expect(_mm256_movemask_pd((__m256d)mask) != 0, 0);
#elif defined(__x86_64__)
  return __builtin_expect(_mm_movemask_pd((__m128d)mask) != 0, 0);
#else
  int64_t some = 0;
  for (int i = 0; i < lanes<double>; ++i) some |= mask[i];
  return __builtin_expect(some < 0, 0);
#endif
}

// Negative where |x| is above the limit or x is no number.
EC_INLINE I beyond(D x, double limit) { return bitsOf(all(limit)) - bitsOf(magnitude(x)); }
EC_INLINE D limited(D x, double low, double high) {
  const D least = x < low ? all(low) : x;
  return least > high ? all(high) : least;
}

EC_INLINE D squareRoot(D x) {
#if EC_LEVEL == EC_ISA_avx512
  return (D)_mm512_maskz_sqrt_pd(0xff, (__m512d)x);
#elif EC_LEVEL == EC_ISA_avx2
  return (D)_mm256_sqrt_pd((__m256d)x);
#elif defined(__x86_64__)
  return (D)_mm_sqrt_pd((__m128d)x);
#else
  for (int i = 0; i < lanes<double>; ++i) x[i] = __builtin_sqrt(x[i]);
  return x;
#endif
}

EC_INLINE DD exactProduct(D a, D b) {
  const D p = a * b;
  return {p, fused(a, b, -p)};
}
EC_INLINE DD plus(DD a, DD b) {
  const DD s = exactSum(a.h, b.h);
  return fastSum(s.h, s.l + (a.l + b.l));
}
EC_INLINE DD plus(DD a, D b) {
  const DD s = exactSum(a.h, b);
  return fastSum(s.h, s.l + a.l);
}
EC_INLINE DD times(DD a, DD b) {
  const DD p = exactProduct(a.h, b.h);
  return {p.h, fused(a.h, b.l, fused(a.l, b.h, p.l))};
}
EC_INLINE DD times(DD a, D b) {
  const DD p = exactProduct(a.h, b);
  return {p.h, fused(a.l, b, p.l)};
}
EC_INLINE DD quotient(DD a, DD b) {
  const D inverse = 1 / b.h;
  const D q = a.h * inverse;
  return {q, (fused(-q, b.h, a.h) + fused(-q, b.l, a.l)) * inverse};
}
EC_INLINE DD quotient(D a, DD b) {
  const D inverse = 1 / b.h;
  const D q = a * inverse;
  return {q, fused(-q, b.l, fused(-q, b.h, a)) * inverse};
}
EC_INLINE DD root(DD a) {
  const D s = squareRoot(a.h);
  const D rest = fused(-s, s, a.h) + a.l;
  return {s, a.h == 0 ? all(0) : rest / (s + s)};
}
EC_INLINE DD negative(DD a) { return {-a.h, -a.l}; }

constexpr double roundingMagic = 0x1.8p52;
// The nearest whole number of |x| < 2^51, as a double and as an integer.
EC_INLINE D nearest(D x) { return (x + roundingMagic) - roundingMagic; }
EC_INLINE I wholeOf(D whole) { return bitsOf(whole + roundingMagic) - bitsOf(all(roundingMagic)); }
EC_INLINE D doubleOf(I whole) { return ofBits(whole + bitsOf(all(roundingMagic))) - roundingMagic; }

EC_INLINE D powerOf2(I k) { return ofBits((k + 1023) << 52); }
// x · 2^k for whole k and x near 1, whatever comes out: in two steps, as below the normal numbers
// only the last may round.
EC_INLINE D scaled(D x, D k) {
  const D half = nearest(k * 0.5);
  const D value = x * powerOf2(wholeOf(half)) * powerOf2(wholeOf(k - half));
  return k > 1030 ? all(infinity) : k < -1080 ? all(0) : value;
}

template <class F>
EC_INLINE void mapVectorPairs(const Inputs& in, void* to, int64_t count, F f) {
  const double* const a = in.as<double>(0);
  const double* const b = in.as<double>(1);
  double* const out = static_cast<double*>(to);
  constexpr int64_t step = lanes<double>;
  for (int64_t i = 0; i < count; i += step) {
    const int64_t n = minOf(step, count - i);
    const D x = in.step[0] == 0 ? all(a[0])
                : n == step     ? load<double>(a + i)
                                : loadPart<double>(a + i, n);
    const D y = in.step[1] == 0 ? all(b[0])
                : n == step     ? load<double>(b + i)
                                : loadPart<double>(b + i, n);
    const D value = f(x, y);
    if (n == step)
      store<double>(out + i, value);
    else
      storePart<double>(out + i, value, n);
  }
}
// A function in two parts, second(x…, first(x…)), each for a block at a time: of chains of
// operations half as long a CPU has twice as many on their way, which makes long ones a quarter
// faster.
template <int inputs, class First, class Second>
EC_INLINE void mapInTwo(const Inputs& in, void* to, int64_t count, First first, Second second) {
  constexpr int64_t block = 128, step = lanes<double>;
  double* const out = static_cast<double*>(to);
  alignas(64) double padded[inputs][block + step];
  alignas(64) double result[block + step];
  DD between[block / step];
  for (int k = 0; k < inputs; ++k) {
    if (in.step[k] != 0) continue;
    for (int64_t i = 0; i < block; ++i) padded[k][i] = in.as<double>(k)[0];
  }
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t length = minOf(block, count - begin);
    const double* x[inputs];
    for (int k = 0; k < inputs; ++k) {
      x[k] = in.step[k] == 0 ? padded[k] : in.as<double>(k) + begin;
      if (length == block || in.step[k] == 0) continue;
      // Whole vectors: the last number fills what is missing.
      for (int64_t i = 0; i < length + step - 1; ++i) padded[k][i] = x[k][minOf(i, length - 1)];
      x[k] = padded[k];
    }
    double* const results = length == block ? out + begin : result;
    for (int64_t i = 0; i < length; i += step) {
      if constexpr (inputs == 1)
        between[i / step] = first(load<double>(x[0] + i));
      else
        between[i / step] = first(load<double>(x[0] + i), load<double>(x[1] + i));
    }
    for (int64_t i = 0; i < length; i += step) {
      if constexpr (inputs == 1)
        store<double>(results + i, second(load<double>(x[0] + i), between[i / step]));
      else
        store<double>(results + i,
                      second(load<double>(x[0] + i), load<double>(x[1] + i), between[i / step]));
    }
    if (length < block) memcpy(out + begin, result, static_cast<size_t>(length) * sizeof(double));
  }
}

#define EC_VECTOR_STRETCH(name, ...)                                                    \
  inline void name##Stretch(const Inputs& in, void* to, int64_t count) { __VA_ARGS__; } \
  template <>                                                                           \
  constexpr bool computesLong<name##Stretch> = true;
#define EC_VECTOR_UNARY(name, function) \
  EC_VECTOR_STRETCH(                    \
      name, mapVectors<double>(in, to, count, [](D x) EC_INLINE_LAMBDA { return function(x); }))
#define EC_VECTOR_BINARY(name, function)                                                \
  EC_VECTOR_STRETCH(name, mapVectorPairs(in, to, count, [](D a, D b) EC_INLINE_LAMBDA { \
                      return function(a, b);                                            \
                    }))
#define EC_VECTOR_UNARY_IN_TWO(name, first, second)                                         \
  EC_VECTOR_STRETCH(name, mapInTwo<1>(                                                      \
                              in, to, count, [](D x) EC_INLINE_LAMBDA { return first(x); }, \
                              [](D x, DD y) EC_INLINE_LAMBDA { return second(x, y); }))
#define EC_VECTOR_BINARY_IN_TWO(name, first, second)                                          \
  EC_VECTOR_STRETCH(name,                                                                     \
                    mapInTwo<2>(                                                              \
                        in, to, count, [](D a, D b) EC_INLINE_LAMBDA { return first(a, b); }, \
                        [](D a, D b, DD c) EC_INLINE_LAMBDA { return second(a, b, c); }))

}  // namespace
}  // namespace everycore::EC_ISA
