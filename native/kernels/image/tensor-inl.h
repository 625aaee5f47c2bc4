// Images as tensors of floats and back. A unit is a row of the image.
#pragma once

#include "kernels/image/alpha-inl.h"
#include "kernels/image/pack-inl.h"
#include "kernels/image/planes-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace tensor_ {

// (x / white - mean) / std of a channel whose samples lie side by side.
struct Scale {
  float white, mean, deviation;

  template <class T>
  EC_INLINE void run(const T* from, float* to, int64_t count) const {
    for (int64_t i = 0; i < count; i += lanes<float>) {
      storeUpTo(to + i, (loadAs<float>(from + i) / white - mean) / deviation, count - i);
    }
  }
};

// Views: image; the tensor, as rows, columns and channels of the image. Params: does it reverse the
// channels? What is white; then mean and deviation of each channel.
template <class T>
void to(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& tensor = call.views[1];
  const int64_t channels = image.shape[2], step = tensor.stride[1];
  planes_::Planes<T> planes{};
  float values[planes_::chunk];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const T* row = image.as<const T>() + y * image.stride[0];
    for (int64_t x = 0; x < image.shape[1]; x += planes_::chunk) {
      const int64_t count = minOf(planes_::chunk, image.shape[1] - x);
      planes_::split(row + x * channels, channels, planes, count);
      for (int64_t c = 0; c < channels; ++c) {
        const double* params = call.params + 2 + 2 * c;
        const Scale scale{static_cast<float>(call.params[1]), static_cast<float>(params[0]),
                          static_cast<float>(params[1])};
        const int64_t channel = call.params[0] != 0 ? channels - 1 - c : c;
        const T* plane = planes.at[channels == 2 && c == 1 ? 3 : c];
        float* target = tensor.as<float>() + y * tensor.stride[0] + x * step;
        target += channel * tensor.stride[2];
        if (step == 1) {
          scale.run(plane, target, count);
        } else {
          scale.run(plane, values, count);
          for (int64_t i = 0; i < count; ++i) target[i * step] = values[i];
        }
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

#define EC_KERNELS_TENSOR                                \
  {"toTensor", Dtype::u8, {tensor_::to<uint8_t>}},       \
      {"toTensor", Dtype::u16, {tensor_::to<uint16_t>}}, \
      {"toTensor", Dtype::f32, {tensor_::to<float>}}, {"fromTensor", Dtype::f32, {tensor_::from}},
