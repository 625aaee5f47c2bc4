// Blocks of elements scanned by themselves, several side by side, since an addition waits for the
// one before it: what scan-inl.h is made of.
#pragma once

#include "kernels/exchange.h"
#include "kernels/math/elements.h"
#include "kernels/math/widen.h"

namespace everycore::EC_ISA {
namespace {

// Blocks begin at different lines of the cache: those of a power of two would push each other out.
constexpr int64_t scanBlock = 528;
constexpr int scanGroup = 8;

// What elements of a dtype lie in memory as, and what they are added up in: f64 for floats, else
// 64-bit integers, whose low bits are those of every narrower wrapping sum or product.
template <class T>
struct Scanned {
  using Stored = T;
  using Sum = uint64_t;
  static EC_INLINE Sum read(T x) { return static_cast<uint64_t>(static_cast<int64_t>(x)); }
  static EC_INLINE Sum held(Sum sum) { return sum; }
};
template <>
struct Scanned<double> {
  using Stored = double;
  using Sum = double;
  static EC_INLINE Sum read(double x) { return x; }
  static EC_INLINE Sum held(Sum sum) { return sum; }
};
template <>
struct Scanned<float> {
  using Stored = float;
  using Sum = double;
  static EC_INLINE Sum read(float x) { return static_cast<double>(x); }
  static EC_INLINE Sum held(Sum sum) { return sum; }
};
template <>
struct Scanned<Clamped8> {
  using Stored = uint8_t;
  using Sum = uint64_t;
  static EC_INLINE Sum read(uint8_t x) { return x; }
  static EC_INLINE Sum held(Sum sum) { return sum < 255 ? sum : 255; }
};

struct Additions {
  template <class S>
  static EC_INLINE constexpr S identity() {
    return static_cast<S>(-0.0);
  }
  template <class S>
  static EC_INLINE S join(S a, S b) {
    return a + b;
  }
};
struct Multiplications {
  template <class S>
  static EC_INLINE constexpr S identity() {
    return 1;
  }
  template <class S>
  static EC_INLINE S join(S a, S b) {
    return a * b;
  }
};

// A block is too short for the processor to guess where the reading goes on: line `i` of the blocks
// that come next.
template <bool writes, class Stored>
EC_INLINE void fetchNext(const Stored* from, const Stored* to, int64_t i) {
  for (int b = scanGroup; b < 2 * scanGroup; ++b) {
    __builtin_prefetch(from + b * scanBlock + i, 0, 2);
    if constexpr (writes) __builtin_prefetch(to + b * scanBlock + i, 1, 2);
  }
}

// `count` blocks of `length` elements. With `to` each result is joined to what stands before its
// block and written; without, `totals` are what is left.
template <class T, class F, int count, bool writes>
EC_INLINE void scanSideBySide(const typename Scanned<T>::Stored* from,
                              typename Scanned<T>::Stored* to, typename Scanned<T>::Sum* totals,
                              int64_t length) {
  using S = typename Scanned<T>::Sum;
  S within[count];
  S before[count];
  for (int b = 0; b < count; ++b) {
    within[b] = F::template identity<S>();
    before[b] = totals[b];
  }
  constexpr int64_t line = 64 / sizeof(*from);
  for (int64_t i = 0; i < length; ++i) {
    if (count > 1 && i % line == 0) fetchNext<writes>(from, to, i);
#pragma GCC unroll 8
    for (int b = 0; b < count; ++b) {
      const int64_t at = b * scanBlock + i;
      within[b] = Scanned<T>::held(F::join(within[b], Scanned<T>::read(from[at])));
      if constexpr (writes) {
        to[at] = static_cast<typename Scanned<T>::Stored>(
            Scanned<T>::held(F::join(before[b], within[b])));
      }
    }
  }
  if constexpr (!writes) {
    for (int b = 0; b < count; ++b) totals[b] = within[b];
  }
}

// The same for a group of whole blocks of floats: lane b of a vector is block b, so squares of
// elements are turned, joined column by column, and turned back.
template <class T, class F, bool writes>
EC_INLINE void scanLanes(const T* from, T* to, double* totals) {
  constexpr int side = lanes<double>;
  constexpr int sets = scanGroup / side;
  V<double> within[sets];
  V<double> before[sets];
  for (int s = 0; s < sets; ++s) {
    within[s] = broadcast(F::template identity<double>());
    before[s] = load(totals + s * side);
  }
  constexpr int64_t line = 64 / sizeof(T);
  for (int64_t i = 0; i < scanBlock; i += side) {
    if (i % line == 0) fetchNext<writes>(from, to, i);
    EC_UNROLL
    for (int s = 0; s < sets; ++s) {
      const int64_t at = s * side * scanBlock + i;
      V<double> square[side];
      EC_UNROLL
      for (int b = 0; b < side; ++b) square[b] = loadWide<T, double>(from + at + b * scanBlock);
      exchangeRuns<1>(square);
      EC_UNROLL
      for (int k = 0; k < side; ++k) {
        within[s] = F::join(within[s], square[k]);
        if constexpr (writes) square[k] = F::join(before[s], within[s]);
      }
      if constexpr (writes) {
        exchangeRuns<1>(square);
        EC_UNROLL
        for (int b = 0; b < side; ++b) storeNarrow(to + at + b * scanBlock, square[b]);
      }
    }
  }
  if constexpr (!writes) {
    for (int s = 0; s < sets; ++s) store(totals + s * side, within[s]);
  }
}

// A group of whole blocks.
template <class T, class F, bool writes>
EC_INLINE void scanTogether(const typename Scanned<T>::Stored* from,
                            typename Scanned<T>::Stored* to, typename Scanned<T>::Sum* totals) {
  if constexpr (isFloating<T>) {
    scanLanes<T, F, writes>(from, to, totals);
  } else {
    scanSideBySide<T, F, scanGroup, writes>(from, to, totals, scanBlock);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
