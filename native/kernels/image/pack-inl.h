// Between the widths of numbers: bytes to words and floats and back, lanes always in the order of
// memory.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

#if EC_LEVEL == EC_ISA_avx512 || EC_LEVEL == EC_ISA_avx2
// Whole numbers to wider ones by the one instruction there is for it. GCC 12 puts together
// __builtin_convertvector of several, and of one for each lane from bytes to 32 bits.
template <class To, class From>
EC_INLINE V<To> widen(const From* from) {
#if EC_LEVEL == EC_ISA_avx512
  // It warns of its own header where the forms without a mask are used.
  const __mmask32 words = ~__mmask32{0};
  const __mmask16 all = static_cast<__mmask16>(-1);
  const auto half = [=] { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); };
  const auto quarter = [=] { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
#define EC_WIDEN(to, name, part) (V<To>)_mm512_maskz_##name(to, part())
#else
  constexpr int words = 0, all = 0;
  const auto half = [=] { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
  const auto quarter = [=] { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)); };
#define EC_WIDEN(to, name, part) ((void)to, (V<To>)_mm256_##name(part()))
#endif
  static_assert(sizeof(From) < 4 && sizeof(To) < 8, "whole numbers of 8 and 16 bits, to 16 and 32");
  constexpr bool hasSign = static_cast<From>(-1) < 0;
  if constexpr (sizeof(From) == 1 && sizeof(To) == 2) {
    return hasSign ? EC_WIDEN(words, cvtepi8_epi16, half) : EC_WIDEN(words, cvtepu8_epi16, half);
  } else if constexpr (sizeof(From) == 1) {
    return hasSign ? EC_WIDEN(all, cvtepi8_epi32, quarter) : EC_WIDEN(all, cvtepu8_epi32, quarter);
  } else {
    return hasSign ? EC_WIDEN(all, cvtepi16_epi32, half) : EC_WIDEN(all, cvtepu16_epi32, half);
  }
#undef EC_WIDEN
}
#else
// A step makes numbers twice as wide: GCC takes larger ones lane by lane.
template <class To, class From>
EC_INLINE V<To> widen(const From* from) {
  typedef From Part __attribute__((vector_size(EC_VECTOR_BYTES * sizeof(From) / sizeof(To)),
                                   aligned(alignof(From)), may_alias));
  const Part part = *reinterpret_cast<const Part*>(from);
  if constexpr (2 * sizeof(From) == sizeof(To)) {
    return __builtin_convertvector(part, V<To>);
  } else {
    typedef int16_t Words __attribute__((vector_size(EC_VECTOR_BYTES / 2)));
    return __builtin_convertvector(__builtin_convertvector(part, Words), V<To>);
  }
}
#endif

// As many numbers as V<To> has lanes, loaded from narrower (or equally wide) ones.
template <class To, class From>
EC_INLINE V<To> loadAs(const From* from) {
  if constexpr (sizeof(From) < 4 && sizeof(To) == 4 && static_cast<To>(0.5f) != 0) {
    return __builtin_convertvector(loadAs<int32_t>(from), V<To>);
  } else if constexpr (sizeof(From) < sizeof(To)) {
    return widen<To>(from);
  } else {
    return __builtin_convertvector(load(from), V<To>);
  }
}

// Where one of them is no number, the second.
template <class T>
EC_INLINE V<T> minV(V<T> a, V<T> b) {
  return a < b ? a : b;
}
template <class T>
EC_INLINE V<T> maxV(V<T> a, V<T> b) {
  return a > b ? a : b;
}

// The one instruction there is for it, which GCC does not find for floats. (It warns of its own
// header where the plain forms of AVX-512 are used.)
#if defined(__x86_64__)
#if EC_LEVEL == EC_ISA_avx512
#define EC_FLOAT_OP(name, type, bits, a, b) \
  (V<type>)_mm512_maskz_##name(static_cast<__mmask##bits>(-1), a, b)
#elif EC_LEVEL == EC_ISA_avx2
#define EC_FLOAT_OP(name, type, bits, a, b) (V<type>)_mm256_##name(a, b)
#else
#define EC_FLOAT_OP(name, type, bits, a, b) (V<type>)_mm_##name(a, b)
#endif
template <>
EC_INLINE V<float> minV<float>(V<float> a, V<float> b) {
  return EC_FLOAT_OP(min_ps, float, 16, a, b);
}
template <>
EC_INLINE V<float> maxV<float>(V<float> a, V<float> b) {
  return EC_FLOAT_OP(max_ps, float, 16, a, b);
}
template <>
EC_INLINE V<double> minV<double>(V<double> a, V<double> b) {
  return EC_FLOAT_OP(min_pd, double, 8, a, b);
}
template <>
EC_INLINE V<double> maxV<double>(V<double> a, V<double> b) {
  return EC_FLOAT_OP(max_pd, double, 8, a, b);
}
#undef EC_FLOAT_OP
#endif

// a · b + c, rounded once where the CPU can: for numbers whose last bits do not matter.
EC_INLINE V<float> multiplyAdd(V<float> a, V<float> b, V<float> c) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (V<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}

template <class T>
EC_INLINE V<T> clampV(V<T> value, T low, T high) {
  return minV<T>(maxV<T>(value, broadcast<T>(low)), broadcast<T>(high));
}

