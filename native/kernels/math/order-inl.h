// Sorting: a sample of the input gives splitters (phase 0), every element is told its bucket and
// counted (1), goes there (2), and each bucket, which fits a cache, is sorted by the digits of its
// keys, least significant first (3). Frazer and McKellar, "Samplesort" (1970); Sanders and Winkel,
// "Super scalar sample sort" (2004), for the search without branches. All steps keep the order of
// equal elements. Keys of one or two bytes need no splitters: their first digit is their bucket.
// Only the buckets that hold ranks somebody asked for are filled and sorted: so this selects, too.
// src/kernels/sorting.ts lays out the memory and plans the phases.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

constexpr int64_t bucketsMax = 256;
constexpr int64_t samplesPerBucket = 8;
constexpr int digitBits = 8;
constexpr int digitCount = 1 << digitBits;
// Elements that are looked at together, whether one of them can be wanted.
constexpr int64_t glance = 32;

// Unsigned numbers in the order of TypedArray.sort: -0 before +0, NaN last (of all NaNs, one).
template <class T, class K, K flip>
struct IntegerKey {
  using Key = K;
  static EC_INLINE K of(T x) { return static_cast<K>(x) ^ flip; }
  static EC_INLINE T element(K key) { return static_cast<T>(static_cast<K>(key ^ flip)); }
};
template <class T, class K>
struct FloatKey {
  using Key = K;
  static constexpr K sign = K{1} << (8 * sizeof(K) - 1);
  static EC_INLINE K of(T x) {
    K bits;
    memcpy(&bits, &x, sizeof bits);
    const K turned = bits & sign ? static_cast<K>(~bits) : bits | sign;
    return x != x ? static_cast<K>(~K{0}) : turned;
  }
  static EC_INLINE T element(K key) {
    const K bits = key & sign ? key ^ sign : static_cast<K>(~key);
    T x;
    memcpy(&x, &bits, sizeof x);
    return x;
  }
};
template <class T>
struct KeyOf;
template <>
struct KeyOf<double> : FloatKey<double, uint64_t> {};
template <>
struct KeyOf<float> : FloatKey<float, uint32_t> {};
template <>
struct KeyOf<int8_t> : IntegerKey<int8_t, uint8_t, 0x80> {};
template <>
struct KeyOf<uint8_t> : IntegerKey<uint8_t, uint8_t, 0> {};
template <>
struct KeyOf<int16_t> : IntegerKey<int16_t, uint16_t, 0x8000> {};
template <>
struct KeyOf<uint16_t> : IntegerKey<uint16_t, uint16_t, 0> {};
template <>
struct KeyOf<int32_t> : IntegerKey<int32_t, uint32_t, 0x80000000> {};
template <>
struct KeyOf<uint32_t> : IntegerKey<uint32_t, uint32_t, 0> {};
template <>
struct KeyOf<int64_t> : IntegerKey<int64_t, uint64_t, 0x8000000000000000> {};
template <>
struct KeyOf<uint64_t> : IntegerKey<uint64_t, uint64_t, 0> {};

// Keys, and where `indexed` the places that their elements came from.
template <class K, bool indexed>
struct Records {
  K* keys;
  uint32_t* indices;

  Records from(int64_t i) const { return {keys + i, indexed ? indices + i : nullptr}; }
  EC_INLINE void put(int64_t at, const Records& other, int64_t i) const {
    keys[at] = other.keys[i];
    if constexpr (indexed) indices[at] = other.indices[i];
  }
};

constexpr int64_t insertionMax = 24;

template <class K, bool indexed>
inline void insertionSort(Records<K, indexed> records, int64_t count) {
  for (int64_t i = 1; i < count; ++i) {
    const K key = records.keys[i];
    [[maybe_unused]] const uint32_t index = indexed ? records.indices[i] : 0;
    int64_t at = i;
    for (; at > 0 && records.keys[at - 1] > key; --at) records.put(at, records, at - 1);
    records.keys[at] = key;
    if constexpr (indexed) records.indices[at] = index;
  }
}

