// The rows that the windows of a vector of results read: as they lie in the image, or copied where
// they reach beyond its left or right edge.
#pragma once

#include "kernels/image/median-network-inl.h"
#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

template <int size>
class Source {
 public:
  static constexpr int reach = size / 2;
  // Of a copied row.
  static constexpr int copyBytes = lanes<uint8_t> + (size + 2) * 4;

  explicit Source(const WindowArguments& arguments)
      : image_(arguments.bordered<uint8_t>()),
        channels_(arguments.channels),
        around_(reach * channels_),
        samples_(image_.view.shape[1] * channels_) {}

  // Whether the windows of the results from `sample` of a row on lie between the edges.
  bool inside(int64_t sample) const {
    return sample >= around_ && sample + lanes<uint8_t> + around_ <= samples_;
  }
  // The row that stands for row y, from the first sample of the window of `sample`.
  const uint8_t* row(int64_t y, int64_t sample) const {
    const int64_t line = minOf(maxOf<int64_t>(y, 0), image_.view.shape[0] - 1);
    return image_.view.as<const uint8_t>() + line * image_.view.stride[0] + sample - around_;
  }
  const uint8_t* copiedRow(uint8_t* to, int64_t y, int64_t sample) const {
    const int64_t pixels = 2 * reach + lanes<uint8_t> / channels_ + 2;
    image_.copyRow(to, y, sample / channels_ - reach, pixels);
    return to + sample % channels_;
  }

 private:
  const BorderedImage<uint8_t> image_;
  const int64_t channels_;
  const int64_t around_;
  const int64_t samples_;
};

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA
