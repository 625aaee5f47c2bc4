// Elementwise kernels that compute in f64 for every dtype and round once, into the dtype of the
// result by the rule of a typed-array store: simple ones; the transcendental functions have their
// own files.
#pragma once

#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

// out[i] = f(x[i]) for elements of T, computed in C: f32 is widened on the way, in registers.
template <class T, class C, class F>
EC_INLINE void mapOne(const Inputs& in, void* to, int64_t count, F f) {
  const T* const x = in.as<T>(0);
  T* const out = static_cast<T*>(to);
  if (in.step[0] == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<T>(f(static_cast<C>(x[i])));
  } else {
    const T value = static_cast<T>(f(static_cast<C>(x[0])));
    for (int64_t i = 0; i < count; ++i) out[i] = value;
  }
}
template <class T, class C, class F>
EC_INLINE void mapTwo(const Inputs& in, void* to, int64_t count, F f) {
  const T* const a = in.as<T>(0);
  const T* const b = in.as<T>(1);
  T* const out = static_cast<T*>(to);
  const int64_t stepA = in.step[0];
  const int64_t stepB = in.step[1];
  if (stepA == 1 && stepB == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<T>(f(static_cast<C>(a[i]), static_cast<C>(b[i])));
  } else if (stepA == 1) {
    const C scalar = static_cast<C>(b[0]);
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<T>(f(static_cast<C>(a[i]), scalar));
  } else {
    const C scalar = static_cast<C>(a[0]);
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<T>(f(scalar, static_cast<C>(b[i * stepB])));
  }
}

