// Loads that widen and stores that narrow: as many elements of a narrow type as a vector of a wider
// one has lanes. GCC makes two halves of most of these where the processor has one instruction.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

#if EC_LEVEL == EC_ISA_avx512
#define EC_WIDEN_NAME(name) _mm512_##name
#define EC_HALF_WORDS(from) _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))
#define EC_HALF_FLOATS(from) _mm256_loadu_ps(from)
#elif EC_LEVEL == EC_ISA_avx2
#define EC_WIDEN_NAME(name) _mm256_##name
#define EC_HALF_WORDS(from) _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))
#define EC_HALF_FLOATS(from) _mm_loadu_ps(from)
#endif

template <class T, class L>
EC_INLINE V<L> loadWide(const T* from) {
#ifdef EC_WIDEN_NAME
  [[maybe_unused]] constexpr bool isSigned = static_cast<T>(-1) < T{};
  if constexpr (2 * sizeof(T) == sizeof(L)) {
    if constexpr (__is_same(T, float))
      return (V<L>)EC_WIDEN_NAME(cvtps_pd)(EC_HALF_FLOATS(from));
    else if constexpr (__is_same(L, double) && isSigned)
      return (V<L>)EC_WIDEN_NAME(cvtepi32_pd)(EC_HALF_WORDS(from));
    else if constexpr (!__is_same(L, double) && sizeof(T) == 4)
      return isSigned ? (V<L>)EC_WIDEN_NAME(cvtepi32_epi64)(EC_HALF_WORDS(from))
                      : (V<L>)EC_WIDEN_NAME(cvtepu32_epi64)(EC_HALF_WORDS(from));
    else if constexpr (sizeof(T) == 2)
      return isSigned ? (V<L>)EC_WIDEN_NAME(cvtepi16_epi32)(EC_HALF_WORDS(from))
                      : (V<L>)EC_WIDEN_NAME(cvtepu16_epi32)(EC_HALF_WORDS(from));
    else if constexpr (sizeof(T) == 1)
      return isSigned ? (V<L>)EC_WIDEN_NAME(cvtepi8_epi16)(EC_HALF_WORDS(from))
                      : (V<L>)EC_WIDEN_NAME(cvtepu8_epi16)(EC_HALF_WORDS(from));
  }
#endif
  typedef T Narrow __attribute__((vector_size(sizeof(T) * lanes<L>)));
  typedef T Unaligned
      __attribute__((vector_size(sizeof(T) * lanes<L>), aligned(alignof(T)), may_alias));
  const Narrow value = *reinterpret_cast<const Unaligned*>(from);
  return __builtin_convertvector(value, V<L>);
}

// Each lane rounded to a float; doubles as they are.
EC_INLINE void storeNarrow(double* to, V<double> value) { store(to, value); }
EC_INLINE void storeNarrow(float* to, V<double> value) {
#if EC_LEVEL == EC_ISA_avx512
  _mm256_storeu_ps(to, _mm512_cvtpd_ps((__m512d)value));
#elif EC_LEVEL == EC_ISA_avx2
  _mm_storeu_ps(to, _mm256_cvtpd_ps((__m256d)value));
#else
  for (int i = 0; i < lanes<double>; ++i) to[i] = static_cast<float>(value[i]);
#endif
}

#undef EC_WIDEN_NAME
#undef EC_HALF_WORDS
#undef EC_HALF_FLOATS

}  // namespace
}  // namespace everycore::EC_ISA
