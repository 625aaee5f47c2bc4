// Means of windows of up to 32 × 32 by sums that run down the columns and then along the row.
//
// A sum that runs along a row waits for the one before it. So vectors of sums run `lag` samples at
// a time, as many as they and whole pixels go into: S[i + lag] = S[i] + W[i + size] - W[i], where W
// are sums of as many neighbouring columns as the lag has pixels.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace box_ {

// Eight numbers at most: the sums of a longer lag's columns would not be words.
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
typedef int32_t Ints __attribute__((vector_size(32)));
EC_INLINE Ints loadWords(const uint16_t* from) {
  return (Ints)_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from)));
}
EC_INLINE Ints loadBytes(const uint8_t* from) {
  return (Ints)_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i_u*>(from)));
}
EC_INLINE void storeBytes(uint8_t* to, const Ints* v, int64_t left) {
  const __m256i mixed = _mm256_packus_epi16(_mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]),
                                            _mm256_packs_epi32((__m256i)v[2], (__m256i)v[3]));
  const __m256i bytes =
      _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  if (left >= 32) return _mm256_storeu_si256(reinterpret_cast<__m256i_u*>(to), bytes);
  if (left > 0) memcpy(to, &bytes, static_cast<size_t>(left));
}
#else
typedef V<int32_t> Ints;
EC_INLINE Ints loadWords(const uint16_t* from) { return loadAs<int32_t>(from); }
EC_INLINE Ints loadBytes(const uint8_t* from) { return loadAs<int32_t>(from); }
EC_INLINE void storeBytes(uint8_t* to, const Ints* v, int64_t left) {
  storeUpTo(to, packBytes(v[0], v[1], v[2], v[3]), left);
}
#endif
typedef float Ratios __attribute__((vector_size(sizeof(Ints))));
constexpr int numbers = sizeof(Ints) / sizeof(int32_t);

template <bool adaptive>
class Running {
 public:
  Running(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        channels_(arguments_.channels),
        size_(arguments_.integer(0)),
        least_(static_cast<int32_t>(arguments_.own[1])),
        inverse_(1 / static_cast<float>(size_ * size_)),
        source_(arguments_, arena_, size_ / 2, size_ - 1 - size_ / 2, size_ + 1) {
    const int64_t samples = SourceRows<uint8_t>::sourceSamples(arguments_, size_ + beyond - 1);
    columns_ = arena_.take<uint16_t>(samples);
    groups_ = arena_.take<uint16_t>(samples);
    memset(columns_, 0, static_cast<size_t>(samples) * sizeof(uint16_t));
    memset(groups_, 0, static_cast<size_t>(samples) * sizeof(uint16_t));
  }

  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    samples_ = tile_.width * channels_;
    const int64_t first = tile_.y - size_ / 2;
    memset(columns_, 0, static_cast<size_t>(around()) * sizeof(uint16_t));
    for (int64_t i = 0; i < size_; ++i) add(source_.read(tile_, first + i));
    for (int64_t y = 0;; ++y) {
      addColumns();
      uint8_t* to = arguments_.resultRow<uint8_t>(tile_, y);
      const uint8_t* pixels = source_.row(tile_.y + y) + size_ / 2 * channels_;
      channels_ == 3 ? writeRow<3>(to, pixels) : writeRow<1>(to, pixels);
      if (y == tile_.height - 1) return;
      move(source_.read(tile_, first + y + size_), source_.row(first + y));
    }
  }

  // Pixels that are read beyond the window, at the most: `runningBeyond` in src/image/box-blur.ts.
  static constexpr int64_t beyond = 128;

 private:
  int64_t around() const { return samples_ + (size_ - 1) * channels_; }

  void add(const uint8_t* newest) {
    for (int64_t i = 0; i < around(); i += lanes<uint16_t>) {
      store(columns_ + i, load(columns_ + i) + loadAs<uint16_t>(newest + i));
    }
  }
  void move(const uint8_t* newest, const uint8_t* oldest) {
    for (int64_t i = 0; i < around(); i += lanes<uint16_t>) {
      store(columns_ + i,
            load(columns_ + i) + loadAs<uint16_t>(newest + i) - loadAs<uint16_t>(oldest + i));
    }
  }

  // Of 2, 4 … neighbours, as far as the lag goes.
  void addColumns() {
    const int64_t pixels = (channels_ == 3 ? 3 : 1) * numbers / channels_;
    const uint16_t* from = columns_;
    for (int64_t width = 1; width == 1 || width < pixels; width *= 2) {
      const int64_t step = width < pixels ? width * channels_ : 0;
      for (int64_t i = 0; i < around(); i += lanes<uint16_t>) {
        store(groups_ + i, step == 0 ? load(from + i) : load(from + i) + load(from + i + step));
      }
      from = groups_;
    }
  }

  // round(sum / area), halves up: floor((sum + area / 2) / area). The numerator is raised by a
  // half, which keeps the quotient further from the whole numbers than the arithmetic is off.
  EC_INLINE Ints mean(Ints sum) const {
    const Ratios ratio = __builtin_convertvector(sum, Ratios);
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
    const __m256 inverse = _mm256_set1_ps(inverse_), raise = _mm256_set1_ps(0.5f * inverse_);
    return (Ints)_mm256_cvttps_epi32(_mm256_fmadd_ps((__m256)ratio, inverse, raise));
#else
    return __builtin_convertvector(ratio * inverse_ + 0.5f * inverse_, Ints);
#endif
  }

  template <int vectors>
  void writeRow(uint8_t* to, const uint8_t* pixels) const {
    Ints sums[vectors] = {};
    for (int k = 0; k < vectors; ++k) {
      for (int64_t t = 0; t < size_; ++t) {
        sums[k] += loadWords(columns_ + k * numbers + t * channels_);
      }
      sums[k] += static_cast<int32_t>(size_ * size_ / 2);
    }
    constexpr int step = 4 * vectors * numbers;
    int64_t i = 0;
    for (; i + step <= samples_; i += step) writeStep<vectors>(to, pixels, i, step, sums);
    if (i < samples_) writeStep<vectors>(to, pixels, i, samples_ - i, sums);
  }

  template <int vectors>
  EC_INLINE void writeStep(uint8_t* to, const uint8_t* pixels, int64_t i, int64_t left,
                           Ints (&sums)[vectors]) const {
    const uint16_t* behind = groups_ + size_ * channels_;
    Ints means[4 * vectors];
#pragma GCC unroll 12
    for (int q = 0; q < 4 * vectors; ++q) {
      const int64_t at = i + q * numbers;
      Ints& sum = sums[q % vectors];
      means[q] = mean(sum);
      if (adaptive) means[q] = (loadBytes(pixels + at) - means[q] >= least_) & 255;
      sum += loadWords(behind + at) - loadWords(groups_ + at);
    }
#pragma GCC unroll 3
    for (int k = 0; k < vectors; ++k) {
      const int64_t at = 4 * k * numbers;
      storeBytes(to + i + at, means + 4 * k, left - at);
    }
  }

  const WindowArguments arguments_;
  Arena arena_;
  const int64_t channels_;
  const int64_t size_;
  const int32_t least_;  // that a pixel is above its mean
  const float inverse_;
  SourceRows<uint8_t> source_;
  uint16_t* columns_;
  uint16_t* groups_;
  Tile tile_{};
  int64_t samples_ = 0;
};

}  // namespace box_
}  // namespace
}  // namespace everycore::EC_ISA
