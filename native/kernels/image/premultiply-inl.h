// Bytes of colour multiplied with and divided by their alpha, to the bit as Pillow does it between
// 'RGBA' and 'RGBa', 'LA' and 'La'.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace alpha_ {

// color · alpha / 255, rounded, of bytes in words.
EC_INLINE V<int16_t> premultiply(V<int16_t> color, V<int16_t> alpha) {
  const V<uint16_t> product = (V<uint16_t>)color * (V<uint16_t>)alpha + uint16_t{128};
  return (V<int16_t>)((product + (product >> 8)) >> 8);
}

// min(255, trunc(255 · color / alpha)); a color without alpha stays. A quotient that is no whole
// number lies at least 1/254 below the next one, far more than the rounding of this arithmetic, so
// that raising all by half of it leads exactly to trunc.
EC_INLINE V<uint32_t> unpremultiply(V<uint32_t> color, V<float> scale) {
  const V<float> quotient =
      __builtin_convertvector((V<int32_t>)color, V<float>) * scale + 1.0f / 512;
  const V<int32_t> whole = __builtin_convertvector(quotient, V<int32_t>);
  return (V<uint32_t>)(whole > 255 ? broadcast<int32_t>(255) : whole);
}

EC_INLINE V<float> unpremultiplyScale(V<uint32_t> alpha) {
  const V<float> divisor = __builtin_convertvector((V<int32_t>)alpha, V<float>);
  return alpha == 0u ? broadcast(1.0f) : 255.0f / divisor;
}

// Four bytes a lane: one pixel of four channels, or two pixels of two.
template <int Channels>
EC_INLINE V<uint32_t> unpremultiply(V<uint32_t> pixels) {
  const V<uint32_t> first = pixels & 255u;
  const V<uint32_t> second = (pixels >> 8) & 255u;
  const V<uint32_t> third = (pixels >> 16) & 255u;
  const V<float> scale = unpremultiplyScale(pixels >> 24);
  if constexpr (Channels == 4) {
    return unpremultiply(first, scale) | (unpremultiply(second, scale) << 8) |
           (unpremultiply(third, scale) << 16) | (pixels & 0xff000000u);
  } else {
    return unpremultiply(first, unpremultiplyScale(second)) | (unpremultiply(third, scale) << 16) |
           (pixels & 0xff00ff00u);
  }
}

// In place.
template <int Channels>
void unpremultiplyRow(uint8_t* row, int64_t pixels) {
  int64_t left = pixels * Channels;
  for (; left >= EC_VECTOR_BYTES; left -= EC_VECTOR_BYTES, row += EC_VECTOR_BYTES) {
    store(row, (V<uint8_t>)unpremultiply<Channels>((V<uint32_t>)load(row)));
  }
  storePart(row, (V<uint8_t>)unpremultiply<Channels>((V<uint32_t>)loadPart(row, left)), left);
}

}  // namespace alpha_
}  // namespace
}  // namespace everycore::EC_ISA
