// Elementwise kernels that compute in f64 for every dtype and round once, into the dtype of the
// result by the rule of a typed-array store: simple ones; the transcendental functions have their
// own files.
#pragma once

#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

// out[i] = f(x[i]).
template <class F>
EC_INLINE void mapDoubles(const Inputs& in, void* to, int64_t count, F f) {
  const double* const x = in.as<double>(0);
  double* const out = static_cast<double*>(to);
  const int64_t step = in.step[0];
  if (step == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = f(x[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = f(x[0]);
  }
}
template <class F>
EC_INLINE void mapDoublePairs(const Inputs& in, void* to, int64_t count, F f) {
  const double* const a = in.as<double>(0);
  const double* const b = in.as<double>(1);
  double* const out = static_cast<double*>(to);
  const int64_t stepA = in.step[0];
  const int64_t stepB = in.step[1];
  if (stepA == 1 && stepB == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = f(a[i], b[i]);
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = f(a[i * stepA], b[i * stepB]);
  }
}

inline void sqrtStretch(const Inputs& in, void* to, int64_t count) {
  mapDoubles(in, to, count, [](double x) EC_INLINE_LAMBDA { return __builtin_sqrt(x); });
}
inline void reciprocalStretch(const Inputs& in, void* to, int64_t count) {
  mapDoubles(in, to, count, [](double x) EC_INLINE_LAMBDA { return 1 / x; });
}
inline void rsqrtStretch(const Inputs& in, void* to, int64_t count) {
  mapDoubles(in, to, count, [](double x) EC_INLINE_LAMBDA { return 1 / __builtin_sqrt(x); });
}
inline void copyStretch(const Inputs& in, void* to, int64_t count) {
  mapDoubles(in, to, count, [](double x) EC_INLINE_LAMBDA { return x; });
}
// Parameters: the least and the greatest number of the dtype; NaN becomes 0.
inline void saturateStretch(const Inputs& in, void* to, int64_t count) {
  const double low = in.params[0];
  const double high = in.params[1];
  mapDoubles(in, to, count, [=](double x) EC_INLINE_LAMBDA {
    const double known = x == x ? x : 0;
    const double least = known < low ? low : known;
    return roundEven(least > high ? high : least);
  });
}
// Parameters: a, b; a·x + b.
inline void axpbStretch(const Inputs& in, void* to, int64_t count) {
  const double a = in.params[0];
  const double b = in.params[1];
  mapDoubles(in, to, count, [=](double x) EC_INLINE_LAMBDA { return a * x + b; });
}
// Parameters: scale, offset, least, greatest; the way back from a·x + b to integers.
inline void denormalizeStretch(const Inputs& in, void* to, int64_t count) {
  const double scale = in.params[0];
  const double offset = in.params[1];
  const double low = in.params[2];
  const double high = in.params[3];
  mapDoubles(in, to, count, [=](double x) EC_INLINE_LAMBDA {
    const double value = (x - offset) / scale;
    const double known = value == value ? value : 0;
    const double least = known < low ? low : known;
    return roundEven(least > high ? high : least);
  });
}
// Parameters: how many coefficients, then they, the highest power first (Horner's rule).
inline void polynomialStretch(const Inputs& in, void* to, int64_t count) {
  const int terms = static_cast<int>(in.params[0]);
  const double* const coefficients = in.params + 1;
  const double* const x = in.as<double>(0);
  double* const out = static_cast<double*>(to);
  constexpr int64_t block = 64;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t length = minOf(block, count - begin);
    double arguments[block];
    double values[block];
    for (int64_t i = 0; i < length; ++i) {
      arguments[i] = x[(begin + i) * in.step[0]];
      values[i] = coefficients[0];
    }
    for (int term = 1; term < terms; ++term) {
      for (int64_t i = 0; i < length; ++i)
        values[i] = values[i] * arguments[i] + coefficients[term];
    }
    for (int64_t i = 0; i < length; ++i) out[begin + i] = values[i];
  }
}
inline void divideStretch(const Inputs& in, void* to, int64_t count) {
  mapDoublePairs(in, to, count, [](double a, double b) EC_INLINE_LAMBDA { return a / b; });
}
// The C library's fmod is exact, and so the same everywhere.
inline void remainderStretch(const Inputs& in, void* to, int64_t count) {
  mapDoublePairs(in, to, count,
                 [](double a, double b) EC_INLINE_LAMBDA { return __builtin_fmod(a, b); });
}
inline void modStretch(const Inputs& in, void* to, int64_t count) {
  mapDoublePairs(in, to, count, [](double a, double b) EC_INLINE_LAMBDA {
    const double rest = __builtin_fmod(a, b);
    if (rest == 0) return __builtin_copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  });
}
inline void lerpStretch(const Inputs& in, void* to, int64_t count) {
  const double* const a = in.as<double>(0);
  const double* const b = in.as<double>(1);
  const double* const t = in.as<double>(2);
  double* const out = static_cast<double*>(to);
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) {
    const double from = a[i * in.step[0]];
    out[i] = from + t[i * in.step[2]] * (b[i * in.step[1]] - from);
  }
}

#define EC_KERNELS_IN_DOUBLES                      \
  EC_DOUBLES("sqrt", 1, sqrtStretch)               \
  EC_DOUBLES("reciprocal", 1, reciprocalStretch)   \
  EC_DOUBLES("rsqrt", 1, rsqrtStretch)             \
  EC_DOUBLES("convert", 1, copyStretch)            \
  EC_DOUBLES("saturate", 1, saturateStretch)       \
  EC_DOUBLES("axpb", 1, axpbStretch)               \
  EC_DOUBLES("normalize", 1, axpbStretch)          \
  EC_DOUBLES("denormalize", 1, denormalizeStretch) \
  EC_DOUBLES("polynomial", 1, polynomialStretch)   \
  EC_DOUBLES("divide", 2, divideStretch)           \
  EC_DOUBLES("remainder", 2, remainderStretch)     \
  EC_DOUBLES("mod", 2, modStretch)                 \
  EC_DOUBLES("lerp", 3, lerpStretch)

}  // namespace
}  // namespace everycore::EC_ISA
