// The family of scans. Blocks of fixed length: phase 0 leaves the total of each, phase 1 what
// stands before each, phase 2 scans each again and writes. An addition waits for the one before it,
// so eight blocks run side by side. src/kernels/scan.ts has the same blocks and joins, so the same
// bits.
#pragma once

#include "kernels/math/elements.h"
#include "kernels/simd.h"

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

// `count` blocks of `length` elements side by side. With `to` each result is joined to `totals` and
// written; without, totals are what is left.
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
    // Each block is too short for the processor to guess where the reading goes on.
    if (count > 1 && i % line == 0) {
      for (int b = count; b < 2 * count; ++b) {
        __builtin_prefetch(from + b * scanBlock + i, 0, 2);
        if constexpr (writes) __builtin_prefetch(to + b * scanBlock + i, 1, 2);
      }
    }
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

// Views: x, out (one contiguous axis each). A unit is a block.
template <class T, class F, bool writes>
void scanRange(const Call& call, Range range, void*) noexcept {
  using Stored = typename Scanned<T>::Stored;
  const int64_t size = call.views[0].shape[2];
  const Stored* const from = call.views[0].as<const Stored>();
  Stored* const to = call.views[1].as<Stored>();
  auto* const totals = static_cast<typename Scanned<T>::Sum*>(call.shared);
  int64_t block = range.begin;
  for (; block + scanGroup <= range.end && (block + scanGroup) * scanBlock <= size;
       block += scanGroup) {
    const int64_t at = block * scanBlock;
    scanSideBySide<T, F, scanGroup, writes>(from + at, to + at, totals + block, scanBlock);
  }
  for (; block < range.end; ++block) {
    const int64_t at = block * scanBlock;
    scanSideBySide<T, F, 1, writes>(from + at, to + at, totals + block,
                                    minOf(scanBlock, size - at));
  }
}

template <class T, class F>
void scanTotals(const Call& call, Range, void*) noexcept {
  using S = typename Scanned<T>::Sum;
  const int64_t blocks = (call.views[0].shape[2] + scanBlock - 1) / scanBlock;
  S* const totals = static_cast<S*>(call.shared);
  S before = F::template identity<S>();
  for (int64_t block = 0; block < blocks; ++block) {
    const S total = totals[block];
    totals[block] = before;
    before = Scanned<T>::held(F::join(before, total));
  }
}

// Views: x, out (one shorter). A unit is an element of out.
template <class T>
void differences(const Call& call, Range range, void*) noexcept {
  using Stored = typename Scanned<T>::Stored;
  const Stored* const EC_RESTRICT x = call.views[0].as<const Stored>();
  Stored* const EC_RESTRICT out = call.views[1].as<Stored>();
  for (int64_t i = range.begin; i < range.end; ++i) {
    if constexpr (__is_same(T, Clamped8)) {
      out[i] = static_cast<Stored>(x[i + 1] > x[i] ? x[i + 1] - x[i] : 0);
    } else if constexpr (__is_same(Stored, float) || __is_same(Stored, double)) {
      out[i] = x[i + 1] - x[i];
    } else {
      out[i] = static_cast<Stored>(static_cast<uint64_t>(x[i + 1]) - static_cast<uint64_t>(x[i]));
    }
  }
}

#define EC_SCAN(name, T, dtype, F) \
  {name, Dtype::dtype, {scanRange<T, F, false>, scanTotals<T, F>, scanRange<T, F, true>}},

#define EC_SCANS(T, dtype)               \
  EC_SCAN("cumsum", T, dtype, Additions) \
  EC_SCAN("cumprod", T, dtype, Multiplications){"diff", Dtype::dtype, {differences<T>}},

// clang-format off
#define EC_KERNELS_SCAN                                                                         \
  EC_SCANS(double, f64)                                                                         \
  EC_SCANS(float, f32)                                                                          \
  EC_SCANS(int8_t, i8)                                                                          \
  EC_SCANS(uint8_t, u8)                                                                         \
  EC_SCANS(Clamped8, u8c) EC_SCANS(int16_t, i16) EC_SCANS(uint16_t, u16) EC_SCANS(int32_t, i32) \
      EC_SCANS(uint32_t, u32) EC_SCANS(int64_t, i64) EC_SCANS(uint64_t, u64)
// clang-format on

}  // namespace
}  // namespace everycore::EC_ISA
