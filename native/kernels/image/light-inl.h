// sRGB values and linear light (IEC 61966-2-1), in the units of each dtype: bytes and 16-bit
// numbers of the full range, floats of 0 to 1. What bytes and words mean stands in tables of the
// call.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace light_ {

EC_INLINE float decode(float value) {
  if (value <= 0.04045f) return value / 12.92f;
  return __builtin_powf((value + 0.055f) / 1.055f, 2.4f);
}

EC_INLINE float encode(float light) {
  if (light <= 0.0031308f) return light * 12.92f;
  return 1.055f * __builtin_powf(light, 1 / 2.4f) - 0.055f;
}

// Views of the call: the light of every value; for bytes also, for every 4096th of light, the byte
// that this much makes, and the least light of every byte but the first. Nowhere do two bytes begin
// within one 4096th.
struct Tables {
  const float* light;
  const uint8_t* dark;
  const float* least;

  explicit Tables(const View* views)
      : light(views[0].as<const float>()),
        dark(views[1].as<const uint8_t>()),
        least(views[2].as<const float>()) {}

  uint8_t byteOf(float value) const {
    value = value > 0 ? value : 0;
    value = value < 1 ? value : 1;
    const uint8_t below = dark[static_cast<int32_t>(value * 4096)];
    return static_cast<uint8_t>(below + (value >= least[below]));
  }
};

}  // namespace light_
}  // namespace
}  // namespace everycore::EC_ISA