// Roots and quotients of floats are the same bits whether they are rounded once or, by way of
// doubles, twice (Figueroa, "When is double rounding innocuous?", 1995): f32 computes as it is.
template <class T>
void sqrtStretch(const Inputs& in, void* to, int64_t count) {
  mapOne<T, T>(in, to, count, [](T x) EC_INLINE_LAMBDA {
    if constexpr (__is_same(T, float)) return __builtin_sqrtf(x);
    return static_cast<T>(__builtin_sqrt(x));
  });
}
template <class T>
void reciprocalStretch(const Inputs& in, void* to, int64_t count) {
  mapOne<T, T>(in, to, count, [](T x) EC_INLINE_LAMBDA { return 1 / x; });
}
template <class T>
void divideStretch(const Inputs& in, void* to, int64_t count) {
  mapTwo<T, T>(in, to, count, [](T a, T b) EC_INLINE_LAMBDA { return a / b; });
}
template <class T>
void rsqrtStretch(const Inputs& in, void* to, int64_t count) {
  mapOne<T, double>(in, to, count, [](double x) EC_INLINE_LAMBDA { return 1 / __builtin_sqrt(x); });
}
inline void copyStretch(const Inputs& in, void* to, int64_t count) {
  mapOne<double, double>(in, to, count, [](double x) EC_INLINE_LAMBDA { return x; });
}
// Parameters: the least and the greatest number of the dtype; NaN becomes 0.
inline void saturateStretch(const Inputs& in, void* to, int64_t count) {
  const double low = in.params[0];
  const double high = in.params[1];
  mapOne<double, double>(in, to, count, [=](double x) EC_INLINE_LAMBDA {
    const double known = x == x ? x : 0;
    const double least = known < low ? low : known;
    return roundEven(least > high ? high : least);
  });
}
// Parameters: a, b; a·x + b.
template <class T>
void axpbStretch(const Inputs& in, void* to, int64_t count) {
  const double a = in.params[0];
  const double b = in.params[1];
  mapOne<T, double>(in, to, count, [=](double x) EC_INLINE_LAMBDA { return a * x + b; });
}
// Parameters: scale, offset, least, greatest; the way back from a·x + b to integers.
inline void denormalizeStretch(const Inputs& in, void* to, int64_t count) {
  const double scale = in.params[0];
  const double offset = in.params[1];
  const double low = in.params[2];
  const double high = in.params[3];
  mapOne<double, double>(in, to, count, [=](double x) EC_INLINE_LAMBDA {
    const double value = (x - offset) / scale;
    const double known = value == value ? value : 0;
    const double least = known < low ? low : known;
    return roundEven(least > high ? high : least);
  });
}
// Parameters: how many coefficients, then they, the highest power first (Horner's rule, four
// vectors side by side, as each step waits for the one before).
template <class T>
void polynomialStretch(const Inputs& in, void* to, int64_t count) {
  const int terms = static_cast<int>(in.params[0]);
  const double* const coefficients = in.params + 1;
  constexpr int rows = 4;
  constexpr int64_t block = rows * lanes<double>;
  const auto run = [=](const T* x, T* values) EC_INLINE_LAMBDA {
    V<double> argument[rows];
    V<double> value[rows];
    for (int row = 0; row < rows; ++row) {
      argument[row] = widened(x + row * lanes<double>);
      value[row] = broadcast(coefficients[0]);
    }
    for (int term = 1; term < terms; ++term) {
      for (int row = 0; row < rows; ++row)
        value[row] = value[row] * argument[row] + coefficients[term];
    }
    for (int row = 0; row < rows; ++row) narrowed(value[row], values + row * lanes<double>);
  };
  const T* const x = in.as<T>(0);
  T* const out = static_cast<T*>(to);
  int64_t i = 0;
  if (in.step[0] == 1) {
    for (; i + block <= count; i += block) run(x + i, out + i);
  }
  T last[block] = {};
  for (int64_t j = 0; j < minOf(block, count - i); ++j) last[j] = x[(i + j) * in.step[0]];
  run(last, last);
  for (; i < count; ++i) out[i] = last[i % block];
}
// The C library's fmod is exact, and so the same everywhere.
template <class T>
void remainderStretch(const Inputs& in, void* to, int64_t count) {
  mapTwo<T, double>(in, to, count,
                    [](double a, double b) EC_INLINE_LAMBDA { return __builtin_fmod(a, b); });
}
template <class T>
void modStretch(const Inputs& in, void* to, int64_t count) {
  mapTwo<T, double>(in, to, count, [](double a, double b) EC_INLINE_LAMBDA {
    const double rest = __builtin_fmod(a, b);
    if (rest == 0) return __builtin_copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  });
}
template <class T>
void lerpStretch(const Inputs& in, void* to, int64_t count) {
  const T* const a = in.as<T>(0);
  const T* const b = in.as<T>(1);
  const T* const t = in.as<T>(2);
  T* const out = static_cast<T*>(to);
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) {
    const double from = a[i * in.step[0]];
    out[i] = static_cast<T>(from + t[i * in.step[2]] * (b[i * in.step[1]] - from));
  }
}

// f32 rows read and write f32; the others pass through tiles of doubles.
#define EC_WIDENED(name, inputs, stretch) \
  EC_WIDE(name, inputs, stretch<double>)  \
  EC_SINGLE(name, inputs, stretch<float>)
#define EC_KERNELS_IN_DOUBLES                      \
  EC_WIDENED("sqrt", 1, sqrtStretch)               \
  EC_WIDENED("reciprocal", 1, reciprocalStretch)   \
  EC_WIDENED("rsqrt", 1, rsqrtStretch)             \
  EC_DOUBLES("convert", 1, copyStretch)            \
  EC_DOUBLES("saturate", 1, saturateStretch)       \
  EC_WIDENED("axpb", 1, axpbStretch)               \
  EC_WIDENED("normalize", 1, axpbStretch)          \
  EC_DOUBLES("denormalize", 1, denormalizeStretch) \
  EC_WIDENED("polynomial", 1, polynomialStretch)   \
  EC_WIDENED("divide", 2, divideStretch)           \
  EC_WIDENED("remainder", 2, remainderStretch)     \
  EC_WIDENED("mod", 2, modStretch)                 \
  EC_WIDENED("lerp", 3, lerpStretch)

}  // namespace
}  // namespace everycore::EC_ISA
