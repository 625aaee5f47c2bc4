// Sorting: a sample of the input gives splitters (phase 0), every element is told its bucket and
// counted (1), goes there (2), and each bucket, which fits a cache, is sorted (3): by vectors, or
// by the digits of its keys, least significant first. Frazer and McKellar, "Samplesort" (1970);
// Sanders and Winkel, "Super scalar sample sort" (2004), for the search without branches. With
// indices all steps keep the order of equal elements. Where vectors can do it, and there are no
// indices, a stretch of the input is split by the splitters (1), and its runs are moved to their
// buckets (2). Keys of one or two bytes need no splitters: their first digit is their bucket. Only
// the buckets that hold ranks somebody asked for are filled and sorted: so this selects, too.
// src/kernels/sorting.ts lays out the memory and plans the phases.
#pragma once

#include "kernels/math/vector-sort-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr int64_t bucketsMax = 256;
constexpr int64_t samplesPerBucket = 8;
constexpr int rangesMax = 3;
// A larger sample where few elements are wanted: the surer, the fewer to look through.
constexpr int64_t selectSampleStep = 32;
constexpr int64_t selectSamplesMax = 8192;
// Elements that are looked at together, whether one of them can be wanted.
constexpr int64_t glance = 32;

// Views: x (one contiguous axis), out: elements or indices. Parameters: buckets (a power of two),
// stretches that the input is cut into, 1 for descending order, then one to three ranges of ranks
// whose elements are wanted.
template <class T, bool indexed>
struct Sorting {
  using Key = KeyOf<T>;
  using K = typename Key::Key;

  const T* x;
  int64_t size;
  int64_t buckets;
  int64_t stretches;
  const double* wanted;  // pairs of ranks
  int ranges;
  K flip;
  int64_t front;  // buckets that are told apart; what lies behind them counts to the last one
  K* tree;        // splitters: node i has the children 2i and 2i + 1; node 0 ends the front
  Records<K, indexed> records[2];
  uint32_t* counts;   // of each bucket, stretch after stretch
  uint8_t* bucketOf;  // each element; bytes are their own buckets

  explicit Sorting(const Call& call)
      : x(call.views[0].as<const T>()),
        size(call.views[0].shape[2]),
        buckets(static_cast<int64_t>(call.params[0])),
        stretches(static_cast<int64_t>(call.params[1])),
        wanted(call.params + 3),
        ranges(static_cast<int>(call.paramCount - 3) / 2),
        flip(call.params[2] != 0 ? static_cast<K>(-1) : K{0}),
        front(frontBuckets()) {
    char* at = static_cast<char*>(call.shared);
    const auto take = [&](int64_t bytes) {
      char* const taken = at;
      at += (bytes + 7) / 8 * 8;
      return taken;
    };
    tree = reinterpret_cast<K*>(take(bucketsMax * static_cast<int64_t>(sizeof(K))));
    for (auto& each : records) {
      each.keys = reinterpret_cast<K*>(take(size * static_cast<int64_t>(sizeof(K))));
      each.indices = indexed ? reinterpret_cast<uint32_t*>(take(size * 4)) : nullptr;
    }
    counts = reinterpret_cast<uint32_t*>(take(stretches * buckets * 4));
    bucketOf = reinterpret_cast<uint8_t*>(at);
  }

  static constexpr bool byDigit = sizeof(K) <= 2;
  // Every stretch is split by the splitters, one after the other, where that is done by vectors.
  static constexpr bool splits = sortsByVectors && !indexed && !byDigit;
  const Records<K, indexed>& gathered() const { return records[splits ? 1 : 0]; }

  // Of a few of the greatest, as many buckets as twice these fill and one more.
  int64_t frontBuckets() const {
    if (byDigit || ranges != 1 || flip == 0) return buckets;
    const double filled = wanted[1] * static_cast<double>(buckets) / static_cast<double>(size);
    return filled < 1 ? 1 + static_cast<int64_t>(2 * filled) : buckets;
  }
  // A few elements, not indices.
  bool selects() const { return !indexed && !byDigit && !wantsAll(); }
  bool wantsAll() const {
    return ranges == 1 && wanted[0] == 0 && wanted[1] == static_cast<double>(size);
  }
  // Everything, and a bucket is one value: then where an index goes is where it stays.
  bool placesAtOnce() const { return indexed && sizeof(K) == 1 && buckets > 1 && wantsAll(); }

  K keyAt(int64_t i) const { return static_cast<K>(Key::template of<K>(x[i]) ^ flip); }
  int64_t beginOf(int64_t stretch) const {
    return size / stretches * stretch + minOf(stretch, size % stretches);
  }

  // Where each bucket begins among all elements; one more says where the last one ends.
  void bucketBegins(int64_t* begin) const {
    memset(begin, 0, static_cast<size_t>(buckets) * sizeof *begin);
    begin[buckets] = size;
    if (buckets == 1) return;
    for (int64_t i = 0; i < stretches; ++i) {
      for (int64_t bucket = 0; bucket < buckets; ++bucket) {
        begin[bucket] += counts[i * buckets + bucket];
      }
    }
    int64_t before = 0;
    for (int64_t bucket = 0; bucket < buckets; ++bucket) {
      const int64_t here = begin[bucket];
      begin[bucket] = before;
      before += here;
    }
  }
  bool isWanted(int64_t begin, int64_t end) const {
    for (int range = 0; range < ranges; ++range) {
      const double* const ranks = wanted + 2 * range;
      if (static_cast<double>(begin) < ranks[1] && static_cast<double>(end) > ranks[0]) return true;
    }
    return false;
  }

  int64_t sampleCount() const {
    return selects() ? minOf(selectSamplesMax, size / selectSampleStep)
                     : buckets * samplesPerBucket;
  }
  // Which of the sample ends bucket i. Where few elements are wanted, their buckets end as near to
  // them as the sample tells for certain enough, at both sides.
  int64_t endOf(int64_t i, int64_t samples) const {
    if (!selects()) return (i + 1) * samples / buckets;
    int64_t ends[2 * rangesMax];
    const double share = static_cast<double>(samples) / static_cast<double>(size);
    const int64_t doubt = 2 * static_cast<int64_t>(__builtin_sqrt(static_cast<double>(samples)));
    for (int range = 0; range < ranges; ++range) {
      ends[2 * range] = static_cast<int64_t>(wanted[2 * range] * share) - doubt;
      ends[2 * range + 1] = static_cast<int64_t>(wanted[2 * range + 1] * share) + doubt;
    }
    insertionSort<int64_t, false>({ends, nullptr}, 2 * ranges);
    return maxOf<int64_t>(0, minOf(ends[minOf<int64_t>(i, 2 * ranges - 1)], samples - 1));
  }
  void chooseSplitters() const {
    const int64_t samples = sampleCount();
    K* const sample = records[0].keys;
    for (int64_t i = 0; i < samples; ++i) sample[i] = keyAt(i * (size / samples));
    const K* const sorted = sortKeys(sample, records[1].keys, samples, 0, samples);
    // Level after level of the tree, each from left to right.
    for (int64_t width = 1; width < buckets; width *= 2) {
      for (int64_t i = 0; i < width; ++i) {
        tree[width + i] = sorted[endOf((2 * i + 1) * buckets / (2 * width) - 1, samples)];
      }
    }
    if (front < buckets) tree[0] = sorted[front * samplesPerBucket];
  }

  // Whether none of the elements at a glance can be in the front: `bound` is its last element.
  bool allBehind(const T* from, T bound) const {
    int any = 0;  // also where one is NaN
    for (int64_t i = 0; i < glance; ++i) any |= static_cast<int>(!(from[i] < bound));
    return any == 0;
  }

