// Pixels as planes: a chunk of a row with its channels apart, so that kernels of colours fill whole
// vectors.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace planes_ {

constexpr int64_t chunk = 256;

// Colours first; alpha is always the last. What lies behind the pixels of a chunk is anything.
template <class T>
struct Planes {
  alignas(64) T at[4][chunk];
};

#if defined(__aarch64__)
#define EC_PLANES_VECTORS 1
EC_INLINE void split16(const uint8_t* from, uint8_t* r, uint8_t* g, uint8_t* b) {
  const uint8x16x3_t v = vld3q_u8(from);
  vst1q_u8(r, v.val[0]), vst1q_u8(g, v.val[1]), vst1q_u8(b, v.val[2]);
}
EC_INLINE void join16(const uint8_t* r, const uint8_t* g, const uint8_t* b, uint8_t* to) {
  vst3q_u8(to, uint8x16x3_t{{vld1q_u8(r), vld1q_u8(g), vld1q_u8(b)}});
}
#elif EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
#define EC_PLANES_VECTORS 1
// Which byte of block `part` each byte of a plane comes from (or, joining, of which plane): -1
// stands for none, and shuffling answers zero there.
struct Orders {
  int8_t split[3][3][16];  // by channel and part
  int8_t join[3][3][16];   // by part and channel

  constexpr Orders() : split{}, join{} {
    for (int part = 0; part < 3; ++part) {
      for (int c = 0; c < 3; ++c) {
        for (int i = 0; i < 16; ++i) {
          const int from = 3 * i + c - 16 * part;
          split[c][part][i] = static_cast<int8_t>(from >= 0 && from < 16 ? from : -1);
          const int to = 16 * part + i;
          join[part][c][i] = static_cast<int8_t>(to % 3 == c ? to / 3 : -1);
        }
      }
    }
  }
};
constexpr Orders orders;

EC_INLINE __m128i blockAt(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i_u*>(from));
}
EC_INLINE __m128i gathered(__m128i a, __m128i b, __m128i c, const int8_t (&order)[3][16]) {
  return _mm_or_si128(
      _mm_or_si128(_mm_shuffle_epi8(a, blockAt(order[0])), _mm_shuffle_epi8(b, blockAt(order[1]))),
      _mm_shuffle_epi8(c, blockAt(order[2])));
}
EC_INLINE void putBlock(uint8_t* to, __m128i v) {
  _mm_storeu_si128(reinterpret_cast<__m128i_u*>(to), v);
}
EC_INLINE void split16(const uint8_t* from, uint8_t* r, uint8_t* g, uint8_t* b) {
  const __m128i x = blockAt(from), y = blockAt(from + 16), z = blockAt(from + 32);
  putBlock(r, gathered(x, y, z, orders.split[0]));
  putBlock(g, gathered(x, y, z, orders.split[1]));
  putBlock(b, gathered(x, y, z, orders.split[2]));
}
EC_INLINE void join16(const uint8_t* r, const uint8_t* g, const uint8_t* b, uint8_t* to) {
  const __m128i x = blockAt(r), y = blockAt(g), z = blockAt(b);
  putBlock(to, gathered(x, y, z, orders.join[0]));
  putBlock(to + 16, gathered(x, y, z, orders.join[1]));
  putBlock(to + 32, gathered(x, y, z, orders.join[2]));
}

// As many pixels at a time as a vector has bytes, block by block.
#if EC_LEVEL == EC_ISA_avx512
typedef __m512i Wide;
EC_INLINE Wide blocksAt(const uint8_t* from) {
  const Wide half =
      _mm512_inserti32x4(_mm512_castsi128_si512(blockAt(from)), blockAt(from + 48), 1);
  return _mm512_inserti32x4(_mm512_inserti32x4(half, blockAt(from + 96), 2), blockAt(from + 144),
                            3);
}
EC_INLINE void putBlocks(uint8_t* to, Wide v) {
  putBlock(to, _mm512_castsi512_si128(v));
  putBlock(to + 48, _mm512_extracti32x4_epi32(v, 1));
  putBlock(to + 96, _mm512_extracti32x4_epi32(v, 2));
  putBlock(to + 144, _mm512_extracti32x4_epi32(v, 3));
}
EC_INLINE Wide shuffled(Wide v, const int8_t (&order)[16]) {
  // GCC 12 warns of its own header where a broadcast has no mask.
  const auto all = static_cast<__mmask16>(-1);
  return _mm512_shuffle_epi8(v, _mm512_maskz_broadcast_i32x4(all, blockAt(order)));
}
#else
typedef __m256i Wide;
EC_INLINE Wide blocksAt(const uint8_t* from) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(blockAt(from)), blockAt(from + 48), 1);
}
EC_INLINE void putBlocks(uint8_t* to, Wide v) {
  putBlock(to, _mm256_castsi256_si128(v));
  putBlock(to + 48, _mm256_extracti128_si256(v, 1));
}
EC_INLINE Wide shuffled(Wide v, const int8_t (&order)[16]) {
  return _mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(blockAt(order)));
}
#endif
#define EC_PLANES_WIDE 1
EC_INLINE Wide gathered(Wide a, Wide b, Wide c, const int8_t (&order)[3][16]) {
  return shuffled(a, order[0]) | shuffled(b, order[1]) | shuffled(c, order[2]);
}
EC_INLINE void splitWide(const uint8_t* from, uint8_t* r, uint8_t* g, uint8_t* b) {
  const Wide x = blocksAt(from), y = blocksAt(from + 16), z = blocksAt(from + 32);
  store(r, (V<uint8_t>)gathered(x, y, z, orders.split[0]));
  store(g, (V<uint8_t>)gathered(x, y, z, orders.split[1]));
  store(b, (V<uint8_t>)gathered(x, y, z, orders.split[2]));
}
EC_INLINE void joinWide(const uint8_t* r, const uint8_t* g, const uint8_t* b, uint8_t* to) {
  const Wide x = (Wide)load(r), y = (Wide)load(g), z = (Wide)load(b);
  putBlocks(to, gathered(x, y, z, orders.join[0]));
  putBlocks(to + 16, gathered(x, y, z, orders.join[1]));
  putBlocks(to + 32, gathered(x, y, z, orders.join[2]));
}
#endif

// `Alpha` is whether pixels have it; the other channels are colours.
template <int Colors, bool Alpha, class T>
EC_INLINE void splitPixels(const T* from, Planes<T>& planes, int64_t begin, int64_t count) {
  constexpr int channels = Colors + Alpha;
  for (int64_t i = begin; i < count; ++i) {
    for (int c = 0; c < Colors; ++c) planes.at[c][i] = from[i * channels + c];
    if (Alpha) planes.at[3][i] = from[i * channels + Colors];
  }
}

template <int Colors, bool Alpha, class T>
EC_INLINE void joinPixels(const Planes<T>& planes, T* to, int64_t begin, int64_t count) {
  constexpr int channels = Colors + Alpha;
  for (int64_t i = begin; i < count; ++i) {
    for (int c = 0; c < Colors; ++c) to[i * channels + c] = planes.at[c][i];
    if (Alpha) to[i * channels + Colors] = planes.at[3][i];
  }
}

template <class T>
void split(const T* from, int64_t channels, Planes<T>& planes, int64_t count) {
  if (channels == 1) return splitPixels<1, false>(from, planes, 0, count);
  if (channels == 2) return splitPixels<1, true>(from, planes, 0, count);
  if (channels == 4) return splitPixels<3, true>(from, planes, 0, count);
  int64_t i = 0;
#if defined(EC_PLANES_VECTORS)
  if constexpr (sizeof(T) == 1) {
#if defined(EC_PLANES_WIDE)
    for (; i + EC_VECTOR_BYTES <= count; i += EC_VECTOR_BYTES) {
      splitWide(from + 3 * i, planes.at[0] + i, planes.at[1] + i, planes.at[2] + i);
    }
#endif
    for (; i + 16 <= count; i += 16) {
      split16(from + 3 * i, planes.at[0] + i, planes.at[1] + i, planes.at[2] + i);
    }
  }
#endif
  splitPixels<3, false>(from, planes, i, count);
}

template <class T>
void join(const Planes<T>& planes, T* to, int64_t channels, int64_t count) {
  if (channels == 1) return joinPixels<1, false>(planes, to, 0, count);
  if (channels == 2) return joinPixels<1, true>(planes, to, 0, count);
  if (channels == 4) return joinPixels<3, true>(planes, to, 0, count);
  int64_t i = 0;
#if defined(EC_PLANES_VECTORS)
  if constexpr (sizeof(T) == 1) {
#if defined(EC_PLANES_WIDE)
    for (; i + EC_VECTOR_BYTES <= count; i += EC_VECTOR_BYTES) {
      joinWide(planes.at[0] + i, planes.at[1] + i, planes.at[2] + i, to + 3 * i);
    }
#endif
    for (; i + 16 <= count; i += 16) {
      join16(planes.at[0] + i, planes.at[1] + i, planes.at[2] + i, to + 3 * i);
    }
  }
#endif
  joinPixels<3, false>(planes, to, i, count);
}
#undef EC_PLANES_VECTORS
#undef EC_PLANES_WIDE

}  // namespace planes_
}  // namespace
}  // namespace everycore::EC_ISA
