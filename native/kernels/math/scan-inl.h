// The family of scans, in one pass over memory where the result has a place of its own. A tile of
// blocks is read into the cache for the totals of its blocks; what stands before it is made of the
// totals of the tiles since the last one for which that is known, by looking back at them; then the
// blocks are scanned again, from the cache, and written (Merrill and Garland, "Single-pass parallel
// prefix scan with decoupled look-back", 2016). Blocks are joined one after the other: whoever
// looks back, and from where, makes the same bits as src/kernels/scan.ts.
#pragma once

#include "kernels/math/scan-blocks-inl.h"
#include "kernels/math/stream-inl.h"

namespace everycore::EC_ISA {
namespace {

// Blocks of a tile: of the widest elements half of a usual second-level cache.
constexpr int64_t scanTile = 32;

// Totals of `count` blocks from element `at` on; the last one may be short.
template <class T, class F>
inline void scanTotals(const typename Scanned<T>::Stored* from, int64_t size, int64_t block,
                       int64_t end, typename Scanned<T>::Sum* totals) {
  int64_t at = block * scanBlock;
  for (; block + scanGroup <= end && (block + scanGroup) * scanBlock <= size; block += scanGroup) {
    scanTogether<T, F, false>(from + at, nullptr, totals);
    at += scanGroup * scanBlock;
    totals += scanGroup;
  }
  for (; block < end; ++block) {
    scanSideBySide<T, F, 1, false>(from + at, nullptr, totals++, minOf(scanBlock, size - at));
    at += scanBlock;
  }
}

// Scans blocks, joins to each what stands `before` it, and writes; by way of `passing`, where that
// is given, past the caches.
template <class T, class F>
inline void scanBlocks(const typename Scanned<T>::Stored* from, typename Scanned<T>::Stored* to,
                       int64_t size, int64_t block, int64_t end, typename Scanned<T>::Sum* before,
                       void* passing) {
  using Stored = typename Scanned<T>::Stored;
  constexpr int64_t together = scanGroup * scanBlock;
  int64_t at = block * scanBlock;
  for (; block + scanGroup <= end && at + together <= size; block += scanGroup) {
    if (passing != nullptr) {
      scanTogether<T, F, true>(from + at, static_cast<Stored*>(passing), before);
      streamOut(static_cast<char*>(passing), reinterpret_cast<char*>(to + at),
                together * static_cast<int64_t>(sizeof(Stored)), Ahead{});
    } else {
      scanTogether<T, F, true>(from + at, to + at, before);
    }
    at += together;
    before += scanGroup;
  }
  for (; block < end; ++block) {
    scanSideBySide<T, F, 1, true>(from + at, to + at, before++, minOf(scanBlock, size - at));
    at += scanBlock;
  }
}

template <class T, class F>
EC_INLINE typename Scanned<T>::Sum joinTotals(typename Scanned<T>::Sum before,
                                              const typename Scanned<T>::Sum* totals,
                                              int64_t count) {
  for (int64_t b = 0; b < count; ++b) before = Scanned<T>::held(F::join(before, totals[b]));
  return before;
}

// How much of a tile is known to all threads.
enum TileKnown : uint32_t { nothing, itsTotals, allBeforeIt };

// Views: x, out, which lies apart. `call.shared` is laid out as src/kernels/scan.ts says.
template <class T, class F>
struct OnePass {
  using Stored = typename Scanned<T>::Stored;
  using S = typename Scanned<T>::Sum;

  const Stored* from;
  Stored* to;
  int64_t size;
  int64_t blocks;
  int64_t tiles;
  int64_t* next;    // the tile that nobody has begun
  S* after;         // what stands behind each tile
  S* totals;        // of each block
  uint32_t* known;  // of each tile

  explicit OnePass(const Call& call)
      : from(call.views[0].as<const Stored>()),
        to(call.views[1].as<Stored>()),
        size(call.views[0].shape[2]),
        blocks((size + scanBlock - 1) / scanBlock),
        tiles((blocks + scanTile - 1) / scanTile),
        next(static_cast<int64_t*>(call.shared)),
        after(reinterpret_cast<S*>(next + 1)),
        totals(after + tiles),
        known(reinterpret_cast<uint32_t*>(totals + blocks)) {}

  int64_t end(int64_t tile) const { return minOf((tile + 1) * scanTile, blocks); }

  // Another thread is about to know the totals; should it have been put to sleep, nobody waits.
  bool totalsCome(int64_t tile) const {
    constexpr int looks = 2000;  // some tens of microseconds
    for (int i = 0; i < looks; ++i) {
      if (__atomic_load_n(known + tile, __ATOMIC_ACQUIRE) != nothing) return true;
#if defined(__x86_64__)
      _mm_pause();
#endif
    }
    return false;
  }

  S lookBack(int64_t tile) const {
    int64_t first = tile;
    while (first > 0 && __atomic_load_n(known + first - 1, __ATOMIC_ACQUIRE) != allBeforeIt)
      --first;
    S before = first > 0 ? after[first - 1] : F::template identity<S>();
    for (; first < tile; ++first) {
      S own[scanTile];
      const bool come = totalsCome(first);
      if (!come) scanTotals<T, F>(from, size, first * scanTile, end(first), own);
      before = joinTotals<T, F>(before, come ? totals + first * scanTile : own, scanTile);
    }
    return before;
  }

  void scan(int64_t tile, void* passing) const {
    const int64_t begin = tile * scanTile;
    const int64_t count = end(tile) - begin;
    S* const total = totals + begin;
    scanTotals<T, F>(from, size, begin, begin + count, total);
    __atomic_store_n(known + tile, itsTotals, __ATOMIC_RELEASE);
    S before[scanTile];
    before[0] = lookBack(tile);
    after[tile] = joinTotals<T, F>(before[0], total, count);
    __atomic_store_n(known + tile, allBeforeIt, __ATOMIC_RELEASE);
    for (int64_t b = 1; b < count; ++b) {
      before[b] = joinTotals<T, F>(before[b - 1], total + b - 1, 1);
    }
    scanBlocks<T, F>(from, to, size, begin, begin + count, before, passing);
  }
};

// One unit.
template <class T, class F>
void scanPrepare(const Call& call, Range, void*) noexcept {
  const OnePass<T, F> pass(call);
  *pass.next = 0;
  for (int64_t tile = 0; tile < pass.tiles; ++tile) pass.known[tile] = nothing;
}

// A unit is a tile: the one whose turn it is, so that those before it are done or being done.
// `scratch` has room for a group of blocks.
template <class T, class F>
void scanTiles(const Call& call, Range range, void* scratch) noexcept {
  const OnePass<T, F> pass(call);
  const bool streams = pass.size * static_cast<int64_t>(sizeof(*pass.to)) >= streamBytesMin;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    pass.scan(__atomic_fetch_add(pass.next, int64_t{1}, __ATOMIC_RELAXED),
              streams ? scratch : nullptr);
  }
  if (streams) streamFence();
}

// In place, where a tile that is written cannot be read again: three phases. A unit is a block.
template <class T, class F>
void scanPlaceTotals(const Call& call, Range range, void*) noexcept {
  using Scan = Scanned<T>;
  scanTotals<T, F>(call.views[0].as<const typename Scan::Stored>(), call.views[0].shape[2],
                   range.begin, range.end,
                   static_cast<typename Scan::Sum*>(call.shared) + range.begin);
}
template <class T, class F>
void scanPlaceJoin(const Call& call, Range, void*) noexcept {
  using S = typename Scanned<T>::Sum;
  const int64_t blocks = (call.views[0].shape[2] + scanBlock - 1) / scanBlock;
  S* const totals = static_cast<S*>(call.shared);
  S before = F::template identity<S>();
  for (int64_t block = 0; block < blocks; ++block) {
    const S total = totals[block];
    totals[block] = before;
    before = joinTotals<T, F>(before, &total, 1);
  }
}
template <class T, class F>
void scanPlace(const Call& call, Range range, void*) noexcept {
  using Scan = Scanned<T>;
  scanBlocks<T, F>(call.views[0].as<const typename Scan::Stored>(),
                   call.views[1].as<typename Scan::Stored>(), call.views[0].shape[2], range.begin,
                   range.end, static_cast<typename Scan::Sum*>(call.shared) + range.begin, nullptr);
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

#define EC_SCAN(name, T, dtype, F)                            \
  {name, Dtype::dtype, {scanPrepare<T, F>, scanTiles<T, F>}}, \
      {name " in place",                                      \
       Dtype::dtype,                                          \
       {scanPlaceTotals<T, F>, scanPlaceJoin<T, F>, scanPlace<T, F>}},

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