  // Searches side by side: each waits for its own loads.
  void findBuckets(int64_t begin, int64_t end, uint32_t* count) const {
    constexpr int together = 8;
    for (int64_t i = begin; i < end; i += together) {
      const int n = static_cast<int>(minOf<int64_t>(together, end - i));
      K key[together];
      uint32_t node[together];
      for (int k = 0; k < together; ++k) {
        key[k] = keyAt(k < n ? i + k : i);
        node[k] = 1;
      }
      for (int64_t width = 1; width < buckets; width *= 2) {
#pragma GCC unroll 8
        for (int k = 0; k < together; ++k) node[k] = 2 * node[k] + (key[k] > tree[node[k]]);
      }
      for (int k = 0; k < n; ++k) {
        const int64_t found = static_cast<int64_t>(node[k]) - buckets;
        const int64_t bucket = found < front ? found : buckets - 1;
        bucketOf[i + k] = static_cast<uint8_t>(bucket);
        ++count[bucket];
      }
    }
  }

  void countBuckets(int64_t stretch) const {
    uint32_t* const count = counts + stretch * buckets;
    memset(count, 0, static_cast<size_t>(buckets) * sizeof *count);
    const int64_t end = beginOf(stretch + 1);
    int64_t i = beginOf(stretch);
    if constexpr (splits) {
      splitByTree(Source<T>{x + i, flip}, records[0].keys + i, records[1].keys + i, end - i,
                  Splitters<K>{tree, buckets, count});
      return;
    }
    if constexpr (byDigit) {
      for (; i < end; ++i) {
        const uint8_t bucket = static_cast<uint8_t>(digitOf(keyAt(i), topShift<K>));
        bucketOf[i] = bucket;
        ++count[bucket];
      }
    } else if (front < buckets) {
      const T bound = Key::element(static_cast<K>(tree[0] ^ flip));
      for (; i + glance <= end; i += glance) {
        if (allBehind(x + i, bound)) {
          memset(bucketOf + i, static_cast<int>(buckets - 1), glance);
          count[buckets - 1] += glance;
        } else {
          findBuckets(i, i + glance, count);
        }
      }
    }
    if constexpr (!byDigit) findBuckets(i, end, count);
  }

  // Whether the elements at a glance from `i` on are all in the last bucket.
  bool allInLast(int64_t i) const {
    uint8_t others = 0;
    for (int64_t k = 0; k < glance; ++k) {
      others |= static_cast<uint8_t>(bucketOf[i + k] ^ (buckets - 1));
    }
    return others == 0;
  }

  void distribute(int64_t stretch, void* out) const {
    int64_t at[bucketsMax + 1];
    bucketBegins(at);
    bool keep[bucketsMax];
    for (int64_t bucket = 0; bucket < buckets; ++bucket) {
      keep[bucket] = isWanted(at[bucket], at[bucket + 1]);
    }
    for (int64_t i = 0; i < stretch; ++i) {
      for (int64_t bucket = 0; bucket < buckets; ++bucket) {
        at[bucket] += counts[i * buckets + bucket];
      }
    }
    const int64_t begin = beginOf(stretch);
    const int64_t end = beginOf(stretch + 1);
    if (splits && buckets > 1) {
      const uint32_t* const count = counts + stretch * buckets;
      const K* run = records[0].keys + begin;
      for (int64_t bucket = 0; bucket < buckets; run += count[bucket++]) {
        if (!keep[bucket]) continue;
        memcpy(gathered().keys + at[bucket], run, count[bucket] * sizeof(K));
      }
      return;
    }
    if (placesAtOnce()) {
      uint32_t* const places = static_cast<uint32_t*>(out);
      for (int64_t i = begin; i < end; ++i) places[at[bucketOf[i]]++] = static_cast<uint32_t>(i);
      return;
    }
    const bool skips = front < buckets && !keep[buckets - 1];
    const Records<K, indexed>& to = gathered();
    for (int64_t i = begin; i < end; ++i) {
      if (skips && (i - begin) % glance == 0 && i + glance <= end && allInLast(i)) {
        i += glance - 1;
        continue;
      }
      const int64_t bucket = buckets == 1 ? 0 : bucketOf[i];
      if (!keep[bucket]) continue;
      const int64_t place = at[bucket]++;
      to.keys[place] = keyAt(i);
      if constexpr (indexed) to.indices[place] = static_cast<uint32_t>(i);
    }
  }

