// Each colour as a sum of all colours. A unit is a row. In doubles, added from left to right.
#pragma once

#include "kernels/image/alpha-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace color_matrix_ {

template <int Channels>
void row(const uint8_t* from, uint8_t* to, int64_t pixels, const double* m) {
  for (int64_t x = 0; x < pixels; ++x, from += Channels, to += Channels) {
    const double red = from[0], green = from[1], blue = from[2];
    for (int c = 0; c < 3; ++c) {
      const double* w = m + 4 * c;
      to[c] = alpha_::byteOf(w[0] * red + w[1] * green + w[2] * blue + w[3]);
    }
    if (Channels == 4) to[3] = from[3];
  }
}

// Views: image, result. Params: 3 × 4 numbers.
void rows(const Call& call, Range range, void*) noexcept {
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = alpha_::rowOf(call.views[0], y);
    uint8_t* to = alpha_::targetRow(call.views[1], y);
    const int64_t width = call.views[0].shape[1];
    call.views[0].shape[2] == 3 ? row<3>(from, to, width, call.params)
                                : row<4>(from, to, width, call.params);
  }
}

}  // namespace color_matrix_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_COLOR_MATRIX {"colorMatrix", Dtype::u8, {color_matrix_::rows}},
