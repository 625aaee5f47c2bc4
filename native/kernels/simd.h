// Vectors by the compiler's own vector extensions, as wide as the CPU level this file is compiled
// for. V<T> has lanes<T> lanes and ordinary operators; comparisons give masks, `mask ? a : b`
// selects.
#pragma once

#include "kernels/isa.h"

#define EC_INLINE inline __attribute__((always_inline))
#define EC_INLINE_LAMBDA __attribute__((always_inline))
#define EC_RESTRICT __restrict__

namespace everycore::EC_ISA {
namespace {

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(EC_VECTOR_BYTES)));
  typedef T unaligned __attribute__((vector_size(EC_VECTOR_BYTES), aligned(alignof(T)), may_alias));
};

template <class T>
using V = typename VectorOf<T>::type;

template <class T>
constexpr int lanes = EC_VECTOR_BYTES / static_cast<int>(sizeof(T));

template <class T>
EC_INLINE V<T> load(const T* from) {
  return *reinterpret_cast<const typename VectorOf<T>::unaligned*>(from);
}

template <class T>
EC_INLINE void store(T* to, V<T> value) {
  *reinterpret_cast<typename VectorOf<T>::unaligned*>(to) = value;
}

template <class T>
EC_INLINE V<T> broadcast(T value) {
  return value - V<T>{};
}

// The first `count` lanes; the others are zero. Reads and writes nothing beyond them.
template <class T>
EC_INLINE V<T> loadPart(const T* from, int64_t count) {
  V<T> value{};
  memcpy(&value, from, static_cast<size_t>(count) * sizeof(T));
  return value;
}

template <class T>
EC_INLINE void storePart(T* to, V<T> value, int64_t count) {
  memcpy(to, &value, static_cast<size_t>(count) * sizeof(T));
}

// Results larger than this are stored past the caches: half of a usual last-level cache; what is
// larger would have been pushed out before anybody reads it.
constexpr int64_t streamBytesMin = int64_t{16} << 20;

// A store past the caches, for results too large to be found there again. `to` must be aligned to
// the vector; streamFence() comes after the last one, before another thread may read.
template <class T>
EC_INLINE void storeStream(T* to, V<T> value) {
#if EC_LEVEL == EC_ISA_avx512
  _mm512_stream_si512(reinterpret_cast<__m512i*>(to), (__m512i)value);
#elif EC_LEVEL == EC_ISA_avx2
  _mm256_stream_si256(reinterpret_cast<__m256i*>(to), (__m256i)value);
#elif defined(__x86_64__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(to), (__m128i)value);
#else
  store(to, value);
#endif
}

EC_INLINE void streamFence() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

template <class T>
EC_INLINE constexpr T minOf(T a, T b) {
  return b < a ? b : a;
}

template <class T>
EC_INLINE constexpr T maxOf(T a, T b) {
  return a < b ? b : a;
}

}  // namespace
}  // namespace everycore::EC_ISA