  void write(const Records<K, indexed>& sorted, int64_t begin, int64_t end, void* out) const {
    int64_t written = 0;
    for (int range = 0; range < ranges; ++range) {
      const int64_t first = static_cast<int64_t>(wanted[2 * range]);
      const int64_t behind = static_cast<int64_t>(wanted[2 * range + 1]);
      for (int64_t i = maxOf(begin, first); i < minOf(end, behind); ++i) {
        const int64_t at = written + i - first;
        if constexpr (indexed) {
          static_cast<uint32_t*>(out)[at] = sorted.indices[i - begin];
        } else {
          static_cast<T*>(out)[at] = Key::element(static_cast<K>(sorted.keys[i - begin] ^ flip));
        }
      }
      written += behind - first;
    }
  }

  // A bucket in order, at least where ranks are wanted.
  Records<K, indexed> sorted(int64_t from, int64_t to) const {
    const Records<K, indexed> keys = gathered().from(from);
    const Records<K, indexed> other = records[splits ? 0 : 1].from(from);
    if constexpr (indexed) {
      return sortByDigits(keys, other, to - from);
    } else {
      int64_t first = to - from;
      int64_t behind = 0;
      for (int range = 0; range < ranges; ++range) {
        first = minOf(first, static_cast<int64_t>(wanted[2 * range]) - from);
        behind = maxOf(behind, static_cast<int64_t>(wanted[2 * range + 1]) - from);
      }
      return {const_cast<K*>(sortKeys(keys.keys, other.keys, to - from, first, behind)), nullptr};
    }
  }

  void sortBuckets(Range range, void* out) const {
    if (placesAtOnce()) return;
    int64_t begin[bucketsMax + 1];
    bucketBegins(begin);
    for (int64_t bucket = range.begin; bucket < range.end; ++bucket) {
      const int64_t from = begin[bucket];
      const int64_t to = begin[bucket + 1];
      if (!isWanted(from, to)) continue;
      write(sorted(from, to), from, to, out);
    }
  }
};

template <class T, bool indexed>
void chooseSplitters(const Call& call, Range, void*) noexcept {
  Sorting<T, indexed>(call).chooseSplitters();
}
template <class T, bool indexed>
void countBuckets(const Call& call, Range range, void*) noexcept {
  const Sorting<T, indexed> sorting(call);
  for (int64_t i = range.begin; i < range.end; ++i) sorting.countBuckets(i);
}
template <class T, bool indexed>
void distribute(const Call& call, Range range, void*) noexcept {
  const Sorting<T, indexed> sorting(call);
  for (int64_t i = range.begin; i < range.end; ++i) sorting.distribute(i, call.views[1].data);
}
template <class T, bool indexed>
void sortBuckets(const Call& call, Range range, void*) noexcept {
  Sorting<T, indexed>(call).sortBuckets(range, call.views[1].data);
}

#define EC_SORTING(name, T, dtype, indexed)                                        \
  {name,                                                                           \
   Dtype::dtype,                                                                   \
   {chooseSplitters<T, indexed>, countBuckets<T, indexed>, distribute<T, indexed>, \
    sortBuckets<T, indexed>}},
#define EC_ORDER(T, dtype)            \
  EC_SORTING("sort", T, dtype, false) \
  EC_SORTING("argsort", T, dtype, true)

}  // namespace
}  // namespace everycore::EC_ISA
