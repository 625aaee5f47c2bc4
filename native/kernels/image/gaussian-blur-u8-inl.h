// gaussianBlur of bytes, in the fixed-point arithmetic of OpenCV: weights are whole 256ths that add
// up to 256 and nothing is rounded before the end, so any order of the sums gives the same bytes.
// Two taps are one multiply-add: bytes in pairs (pixel, next pixel) along the row, then words in
// pairs (row, next row) down the columns. Bytes are kept minus 128 and words minus 32768, which
// makes both signed.
#pragma once

#include "kernels/image/gaussian-blur-arguments-inl.h"
#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace gaussian {

// Σ of two products each: 2 bytes × 2 weights to a word. Weights are bytes in pairs; with bytes in
// [-128, 127] and weights of 256 in all no sum leaves a word.
EC_INLINE V<int16_t> dotBytes(V<int8_t> pairs, V<uint32_t> weights) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<int16_t>)_mm512_maddubs_epi16((__m512i)weights, (__m512i)pairs);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<int16_t>)_mm256_maddubs_epi16((__m256i)weights, (__m256i)pairs);
#else
  const V<int16_t> low = (V<int16_t>)((V<uint16_t>)pairs << 8) >> 8;
  const V<int16_t> high = (V<int16_t>)pairs >> 8;
  const V<uint16_t> both = (V<uint16_t>)weights;
  return low * (V<int16_t>)(both & 255) + high * (V<int16_t>)(both >> 8);
#endif
}

// The same a size up: 2 words × 2 weights to a number of 32 bits.
EC_INLINE V<int32_t> dotWords(V<int16_t> pairs, V<uint32_t> weights) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<int32_t>)_mm512_madd_epi16((__m512i)pairs, (__m512i)weights);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<int32_t>)_mm256_madd_epi16((__m256i)pairs, (__m256i)weights);
#elif defined(__x86_64__)
  return (V<int32_t>)_mm_madd_epi16((__m128i)pairs, (__m128i)weights);
#else
  const V<int32_t> low = (V<int32_t>)((V<uint32_t>)pairs << 16) >> 16;
  const V<int32_t> high = (V<int32_t>)pairs >> 16;
  return low * (V<int32_t>)(weights & 65535) + high * (V<int32_t>)(weights >> 16);
#endif
}

// a0 b0 a1 b1 …, the first half to `to`, the second behind it.
EC_INLINE void storePairs(int8_t* to, V<int8_t> a, V<int8_t> b) {
#if EC_LEVEL == EC_ISA_avx512
  const __m512i low = _mm512_unpacklo_epi8((__m512i)a, (__m512i)b);
  const __m512i high = _mm512_unpackhi_epi8((__m512i)a, (__m512i)b);
  store(to, (V<int8_t>)__builtin_shufflevector(low, high, 0, 1, 8, 9, 2, 3, 10, 11));
  store(to + 64, (V<int8_t>)__builtin_shufflevector(low, high, 4, 5, 12, 13, 6, 7, 14, 15));
#elif EC_LEVEL == EC_ISA_avx2
  const __m256i low = _mm256_unpacklo_epi8((__m256i)a, (__m256i)b);
  const __m256i high = _mm256_unpackhi_epi8((__m256i)a, (__m256i)b);
  store(to, (V<int8_t>)_mm256_permute2x128_si256(low, high, 0x20));
  store(to + 32, (V<int8_t>)_mm256_permute2x128_si256(low, high, 0x31));
#else
  store(to, __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  store(to + 16, __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30,
                                         15, 31));
#endif
}

// Words of two rows in pairs. On wide vectors they stay in the order in which the CPU interleaves,
// lane by lane; `narrow` puts them back.
EC_INLINE void interleave(V<int16_t> a, V<int16_t> b, V<int16_t>& low, V<int16_t>& high) {
#if EC_LEVEL == EC_ISA_avx512
  low = (V<int16_t>)_mm512_unpacklo_epi16((__m512i)a, (__m512i)b);
  high = (V<int16_t>)_mm512_unpackhi_epi16((__m512i)a, (__m512i)b);
#elif EC_LEVEL == EC_ISA_avx2
  low = (V<int16_t>)_mm256_unpacklo_epi16((__m256i)a, (__m256i)b);
  high = (V<int16_t>)_mm256_unpackhi_epi16((__m256i)a, (__m256i)b);
#else
  low = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  high = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#endif
}

// Four sums with 16 fractional bits to as many bytes as a vector holds. None is above 255.
EC_INLINE V<uint8_t> narrow(V<int32_t> a, V<int32_t> b, V<int32_t> c, V<int32_t> d) {
  a >>= 16, b >>= 16, c >>= 16, d >>= 16;
#if EC_LEVEL == EC_ISA_avx512
  const __m512i low = _mm512_packs_epi32((__m512i)a, (__m512i)b);
  const __m512i high = _mm512_packs_epi32((__m512i)c, (__m512i)d);
  const __m512i mixed = _mm512_packus_epi16(low, high);
  return (V<uint8_t>)__builtin_shufflevector(mixed, mixed, 0, 2, 4, 6, 1, 3, 5, 7);
#elif EC_LEVEL == EC_ISA_avx2
  const __m256i low = _mm256_packs_epi32((__m256i)a, (__m256i)b);
  const __m256i high = _mm256_packs_epi32((__m256i)c, (__m256i)d);
  return (V<uint8_t>)_mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xd8);
#elif defined(__x86_64__)
  const __m128i low = _mm_packs_epi32((__m128i)a, (__m128i)b);
  const __m128i high = _mm_packs_epi32((__m128i)c, (__m128i)d);
  return (V<uint8_t>)_mm_packus_epi16(low, high);
#else
  const auto low =
      __builtin_shufflevector((V<uint16_t>)a, (V<uint16_t>)b, 0, 2, 4, 6, 8, 10, 12, 14);
  const auto high =
      __builtin_shufflevector((V<uint16_t>)c, (V<uint16_t>)d, 0, 2, 4, 6, 8, 10, 12, 14);
  return __builtin_shufflevector((V<uint8_t>)low, (V<uint8_t>)high, 0, 2, 4, 6, 8, 10, 12, 14, 16,
                                 18, 20, 22, 24, 26, 28, 30);
#endif
}

class BlurU8 {
 public:
  BlurU8(const Call& call, void* scratch)
      : arguments_(call),
        source_(arguments_.bordered<uint8_t>()),
        channels_(arguments_.source.shape[2]),
        countX_(arguments_.weightsX.shape[2]),
        countY_(arguments_.weightsY.shape[2]),
        ringRows_((countY_ + 1) / 2) {
    const int64_t samples = roundUp(arguments_.tileWidth() * channels_, sampleGrain);
    const int64_t around = roundUp(samples + (countX_ - 1) * channels_, sampleGrain);
    Arena arena{static_cast<char*>(scratch)};
    row_ = arena.take<uint8_t>(around + sampleGrain);
    pairs_[0] = arena.take<int8_t>(2 * around);
    pairs_[1] = arena.take<int8_t>(2 * around);
    tapsX_ = arena.take<TapX>(ringCountX());
    tapsY_ = arena.take<TapY>(ringRows_);
    rows_ = arena.take<const int16_t*>(ringRows_);
    ring_ = arena.take<int16_t>(2 * samples * ringRows_);
    ringStride_ = 2 * samples;
    memset(row_, 0, static_cast<size_t>(around + sampleGrain));
    makeTapsX();
    makeTapsY();
  }

  // Each step takes in two rows, which leave as one row of pairs, and gives out two: the upper one
  // begins with the first row of the ring, the lower one with the second.
  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    samples_ = roundUp(tile_.width * channels_, sampleGrain);
    const int64_t first = tile_.y - countY_ / 2;
    for (int64_t i = 0; i < ringRows_ - 1; ++i) alongRows(first + 2 * i, i);
    for (int64_t y = 0, slot = ringRows_ - 1; y < tile_.height; y += 2) {
      alongRows(first + y + 2 * (ringRows_ - 1), slot);
      slot = slot + 1 < ringRows_ ? slot + 1 : 0;
      downColumns(y, slot);
    }
  }

 private:
  struct TapX {
    int32_t offset;  // in bytes of pairs
    uint32_t weights;
  };
  struct TapY {
    int32_t row;
    uint32_t upper, lower;
  };

  int64_t ringCountX() const { return (countX_ + 1) / 2; }

  // Weights of 0 make no tap: wide windows have many. A lone weight, 256, is no byte: it becomes
  // twice 128 on the same pixel.
  void makeTapsX() {
    const uint16_t* weights = arguments_.weightsX.as<const uint16_t>();
    pairDistance_ = countX_ > 1 ? channels_ : 0;
    tapCountX_ = 0;
    if (countX_ == 1) {
      tapsX_[tapCountX_++] = {0, 0x80808080u};
      return;
    }
    for (int64_t i = 0; i < countX_; i += 2) {
      const uint32_t pair = weights[i] | (i + 1 < countX_ ? weights[i + 1] << 8 : 0u);
      if (pair == 0) continue;
      tapsX_[tapCountX_++] = {static_cast<int32_t>(2 * i * channels_), pair | pair << 16};
    }
  }

  void makeTapsY() {
    const uint16_t* weights = arguments_.weightsY.as<const uint16_t>();
    const auto weight = [&](int64_t i) -> uint32_t {
      return i >= 0 && i < countY_ ? weights[i] : 0;
    };
    tapCountY_ = 0;
    for (int64_t i = 0; i < ringRows_; ++i) {
      const uint32_t upper = weight(2 * i) | weight(2 * i + 1) << 16;
      const uint32_t lower = weight(2 * i - 1) | weight(2 * i) << 16;
      if ((upper | lower) != 0) tapsY_[tapCountY_++] = {static_cast<int32_t>(i), upper, lower};
    }
  }

  void makePairs(int64_t y, int8_t* to) {
    const int64_t radius = countX_ / 2;
    source_.copyRow(row_, y, tile_.x - radius, tile_.width + countX_ - 1);
    const int8_t* from = reinterpret_cast<const int8_t*>(row_);
    const V<int8_t> flip = broadcast<int8_t>(-128);
    const int64_t count = samples_ + (countX_ - 1) * channels_;
    for (int64_t i = 0; i < count; i += lanes<int8_t>) {
      storePairs(to + 2 * i, load(from + i) ^ flip, load(from + i + pairDistance_) ^ flip);
    }
  }

  void alongRows(int64_t y, int64_t slot) {
    makePairs(y, pairs_[0]);
    makePairs(y + 1, pairs_[1]);
    int16_t* to = ring_ + slot * ringStride_;
    constexpr int step = lanes<int16_t>;
    for (int64_t i = 0; i < samples_; i += 2 * step) {
      const int8_t* a = pairs_[0] + 2 * i;
      const int8_t* b = pairs_[1] + 2 * i;
      V<int16_t> a0{}, a1{}, b0{}, b1{};
      for (int64_t t = 0; t < tapCountX_; ++t) {
        const int64_t offset = tapsX_[t].offset;
        const V<uint32_t> weights = broadcast(tapsX_[t].weights);
        a0 += dotBytes(load(a + offset), weights);
        a1 += dotBytes(load(a + offset + 2 * step), weights);
        b0 += dotBytes(load(b + offset), weights);
        b1 += dotBytes(load(b + offset + 2 * step), weights);
      }
      V<int16_t> low, high;
      interleave(a0, b0, low, high);
      store(to + 2 * i, low);
      store(to + 2 * i + step, high);
      interleave(a1, b1, low, high);
      store(to + 2 * i + 2 * step, low);
      store(to + 2 * i + 3 * step, high);
    }
  }

  // The rows y and y + 1 of the tile; the ring begins at `slot`.
  void downColumns(int64_t y, int64_t slot) {
    for (int64_t t = 0; t < tapCountY_; ++t) {
      const int64_t row = slot + tapsY_[t].row;
      rows_[t] = ring_ + (row < ringRows_ ? row : row - ringRows_) * ringStride_;
    }
    const View& result = arguments_.result;
    uint8_t* upper = result.as<uint8_t>() + (tile_.y + y) * result.stride[0] + tile_.x * channels_;
    uint8_t* lower = y + 1 < tile_.height ? upper + result.stride[0] : nullptr;
    const int64_t samples = tile_.width * channels_;
    constexpr int step = lanes<uint8_t>;
    for (int64_t i = 0; i < samples; i += step) {
      V<uint8_t> both[2];
      sumColumns(2 * i, both);
      const int64_t left = samples - i;
      if (left >= step) {
        store(upper + i, both[0]);
        if (lower) store(lower + i, both[1]);
      } else {
        storePart(upper + i, both[0], left);
        if (lower) storePart(lower + i, both[1], left);
      }
    }
  }

  EC_INLINE void sumColumns(int64_t at, V<uint8_t> (&both)[2]) const {
    // What was taken off the words comes back, and a half for rounding.
    const V<int32_t> start = broadcast<int32_t>(256 * 32768 + 32768);
    V<int32_t> u0 = start, u1 = start, u2 = start, u3 = start;
    V<int32_t> l0 = start, l1 = start, l2 = start, l3 = start;
    constexpr int step = lanes<int16_t>;
    for (int64_t t = 0; t < tapCountY_; ++t) {
      const int16_t* row = rows_[t] + at;
      const V<uint32_t> upper = broadcast(tapsY_[t].upper);
      const V<uint32_t> lower = broadcast(tapsY_[t].lower);
      const V<int16_t> p0 = load(row);
      const V<int16_t> p1 = load(row + step);
      const V<int16_t> p2 = load(row + 2 * step);
      const V<int16_t> p3 = load(row + 3 * step);
      u0 += dotWords(p0, upper), l0 += dotWords(p0, lower);
      u1 += dotWords(p1, upper), l1 += dotWords(p1, lower);
      u2 += dotWords(p2, upper), l2 += dotWords(p2, lower);
      u3 += dotWords(p3, upper), l3 += dotWords(p3, lower);
    }
    both[0] = narrow(u0, u1, u2, u3);
    both[1] = narrow(l0, l1, l2, l3);
  }

  const Arguments arguments_;
  const BorderedImage<uint8_t> source_;
  const int64_t channels_;
  const int64_t countX_;
  const int64_t countY_;
  const int64_t ringRows_;  // of pairs
  int64_t ringStride_;
  int64_t pairDistance_;
  int64_t tapCountX_;
  int64_t tapCountY_;
  uint8_t* row_;
  int8_t* pairs_[2];
  TapX* tapsX_;
  TapY* tapsY_;
  const int16_t** rows_;
  int16_t* ring_;
  Tile tile_{};
  int64_t samples_ = 0;
};

}  // namespace gaussian
}  // namespace
}  // namespace everycore::EC_ISA
