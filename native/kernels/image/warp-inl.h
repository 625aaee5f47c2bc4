// affine, perspective, rotate, remap: each pixel of the result is looked up at a place of the image
// that may lie between its pixels. A unit is a row of the result.
#pragma once

#include "kernels/image/warp-lanes-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace warp_ {

// Pixels [x, x + count) of a row of the result.
struct Part {
  int64_t x, y, count;
};

// A tile of a result turned by some angle sees a small part of the image, and so finds it in the
// caches. `row` is told too which part follows some parts later.
template <class Row>
EC_INLINE void eachTileRow(const View& result, Range range, const Row& row) {
  constexpr int64_t tileRows = 64, partsAhead = 16;
  const int64_t width = result.shape[1];
  const auto part = [&](int64_t x, int64_t y) { return Part{x, y, minOf(chunk, width - x)}; };
  for (int64_t top = range.begin; top < range.end; top += tileRows) {
    const int64_t bottom = minOf(top + tileRows, range.end);
    for (int64_t x = 0; x < width; x += chunk) {
      for (int64_t y = top; y < bottom; ++y) {
        const bool below = y + partsAhead < bottom || x + chunk >= width;
        const int64_t laterY =
            minOf(below ? y + partsAhead : y + partsAhead - (bottom - top), bottom - 1);
        row(part(x, y), part(below ? x : x + chunk, maxOf(laterY, top)));
      }
    }
  }
}

// Asks for the memory of a later part: along a slanted line, and in rows far apart, a CPU does not
// see by itself what comes next.
template <int Channels, class Places, class Windows>
EC_INLINE void fetchAhead(const Windows& windows, const Places& places, int64_t x,
                          const Places& laterPlaces, const Part& later, const uint8_t* laterTo) {
  double u, v, laterU, laterV;
  places.place(x, u, v);
  laterPlaces.place(later.x, laterU, laterV);
  windows.fetchAhead(floorOf(within(laterU - u)), floorOf(within(laterV - v)), later.count);
  for (int64_t i = 0; i < later.count * Channels; i += 64) __builtin_prefetch(laterTo + i, 1, 2);
}

template <class Places, int Channels>
void rows(const Call& call, Range range) {
  const View& result = call.views[call.viewCount - 1];
  const Sampler<uint8_t, Channels> sampler(call.views[0], call.params);
  const auto target = [&](const Part& part) {
    return result.as<uint8_t>() + part.y * result.stride[0] + part.x * Channels;
  };
  const auto weigh = [&](auto method) {
    using Method = decltype(method);
    Windows<Method::size, Method::before, Channels> windows(sampler);
    eachTileRow(result, range, [&](const Part& now, const Part& later) {
      const Places places(call, now.y);
      weighChunk<Method>(sampler, windows, places, now.x, now.count, target(now));
      fetchAhead<Channels>(windows, places, now.x, Places(call, later.y), later, target(later));
    });
  };
  if (sampler.filter == Filter::bilinear) return weigh(Bilinear{});
  if (sampler.filter == Filter::bicubic) return weigh(Bicubic{});
  eachTileRow(result, range, [&](const Part& now, const Part&) {
    nearestChunk(sampler, Places(call, now.y), now.x, now.count, target(now));
  });
}

// Numbers wider than bytes, one pixel at a time.
template <class T, class Places, int Channels>
void wideRows(const Call& call, Range range) {
  const View& result = call.views[call.viewCount - 1];
  const Sampler<T, Channels> sampler(call.views[0], call.params);
  eachTileRow(result, range, [&](const Part& now, const Part&) {
    const Places places(call, now.y);
    T* to = result.as<T>() + now.y * result.stride[0] + now.x * Channels;
    for (int64_t i = 0; i < now.count; ++i, to += Channels) {
      double u, v;
      places.place(now.x + i, u, v);
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