// Sorts by digits, to and fro between two places of one length; answers the one they end at.
template <class K, bool indexed>
inline Records<K, indexed> sortRecords(Records<K, indexed> from, Records<K, indexed> to,
                                       int64_t count) {
  if (count <= insertionMax) {
    insertionSort(from, count);
    return from;
  }
  K varying = 0;
  for (int64_t i = 0; i < count; ++i) varying |= static_cast<K>(from.keys[i] ^ from.keys[0]);
  for (int shift = 0; shift < static_cast<int>(8 * sizeof(K)); shift += digitBits) {
    if ((varying >> shift & (digitCount - 1)) == 0) continue;
    uint32_t at[digitCount] = {};
    for (int64_t i = 0; i < count; ++i) ++at[from.keys[i] >> shift & (digitCount - 1)];
    uint32_t before = 0;
    for (uint32_t& each : at) {
      const uint32_t here = each;
      each = before;
      before += here;
    }
    for (int64_t i = 0; i < count; ++i) {
      to.put(at[from.keys[i] >> shift & (digitCount - 1)]++, from, i);
    }
    const Records<K, indexed> sorted = to;
    to = from;
    from = sorted;
  }
  return from;
}

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
        flip(call.params[2] != 0 ? static_cast<K>(~K{0}) : K{0}),
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

  // Of a few of the greatest, as many buckets as twice these fill and one more.
  int64_t frontBuckets() const {
    if (byDigit || ranges != 1 || flip == 0) return buckets;
    const double filled = wanted[1] * static_cast<double>(buckets) / static_cast<double>(size);
    return filled < 1 ? 1 + static_cast<int64_t>(2 * filled) : buckets;
  }
  // Everything, and a bucket is one value: then where an index goes is where it stays.
  bool placesAtOnce() const {
    return indexed && sizeof(K) == 1 && buckets > 1 && ranges == 1 && wanted[0] == 0 &&
           wanted[1] == static_cast<double>(size);
  }

  K keyAt(int64_t i) const { return Key::of(x[i]) ^ flip; }
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

  void chooseSplitters() const {
    const int64_t samples = buckets * samplesPerBucket;
    K* const sample = records[0].keys;
    for (int64_t i = 0; i < samples; ++i) sample[i] = keyAt(i * (size / samples));
    const Records<K, false> sorted =
        sortRecords(Records<K, false>{sample, nullptr}, {records[1].keys, nullptr}, samples);
    // Level after level of the tree, each from left to right.
    for (int64_t width = 1; width < buckets; width *= 2) {
      for (int64_t i = 0; i < width; ++i) {
        tree[width + i] = sorted.keys[(2 * i + 1) * samples / (2 * width)];
      }
    }
    if (front < buckets) tree[0] = sorted.keys[front * samplesPerBucket];
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
    if constexpr (byDigit) {
      constexpr int shift = 8 * (static_cast<int>(sizeof(K)) - 1);
      for (; i < end; ++i) {
        const uint8_t bucket = static_cast<uint8_t>(keyAt(i) >> shift);
        bucketOf[i] = bucket;
        ++count[bucket];
      }
    } else if (front < buckets) {
      const T bound = Key::element(tree[0] ^ flip);
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
    if (placesAtOnce()) {
      uint32_t* const places = static_cast<uint32_t*>(out);
      for (int64_t i = begin; i < end; ++i) places[at[bucketOf[i]]++] = static_cast<uint32_t>(i);
      return;
    }
    const bool skips = front < buckets && !keep[buckets - 1];
    const Records<K, indexed>& to = records[0];
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
          static_cast<T*>(out)[at] = Key::element(sorted.keys[i - begin] ^ flip);
        }
      }
      written += behind - first;
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
      write(sortRecords(records[0].from(from), records[1].from(from), to - from), from, to, out);
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
