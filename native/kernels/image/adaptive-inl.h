// adaptiveThreshold by a weighed mean: 255 where a pixel is above it less a number, else 0. Weights
// are symmetric and sums go from the centre outwards, both sides together, each step rounded.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace adaptive_ {

// Views: image, weights, result. The parameter: how much a white pixel is above its mean at the
// least.
class Gaussian {
 public:
  Gaussian(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        size_(call.views[1].shape[2]),
        radius_(size_ / 2),
        weights_(call.views[1].as<const float>() + radius_),
        least_(static_cast<int32_t>(arguments_.own[0])),
        source_(arguments_, arena_, radius_, radius_, 1),
        pixels_(arguments_, arena_, 0, 0, 1),
        rows_(arena_.take<const float*>(size_)) {
    ring_.take(arena_, size_, arguments_.tileSamples());
  }

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    const int64_t first = tile.y - radius_;
    for (int64_t i = 0; i < size_ - 1; ++i) alongRow(tile, first + i);
    for (int64_t y = 0; y < tile.height; ++y) {
      alongRow(tile, first + y + size_ - 1);
      for (int64_t t = 0; t < size_; ++t) rows_[t] = ring_.row(first + y + t);
      const uint8_t* pixels = pixels_.read(tile, tile.y + y);
      uint8_t* to = arguments_.resultRow<uint8_t>(tile, y);
      for (int64_t i = 0; i < tile.width; i += lanes<uint8_t>) {
        V<int32_t> bytes[4];
        for (int k = 0; k < 4; ++k) {
          const int64_t at = i + k * lanes<float>;
          V<float> mean = load(rows_[radius_] + at) * weights_[0];
          for (int64_t t = 1; t <= radius_; ++t) {
            mean += (load(rows_[radius_ - t] + at) + load(rows_[radius_ + t] + at)) * weights_[t];
          }
          const V<int32_t> whole = roundEven(clampV<float>(mean, 0.0f, 255.0f));
          bytes[k] = (loadAs<int32_t>(pixels + at) - whole >= least_) & 255;
        }
        storeUpTo(to + i, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]), tile.width - i);
      }
    }
  }

 private:
  void alongRow(const Tile& tile, int64_t y) {
    const float* centre = source_.read(tile, y) + radius_;
    float* to = ring_.row(y);
    for (int64_t i = 0; i < tile.width; i += lanes<float>) {
      V<float> sum = load(centre + i) * weights_[0];
      for (int64_t t = 1; t <= radius_; ++t) {
        sum += (load(centre + i - t) + load(centre + i + t)) * weights_[t];
      }
      store(to + i, sum);
    }
  }

  const WindowArguments arguments_;
  Arena arena_;
  const int64_t size_;
  const int64_t radius_;
  const float* const weights_;  // of the centre; the others to both sides
  const int32_t least_;
  SourceRows<float> source_;
  SourceRows<uint8_t> pixels_;
  const float** const rows_;
  Ring<float> ring_;
};

}  // namespace adaptive_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_ADAPTIVE {"adaptiveGaussian", Dtype::u8, {runTiles<adaptive_::Gaussian>}},
