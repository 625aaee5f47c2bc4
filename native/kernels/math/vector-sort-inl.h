// Quicksort by vectors. A vector is split at the pivot by moving the lanes of each side together:
// Bramas, "A novel hybrid quicksort algorithm vectorized using AVX-512 on Intel Skylake" (2017);
// Blacher, Giesen, Kühne, "Fast and robust vectorized in-place sorting of primitive types" (2021).
// Here a second place of the same length takes the greater keys, so that reading goes straight on.
#pragma once

#include "kernels/math/digit-sort-inl.h"
#include "kernels/math/sort-network-inl.h"

namespace everycore::EC_ISA {
namespace {

// Elements read as keys; and keys.
template <class T>
struct Source {
  using Key = KeyOf<T>;
  using K = typename Key::Key;
  const T* x;
  K flip;
  EC_INLINE V<K> vector(int64_t i) const { return Key::template of<V<K>>(load(x + i)) ^ flip; }
  EC_INLINE K key(int64_t i) const { return static_cast<K>(Key::template of<K>(x[i]) ^ flip); }
};

// Splitters in a tree: node i has the children 2i and 2i + 1; behind the nodes, `buckets` of them,
// come the buckets.
template <class K>
struct Splitters {
  const K* tree;
  int64_t buckets;
  uint32_t* count;  // of each bucket
};

#if EC_LEVEL == EC_ISA_avx512

constexpr bool sortsByVectors = true;

// Writes the lanes up to the pivot to `low`, the others to `high`, each as a vector whose end is
// not filled; answers how many went low.
EC_INLINE int64_t splitVector(V<int32_t> x, V<int32_t> pivot, int32_t* low, int32_t* high) {
  const __mmask16 above = _mm512_cmpgt_epi32_mask((__m512i)x, (__m512i)pivot);
  const __mmask16 below = static_cast<__mmask16>(~above);
  store(low, (V<int32_t>)_mm512_maskz_compress_epi32(below, (__m512i)x));
  store(high, (V<int32_t>)_mm512_maskz_compress_epi32(above, (__m512i)x));
  return __builtin_popcount(below);
}
EC_INLINE int64_t splitVector(V<int64_t> x, V<int64_t> pivot, int64_t* low, int64_t* high) {
  const __mmask8 above = _mm512_cmpgt_epi64_mask((__m512i)x, (__m512i)pivot);
  const __mmask8 below = static_cast<__mmask8>(~above);
  store(low, (V<int64_t>)_mm512_maskz_compress_epi64(below, (__m512i)x));
  store(high, (V<int64_t>)_mm512_maskz_compress_epi64(above, (__m512i)x));
  return __builtin_popcount(below);
}

#elif EC_LEVEL == EC_ISA_avx2

constexpr bool sortsByVectors = true;

// For every set of lanes, the 32-bit words of those lanes, then the others.
template <int Lanes>
struct LanesFirst {
  alignas(8) uint8_t word[1 << Lanes][8];
  constexpr LanesFirst() : word{} {
    constexpr int words = 8 / Lanes;
    for (int set = 0; set < 1 << Lanes; ++set) {
      int at = 0;
      for (int first = 1; first >= 0; --first) {
        for (int lane = 0; lane < Lanes; ++lane) {
          if ((set >> lane & 1) != first) continue;
          for (int k = 0; k < words; ++k) word[set][at++] = static_cast<uint8_t>(lane * words + k);
        }
      }
    }
  }
};
template <int Lanes>
constexpr LanesFirst<Lanes> lanesFirst;

template <class K>
EC_INLINE int lanesOf(V<K> mask) {
  if constexpr (sizeof(K) == 4) {
    return _mm256_movemask_ps((__m256)mask);
  } else {
    return _mm256_movemask_pd((__m256d)mask);
  }
}
template <class K>
EC_INLINE V<K> together(V<K> x, int set) {
  int64_t words;
  memcpy(&words, lanesFirst<lanes<K>>.word[set], sizeof words);
  const __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(words));
  return (V<K>)_mm256_permutevar8x32_epi32((__m256i)x, order);
}
// Writes the lanes up to the pivot to `low`, the others to `high`, each as a vector whose end is
// not to be used; answers how many went low.
template <class K>
EC_INLINE int64_t splitVector(V<K> x, V<K> pivot, K* low, K* high) {
  constexpr int all = (1 << lanes<K>)-1;
  const int above = lanesOf<K>((V<K>)(x > pivot));
  store(low, together<K>(x, above ^ all));
  store(high, together<K>(x, above));
  return __builtin_popcount(static_cast<unsigned>(above ^ all));
}

#else

constexpr bool sortsByVectors = false;

#endif

#if EC_LEVEL == EC_ISA_avx512 || EC_LEVEL == EC_ISA_avx2

// Splits what is read: keys up to the pivot to x, the others to y. Either may be what is read: a
// vector is written no further than it was read.
template <class T, class K>
inline int64_t splitKeys(Source<T> from, K* x, K* y, int64_t count, K pivot) {
  const V<K> pivots = broadcast(pivot);
  int64_t low = 0;
  int64_t i = 0;
  for (; i + lanes<K> <= count; i += lanes<K>) {
    low += splitVector(from.vector(i), pivots, x + low, y + (i - low));
  }
  for (; i < count; ++i) {
    const K key = from.key(i);
    const int64_t high = i - low;
    x[low] = key;
    low += static_cast<int64_t>(key <= pivot);
    y[high] = key;
  }
  return low;
}
template <class K>
EC_INLINE int64_t splitKeys(const K* from, K* x, K* y, int64_t count, K pivot) {
  return splitKeys(Source<K>{from, 0}, x, y, count, pivot);
}

// The median of keys from all over.
template <class K>
inline K pivotOf(const K* keys, int64_t count) {
  constexpr int64_t samplesMax = 4 * lanes<K>;
  const int64_t samples = count < 16 * networkMax<K> ? lanes<K> : samplesMax;
  const int64_t step = count / samples;
  K sample[samplesMax];
  for (int64_t i = 0; i < samples; ++i) sample[i] = keys[i * step + step / 2];
  sortFew(sample, sample, samples);
  return sample[samples / 2 - 1];
}

// Sorts what `from`, x or y, has, so far that those with ranks from `first` to before `behind` are
// in their places in x. After `depth` splits that did not lead there, keys are sorted by digits.
template <class K>
void sortBySplits(K* x, K* y, bool inY, int64_t count, int64_t first, int64_t behind, int depth) {
  while (first < count && behind > 0) {
    K* const from = inY ? y : x;
    if (count <= networkMax<K>) return sortFew(from, x, count);
    if (depth-- == 0) {
      const K* const sorted =
          sortByDigits<K, false>({from, nullptr}, {inY ? x : y, nullptr}, count).keys;
      if (sorted != x) memcpy(x, sorted, static_cast<size_t>(count) * sizeof(K));
      return;
    }
    K pivot = pivotOf(from, count);
    int64_t low = splitKeys(from, x, y, count, pivot);
    if (low == count) {
      // The pivot is the greatest: all that are like it are in their places behind the others.
      constexpr K least = static_cast<K>(K{1} << (8 * sizeof(K) - 1));
      if (pivot == least) return;
      low = splitKeys(x, x, y, count, static_cast<K>(pivot - 1));
      memcpy(x + low, y, static_cast<size_t>(count - low) * sizeof(K));
    } else {
      sortBySplits(x + low, y, true, count - low, first - low, behind - low, depth);
    }
    inY = false;
    count = low;
  }
}

// Splits at a node and all below it, so that the buckets lie one after the other in x.
template <class T, class K>
void splitByTree(Source<T> from, K* x, K* y, int64_t count, Splitters<K> splitters,
                 int64_t node = 1) {
  const int64_t low = splitKeys(from, x, y, count, splitters.tree[node]);
  if (2 * node < splitters.buckets) {
    splitByTree(Source<K>{y, 0}, x + low, y, count - low, splitters, 2 * node + 1);
    splitByTree(Source<K>{x, 0}, x, y, low, splitters, 2 * node);
  } else {
    uint32_t* const counted = splitters.count + 2 * node - splitters.buckets;
    counted[0] = static_cast<uint32_t>(low);
    counted[1] = static_cast<uint32_t>(count - low);
    memcpy(x + low, y, static_cast<size_t>(count - low) * sizeof(K));
  }
}

#endif

// Sorts keys, so far that those with ranks from `first` to before `behind` are in their places;
// answers where: in `keys` or in `other`, which is as long.
template <class K>
inline const K* sortKeys(K* keys, K* other, int64_t count, int64_t first, int64_t behind) {
  if constexpr (sortsByVectors && sizeof(K) >= 4) {
    const int depth = 2 * (64 - __builtin_clzll(static_cast<uint64_t>(count) | 1));
    sortBySplits(keys, other, false, count, first, behind, depth);
    return keys;
  } else {
    return sortByDigits<K, false>({keys, nullptr}, {other, nullptr}, count).keys;
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
