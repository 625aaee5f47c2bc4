// How the elements of each dtype are computed on: what is stored, what vectors the arithmetic uses,
// and the way between them. Integers compute unsigned where they wrap, as a typed-array store does
// (signed overflow would be undefined); u8c computes wider and saturates when stored.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

struct Clamped8 {};  // tag of Uint8ClampedArray

template <class T>
struct Unsigned {
  using type = T;
};
template <>
struct Unsigned<int8_t> {
  using type = uint8_t;
};
template <>
struct Unsigned<int16_t> {
  using type = uint16_t;
};
template <>
struct Unsigned<int32_t> {
  using type = uint32_t;
};
template <>
struct Unsigned<int64_t> {
  using type = uint64_t;
};

// The elements of a kernel that computes by + - and ×.
template <class T>
struct Arithmetic {
  using Stored = typename Unsigned<T>::type;
  using Vector = V<Stored>;
  static constexpr int count = lanes<Stored>;
  static EC_INLINE Vector widen(V<Stored> value) { return value; }
  static EC_INLINE V<Stored> narrow(Vector value) { return value; }
};

template <>
struct Arithmetic<Clamped8> {
  using Stored = uint8_t;
  typedef int32_t Vector __attribute__((vector_size(EC_VECTOR_BYTES * 4)));
  static constexpr int count = lanes<uint8_t>;
  static EC_INLINE Vector widen(V<uint8_t> value) { return __builtin_convertvector(value, Vector); }
  static EC_INLINE V<uint8_t> narrow(Vector value) {
    const Vector low = value < 0 ? Vector{} : value;
    const Vector limit = Vector{} + 255;
    return __builtin_convertvector(low > limit ? limit : low, V<uint8_t>);
  }
};

}  // namespace
}  // namespace everycore::EC_ISA
