// Networks of minima and maxima over sorted lists of vectors, lane by lane. They are put together
// at compile time by Batcher's odd-even merging ("Sorting networks and their applications", 1968),
// for lists of any length; comparators that lead to no wanted rank are left out.
#pragma once

#include "kernels/image/pack-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

typedef V<uint8_t> Bytes;

constexpr int wiresMax = 256;
constexpr int comparatorsMax = 1024;

// Wires in the order of what they carry.
struct Wires {
  int count = 0;
  int16_t at[wiresMax] = {};

  constexpr void push(int wire) { at[count++] = static_cast<int16_t>(wire); }
};

// Puts the lower of two wires on the first, the higher on the second. A wire is read where it is
// looked at first, and written where its rank is known, so that few are held at a time.
struct Comparator {
  int16_t low = 0, high = 0;
  bool readLow = false, readHigh = false;
  bool wantLow = false, wantHigh = false;
  int16_t rankLow = -1, rankHigh = -1;  // among the wanted ones
};

struct Network {
  int count = 0;
  Comparator at[comparatorsMax] = {};

  constexpr Wires merge(const Wires& a, const Wires& b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    Wires merged;
    if (a.count == 1 && b.count == 1) {
      compare(a.at[0], b.at[0]);
      merged.push(a.at[0]), merged.push(b.at[0]);
      return merged;
    }
    const Wires odd = merge(everySecond(a, 0), everySecond(b, 0));
    const Wires even = merge(everySecond(a, 1), everySecond(b, 1));
    merged.push(odd.at[0]);
    for (int i = 0; i < even.count || i + 1 < odd.count; ++i) {
      if (i < even.count && i + 1 < odd.count) compare(even.at[i], odd.at[i + 1]);
      if (i < even.count) merged.push(even.at[i]);
      if (i + 1 < odd.count) merged.push(odd.at[i + 1]);
    }
    return merged;
  }

  constexpr Wires sort(const Wires& wires) {
    if (wires.count < 2) return wires;
    Wires halves[2];
    for (int i = 0; i < wires.count; ++i) halves[2 * i >= wires.count].push(wires.at[i]);
    return merge(sort(halves[0]), sort(halves[1]));
  }

  // What leads to `count` ranks from `lowest` on.
  constexpr Network pruned(const Wires& sorted, int lowest, int count) const {
    int16_t rank[wiresMax] = {};
    bool wanted[wiresMax] = {};
    for (int16_t& r : rank) r = -1;
    for (int i = 0; i < count; ++i) {
      const int wire = sorted.at[lowest + i];
      rank[wire] = static_cast<int16_t>(i);
      wanted[wire] = true;
    }
    bool kept[comparatorsMax] = {};
    Network network = *this;
    for (int i = this->count - 1; i >= 0; --i) {
      Comparator& c = network.at[i];
      c.wantLow = wanted[c.low];
      c.wantHigh = wanted[c.high];
      kept[i] = c.wantLow || c.wantHigh;
      if (!kept[i]) continue;
      c.rankLow = rank[c.low], c.rankHigh = rank[c.high];
      rank[c.low] = rank[c.high] = -1;
      wanted[c.low] = wanted[c.high] = true;
    }
    bool known[wiresMax] = {};
    network.count = 0;
    for (int i = 0; i < this->count; ++i) {
      if (!kept[i]) continue;
      Comparator c = network.at[i];
      c.readLow = !known[c.low];
      c.readHigh = !known[c.high];
      known[c.low] = known[c.high] = true;
      network.at[network.count++] = c;
    }
    return network;
  }

 private:
  constexpr void compare(int low, int high) {
    at[count].low = static_cast<int16_t>(low);
    at[count++].high = static_cast<int16_t>(high);
  }
  static constexpr Wires everySecond(const Wires& wires, int first) {
    Wires some;
    for (int i = first; i < wires.count; i += 2) some.push(wires.at[i]);
    return some;
  }
};

constexpr Wires wires(int first, int count) {
  Wires some;
  for (int i = 0; i < count; ++i) some.push(first + i);
  return some;
}

template <int length>
struct Sorting {
  static constexpr Network make() {
    Network network;
    return network.pruned(network.sort(wires(0, length)), 0, length);
  }
  static constexpr Network network = make();
};

template <int a, int b, int lowest, int count>
struct Merging {
  static constexpr Network make() {
    Network network;
    return network.pruned(network.merge(wires(0, a), wires(a, b)), lowest, count);
  }
  static constexpr Network network = make();
};

// Runs comparators [first, first + count): by halves, so that templates are not nested deeply.
template <class Of, int first, int count, class Read, class Write>
EC_INLINE void runNetwork(Bytes* wire, const Read& read, const Write& write) {
  if constexpr (count > 1) {
    runNetwork<Of, first, count / 2>(wire, read, write);
    runNetwork<Of, first + count / 2, count - count / 2>(wire, read, write);
  } else {
    constexpr Comparator c = Of::network.at[first];
    const Bytes a = c.readLow ? read(c.low) : wire[c.low];
    const Bytes b = c.readHigh ? read(c.high) : wire[c.high];
    if constexpr (c.wantLow) wire[c.low] = minV<uint8_t>(a, b);
    if constexpr (c.wantHigh) wire[c.high] = maxV<uint8_t>(a, b);
    if constexpr (c.rankLow >= 0) write(c.rankLow, wire[c.low]);
    if constexpr (c.rankHigh >= 0) write(c.rankHigh, wire[c.high]);
  }
}

// Sorts `length` samples that lie `step` apart.
template <int length>
EC_INLINE void sortSamples(const uint8_t* from, int64_t step, Bytes* to) {
  Bytes wire[length];
  runNetwork<Sorting<length>, 0, Sorting<length>::network.count>(
      wire, [=](int i) EC_INLINE_LAMBDA { return load(from + i * step); },
      [=](int rank, Bytes value) EC_INLINE_LAMBDA { to[rank] = value; });
}

// Of two sorted lists `count` ranks from `lowest` on.
template <int a, int b, int lowest, int count>
EC_INLINE void mergeLists(const Bytes* x, const Bytes* y, Bytes* to) {
  typedef Merging<a, b, lowest, count> Of;
  Bytes wire[a + b];
  runNetwork<Of, 0, Of::network.count>(
      wire, [=](int i) EC_INLINE_LAMBDA { return i < a ? x[i] : y[i - a]; },
      [=](int rank, Bytes value) EC_INLINE_LAMBDA { to[rank] = value; });
}

// Of two sorted lists, the first of them one longer, the number in the middle.
template <int shorter>
EC_INLINE Bytes middleOf(const Bytes* longer, const Bytes* other) {
  Bytes least = longer[shorter];
  for (int i = 0; i < shorter; ++i) {
    least = minV<uint8_t>(least, maxV<uint8_t>(longer[shorter - 1 - i], other[i]));
  }
  return least;
}

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA
