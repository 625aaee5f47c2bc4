// Rows as lanes. A strip of as many rows as a vector has 32-bit lanes is turned by 90 degrees, so
// that weighing samples along a row takes no sum across lanes and one weight serves all rows at
// once.
//
// A vector is seen as 128-bit blocks. Before the turn vector k holds, in its block j, 16 bytes of
// row 4 j + k; after it, a vector holds one sample (or pair) of each row, in the order of the rows.
// All instructions used stay inside their blocks, so the same steps serve every vector width.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace lanes_ {

typedef V<uint8_t> Bytes;

// Rows of a strip: the 32-bit lanes of a vector.
constexpr int stripRows = lanes<int32_t>;

#if defined(__x86_64__) && !defined(EC_PORTABLE_LANES)

#if EC_LEVEL == EC_ISA_avx512
typedef __m512i Wide;
#define EC_WIDE(name) _mm512_##name
// GCC 12 warns of its own header where the plain form of this one is used; with a mask of all lanes
// it compiles to the same instruction.
#define EC_UNPACK_32(half, a, b) _mm512_maskz_unpack##half##_epi32(static_cast<__mmask16>(-1), a, b)
#elif EC_LEVEL == EC_ISA_avx2
typedef __m256i Wide;
#define EC_WIDE(name) _mm256_##name
#else
typedef __m128i Wide;
#define EC_WIDE(name) _mm_##name
#endif
#ifndef EC_UNPACK_32
#define EC_UNPACK_32(half, a, b) EC_WIDE(unpack##half##_epi32)(a, b)
#endif

// The lower (upper) halves of the blocks of a and b, their elements of `Size` bytes taking turns.
template <int Size>
EC_INLINE Bytes unpackLow(Bytes a, Bytes b) {
  if constexpr (Size == 1) return (Bytes)EC_WIDE(unpacklo_epi8)((Wide)a, (Wide)b);
  if constexpr (Size == 2) return (Bytes)EC_WIDE(unpacklo_epi16)((Wide)a, (Wide)b);
  if constexpr (Size == 4) return (Bytes)EC_UNPACK_32(lo, (Wide)a, (Wide)b);
}
template <int Size>
EC_INLINE Bytes unpackHigh(Bytes a, Bytes b) {
  if constexpr (Size == 1) return (Bytes)EC_WIDE(unpackhi_epi8)((Wide)a, (Wide)b);
  if constexpr (Size == 2) return (Bytes)EC_WIDE(unpackhi_epi16)((Wide)a, (Wide)b);
  if constexpr (Size == 4) return (Bytes)EC_UNPACK_32(hi, (Wide)a, (Wide)b);
}

// a[2 i] · b[2 i] + a[2 i + 1] · b[2 i + 1].
EC_INLINE V<int32_t> multiplyPairs(V<int16_t> a, V<int16_t> b) {
  return (V<int32_t>)EC_WIDE(madd_epi16)((Wide)a, (Wide)b);
}

// Saturated, a before b within each block.
EC_INLINE V<int16_t> narrowToWords(V<int32_t> a, V<int32_t> b) {
  return (V<int16_t>)EC_WIDE(packs_epi32)((Wide)a, (Wide)b);
}
EC_INLINE Bytes narrowToBytes(V<int16_t> a, V<int16_t> b) {
  return (Bytes)EC_WIDE(packus_epi16)((Wide)a, (Wide)b);
}
#undef EC_UNPACK_32
#undef EC_WIDE

#else

static_assert(EC_VECTOR_BYTES == 16);

template <int Size>
EC_INLINE Bytes unpackLow(Bytes a, Bytes b) {
  if constexpr (Size == 1) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  } else if constexpr (Size == 2) {
    const V<uint16_t> c = (V<uint16_t>)a, d = (V<uint16_t>)b;
    return (Bytes)__builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11);
  } else {
    const V<uint32_t> c = (V<uint32_t>)a, d = (V<uint32_t>)b;
    return (Bytes)__builtin_shufflevector(c, d, 0, 4, 1, 5);
  }
}
template <int Size>
EC_INLINE Bytes unpackHigh(Bytes a, Bytes b) {
  if constexpr (Size == 1) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
  } else if constexpr (Size == 2) {
    const V<uint16_t> c = (V<uint16_t>)a, d = (V<uint16_t>)b;
    return (Bytes)__builtin_shufflevector(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  } else {
    const V<uint32_t> c = (V<uint32_t>)a, d = (V<uint32_t>)b;
    return (Bytes)__builtin_shufflevector(c, d, 2, 6, 3, 7);
  }
}

