// The derivatives of Sobel's 3×3 windows.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace sobel_ {

// Derivatives along the row and down the column, at the middle one of three rows of words.
EC_INLINE void gradient(const int16_t* const* rows, int64_t at, int64_t step, V<int16_t>& x,
                        V<int16_t>& y) {
  V<int16_t> left[3], right[3];
  for (int k = 0; k < 3; ++k) {
    left[k] = load(rows[k] + at);
    right[k] = load(rows[k] + at + 2 * step);
  }
  const V<int16_t> middle = right[1] - left[1];
  x = right[0] - left[0] + middle + middle + right[2] - left[2];
  const V<int16_t> below = load(rows[2] + at + step), above = load(rows[0] + at + step);
  const V<int16_t> difference = below - above;
  y = left[2] + right[2] - left[0] - right[0] + difference + difference;
}

}  // namespace sobel_
}  // namespace
}  // namespace everycore::EC_ISA
