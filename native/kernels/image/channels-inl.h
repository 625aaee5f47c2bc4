// Channels taken out of images and put together anew. A unit is a row.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace channels_ {

template <class T, int From, int To>
void takeRow(const T* EC_RESTRICT from, T* EC_RESTRICT to, int64_t width) {
  for (int64_t x = 0; x < width; ++x) to[x * To] = from[x * From];
}

template <class T, int From>
void takeRow(const T* from, T* to, int64_t width, int64_t toChannels) {
  switch (toChannels) {
    case 1:
      return takeRow<T, From, 1>(from, to, width);
    case 2:
      return takeRow<T, From, 2>(from, to, width);
    case 3:
      return takeRow<T, From, 3>(from, to, width);
    default:
      return takeRow<T, From, 4>(from, to, width);
  }
}

template <class T>
void takeRow(const T* from, T* to, int64_t width, int64_t fromChannels, int64_t toChannels) {
  switch (fromChannels) {
    case 1:
      return takeRow<T, 1>(from, to, width, toChannels);
    case 2:
      return takeRow<T, 2>(from, to, width, toChannels);
    case 3:
      return takeRow<T, 3>(from, to, width, toChannels);
    default:
      return takeRow<T, 4>(from, to, width, toChannels);
  }
}

// Views: images, results. Params: count of images; then, for each channel of each result, the
// number of an image and of its channel.
template <class T>
void take(const Call& call, Range range, void*) noexcept {
  const int sources = static_cast<int>(call.params[0]);
  for (int64_t row = range.begin; row < range.end; ++row) {
    const double* next = call.params + 1;
    for (uint32_t i = static_cast<uint32_t>(sources); i < call.viewCount; ++i) {
      const View& result = call.views[i];
      T* to = result.as<T>() + row * result.stride[0];
      for (int64_t c = 0; c < result.shape[2]; ++c, next += 2) {
        const View& image = call.views[static_cast<int>(next[0])];
        const T* from = image.as<const T>() + row * image.stride[0] + static_cast<int64_t>(next[1]);
        takeRow(from, to + c, result.shape[1], image.shape[2], result.shape[2]);
      }
    }
  }
}

}  // namespace channels_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CHANNELS                                      \
  {"takeChannels", Dtype::u8, {channels_::take<uint8_t>}},       \
      {"takeChannels", Dtype::u16, {channels_::take<uint16_t>}}, \
      {"takeChannels", Dtype::f32, {channels_::take<float>}},
