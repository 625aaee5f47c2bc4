// Pixels of three bytes as lanes of 32 bits, and back.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace packed_ {

typedef uint8_t Block __attribute__((vector_size(16)));

#if EC_LEVEL == EC_ISA_avx512
// GCC 12 warns of its own header where a broadcast has no mask.
#define EC_SHUFFLE_BLOCKS(v, order) \
  (V<uint8_t>)_mm512_shuffle_epi8(  \
      (__m512i)v, _mm512_maskz_broadcast_i32x4(static_cast<__mmask16>(-1), (__m128i)order))
#elif EC_LEVEL == EC_ISA_avx2
#define EC_SHUFFLE_BLOCKS(v, order) \
  (V<uint8_t>)_mm256_shuffle_epi8((__m256i)v, _mm256_broadcastsi128_si256((__m128i)order))
#endif

// Four pixels in each block of 16 bytes as four lanes, whose upper bytes are anything.
EC_INLINE V<uint8_t> spread(V<uint8_t> v) {
#if defined(EC_SHUFFLE_BLOCKS)
  constexpr Block order = {0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12};
  return EC_SHUFFLE_BLOCKS(v, order);
#else
  return __builtin_shufflevector(v, v, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
#endif
}

// As many pixels as there are lanes; nothing beyond them is written. The upper bytes of lanes are
// left out.
EC_INLINE void storePixels(uint8_t* to, V<uint8_t> v) {
#if defined(EC_SHUFFLE_BLOCKS)
  constexpr Block order = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15};
  const V<int32_t> words = (V<int32_t>)EC_SHUFFLE_BLOCKS(v, order);
#if EC_LEVEL == EC_ISA_avx512
  _mm512_mask_storeu_epi32(to, 0x0fff,
                           (__m512i)__builtin_shufflevector(words, words, 0, 1, 2, 4, 5, 6, 8, 9,
                                                            10, 12, 13, 14, 15, 15, 15, 15));
#else
  // In two stores: GCC 12 takes a copy of 24 bytes through memory.
  const __m256i pixels = (__m256i)__builtin_shufflevector(words, words, 0, 1, 2, 4, 5, 6, 7, 7);
  _mm_storeu_si128(reinterpret_cast<__m128i_u*>(to), _mm256_castsi256_si128(pixels));
  _mm_storeu_si64(to + 16, _mm256_extracti128_si256(pixels, 1));
#endif
#else
  v = __builtin_shufflevector(v, v, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
  memcpy(to, &v, 12);
#endif
}

#if defined(EC_SHUFFLE_BLOCKS)
// As many pixels as there are lanes; nothing beyond them is read. The upper bytes are anything.
EC_INLINE V<uint8_t> loadPixels(const uint8_t* from) {
#if EC_LEVEL == EC_ISA_avx512
  const auto packed = (V<int32_t>)_mm512_maskz_loadu_epi32(0x0fff, from);
  return spread((V<uint8_t>)__builtin_shufflevector(packed, packed, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8,
                                                    8, 9, 10, 11, 11));
#else
  // The upper block begins with the 4 bytes before its pixels.
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from + 8));
  const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
  const __m256i order = _mm256_setr_epi8(0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12,  //
                                         4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 12, 13, 13, 14, 15, 15);
  return (V<uint8_t>)_mm256_shuffle_epi8(both, order);
#endif
}
#endif
#undef EC_SHUFFLE_BLOCKS

}  // namespace packed_
}  // namespace
}  // namespace everycore::EC_ISA
