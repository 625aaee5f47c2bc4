// Medians of 3×3 and 5×5 pixels, a strip of a few rows of results at a time: what these have in
// common is sorted once, in registers. Each row of a window is sorted, then pairs of rows; the rows
// that two results have in common leave few candidates, and the row that each has for itself
// decides.
#pragma once

#include "kernels/image/median-source-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

template <int size>
class Strips {
 public:
  Strips(const Call& call, void*) : arguments_(call), source_(arguments_) {}

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    for (int64_t y = 0; y < tile.height; y += results) strip(tile, y);
  }

 private:
  static constexpr int results = size == 3 ? 4 : 8;  // rows of them
  static constexpr int rows = results + size - 1;

  void strip(const Tile& tile, int64_t y) const {
    const int64_t first = tile.x * arguments_.channels;
    const int64_t samples = tile.width * arguments_.channels;
    const int64_t count = minOf<int64_t>(results, tile.height - y);
    const int64_t stride = arguments_.result.stride[0];
    uint8_t* const to = arguments_.resultRow<uint8_t>(tile, y);
    const uint8_t* from[rows];
    for (int r = 0; r < rows; ++r) from[r] = source_.row(line(tile, y + r), first);
    // What the next strip reads and writes.
    const uint8_t* later[results];
    const uint8_t* laterTo[results];
    for (int r = 0; r < results; ++r) {
      later[r] = source_.row(line(tile, y + rows + r), first);
      laterTo[r] = to + minOf<int64_t>(results + r, tile.height - 1 - y) * stride;
    }
    uint8_t copies[rows][Source<size>::copyBytes];
    const uint8_t* copied[rows];
    uint8_t part[results * lanes<uint8_t>];
    for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
      const bool inside = source_.inside(first + i);
      if (inside) {
        for (int r = 0; r < results; ++r) {
          __builtin_prefetch(later[r] + i + lanes<uint8_t>);
          __builtin_prefetch(laterTo[r] + i + lanes<uint8_t>, 1);
        }
      } else {
        for (int r = 0; r < rows; ++r) {
          copied[r] = source_.copiedRow(copies[r], line(tile, y + r), first + i);
        }
      }
      const int64_t left = samples - i;
      const bool whole = left >= lanes<uint8_t> && count == results;
      medians(inside ? from : copied, inside ? i : 0, whole ? to + i : part,
              whole ? stride : lanes<uint8_t>);
      if (whole) continue;
      for (int r = 0; r < count; ++r) {
        storeUpTo(to + r * stride + i, load(part + r * lanes<uint8_t>), left);
      }
    }
  }

  // The row of the image for row r of the tile's windows. Rows that no window needs are read as the
  // last that one does.
  static int64_t line(const Tile& tile, int64_t r) {
    return tile.y + minOf(r, tile.height - 1 + size - 1) - size / 2;
  }

  EC_INLINE void medians(const uint8_t* const* from, int64_t at, uint8_t* to,
                         int64_t stride) const {
    constexpr int middle = size * size / 2;
    constexpr int candidates = size + 1;
    Bytes row[rows][size];
    const auto sortRow = [&](int r) EC_INLINE_LAMBDA {
      sortSamples<size>(from[r] + at, arguments_.channels, row[r]);
    };
    // Of 5×5, rows 1 and 2, 3 and 4 …
    Bytes pair[results / 2 + 1][2 * size];
    const auto sortPair = [&](int p) EC_INLINE_LAMBDA {
      mergeLists<size, size, 0, 2 * size>(row[2 * p + 1], row[2 * p + 2], pair[p]);
    };
    for (int r = 0; r < size - 1; ++r) sortRow(r);
    if constexpr (size == 5) sortPair(0);
    for (int p = 0; p < results / 2; ++p) {
      const int above = 2 * p;
      const int below = above + size;
      Bytes common[candidates];
      sortRow(below - 1);
      if constexpr (size == 5) {
        sortPair(p + 1);
        mergeLists<2 * size, 2 * size, middle - size, candidates>(pair[p], pair[p + 1], common);
      } else {
        mergeLists<size, size, middle - size, candidates>(row[above + 1], row[above + 2], common);
      }
      store(to + above * stride, middleOf<size>(common, row[above]));
      sortRow(below);
      store(to + (above + 1) * stride, middleOf<size>(common, row[below]));
    }
  }

  const WindowArguments arguments_;
  const Source<size> source_;
};

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA
