// gaussianBlur: rows first, into a ring of as many rows as the window is high, then columns. A unit
// is a tile. This file has floats, and words, which are summed as floats; gaussian-blur-u8-inl.h
// has bytes.
//
// Weights are symmetric, so what lies equally far left and right (above and below) is added first.
// The order of the sums is fixed, from the centre outwards, each step rounded: the same bytes on
// every CPU level and in TypeScript.
#pragma once

#include "kernels/image/gaussian-blur-u8-inl.h"
#include "kernels/image/pack-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace gaussian {

template <class Sample>
class BlurFloats {
 public:
  BlurFloats(const Call& call, void* scratch)
      : arguments_(call),
        source_(arguments_.bordered<Sample>()),
        channels_(arguments_.source.shape[2]),
        radiusX_(arguments_.weightsX.shape[2] / 2),
        radiusY_(arguments_.weightsY.shape[2] / 2),
        weightsX_(arguments_.weightsX.as<const float>() + radiusX_),
        weightsY_(arguments_.weightsY.as<const float>() + radiusY_),
        ringRows_(2 * radiusY_ + 1),
        ringStride_(roundUp(arguments_.tileWidth() * channels_, sampleGrain)) {
    Arena arena{static_cast<char*>(scratch)};
    const int64_t around = roundUp(ringStride_ + 2 * radiusX_ * channels_, sampleGrain);
    if constexpr (sizeof(Sample) == 2) {
      raw_ = arena.take<Sample>(around);
      memset(raw_, 0, static_cast<size_t>(around) * sizeof(Sample));
    }
    row_ = arena.take<float>(around);
    rows_ = arena.take<const float*>(ringRows_);
    ring_ = arena.take<float>(ringStride_ * ringRows_);
    memset(row_, 0, static_cast<size_t>(around) * sizeof(float));
  }

  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    for (int64_t i = 0; i < ringRows_ - 1; ++i) alongRow(tile_.y - radiusY_ + i, i);
    for (int64_t y = 0, slot = ringRows_ - 1; y < tile_.height; ++y) {
      alongRow(tile_.y + y + radiusY_, slot);
      slot = slot + 1 < ringRows_ ? slot + 1 : 0;
      downColumns(y, slot);
    }
  }

 private:
  static constexpr int block = 4;  // vectors that are summed side by side
  static constexpr int step = block * lanes<float>;
  static_assert(sampleGrain % step == 0);

  struct Sums {
    V<float> at[block];
  };

  void alongRow(int64_t y, int64_t slot) {
    const int64_t pixels = tile_.width + 2 * radiusX_;
    if constexpr (sizeof(Sample) == 2) {
      source_.copyRow(raw_, y, tile_.x - radiusX_, pixels);
      for (int64_t i = 0; i < pixels * channels_; i += lanes<float>) {
        store(row_ + i, loadAs<float>(raw_ + i));
      }
    } else {
      source_.copyRow(row_, y, tile_.x - radiusX_, pixels);
    }
    float* to = ring_ + slot * ringStride_;
    const int64_t samples = tile_.width * channels_;
    for (int64_t i = 0; i < samples; i += step) {
      const float* centre = row_ + radiusX_ * channels_ + i;
      Sums sums = begin(centre, weightsX_[0]);
      for (int64_t t = 1; t <= radiusX_; ++t) {
        add(sums, centre - t * channels_, centre + t * channels_, weightsX_[t]);
      }
      for (int k = 0; k < block; ++k) store(to + i + k * lanes<float>, sums.at[k]);
    }
  }

  // Row y of the tile; the ring begins at `slot`.
  void downColumns(int64_t y, int64_t slot) {
    for (int64_t t = 0; t < ringRows_; ++t) {
      rows_[t] = ring_ + (slot + t < ringRows_ ? slot + t : slot + t - ringRows_) * ringStride_;
    }
    const View& result = arguments_.result;
    Sample* to = result.as<Sample>() + (tile_.y + y) * result.stride[0] + tile_.x * channels_;
    const int64_t samples = tile_.width * channels_;
    for (int64_t i = 0; i < samples; i += step) {
      Sums sums = begin(rows_[radiusY_] + i, weightsY_[0]);
      for (int64_t t = 1; t <= radiusY_; ++t) {
        add(sums, rows_[radiusY_ - t] + i, rows_[radiusY_ + t] + i, weightsY_[t]);
      }
      storeSums(to + i, sums, minOf<int64_t>(samples - i, step));
    }
  }

  EC_INLINE static Sums begin(const float* from, float weight) {
    Sums sums;
    for (int k = 0; k < block; ++k) sums.at[k] = load(from + k * lanes<float>) * weight;
    return sums;
  }

  EC_INLINE static void add(Sums& sums, const float* a, const float* b, float weight) {
    for (int k = 0; k < block; ++k) {
      sums.at[k] += (load(a + k * lanes<float>) + load(b + k * lanes<float>)) * weight;
    }
  }

  EC_INLINE static void storeSums(float* to, const Sums& sums, int64_t count) {
    for (int k = 0; k < block; ++k) {
      storeUpTo(to + k * lanes<float>, sums.at[k], count - k * lanes<float>);
    }
  }
  EC_INLINE static void storeSums(uint16_t* to, const Sums& sums, int64_t count) {
    for (int k = 0; k < block; k += 2) {
      const int64_t at = k * lanes<float>;
      storeUpTo(to + at, roundToUnsignedWords(sums.at[k], sums.at[k + 1]), count - at);
    }
  }

  const Arguments arguments_;
  const BorderedImage<Sample> source_;
  const int64_t channels_;
  const int64_t radiusX_;
  const int64_t radiusY_;
  const float* const weightsX_;  // of the centre; the others to both sides
  const float* const weightsY_;
  const int64_t ringRows_;
  const int64_t ringStride_;
  Sample* raw_ = nullptr;
  float* row_;
  const float** rows_;
  float* ring_;
  Tile tile_{};
};

template <class Blur>
void blur(const Call& call, Range range, void* scratch) noexcept {
  Blur tiles(call, scratch);
  for (int64_t unit = range.begin; unit < range.end; ++unit) tiles.run(unit);
}

}  // namespace gaussian
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_GAUSSIAN_BLUR                                                      \
  {"gaussianBlur", Dtype::u8, {gaussian::blur<gaussian::BlurU8>}},                    \
      {"gaussianBlur", Dtype::u16, {gaussian::blur<gaussian::BlurFloats<uint16_t>>}}, \
      {"gaussianBlur", Dtype::f32, {gaussian::blur<gaussian::BlurFloats<float>>}},
