// Images as tensors of floats and back. A unit is a row of the image.
#pragma once

#include "kernels/image/alpha-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace tensor_ {

// Views: image; what each byte of each channel becomes, 256 floats a channel; the tensor, as rows,
// columns and channels of the image. Params: does it reverse the channels?
template <int Channels>
void toRow(const uint8_t* from, const float* tables, float* to, int64_t width,
           const int64_t* stride, bool reversed) {
  for (int c = 0; c < Channels; ++c) {
    const float* table = tables + 256 * c;
    float* target = to + (reversed ? Channels - 1 - c : c) * stride[2];
    if (stride[1] == 1) {
      for (int64_t x = 0; x < width; ++x) target[x] = table[from[x * Channels + c]];
    } else {
      for (int64_t x = 0; x < width; ++x) target[x * stride[1]] = table[from[x * Channels + c]];
    }
  }
}

void to(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& tensor = call.views[2];
  const float* tables = call.views[1].as<const float>();
  const bool reversed = call.params[0] != 0;
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = alpha_::rowOf(image, y);
    float* target = tensor.as<float>() + y * tensor.stride[0];
    switch (image.shape[2]) {
      case 1:
        toRow<1>(from, tables, target, image.shape[1], tensor.stride, reversed);
        break;
      case 2:
        toRow<2>(from, tables, target, image.shape[1], tensor.stride, reversed);
        break;
      case 3:
        toRow<3>(from, tables, target, image.shape[1], tensor.stride, reversed);
        break;
      default:
        toRow<4>(from, tables, target, image.shape[1], tensor.stride, reversed);
    }
  }
}

// Words and floats. Views: image, tensor as above. Params: does it reverse the channels? What is
// white; then mean and deviation of each channel.
template <class T>
void toWide(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& tensor = call.views[1];
  const int64_t channels = image.shape[2];
  const float white = static_cast<float>(call.params[1]);
  for (int64_t y = range.begin; y < range.end; ++y) {
    for (int64_t c = 0; c < channels; ++c) {
      const float mean = static_cast<float>(call.params[2 + 2 * c]);
      const float deviation = static_cast<float>(call.params[3 + 2 * c]);
      const int64_t channel = call.params[0] != 0 ? channels - 1 - c : c;
      const T* from = image.as<const T>() + y * image.stride[0] + c;
      float* to = tensor.as<float>() + y * tensor.stride[0] + channel * tensor.stride[2];
      for (int64_t x = 0; x < image.shape[1]; ++x) {
        to[x * tensor.stride[1]] =
            (static_cast<float>(from[x * channels]) / white - mean) / deviation;
      }
    }
  }
}

// Views: tensor, as above; image. Params: are the channels reversed? Then mean and deviation of
// each.
void from(const Call& call, Range range, void*) noexcept {
  const View& tensor = call.views[0];
  const View& image = call.views[1];
  const int64_t channels = image.shape[2];
  for (int64_t y = range.begin; y < range.end; ++y) {
    uint8_t* row = alpha_::targetRow(image, y);
    for (int64_t c = 0; c < channels; ++c) {
      const double mean = call.params[1 + 2 * c], deviation = call.params[2 + 2 * c];
      const int64_t channel = call.params[0] != 0 ? channels - 1 - c : c;
      const float* source =
          tensor.as<const float>() + y * tensor.stride[0] + channel * tensor.stride[2];
      for (int64_t x = 0; x < image.shape[1]; ++x) {
        row[x * channels + c] =
            alpha_::byteOf((source[x * tensor.stride[1]] * deviation + mean) * 255);
      }
    }
  }
}

}  // namespace tensor_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_TENSOR                                        \
  {"toTensor", Dtype::u8, {tensor_::to}},                        \
      {"toTensorWide", Dtype::u16, {tensor_::toWide<uint16_t>}}, \
      {"toTensorWide", Dtype::f32, {tensor_::toWide<float>}},    \
      {"fromTensor", Dtype::f32, {tensor_::from}},
