// Bytes from floats. A float is nearly always enough to know which byte is nearest; where it is
// not, because the number lies too close to the middle between two bytes, the pixel is doubtful.
#pragma once

#include "kernels/image/convert-color-exact-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

using planes_::chunk;

typedef V<float> Floats;

// The numbers a rule computes, in units of bytes, or of light.
struct Near {
  Floats at[3];
};

// Pixels of a chunk, a bit each.
struct Doubts {
  uint64_t bits[chunk / 64] = {};

  EC_INLINE void add(int64_t at, uint64_t lanes) { bits[at / 64] |= lanes << at % 64; }
};

// A number from 0 to 255.4 as the byte nearest to it. Half a byte more, its whole part is that
// byte; 256 more, the bits of a float are 2¹⁵ths. Another `guard` more, what is left beside the
// whole part is less than two guards where the number lies that close to the middle between two
// bytes.
struct Rounded {
  V<int32_t> bits;

  EC_INLINE Rounded(Floats value, float guard) : bits((V<int32_t>)(value + (256.5f + guard))) {}
  EC_INLINE V<int32_t> byte() const { return bits >> 15 & 255; }
  EC_INLINE V<int32_t> rest() const { return bits & 0x7fff; }
};

EC_INLINE uint64_t inDoubt(V<int32_t> rest, float guard) {
  return maskBits((V<int32_t>)(rest <= static_cast<int32_t>(2 * guard * 32768)));
}

EC_INLINE Floats inside(Floats v) { return clampV<float>(v, 0, 255); }

// x · a + y · b + z · c.
EC_INLINE Floats weighed(Floats a, Floats b, Floats c, float x, float y, float z) {
  const Floats one = Floats{} + 1.0f;
  return multiplyAdd(a, one * x, multiplyAdd(b, one * y, c * z));
}

}  // namespace convert_
}  // namespace
}  // namespace everycore::EC_ISA
