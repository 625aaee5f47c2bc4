// Vectors of any width up to that of the CPU level: a product with four columns wants narrower
// vectors than one with four hundred. Partial loads and stores touch nothing beyond the live lanes.
#pragma once

#include "kernels/exchange.h"

namespace everycore::EC_ISA {
namespace {

template <class T, int Bytes>
struct LanesOf {
  typedef T type __attribute__((vector_size(Bytes)));
  typedef T loose __attribute__((vector_size(Bytes), aligned(alignof(T)), may_alias));
};

template <class T, int Bytes>
using Lanes = typename LanesOf<T, Bytes>::type;

template <class T, int Bytes>
constexpr int laneCount = Bytes / static_cast<int>(sizeof(T));

template <class T, int Bytes>
EC_INLINE Lanes<T, Bytes> loadLanes(const T* from) {
  return *reinterpret_cast<const typename LanesOf<T, Bytes>::loose*>(from);
}

template <class T, int Bytes>
EC_INLINE void storeLanes(T* to, Lanes<T, Bytes> value) {
  *reinterpret_cast<typename LanesOf<T, Bytes>::loose*>(to) = value;
}

// The first `words` words of 4 bytes, from 1 to 4. A masked store would be one instruction with
// AVX2, but dozens of cycles on AMD's processors.
EC_INLINE void storeWords(void* to, Lanes<int32_t, 16> value, int64_t words) {
  if (words == 4) {
    memcpy(to, &value, 16);
    return;
  }
  const int32_t first = value[0];
  const int32_t third = value[2];
  const int64_t two = ((Lanes<int64_t, 16>)value)[0];
  if (words == 1) {
    memcpy(to, &first, 4);
    return;
  }
  memcpy(to, &two, 8);
  if (words == 3) memcpy(static_cast<char*>(to) + 8, &third, 4);
}

// Which lanes of a vector are live: the first `count`.
#if EC_LEVEL == EC_ISA_avx512
template <class T, int Bytes>
struct Live {
  uint32_t mask;

  explicit Live(int64_t count) : mask((1u << count) - 1) {}

  EC_INLINE Lanes<T, Bytes> load(const T* from) const {
    constexpr bool words = sizeof(T) == 4;
    const auto mask8 = static_cast<__mmask8>(mask);
    const auto mask16 = static_cast<__mmask16>(mask);
    if constexpr (Bytes == 64) {
      return words ? (Lanes<T, Bytes>)_mm512_maskz_loadu_epi32(mask16, from)
                   : (Lanes<T, Bytes>)_mm512_maskz_loadu_epi64(mask8, from);
    } else if constexpr (Bytes == 32) {
      return words ? (Lanes<T, Bytes>)_mm256_maskz_loadu_epi32(mask8, from)
                   : (Lanes<T, Bytes>)_mm256_maskz_loadu_epi64(mask8, from);
    } else {
      return words ? (Lanes<T, Bytes>)_mm_maskz_loadu_epi32(mask8, from)
                   : (Lanes<T, Bytes>)_mm_maskz_loadu_epi64(mask8, from);
    }
  }

  EC_INLINE void store(T* to, Lanes<T, Bytes> value) const {
    constexpr bool words = sizeof(T) == 4;
    const auto mask8 = static_cast<__mmask8>(mask);
    const auto mask16 = static_cast<__mmask16>(mask);
    if constexpr (Bytes == 64) {
      words ? _mm512_mask_storeu_epi32(to, mask16, (__m512i)value)
            : _mm512_mask_storeu_epi64(to, mask8, (__m512i)value);
    } else if constexpr (Bytes == 32) {
      words ? _mm256_mask_storeu_epi32(to, mask8, (__m256i)value)
            : _mm256_mask_storeu_epi64(to, mask8, (__m256i)value);
    } else {
      words ? _mm_mask_storeu_epi32(to, mask8, (__m128i)value)
            : _mm_mask_storeu_epi64(to, mask8, (__m128i)value);
    }
  }
};
#elif EC_LEVEL == EC_ISA_avx2
template <class T, int Bytes>
struct Live {
  using Words = Lanes<int32_t, Bytes>;

