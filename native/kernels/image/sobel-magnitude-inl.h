// sobelMagnitude: the length of the gradient by the 3×3 windows of Sobel. A unit is a tile.
#pragma once

#include "kernels/image/gradient-inl.h"
#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace sobel_ {

template <class Out>
class Magnitude {
 public:
  Magnitude(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        source_(arguments_, arena_, 1, 1, 3) {}

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    const int64_t samples = tile.width * arguments_.channels;
    for (int64_t i = -1; i < 1; ++i) source_.read(tile, tile.y + i);
    for (int64_t y = 0; y < tile.height; ++y) {
      source_.read(tile, tile.y + y + 1);
      const int16_t* rows[3];
      for (int k = 0; k < 3; ++k) rows[k] = source_.row(tile.y + y - 1 + k);
      Out* to = arguments_.resultRow<Out>(tile, y);
      for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
        V<float> values[4];
        magnitudes(rows, i, values);
        if constexpr (sizeof(Out) == 1) {
          storeUpTo(to + i, roundToBytes(values), samples - i);
        } else {
          for (int k = 0; k < 4; ++k) {
            storeUpTo(to + i + k * lanes<float>, values[k], samples - i - k * lanes<float>);
          }
        }
      }
    }
  }

 private:
  EC_INLINE void magnitudes(const int16_t* const* rows, int64_t at, V<float> (&values)[4]) const {
    constexpr int count = lanes<uint8_t>;
    int16_t x[count], y[count];
    for (int half = 0; half < 2; ++half) {
      V<int16_t> gx, gy;
      gradient(rows, at + half * lanes<int16_t>, arguments_.channels, gx, gy);
      store(x + half * lanes<int16_t>, gx);
      store(y + half * lanes<int16_t>, gy);
    }
    float lengths[count];
    for (int i = 0; i < count; ++i) {
      lengths[i] = __builtin_sqrtf(static_cast<float>(x[i] * x[i] + y[i] * y[i]));
    }
    for (int k = 0; k < 4; ++k) values[k] = load(lengths + k * lanes<float>);
  }

  const WindowArguments arguments_;
  Arena arena_;
  SourceRows<int16_t> source_;
};

void magnitude(const Call& call, Range range, void* scratch) noexcept {
  if (WindowArguments(call).result.dtype == Dtype::u8) {
    return runTiles<Magnitude<uint8_t>>(call, range, scratch);
  }
  runTiles<Magnitude<float>>(call, range, scratch);
}

}  // namespace sobel_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_SOBEL_MAGNITUDE {"sobelMagnitude", Dtype::u8, {sobel_::magnitude}},
