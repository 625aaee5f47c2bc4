// Vectors of any width up to that of the CPU level: a product with four columns wants narrower
// vectors than one with four hundred. Partial loads and stores touch nothing beyond the live lanes.
#pragma once

#include "kernels/simd.h"

#if defined(__clang__)
#define EC_UNROLL _Pragma("unroll")
#else
#define EC_UNROLL _Pragma("GCC unroll 16")
#endif

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

// The first `count` lanes (fewer than all) stored in pieces of 8, 4, 2 and 1: a masked store would
// be one instruction with AVX2, but dozens of cycles on AMD's processors.
template <class T, int Bytes>
EC_INLINE void storePieces(T* to, Lanes<T, Bytes> value, int64_t count) {
  T all[laneCount<T, Bytes>];
  memcpy(all, &value, sizeof all);
  const T* from = all;
  EC_UNROLL
  for (int piece = laneCount<T, Bytes> / 2; piece > 0; piece /= 2) {
    if ((count & piece) == 0) continue;
    memcpy(to, from, static_cast<size_t>(piece) * sizeof(T));
    to += piece;
    from += piece;
  }
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

  Words mask;
  int64_t count;

  explicit Live(int64_t liveCount) : count(liveCount) {
    const int32_t bound = static_cast<int32_t>(liveCount * static_cast<int64_t>(sizeof(T) / 4));
    if constexpr (Bytes == 32) {
      mask = Words{0, 1, 2, 3, 4, 5, 6, 7} < bound;
    } else {
      mask = Words{0, 1, 2, 3} < bound;
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

  EC_INLINE void store(T* to, Lanes<T, Bytes> value) const {
    if (count == laneCount<T, Bytes>) {
      storeLanes<T, Bytes>(to, value);
    } else {
      storePieces<T, Bytes>(to, value, count);
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
    if (count == laneCount<T, Bytes>) {
      storeLanes<T, Bytes>(to, value);
    } else {
      storePieces<T, Bytes>(to, value, count);
    }
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
