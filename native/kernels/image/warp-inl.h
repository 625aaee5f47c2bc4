// affine, perspective, rotate, remap: each pixel of the result is looked up at a place of the image
// that may lie between its pixels. A unit is a row of the result.
#pragma once

#include "kernels/image/warp-lanes-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace warp_ {

// A tile of a result turned by some angle sees a small part of the image, and so finds it in the
// caches.
template <class Row>
EC_INLINE void eachTileRow(const View& result, Range range, const Row& row) {
  constexpr int64_t tileRows = 64;
  for (int64_t top = range.begin; top < range.end; top += tileRows) {
    const int64_t bottom = minOf(top + tileRows, range.end);
    for (int64_t x = 0; x < result.shape[1]; x += chunk) {
      for (int64_t y = top; y < bottom; ++y) row(x, y, minOf(chunk, result.shape[1] - x));
    }
  }
}

template <class Places, int Channels>
void rows(const Call& call, Range range) {
  const View& result = call.views[call.viewCount - 1];
  const Sampler<uint8_t, Channels> sampler(call.views[0], call.params);
  const auto target = [&](int64_t x, int64_t y) {
    return result.as<uint8_t>() + y * result.stride[0] + x * Channels;
  };
  const auto weigh = [&](auto method) {
    using Method = decltype(method);
    Windows<Method::size, Method::before, Channels> windows(sampler);
    eachTileRow(result, range, [&](int64_t x, int64_t y, int64_t count) {
      weighChunk<Method>(sampler, windows, Places(call, y), x, count, target(x, y));
    });
  };
  if (sampler.filter == Filter::bilinear) return weigh(Bilinear{});
  if (sampler.filter == Filter::bicubic) return weigh(Bicubic{});
  eachTileRow(result, range, [&](int64_t x, int64_t y, int64_t count) {
    nearestChunk(sampler, Places(call, y), x, count, target(x, y));
  });
}

// Views: image, result. Params: filter; border and its four values; a matrix of nine numbers that
// leads from places of the result to places of the image. With maps, views: image, columns, rows,
// result; and no matrix.
template <class Places>
void warp(const Call& call, Range range, void*) noexcept {
  switch (call.views[0].shape[2]) {
    case 1:
      return rows<Places, 1>(call, range);
    case 2:
      return rows<Places, 2>(call, range);
    case 3:
      return rows<Places, 3>(call, range);
    default:
      return rows<Places, 4>(call, range);
  }
}

}  // namespace warp_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_WARP                                           \
  {"affine", Dtype::u8, {warp_::warp<warp_::ByMatrixAffine>}},    \
      {"perspective", Dtype::u8, {warp_::warp<warp_::ByMatrix>}}, \
      {"remap", Dtype::u8, {warp_::warp<warp_::ByMaps>}},