// One bit for each lane of a mask (all ones or zeros) that is set.
EC_INLINE uint32_t maskBits(V<int32_t> mask) {
#if EC_LEVEL == EC_ISA_avx512
  return _mm512_movepi32_mask((__m512i)mask);
#elif EC_LEVEL == EC_ISA_avx2
  return static_cast<uint32_t>(_mm256_movemask_ps((__m256)mask));
#elif defined(__x86_64__)
  return static_cast<uint32_t>(_mm_movemask_ps((__m128)mask));
#else
  uint32_t bits = 0;
  for (int i = 0; i < lanes<int32_t>; ++i) bits |= static_cast<uint32_t>(mask[i] & 1) << i;
  return bits;
#endif
}
EC_INLINE bool allTrue(V<int32_t> mask) { return maskBits(~mask) == 0; }

// Half to even; the value must lie within ±2²².
EC_INLINE V<int32_t> roundEven(V<float> value) {
  constexpr float shifter = 12582912.0f;
  return (V<int32_t>)(value + shifter) - 0x4b400000;
}
EC_INLINE int32_t roundEven(float value) {
  const float shifted = value + 12582912.0f;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof(bits));
  return bits - 0x4b400000;
}

// Saturated.
EC_INLINE V<int16_t> packWords(V<int32_t> a, V<int32_t> b) {
#if EC_LEVEL == EC_ISA_avx512
  const __m512i mixed = _mm512_packs_epi32((__m512i)a, (__m512i)b);
  return (V<int16_t>)__builtin_shufflevector(mixed, mixed, 0, 2, 4, 6, 1, 3, 5, 7);
#elif EC_LEVEL == EC_ISA_avx2
  const __m256i mixed = _mm256_packs_epi32((__m256i)a, (__m256i)b);
  return (V<int16_t>)_mm256_permute4x64_epi64(mixed, 0xd8);
#elif defined(__x86_64__)
  return (V<int16_t>)_mm_packs_epi32((__m128i)a, (__m128i)b);
#else
  const V<int16_t> c = (V<int16_t>)clampV<int32_t>(a, -32768, 32767);
  const V<int16_t> d = (V<int16_t>)clampV<int32_t>(b, -32768, 32767);
  return __builtin_shufflevector(c, d, 0, 2, 4, 6, 8, 10, 12, 14);
#endif
}

EC_INLINE V<uint8_t> packBytes(V<int16_t> a, V<int16_t> b) {
#if EC_LEVEL == EC_ISA_avx512
  const __m512i mixed = _mm512_packus_epi16((__m512i)a, (__m512i)b);
  return (V<uint8_t>)__builtin_shufflevector(mixed, mixed, 0, 2, 4, 6, 1, 3, 5, 7);
#elif EC_LEVEL == EC_ISA_avx2
  const __m256i mixed = _mm256_packus_epi16((__m256i)a, (__m256i)b);
  return (V<uint8_t>)_mm256_permute4x64_epi64(mixed, 0xd8);
#elif defined(__x86_64__)
  return (V<uint8_t>)_mm_packus_epi16((__m128i)a, (__m128i)b);
#else
  const V<uint8_t> c = (V<uint8_t>)clampV<int16_t>(a, 0, 255);
  const V<uint8_t> d = (V<uint8_t>)clampV<int16_t>(b, 0, 255);
  return __builtin_shufflevector(c, d, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
#endif
}

EC_INLINE V<uint8_t> packBytes(V<int32_t> a, V<int32_t> b, V<int32_t> c, V<int32_t> d) {
#if EC_LEVEL == EC_ISA_avx512
  const __m512i mixed = _mm512_packus_epi16(_mm512_packs_epi32((__m512i)a, (__m512i)b),
                                            _mm512_packs_epi32((__m512i)c, (__m512i)d));
  const V<int32_t> lanes = (V<int32_t>)mixed;
  return (V<uint8_t>)__builtin_shufflevector(lanes, lanes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14,
                                             3, 7, 11, 15);
#elif EC_LEVEL == EC_ISA_avx2
  const V<int32_t> lanes = (V<int32_t>)_mm256_packus_epi16(
      _mm256_packs_epi32((__m256i)a, (__m256i)b), _mm256_packs_epi32((__m256i)c, (__m256i)d));
  return (V<uint8_t>)__builtin_shufflevector(lanes, lanes, 0, 4, 1, 5, 2, 6, 3, 7);
#else
  return packBytes(packWords(a, b), packWords(c, d));
#endif
}

// As many samples as a vector has bytes, as floats, to bytes (words): rounded half to even,
// saturated.
EC_INLINE V<uint8_t> roundToBytes(const V<float> (&from)[4]) {
  V<int32_t> rounded[4];
  for (int i = 0; i < 4; ++i) rounded[i] = roundEven(clampV<float>(from[i], 0.0f, 255.0f));
  return packBytes(rounded[0], rounded[1], rounded[2], rounded[3]);
}
EC_INLINE V<int16_t> roundToWords(V<float> a, V<float> b) {
  return packWords(roundEven(clampV<float>(a, -32768.0f, 32767.0f)),
                   roundEven(clampV<float>(b, -32768.0f, 32767.0f)));
}

EC_INLINE V<uint16_t> roundToUnsignedWords(V<float> a, V<float> b) {
  const auto lowered = [](V<float> v) EC_INLINE_LAMBDA {
    return roundEven(clampV<float>(v, 0.0f, 65535.0f)) - 32768;
  };
  return (V<uint16_t>)packWords(lowered(a), lowered(b)) ^ 0x8000;
}

// Stores the first `left` lanes, or all of them.
template <class T>
EC_INLINE void storeUpTo(T* to, V<T> value, int64_t left) {
  if (left >= lanes<T>) {
    store(to, value);
  } else if (left > 0) {
    storePart(to, value, left);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
