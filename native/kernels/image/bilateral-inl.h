// bilateral: a mean of the pixels near by and of like colour. Rows lie in planes, a channel each.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace bilateral_ {

// Views: image, weights by difference, weights by place, result. The parameter: the radius.
class Bilateral {
 public:
  Bilateral(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        likeness_(call.views[1].as<const float>()),
        space_(call.views[2].as<const float>()),
        channels_(arguments_.channels),
        radius_(arguments_.integer(0)),
        size_(2 * radius_ + 1),
        plane_(roundUp(arguments_.tileSamples() / channels_, sampleGrain) +
               roundUp(size_, sampleGrain)),
        source_(arguments_, arena_, radius_, radius_, 1) {
    ring_.take(arena_, size_, plane_ * channels_);
    sums_ = arena_.take<float>((channels_ + 1) * plane_);
  }

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    for (int64_t t = 0; t < size_ - 1; ++t) split(tile, tile.y - radius_ + t);
    for (int64_t y = 0; y < tile.height; ++y) {
      split(tile, tile.y + y + radius_);
      switch (channels_) {
        case 1:
          filterRow<1>(tile, y);
          break;
        case 2:
          filterRow<2>(tile, y);
          break;
        case 3:
          filterRow<3>(tile, y);
          break;
        default:
          filterRow<4>(tile, y);
      }
    }
  }

 private:
  void split(const Tile& tile, int64_t y) {
    const uint8_t* from = source_.read(tile, y);
    uint8_t* to = ring_.row(y);
    for (int64_t x = 0; x < tile.width + size_ - 1; ++x) {
      for (int64_t c = 0; c < channels_; ++c) to[c * plane_ + x] = from[x * channels_ + c];
    }
  }

  template <int Channels>
  void filterRow(const Tile& tile, int64_t y) {
    memset(sums_, 0, static_cast<size_t>((Channels + 1) * plane_) * sizeof(float));
    const uint8_t* centre = ring_.row(tile.y + y) + radius_;
    for (int64_t k = 0; k < size_ * size_; ++k) {
      if (space_[k] == 0) continue;
      const uint8_t* other = ring_.row(tile.y + y + k / size_ - radius_) + k % size_;
      addPixels<Channels>(centre, other, space_[k], tile.width);
    }
    const float* weights = sums_ + Channels * plane_;
    uint8_t* to = arguments_.resultRow<uint8_t>(tile, y);
    for (int64_t x = 0; x < tile.width; ++x) {
      for (int c = 0; c < Channels; ++c) {
        to[x * Channels + c] = static_cast<uint8_t>(roundEven(sums_[c * plane_ + x] / weights[x]));
      }
    }
  }

  // One pixel of the window, for all of a row.
  template <int Channels>
  void addPixels(const uint8_t* centre, const uint8_t* other, float space, int64_t width) {
    const int64_t plane = plane_;
    const float* EC_RESTRICT likeness = likeness_;
    float* EC_RESTRICT sums = sums_;
    for (int64_t x = 0; x < width; ++x) {
      int32_t far = 0;
      for (int c = 0; c < Channels; ++c) {
        const int32_t difference = other[c * plane + x] - centre[c * plane + x];
        far += difference < 0 ? -difference : difference;
      }
      const float weight = space * likeness[far];
      sums[Channels * plane + x] += weight;
      for (int c = 0; c < Channels; ++c) {
        sums[c * plane + x] += weight * static_cast<float>(other[c * plane + x]);
      }
    }
  }

  const WindowArguments arguments_;
  Arena arena_;
  const float* const likeness_;
  const float* const space_;
  const int64_t channels_, radius_, size_, plane_;
  SourceRows<uint8_t> source_;
  Ring<uint8_t> ring_;
  float* sums_ = nullptr;
};

}  // namespace bilateral_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_BILATERAL {"bilateral", Dtype::u8, {runTiles<bilateral_::Bilateral>}},
