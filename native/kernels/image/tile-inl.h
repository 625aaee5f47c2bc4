// Tiles: windowed kernels cut an image into rectangles small enough for their working rows to stay
// in the cache and for a range to be short. What a window needs around its tile is computed again
// by each tile, so bytes do not depend on how tiles are dealt out.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

struct Tile {
  int64_t x, y, width, height;  // in pixels
};

// Tiles are counted row by row.
inline Tile tileAt(const View& image, int64_t tileWidth, int64_t tileHeight, int64_t unit) {
  const int64_t height = image.shape[0];
  const int64_t width = image.shape[1];
  const int64_t across = (width + tileWidth - 1) / tileWidth;
  const int64_t x = unit % across * tileWidth;
  const int64_t y = unit / across * tileHeight;
  return {x, y, minOf(tileWidth, width - x), minOf(tileHeight, height - y)};
}

constexpr int64_t roundUp(int64_t count, int64_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

// Samples that rows of tiles are padded to, on every CPU level, so that scratch is of one size and
// whole vectors may be computed beyond a tile's edge (but never stored there).
constexpr int64_t sampleGrain = 64;

// Hands out pieces of scratch, each rounded up to 64 bytes, as `scratchBytes` in src/image/tile.ts
// counts them.
struct Arena {
  char* next;

  template <class T>
  T* take(int64_t count) {
    T* piece = reinterpret_cast<T*>(next);
    next += roundUp(count * static_cast<int64_t>(sizeof(T)), 64);
    return piece;
  }
};

}  // namespace
}  // namespace everycore::EC_ISA