  int64_t words;
  Words mask;
  Words last;  // where the last 4 live words are

  explicit Live(int64_t count) : words(count * static_cast<int64_t>(sizeof(T) / 4)) {
    const auto bound = static_cast<int32_t>(words);
    if constexpr (Bytes == 32) {
      mask = Words{0, 1, 2, 3, 4, 5, 6, 7} < bound;
      last = Words{0, 1, 2, 3, 4, 5, 6, 7} + (bound - 4);
    } else {
      mask = Words{0, 1, 2, 3} < bound;
      last = Words{};
    }
  }

  EC_INLINE Lanes<T, Bytes> load(const T* from) const {
    if constexpr (Bytes == 32) {
      return (Lanes<T, Bytes>)_mm256_maskload_epi32(reinterpret_cast<const int*>(from),
                                                    (__m256i)mask);
    } else {
      return (Lanes<T, Bytes>)_mm_maskload_epi32(reinterpret_cast<const int*>(from), (__m128i)mask);
    }
  }

  // More than half a vector goes in two halves that overlap.
  EC_INLINE void store(T* to, Lanes<T, Bytes> value) const {
    if constexpr (Bytes == 16) {
      storeWords(to, (Lanes<int32_t, 16>)value, words);
    } else {
      const auto low = (Lanes<int32_t, 16>)_mm256_castsi256_si128((__m256i)value);
      storeWords(to, low, minOf<int64_t>(words, 4));
      if (words <= 4) return;
      const __m256i high = _mm256_permutevar8x32_epi32((__m256i)value, (__m256i)last);
      storeWords(reinterpret_cast<char*>(to) + (words - 4) * 4,
                 (Lanes<int32_t, 16>)_mm256_castsi256_si128(high), 4);
    }
  }
};
#else
template <class T, int Bytes>
struct Live {
  static_assert(Bytes == 16);
  int64_t count;

  explicit Live(int64_t liveCount) : count(liveCount) {}

  EC_INLINE Lanes<T, Bytes> load(const T* from) const {
    if (count == laneCount<T, Bytes>) return loadLanes<T, Bytes>(from);
    Lanes<T, Bytes> value{};
    value[0] = from[0];
    if constexpr (sizeof(T) == 4) {
      if (count >= 2) value[1] = from[1];
      if (count >= 3) value[2] = from[2];
    }
    return value;
  }

  EC_INLINE void store(T* to, Lanes<T, Bytes> value) const {
    storeWords(to, (Lanes<int32_t, 16>)value, count * static_cast<int64_t>(sizeof(T) / 4));
  }
};
#endif

// a·b + c in every lane, rounded once where the CPU level has such an instruction.
template <class T, int Bytes>
EC_INLINE Lanes<T, Bytes> multiplyAdd(Lanes<T, Bytes> a, Lanes<T, Bytes> b, Lanes<T, Bytes> c) {
#if defined(__FMA__)
  if constexpr (static_cast<T>(0.5) != 0) {
    constexpr bool single = sizeof(T) == 4;
    using R = Lanes<T, Bytes>;
    if constexpr (Bytes == 16) {
      return single ? (R)_mm_fmadd_ps((__m128)a, (__m128)b, (__m128)c)
                    : (R)_mm_fmadd_pd((__m128d)a, (__m128d)b, (__m128d)c);
    } else if constexpr (Bytes == 32) {
      return single ? (R)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c)
                    : (R)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
    }
#if EC_LEVEL == EC_ISA_avx512
    if constexpr (Bytes == 64) {
      return single ? (R)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c)
                    : (R)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
    }
#endif
  }
#elif defined(__aarch64__)
  if constexpr (static_cast<T>(0.5) != 0) {
    if constexpr (sizeof(T) == 4) {
      return (Lanes<T, Bytes>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
    } else {
      return (Lanes<T, Bytes>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
    }
  }
#endif
  return a * b + c;
}

}  // namespace
}  // namespace everycore::EC_ISA
