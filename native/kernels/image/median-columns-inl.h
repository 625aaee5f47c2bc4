// Medians of 7×7 to 15×15 pixels: down columns as wide as a vector, `tall` results at a time. What
// windows have in common is sorted once: rows of a window, then 2, 4 … neighbouring rows together.
// Of the rows that `tall` results have in common only those numbers are kept that can still be one
// of the medians, then of half as many results, which have more rows in common, and so on. (Sorting
// what windows share, with networks for all pixels alike: Adams, "Fast median filters using
// separable sorting networks", 2021; from larger to smaller tiles: Sugy, "Fast median filtering by
// hierarchical tiling", 2025.)
#pragma once

#include "kernels/image/median-source-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

template <int size>
class Columns {
 public:
  Columns(const Call& call, void* scratch)
      : arguments_(call),
        source_(arguments_),
        blocks_(static_cast<Bytes*>(scratch)),
        lists_(blocks_ + blocks * levels * blockLength) {}

  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    const int64_t samples = tile_.width * arguments_.channels;
    for (at_ = 0; at_ < samples; at_ += lanes<uint8_t>) column();
  }

 private:
  // `columnBytes` in src/image/median-blur.ts counts scratch by the same numbers.
  static constexpr int tall = size == 15 ? 8 : 4;
  static constexpr int levels = size == 15 ? 4 : 3;  // of 1, 2 … `tall` rows
  static constexpr int ahead = (size + 1 + tall - 1) / tall;
  static constexpr int blocks = ahead + 1;
  static constexpr int blockLength = tall * size;  // vectors of a level

  // Rows are counted from the one above the first window, in blocks of `tall`. The rows that the
  // results of a block have in common begin with the next block, and are this many.
  static constexpr int common = size + 1 - tall;
  static_assert((size + 1) % (tall / 2) == 0, "what is merged begins at multiples of its rows");

  // Of so many rows sorted together, the lowest and the highest that can be a median: the others of
  // the window may all lie below, or above.
  static constexpr int middle = size * size / 2;
  static constexpr int lowest(int rows) { return maxOf(middle - (size - rows) * size, 0); }
  static constexpr int candidates(int rows) {
    return minOf(middle, rows * size - 1) - lowest(rows) + 1;
  }

  void column() {
    sample_ = tile_.x * arguments_.channels + at_;
    inside_ = source_.inside(sample_);
    for (int b = 0; b < ahead; ++b) takeBlock(b * tall);
    for (int64_t y = 0; y < tile_.height; y += tall) {
      takeBlock(y + ahead * tall);
      const int64_t first = y + tall;
      constexpr int begun = minOf(tall, common);
      const Bytes* list = commonRows<begun>(sorted<begun>(first), lists_, first);
      refine<tall / 2, common>(list, lists_ + size * size, first, y);
    }
  }

  // `rows` rows from `row` on, as one sorted list.
  template <int rows>
  Bytes* sorted(int64_t row) const {
    constexpr int level = rows == 1 ? 0 : rows == 2 ? 1 : rows == 4 ? 2 : 3;
    return blocks_ + (row / tall % blocks * levels + level) * blockLength + row % tall * size;
  }

  void takeBlock(int64_t row) {
    for (int r = 0; r < tall; ++r) sortRow(row + r);
    mergeBlock<1>(row);
  }

  const uint8_t* pixels(int64_t row) {
    if (!inside_) return source_.copiedRow(copy_, line(row), sample_);
    fetchAhead(row);
    return source_.row(line(row), sample_);
  }

  // Rows that no window needs are read as the nearest that one does.
  int64_t line(int64_t row) const {
    return tile_.y - size / 2 - 1 + minOf(maxOf<int64_t>(row, 1), tile_.height + size - 1);
  }

  // Every row lies on a page of its own, and nothing there is read ahead by the CPU itself. Results
  // too: a line that is still to be fetched holds up all stores after it. (Not inlined, GCC takes
  // it for a function without effect.)
  EC_INLINE void fetchAhead(int64_t row) const {
    const uint8_t* from = source_.row(line(row + 16), sample_);
    __builtin_prefetch(from);
    __builtin_prefetch(from + lanes<uint8_t> + (size - 1) * arguments_.channels - 1);
    const int64_t y = minOf(row - ahead * tall + 8, tile_.height - 1);
    if (y < 0) return;
    const uint8_t* to = arguments_.resultRow<uint8_t>(tile_, y) + at_;
    __builtin_prefetch(to, 1);
    __builtin_prefetch(to + lanes<uint8_t> - 1, 1);
  }

  __attribute__((noinline)) void sortRow(int64_t row) {
    sortSamples<size>(pixels(row), arguments_.channels, sorted<1>(row));
  }

  template <int a, int b, int first, int count>
  static __attribute__((noinline)) void merge(const Bytes* x, const Bytes* y, Bytes* to) {
    mergeLists<a, b, first, count>(x, y, to);
  }

  template <int rows>
  void mergeBlock(int64_t row) {
    if constexpr (rows < tall) {
      constexpr int length = rows * size;
      for (int r = 0; r < tall; r += 2 * rows) {
        merge<length, length, 0, 2 * length>(sorted<rows>(row + r), sorted<rows>(row + r + rows),
                                             sorted<2 * rows>(row + r));
      }
      mergeBlock<2 * rows>(row);
    }
  }

  // The candidates among the rows that all results of a block have in common. `list` are the first
  // `rows` of them.
  template <int rows>
  const Bytes* commonRows(const Bytes* list, Bytes* to, int64_t first) {
    if constexpr (rows == common) {
      return rows == tall ? list + lowest(rows) : list;
    } else {
      constexpr int added = minOf(tall, common - rows);
      constexpr bool all = rows + added == common;
      constexpr int from = all ? lowest(common) : 0;
      constexpr int count = all ? candidates(common) : (rows + added) * size;
      merge<rows * size, added * size, from, count>(list, sorted<added>(first + rows), to);
      return commonRows<rows + added>(to, to + count, first);
    }
  }

  // 2 · `half` medians from row y of the tile on; `list` are the candidates among the `rows` rows
  // from `first` on, which they have in common.
  template <int half, int rows>
  void refine(const Bytes* list, Bytes* to, int64_t first, int64_t y) {
    if constexpr (half == 1) {
      put(y, list, sorted<1>(first - 1));
      put(y + 1, list, sorted<1>(first + rows));
    } else {
      constexpr int more = rows + half;
      constexpr int from = lowest(more) - lowest(rows);
      constexpr int count = candidates(more);
      merge<candidates(rows), half * size, from, count>(list, sorted<half>(first - half), to);
      refine<half / 2, more>(to, to + count, first - half, y);
      merge<candidates(rows), half * size, from, count>(list, sorted<half>(first + rows), to);
      refine<half / 2, more>(to, to + count, first, y + half);
    }
  }

  __attribute__((noinline)) void put(int64_t y, const Bytes* list, const Bytes* row) const {
    if (y >= tile_.height) return;
    const int64_t left = tile_.width * arguments_.channels - at_;
    storeUpTo(arguments_.resultRow<uint8_t>(tile_, y) + at_, middleOf<size>(list, row), left);
  }

  const WindowArguments arguments_;
  const Source<size> source_;
  Bytes* const blocks_;
  Bytes* const lists_;
  Tile tile_{};
  int64_t at_ = 0;
  int64_t sample_ = 0;
  bool inside_ = false;
  uint8_t copy_[Source<size>::copyBytes];
};

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA
