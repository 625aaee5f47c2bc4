// pad and crop: a window onto an image and what lies around it. A unit is a row of the result.
#pragma once

#include "kernels/image/border-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace pad_ {

// Views: image, result. Params: border; column and row of the image where the result begins, which
// may lie outside; four border values.
template <class T>
void rows(const Call& call, Range range, void*) noexcept {
  const View& result = call.views[1];
  BorderedImage<T> image{call.views[0], static_cast<Border>(static_cast<int>(call.params[0])), {}};
  for (int c = 0; c < 4; ++c) image.value[c] = static_cast<T>(call.params[3 + c]);
  const int64_t x = static_cast<int64_t>(call.params[1]);
  const int64_t y = static_cast<int64_t>(call.params[2]);
  for (int64_t row = range.begin; row < range.end; ++row) {
    image.copyRow(result.as<T>() + row * result.stride[0], y + row, x, result.shape[1]);
  }
}

}  // namespace pad_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_PAD                                                                    \
  {"pad", Dtype::u8, {pad_::rows<uint8_t>}}, {"pad", Dtype::u16, {pad_::rows<uint16_t>}}, \
      {"pad", Dtype::f32, {pad_::rows<float>}},
