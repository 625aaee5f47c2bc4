// What the gaussianBlur kernels are called with.
#pragma once

#include "kernels/image/border-inl.h"
#include "kernels/image/tile-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace gaussian {

// Views: source, weights along the row, weights down the column, result. Parameters: border, tile
// width and height in pixels, four border values.
struct Arguments {
  const View& source;
  const View& weightsX;
  const View& weightsY;
  const View& result;
  const double* params;

  explicit Arguments(const Call& call)
      : source(call.views[0]),
        weightsX(call.views[1]),
        weightsY(call.views[2]),
        result(call.views[3]),
        params(call.params) {}

  template <class T>
  BorderedImage<T> bordered() const {
    BorderedImage<T> image{source, static_cast<Border>(static_cast<int>(params[0])), {}};
    for (int c = 0; c < 4; ++c) image.value[c] = static_cast<T>(params[3 + c]);
    return image;
  }

  int64_t tileWidth() const { return static_cast<int64_t>(params[1]); }
  Tile tile(int64_t unit) const {
    return tileAt(result, tileWidth(), static_cast<int64_t>(params[2]), unit);
  }
};

}  // namespace gaussian
}  // namespace
}  // namespace everycore::EC_ISA
