// How the elements of each dtype are computed on: what is stored, the type the arithmetic uses, and
// the way between them. A store is JavaScript's: integers wrap, u8c saturates (floats half to
// even).
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

struct Clamped8 {};  // tag of Uint8ClampedArray

template <class T, class C>
struct ElementOf {
  using Stored = T;
  using Compute = C;
  static EC_INLINE T narrow(C value) { return static_cast<T>(value); }
};

// Small integers compute in 32 bits, as JavaScript's operators do.
template <class T>
struct Element : ElementOf<T, int32_t> {};
template <>
struct Element<uint32_t> : ElementOf<uint32_t, uint32_t> {};
template <>
struct Element<int64_t> : ElementOf<int64_t, int64_t> {};
template <>
struct Element<uint64_t> : ElementOf<uint64_t, uint64_t> {};
template <>
struct Element<float> : ElementOf<float, float> {};
template <>
struct Element<double> : ElementOf<double, double> {};
template <>
struct Element<Clamped8> {
  using Stored = uint8_t;
  using Compute = int32_t;
  static EC_INLINE uint8_t narrow(int32_t value) {
    return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
  }
};

template <class C>
constexpr bool isFloating = __is_same(C, double) || __is_same(C, float);

template <class C>
struct Wrapping {
  using type = C;
};
template <>
struct Wrapping<int32_t> {
  using type = uint32_t;
};
template <>
struct Wrapping<int64_t> {
  using type = uint64_t;
};
template <class C>
using WrappingOf = typename Wrapping<C>::type;

// Sums and products that wrap; signed overflow would be undefined.
template <class C>
EC_INLINE C plus(C a, C b) {
  return static_cast<C>(static_cast<WrappingOf<C>>(a) + static_cast<WrappingOf<C>>(b));
}
template <class C>
EC_INLINE C minus(C a, C b) {
  return static_cast<C>(static_cast<WrappingOf<C>>(a) - static_cast<WrappingOf<C>>(b));
}
template <class C>
EC_INLINE C times(C a, C b) {
  return static_cast<C>(static_cast<WrappingOf<C>>(a) * static_cast<WrappingOf<C>>(b));
}
template <class C>
EC_INLINE C negative(C a) {
  if constexpr (isFloating<C>) {
    return -a;
  } else {
    return minus<C>(0, a);
  }
}

// NaN wins, and -0 lies below 0, as in Math.min and Math.max. (x86's own instructions do neither.)
// Elements that are equal are alike in all bits but, zeros, in the sign. Selections alone, so that
// compilers vectorise the loops around them.
template <class C>
struct BitsOf {
  using type = uint64_t;
};
template <>
struct BitsOf<float> {
  using type = uint32_t;
};
template <class C, bool either>
EC_INLINE C signOfTie(C a, C b) {
  typename BitsOf<C>::type bits;
  typename BitsOf<C>::type others;
  memcpy(&bits, &a, sizeof bits);
  memcpy(&others, &b, sizeof others);
  bits = either ? bits | others : bits & others;
  C tie;
  memcpy(&tie, &bits, sizeof tie);
  return tie;
}
template <class C>
EC_INLINE C smaller(C a, C b) {
  if constexpr (!isFloating<C>) {
    return b < a ? b : a;
  } else {
    const C least = b < a ? b : a;
    const C ordered = a == b ? signOfTie<C, true>(a, b) : least;
    const C known = b != b ? b : ordered;
    return a != a ? a : known;
  }
}
template <class C>
EC_INLINE C larger(C a, C b) {
  if constexpr (!isFloating<C>) {
    return a < b ? b : a;
  } else {
    const C most = a < b ? b : a;
    const C ordered = a == b ? signOfTie<C, false>(a, b) : most;
    const C known = b != b ? b : ordered;
    return a != a ? a : known;
  }
}

// -1, 0 or 1; zeros and NaN stay what they are.
template <class C>
EC_INLINE C signOf(C x) {
  if constexpr (isFloating<C>) {
    return x > 0 ? C{1} : x < 0 ? C{-1} : x;
  } else {
    return static_cast<C>((x > 0) - (x < 0));
  }
}

template <class C>
EC_INLINE C absolute(C x) {
  if constexpr (__is_same(C, double)) {
    return __builtin_fabs(x);
  } else if constexpr (__is_same(C, float)) {
    return __builtin_fabsf(x);
  } else {
    return x < 0 ? negative(x) : x;
  }
}

// Float to 32-bit integer as a typed-array store does it: cut, modulo 2^32, NaN and infinities 0.
EC_INLINE uint32_t modularInt(double x) {
  if (x > -2147483649.0 && x < 2147483648.0) {
    return static_cast<uint32_t>(static_cast<int32_t>(x));
  }
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1075;
  const uint64_t fraction = (bits & 0xfffffffffffff) | 0x10000000000000;
  if (exponent >= 32) return 0;  // all bits lie above; also NaN and infinities
  const uint64_t whole = exponent >= 0    ? fraction << exponent
                         : exponent > -64 ? fraction >> -exponent
                                          : 0;
  return static_cast<uint32_t>(bits >> 63 ? 0 - whole : whole);
}

// Whole numbers by adding and taking away 2^52 (2^23): half to even, the sign of zero kept.
EC_INLINE double roundEven(double x) {
  const double magnitude = __builtin_fabs(x);
  const double shifted = magnitude + 4503599627370496.0 - 4503599627370496.0;
  return magnitude < 4503599627370496.0 ? __builtin_copysign(shifted, x) : x;
}
EC_INLINE float roundEven(float x) {
  const float magnitude = __builtin_fabsf(x);
  const float shifted = magnitude + 8388608.0f - 8388608.0f;
  return magnitude < 8388608.0f ? __builtin_copysignf(shifted, x) : x;
}
template <class C>
EC_INLINE C roundHalfEven(C x) {
  if constexpr (isFloating<C>) return roundEven(x);
  return x;
}
template <class C>
EC_INLINE C roundDown(C x) {
  if constexpr (isFloating<C>) {
    const C near = roundEven(x);
    const C low = near > x ? near - 1 : near;
    if constexpr (__is_same(C, double))
      return __builtin_copysign(low, x);
    else
      return __builtin_copysignf(low, x);
  }
  return x;
}
template <class C>
EC_INLINE C roundUp(C x) {
  if constexpr (isFloating<C>) {
    const C near = roundEven(x);
    const C high = near < x ? near + 1 : near;
    if constexpr (__is_same(C, double))
      return __builtin_copysign(high, x);
    else
      return __builtin_copysignf(high, x);
  }
  return x;
}
template <class C>
EC_INLINE C roundToZero(C x) {
  if constexpr (isFloating<C>) {
    const C low = roundDown(absolute(x));
    if constexpr (__is_same(C, double))
      return __builtin_copysign(low, x);
    else
      return __builtin_copysignf(low, x);
  }
  return x;
}

// The typed-array store of a double.
template <class T>
struct StoreDouble {
  static EC_INLINE T run(double x) { return static_cast<T>(modularInt(x)); }
};
template <>
struct StoreDouble<double> {
  static EC_INLINE double run(double x) { return x; }
};
template <>
struct StoreDouble<float> {
  static EC_INLINE float run(double x) { return static_cast<float>(x); }
};
template <>
struct StoreDouble<Clamped8> {
  static EC_INLINE uint8_t run(double x) {
    const double limited = x > 0 ? (x < 255 ? x : 255) : 0;
    return static_cast<uint8_t>(static_cast<int32_t>(roundEven(limited)));
  }
};

}  // namespace
}  // namespace everycore::EC_ISA
