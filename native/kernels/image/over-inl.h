// `over` of pixels of four bytes onto opaque ones, the usual case of composite, in vectors.
#pragma once

#include "kernels/image/lanes-inl.h"
#include "kernels/image/pack-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace alpha_ {

// The alpha of each pixel in all bytes' words, of the lower (upper) halves of the blocks.
struct Alphas {
  lanes_::Bytes twice;

  explicit EC_INLINE Alphas(lanes_::Bytes pixels) {
    const V<uint32_t> alpha = (V<uint32_t>)pixels >> 24;
    twice = (lanes_::Bytes)(alpha | alpha << 16);
  }
  EC_INLINE V<uint16_t> low() const { return (V<uint16_t>)lanes_::unpackLow<4>(twice, twice); }
  EC_INLINE V<uint16_t> high() const { return (V<uint16_t>)lanes_::unpackHigh<4>(twice, twice); }
};

// (above · alpha + below · (255 - alpha)) / 255, rounded. Differences wrap, what comes out does
// not.
EC_INLINE V<int16_t> mixWords(V<uint16_t> above, V<uint16_t> below, V<uint16_t> alpha) {
  const V<uint16_t> sum = (above - below) * alpha + (below << 8) - below + uint16_t{128};
  return (V<int16_t>)((sum + (sum >> 8)) >> 8);
}

EC_INLINE lanes_::Bytes mixPixels(lanes_::Bytes above, lanes_::Bytes below) {
  using namespace lanes_;
  const Alphas alphas(above);
  const V<int16_t> low =
      mixWords((V<uint16_t>)widenLow(above), (V<uint16_t>)widenLow(below), alphas.low());
  const V<int16_t> high =
      mixWords((V<uint16_t>)widenHigh(above), (V<uint16_t>)widenHigh(below), alphas.high());
  return (Bytes)((V<uint32_t>)narrowToBytes(low, high) | 0xff000000u);
}

EC_INLINE bool allOpaque(lanes_::Bytes pixels) { return allTrue((V<int32_t>)pixels >> 24 == -1); }

// Mixes whole vectors until one comes that is not all opaque; answers how many pixels it mixed.
// `Past`: results go past the caches; `to` is aligned then.
template <bool Past>
int64_t overOpaque(const uint8_t* below, const uint8_t* above, uint8_t* to, int64_t pixels) {
  int64_t x = 0;
  for (; x + lanes<uint32_t> <= pixels; x += lanes<uint32_t>) {
    const lanes_::Bytes under = load(below + 4 * x);
    if (!allOpaque(under)) break;
    const lanes_::Bytes mixed = mixPixels(load(above + 4 * x), under);
    if (Past) {
      storeStream(to + 4 * x, mixed);
    } else {
      store(to + 4 * x, mixed);
    }
  }
  return x;
}

}  // namespace alpha_
}  // namespace
}  // namespace everycore::EC_ISA
