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

// Asks for the memory of a later row's pixels: along a slanted line, and in rows far apart, a CPU
// does not see by itself what comes next.
template <int Channels, class Places, class Windows>
EC_INLINE void fetchAhead(const Windows& windows, const Places& places, const Places& later,
                          const uint8_t* laterTo, int64_t x, int64_t count) {
  double u, v, laterU, laterV;
  places.place(x, u, v);
  later.place(x, laterU, laterV);
  windows.fetchAhead(floorOf(within(laterU - u)), floorOf(within(laterV - v)), count);
  for (int64_t i = 0; i < count * Channels; i += 64) __builtin_prefetch(laterTo + i, 1, 2);
}

constexpr int64_t rowsAhead = 16;  // of 4 to 20 the more the better, by a few per cent

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
      const Places places(call, y);
      const int64_t later = minOf(y + rowsAhead, range.end - 1);
      weighChunk<Method>(sampler, windows, places, x, count, target(x, y));
      fetchAhead<Channels>(windows, places, Places(call, later), target(x, later), x, count);
    });
  };
  if (sampler.filter == Filter::bilinear) return weigh(Bilinear{});
  if (sampler.filter == Filter::bicubic) return weigh(Bicubic{});
  eachTileRow(result, range, [&](int64_t x, int64_t y, int64_t count) {
    nearestChunk(sampler, Places(call, y), x, count, target(x, y));
  });
}

// Numbers wider than bytes, one pixel at a time.
template <class T, class Places, int Channels>
void wideRows(const Call& call, Range range) {
  const View& result = call.views[call.viewCount - 1];
  const Sampler<T, Channels> sampler(call.views[0], call.params);
  eachTileRow(result, range, [&](int64_t x, int64_t y, int64_t count) {
    const Places places(call, y);
    T* to = result.as<T>() + y * result.stride[0] + x * Channels;
    for (int64_t i = 0; i < count; ++i, to += Channels) {
      double u, v;
      places.place(x + i, u, v);
      sampler.sample(u, v, to);
    }
  });
}

// Views: image, result. Params: filter; border and its four values; a matrix of nine numbers that
// leads from places of the result to places of the image. With maps, views: image, columns, rows,
// result; and no matrix.
template <class T, class Places>
void warp(const Call& call, Range range, void*) noexcept {
  switch (call.views[0].shape[2]) {
#define EC_CASE(channels)                                \
  case channels:                                         \
    if constexpr (sizeof(T) == 1) {                      \
      return rows<Places, channels>(call, range);        \
    } else {                                             \
      return wideRows<T, Places, channels>(call, range); \
    }
    EC_CASE(1)
    EC_CASE(2)
    EC_CASE(3)
    EC_CASE(4)
#undef EC_CASE
  }
}

}  // namespace warp_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_WARPS(dtype, type)                                              \
  {"affine", Dtype::dtype, {warp_::warp<type, warp_::ByMatrixAffine>}},    \
      {"perspective", Dtype::dtype, {warp_::warp<type, warp_::ByMatrix>}}, \
      {"remap", Dtype::dtype, {warp_::warp<type, warp_::ByMaps>}},
#define EC_KERNELS_WARP EC_WARPS(u8, uint8_t) EC_WARPS(u16, uint16_t) EC_WARPS(f32, float)
