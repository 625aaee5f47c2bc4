// Elementwise kernels that compute in the dtype of their operands: one line each in
// elementwise.inc.
#pragma once

#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

// Shifts count modulo the width that JavaScript computes in: 32, or 64 for bigints.
template <class C>
constexpr int shiftMask = sizeof(C) == 8 ? 63 : 31;
template <class C>
EC_INLINE C shiftedLeft(C a, C b) {
  return static_cast<C>(static_cast<WrappingOf<C>>(a)
                        << (static_cast<WrappingOf<C>>(b) & shiftMask<C>));
}
template <class C>
EC_INLINE C shiftedRight(C a, C b) {
  return static_cast<C>(a >> (static_cast<WrappingOf<C>>(b) & shiftMask<C>));
}

// The names of some kernels are words of C++, so the objects are called by a suffix.
#define UNARY(name, expression)   \
  struct name##Unary {            \
    template <class C>            \
    static EC_INLINE C run(C x) { \
      return expression;          \
    }                             \
  };
#define BINARY(name, expression)       \
  struct name##Binary {                \
    template <class C>                 \
    static EC_INLINE C run(C a, C b) { \
      return expression;               \
    }                                  \
  };
#define UNARY_INTEGER(name, expression) UNARY(name, expression)
#define BINARY_INTEGER(name, expression) BINARY(name, expression)
#include "kernels/math/elementwise.inc"
#undef UNARY
#undef BINARY
#undef UNARY_INTEGER
#undef BINARY_INTEGER

// f32 computes the third power in f64 and rounds once, as its reference does.
struct Cube {
  template <class C>
  static EC_INLINE C run(C x) {
    if constexpr (__is_same(C, float)) {
      const double wide = x;
      return static_cast<float>(wide * wide * wide);
    } else {
      return times(times(x, x), x);
    }
  }
};

// The remainders of 64-bit integers; other dtypes compute theirs in f64, where they are exact.
template <class C>
EC_INLINE C remainderOf(C a, C b) {
  if (b == 0 || b == static_cast<C>(-1)) return b == 0 || __is_same(C, int64_t) ? C{0} : a % b;
  return a % b;
}
struct Remainder {
  template <class C>
  static EC_INLINE C run(C a, C b) {
    return remainderOf(a, b);
  }
};
struct Modulo {
  template <class C>
  static EC_INLINE C run(C a, C b) {
    const C rest = remainderOf(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? plus(rest, b) : rest;
  }
};

// clip(lo, hi): the limits are parameters, rounded to the dtype in TypeScript.
template <class T>
void clipStretch(const Inputs& in, void* to, int64_t count) {
  using C = typename Element<T>::Compute;
  using S = typename Element<T>::Stored;
  const S* const x = in.as<S>(0);
  S* const out = static_cast<S*>(to);
  const C low = static_cast<C>(in.params[0]);
  const C high = static_cast<C>(in.params[1]);
  const int64_t step = in.step[0];
  // At a limit of zero, the sign of the element counts: from below, -0 gives way to 0 but not the
  // other way round. NaN is beyond no limit.
  C lowest = low;
  C highest = high;
  if constexpr (isFloating<C>) {
    constexpr C least = __is_same(C, float) ? static_cast<C>(__FLT_DENORM_MIN__)
                                            : static_cast<C>(__DBL_DENORM_MIN__);
    if (low == 0 && __builtin_signbit(low)) lowest = -least;
    if (high == 0 && !__builtin_signbit(high)) highest = least;
  }
  const auto limited = [=](C value) EC_INLINE_LAMBDA {
    const C atLeast = value <= lowest ? low : value;
    return atLeast >= highest ? high : atLeast;
  };
  if (step == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<S>(limited(static_cast<C>(x[i])));
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<S>(limited(static_cast<C>(x[0])));
  }
}

#define UNARY(name, expression)                         \
  EC_SAME_INTEGERS(#name, 1, unaryStretch, name##Unary) \
  EC_SAME_FLOATS(#name, 1, unaryStretch, name##Unary)
#define BINARY(name, expression)                          \
  EC_SAME_INTEGERS(#name, 2, binaryStretch, name##Binary) \
  EC_SAME_FLOATS(#name, 2, binaryStretch, name##Binary)
#define UNARY_INTEGER(name, expression) EC_SAME_INTEGERS(#name, 1, unaryStretch, name##Unary)
#define BINARY_INTEGER(name, expression) EC_SAME_INTEGERS(#name, 2, binaryStretch, name##Binary)
#define EC_CLIP(T, dtype) {"clip", Dtype::dtype, {elementwiseKernel<1, clipStretch<T>, false>}},

}  // namespace
}  // namespace everycore::EC_ISA
