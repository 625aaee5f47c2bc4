// Sorting by the digits of keys, least significant first: Knuth, "The Art of Computer Programming"
// 3, 5.2.5. It keeps the order of equal keys, so indices can go along.
#pragma once

#include "kernels/math/keys-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr int digitBits = 8;
constexpr int digitCount = 1 << digitBits;

template <class K>
constexpr int topShift = 8 * static_cast<int>(sizeof(K)) - digitBits;

// Of the digit that has the sign, negative ones come first.
template <class K>
EC_INLINE int digitOf(K key, int shift) {
  return static_cast<int>(key >> shift & (digitCount - 1)) ^
         (shift == topShift<K> ? digitCount / 2 : 0);
}

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

// To and fro between two places of one length; answers the one they end at.
template <class K, bool indexed>
inline Records<K, indexed> sortByDigits(Records<K, indexed> from, Records<K, indexed> to,
                                        int64_t count) {
  if (count <= insertionMax) {
    insertionSort(from, count);
    return from;
  }
  K varying = 0;
  for (int64_t i = 0; i < count; ++i) varying |= static_cast<K>(from.keys[i] ^ from.keys[0]);
  for (int shift = 0; shift <= topShift<K>; shift += digitBits) {
    if ((varying >> shift & (digitCount - 1)) == 0) continue;
    uint32_t at[digitCount] = {};
    for (int64_t i = 0; i < count; ++i) ++at[digitOf(from.keys[i], shift)];
    uint32_t before = 0;
    for (uint32_t& each : at) {
      const uint32_t here = each;
      each = before;
      before += here;
    }
    for (int64_t i = 0; i < count; ++i) to.put(at[digitOf(from.keys[i], shift)]++, from, i);
    const Records<K, indexed> sorted = to;
    to = from;
    from = sorted;
  }
  return from;
}

}  // namespace
}  // namespace everycore::EC_ISA
