// Elements as whole numbers with a sign, in the order of TypedArray.sort: -0 before +0, NaN last
// (of all NaNs, one). One element or a vector of them: the same operations.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

template <class To, class From>
EC_INLINE To bitsAs(From x) {
  static_assert(sizeof(To) == sizeof(From));
  To bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

template <class T, class S>
struct SignedKey {
  using Key = S;
  template <class Keys, class Elements>
  static EC_INLINE Keys of(Elements x) {
    return bitsAs<Keys>(x);
  }
  static EC_INLINE T element(S key) { return static_cast<T>(key); }
};
template <class T, class S>
struct UnsignedKey {
  using Key = S;
  static constexpr T sign = static_cast<T>(T{1} << (8 * sizeof(T) - 1));
  template <class Keys, class Elements>
  static EC_INLINE Keys of(Elements x) {
    return bitsAs<Keys>(static_cast<Elements>(x ^ sign));
  }
  static EC_INLINE T element(S key) { return static_cast<T>(static_cast<T>(key) ^ sign); }
};
template <class T, class S>
struct FloatKey {
  using Key = S;
  static constexpr int signBit = 8 * sizeof(S) - 1;
  static constexpr S greatest = static_cast<S>(~(S{1} << signBit));
  template <class Keys, class Elements>
  static EC_INLINE Keys of(Elements x) {
    const Keys bits = bitsAs<Keys>(x);
    const Keys turned = bits ^ (bits >> signBit & greatest);
    return x == x ? turned : Keys{} + greatest;
  }
  static EC_INLINE T element(S key) {
    return bitsAs<T>(static_cast<S>(key ^ (key >> signBit & greatest)));
  }
};
template <class T>
struct KeyOf;
template <>
struct KeyOf<double> : FloatKey<double, int64_t> {};
template <>
struct KeyOf<float> : FloatKey<float, int32_t> {};
template <>
struct KeyOf<int8_t> : SignedKey<int8_t, int8_t> {};
template <>
struct KeyOf<uint8_t> : UnsignedKey<uint8_t, int8_t> {};
template <>
struct KeyOf<int16_t> : SignedKey<int16_t, int16_t> {};
template <>
struct KeyOf<uint16_t> : UnsignedKey<uint16_t, int16_t> {};
template <>
struct KeyOf<int32_t> : SignedKey<int32_t, int32_t> {};
template <>
struct KeyOf<uint32_t> : UnsignedKey<uint32_t, int32_t> {};
template <>
struct KeyOf<int64_t> : SignedKey<int64_t, int64_t> {};
template <>
struct KeyOf<uint64_t> : UnsignedKey<uint64_t, int64_t> {};

}  // namespace
}  // namespace everycore::EC_ISA