EC_INLINE V<int32_t> multiplyPairs(V<int16_t> a, V<int16_t> b) {
#if defined(__aarch64__)
  const int16x8_t c = (int16x8_t)a, d = (int16x8_t)b;
  return (V<int32_t>)vpaddq_s32(vmull_s16(vget_low_s16(c), vget_low_s16(d)), vmull_high_s16(c, d));
#else
  const V<int32_t> evenA = (V<int32_t>)((V<uint32_t>)a << 16) >> 16;
  const V<int32_t> evenB = (V<int32_t>)((V<uint32_t>)b << 16) >> 16;
  return evenA * evenB + ((V<int32_t>)a >> 16) * ((V<int32_t>)b >> 16);
#endif
}

template <class T>
EC_INLINE V<T> clampLanes(V<T> value, T low, T high) {
  value = value < low ? broadcast<T>(low) : value;
  return value > high ? broadcast<T>(high) : value;
}
EC_INLINE V<int16_t> narrowToWords(V<int32_t> a, V<int32_t> b) {
  const V<int16_t> c = (V<int16_t>)clampLanes<int32_t>(a, -32768, 32767);
  const V<int16_t> d = (V<int16_t>)clampLanes<int32_t>(b, -32768, 32767);
  return __builtin_shufflevector(c, d, 0, 2, 4, 6, 8, 10, 12, 14);
}
EC_INLINE Bytes narrowToBytes(V<int16_t> a, V<int16_t> b) {
  const Bytes c = (Bytes)clampLanes<int16_t>(a, 0, 255);
  const Bytes d = (Bytes)clampLanes<int16_t>(b, 0, 255);
  return __builtin_shufflevector(c, d, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

#endif

// 16 bytes from each of rows[0], rows[4], rows[8], …, one block each.
EC_INLINE Bytes loadBlocks(const uint8_t* const* rows, int64_t offset) {
#if EC_LEVEL == EC_ISA_avx512 || EC_LEVEL == EC_ISA_avx2
  const auto block = [=](int j) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[4 * j] + offset));
  };
#endif
#if EC_LEVEL == EC_ISA_avx512
  const __m512i half = _mm512_inserti32x4(_mm512_castsi128_si512(block(0)), block(1), 1);
  return (Bytes)_mm512_inserti32x4(_mm512_inserti32x4(half, block(2), 2), block(3), 3);
#elif EC_LEVEL == EC_ISA_avx2
  return (Bytes)_mm256_inserti128_si256(_mm256_castsi128_si256(block(0)), block(1), 1);
#else
  return load(rows[0] + offset);
#endif
}

EC_INLINE void storeBlocks(uint8_t* const* rows, int64_t offset, Bytes value) {
#if EC_LEVEL == EC_ISA_avx512 || EC_LEVEL == EC_ISA_avx2
  const auto put = [=](int j, __m128i block) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(rows[4 * j] + offset), block);
  };
#endif
#if EC_LEVEL == EC_ISA_avx512
  put(0, _mm512_castsi512_si128((__m512i)value));
  put(1, _mm512_extracti32x4_epi32((__m512i)value, 1));
  put(2, _mm512_extracti32x4_epi32((__m512i)value, 2));
  put(3, _mm512_extracti32x4_epi32((__m512i)value, 3));
#elif EC_LEVEL == EC_ISA_avx2
  put(0, _mm256_castsi256_si128((__m256i)value));
  put(1, _mm256_extracti128_si256((__m256i)value, 1));
#else
  store(rows[0] + offset, value);
#endif
}

// Both widen to words. Blocks hold the lower (upper) half of the bytes of the block before.
EC_INLINE V<int16_t> widenLow(Bytes a) { return (V<int16_t>)unpackLow<1>(a, Bytes{}); }
EC_INLINE V<int16_t> widenHigh(Bytes a) { return (V<int16_t>)unpackHigh<1>(a, Bytes{}); }

// The steps of a turn. Number an element by the bits of its place in a block and of its vector:
// each step moves the place's top bit into the vector's number (its upper bit in `turnOuter`, the
// lower in `turnInner`) and the bit that stood there to the place's bottom.
template <int Size>
EC_INLINE void turnOuter(Bytes v[4]) {
  const Bytes a = v[0], b = v[1], c = v[2], d = v[3];
  v[0] = unpackLow<Size>(a, c);
  v[1] = unpackLow<Size>(b, d);
  v[2] = unpackHigh<Size>(a, c);
  v[3] = unpackHigh<Size>(b, d);
}
template <int Size>
EC_INLINE void turnInner(Bytes v[4]) {
  const Bytes a = v[0], b = v[1], c = v[2], d = v[3];
  v[0] = unpackLow<Size>(a, b);
  v[1] = unpackHigh<Size>(a, b);
  v[2] = unpackLow<Size>(c, d);
  v[3] = unpackHigh<Size>(c, d);
}

#if EC_LEVEL == EC_ISA_avx512
#define EC_SHUFFLE_BLOCKS(v, ...) \
  (Bytes) _mm512_shuffle_epi8((__m512i)v, _mm512_broadcast_i32x4(_mm_setr_epi8(__VA_ARGS__)))
#elif EC_LEVEL == EC_ISA_avx2
#define EC_SHUFFLE_BLOCKS(v, ...) \
  (Bytes) _mm256_shuffle_epi8((__m256i)v, _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__)))
#elif !defined(__x86_64__) || defined(EC_PORTABLE_LANES)
#define EC_SHUFFLE_BLOCKS(v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#endif

// Brings the same channel of neighbouring pixels side by side: r0 g0 b0 r1 g1 b1 … becomes
// r0 r1 g0 g1 b0 b1 …. Of three channels the last four bytes of a block are without meaning.
template <int Channels>
EC_INLINE Bytes pairPixels(Bytes v) {
  if constexpr (Channels == 1) return v;
#if defined(EC_SHUFFLE_BLOCKS)
  if constexpr (Channels == 2) {
    return EC_SHUFFLE_BLOCKS(v, 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
  } else if constexpr (Channels == 3) {
    return EC_SHUFFLE_BLOCKS(v, 0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 12, 13, 14, 15);
  } else {
    return EC_SHUFFLE_BLOCKS(v, 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
  }
#else
  // SSE2 has no free shuffle of bytes: exchange two bits of the bytes' numbers at a time.
  if constexpr (Channels == 2) {
    V<uint32_t> x = (V<uint32_t>)v;
    const V<uint32_t> change = ((x >> 8) ^ x) & 0x0000ff00u;
    return (Bytes)(x ^ change ^ (change << 8));
  } else if constexpr (Channels == 3) {
    const __m128i x = (__m128i)v;
    const __m128i y = _mm_srli_si128(x, 6);
    const __m128i first = _mm_unpacklo_epi8(x, _mm_srli_si128(x, 3));
    const __m128i second = _mm_unpacklo_epi8(y, _mm_srli_si128(y, 3));
    const __m128i six = _mm_srli_si128(_mm_set1_epi8(-1), 10);
    return (Bytes)_mm_or_si128(_mm_and_si128(first, six), _mm_slli_si128(second, 6));
  } else {
    V<uint64_t> x = (V<uint64_t>)v;
    V<uint64_t> change = ((x >> 16) ^ x) & 0x00000000ffff0000u;
    x ^= change ^ (change << 16);
    change = ((x >> 8) ^ x) & 0x0000ff000000ff00u;
    return (Bytes)(x ^ change ^ (change << 8));
  }
#endif
}
#undef EC_SHUFFLE_BLOCKS

}  // namespace lanes_
}  // namespace
}  // namespace everycore::EC_ISA
