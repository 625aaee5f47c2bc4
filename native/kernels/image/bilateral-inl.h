// bilateral: a mean of the pixels near by and of like colour. Rows lie in planes, a channel each.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace bilateral_ {

// The weights by difference: a number of the table for each lane.
template <int Channels>
struct Likeness {
  const float* table;

  explicit Likeness(const float* weights) : table(weights) {}

  EC_INLINE V<float> at(V<int32_t> far) const {
#if EC_LEVEL == EC_ISA_avx512
    return (V<float>)_mm512_i32gather_ps((__m512i)far, table, 4);
#elif EC_LEVEL == EC_ISA_avx2
    return (V<float>)_mm256_i32gather_ps(table, (__m256i)far, 4);
#else
    V<float> found;
    for (int i = 0; i < lanes<float>; ++i) found[i] = table[far[i]];
    return found;
#endif
  }
};

#if EC_LEVEL == EC_ISA_avx512
// 256 numbers lie in 16 registers, of which an instruction looks into two at once.
template <>
struct Likeness<1> {
  V<float> parts[16];

  explicit Likeness(const float* table) {
    for (int i = 0; i < 16; ++i) parts[i] = load(table + 16 * i);
  }

  // Neighbours are mostly alike: then a quarter of the table serves.
  EC_INLINE V<float> at(V<int32_t> far) const {
    const __mmask16 unlike = _mm512_cmpgt_epi32_mask((__m512i)far, _mm512_set1_epi32(63));
    return __builtin_expect(unlike == 0, true) ? among<2>(far) : among<8>(far);
  }

 private:
  // A lane is an index until its part's turn.
  template <int pairs>
  EC_INLINE V<float> among(V<int32_t> far) const {
    const __m512i part = (__m512i)(far >> 5);
    __m512i found = (__m512i)far;
#pragma GCC unroll 8
    for (int i = 0; i < pairs; ++i) {
      const __mmask16 here = _mm512_cmpeq_epi32_mask(part, _mm512_set1_epi32(i));
      found = _mm512_mask2_permutex2var_epi32((__m512i)parts[2 * i], found, here,
                                              (__m512i)parts[2 * i + 1]);
    }
    return (V<float>)found;
  }
};
#endif

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
    taps_ = arena_.take<Tap>(size_ * size_);
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
  struct Tap {
    const uint8_t* from;
    float space;
  };

  void split(const Tile& tile, int64_t y) {
    const uint8_t* from = source_.read(tile, y);
    uint8_t* to = ring_.row(y);
    for (int64_t x = 0; x < tile.width + size_ - 1; ++x) {
      for (int64_t c = 0; c < channels_; ++c) to[c * plane_ + x] = from[x * channels_ + c];
    }
  }

  template <int Channels>
  void filterRow(const Tile& tile, int64_t y) {
    int64_t used = 0;
    for (int64_t k = 0; k < size_ * size_; ++k) {
      if (space_[k] == 0) continue;
      taps_[used++] = {ring_.row(tile.y + y + k / size_ - radius_) + k % size_, space_[k]};
    }
    const uint8_t* centre = ring_.row(tile.y + y) + radius_;
    uint8_t* to = arguments_.resultRow<uint8_t>(tile, y);
    const Likeness<Channels> likeness(likeness_);
    for (int64_t x = 0; x < tile.width; x += lanes<float>) {
      V<float> means[Channels];
      meanPixels<Channels>(likeness, centre + x, x, used, means);
      const int64_t left = minOf<int64_t>(lanes<float>, tile.width - x);
      for (int64_t i = 0; i < left; ++i) {
        for (int c = 0; c < Channels; ++c) {
          to[(x + i) * Channels + c] = static_cast<uint8_t>(roundEven(means[c][i]));
        }
      }
    }
  }

  // As many pixels as a vector has floats.
  template <int Channels>
  EC_INLINE void meanPixels(const Likeness<Channels>& likeness, const uint8_t* centre, int64_t x,
                            int64_t taps, V<float> (&means)[Channels]) const {
    V<int32_t> pixel[Channels];
    V<float> sums[Channels] = {};
    V<float> weights{};
    for (int c = 0; c < Channels; ++c) pixel[c] = loadAs<int32_t>(centre + c * plane_);
    for (int64_t t = 0; t < taps; ++t) {
      const uint8_t* from = taps_[t].from + x;
      V<int32_t> other[Channels];
      V<int32_t> far{};
      for (int c = 0; c < Channels; ++c) {
        other[c] = loadAs<int32_t>(from + c * plane_);
        const V<int32_t> difference = other[c] - pixel[c];
        far += maxV<int32_t>(difference, -difference);
      }
      const V<float> weight = likeness.at(far) * taps_[t].space;
      weights += weight;
      for (int c = 0; c < Channels; ++c) {
        sums[c] += weight * __builtin_convertvector(other[c], V<float>);
      }
    }
    for (int c = 0; c < Channels; ++c) means[c] = sums[c] / weights;
  }

  const WindowArguments arguments_;
  Arena arena_;
  const float* const likeness_;
  const float* const space_;
  const int64_t channels_, radius_, size_, plane_;
  SourceRows<uint8_t> source_;
  Ring<uint8_t> ring_;
  Tap* taps_ = nullptr;
};

}  // namespace bilateral_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_BILATERAL {"bilateral", Dtype::u8, {runTiles<bilateral_::Bilateral>}},
