// Medians of 3×3 and 5×5 pixels, a few rows of results at a time: what these have in common is
// sorted once, and stays in registers. Each row of a window is sorted, then pairs of rows; the rows
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
  static constexpr int results = size == 3 ? 2 : 4;
  static constexpr int rows = results + size - 1;
  static constexpr int pairs = rows / 2 - 1;

  void strip(const Tile& tile, int64_t y) const {
    const int64_t channels = arguments_.channels;
    const int64_t first = tile.x * channels;
    const int64_t samples = tile.width * channels;
    const int64_t last = tile.height - 1 - y;  // row of the tile
    const uint8_t* from[rows];
    for (int r = 0; r < rows; ++r) from[r] = source_.row(line(tile, y, r), first);
    uint8_t* const to = arguments_.resultRow<uint8_t>(tile, y);
    for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
      const auto put = [&](int r, Bytes value) EC_INLINE_LAMBDA {
        if (r <= last) storeUpTo(to + r * arguments_.result.stride[0] + i, value, samples - i);
      };
      if (source_.inside(first + i)) {
        medians(from, i, put);
      } else {
        alignas(64) uint8_t copies[rows][Source<size>::copyBytes];
        const uint8_t* copied[rows];
        for (int r = 0; r < rows; ++r) {
          copied[r] = source_.copiedRow(copies[r], line(tile, y, r), first + i);
        }
        medians(copied, 0, put);
      }
    }
  }

  // Rows beyond what the tile's windows reach are looked at for no result.
  static int64_t line(const Tile& tile, int64_t y, int r) {
    return tile.y + minOf(y + r, tile.height - 1 + size - 1) - size / 2;
  }

  template <class Put>
  EC_INLINE void medians(const uint8_t* const* from, int64_t at, const Put& put) const {
    constexpr int middle = size * size / 2;
    constexpr int candidates = size + 1;
    Bytes row[rows][size];
    for (int r = 0; r < rows; ++r) sortSamples<size>(from[r] + at, arguments_.channels, row[r]);
    if constexpr (size == 3) {
      Bytes common[candidates];
      mergeLists<size, size, middle - size, candidates>(row[1], row[2], common);
      put(0, middleOf<size>(common, row[0]));
      put(1, middleOf<size>(common, row[3]));
    } else {
      Bytes pair[pairs][2 * size];
      for (int p = 0; p < pairs; ++p) {
        mergeLists<size, size, 0, 2 * size>(row[2 * p + 1], row[2 * p + 2], pair[p]);
      }
      for (int p = 0; p + 1 < pairs; ++p) {
        Bytes common[candidates];
        mergeLists<2 * size, 2 * size, middle - size, candidates>(pair[p], pair[p + 1], common);
        put(2 * p, middleOf<size>(common, row[2 * p]));
        put(2 * p + 1, middleOf<size>(common, row[2 * p + 5]));
      }
    }
  }

  const WindowArguments arguments_;
  const Source<size> source_;
};

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA
