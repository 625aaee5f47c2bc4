// resize by the nearest pixel: copies of whole pixels, whatever they are made of.
#pragma once

#include "kernels/image/resize-arguments-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace resize_ {

template <int PixelBytes>
void copyNearest(uint8_t* to, const uint8_t* from, const int32_t* columns, int64_t count) {
  for (int64_t i = 0; i < count; ++i, to += PixelBytes) {
    memcpy(to, from + int64_t{columns[i]} * PixelBytes, PixelBytes);
  }
}

void copyNearest(uint8_t* to, const uint8_t* from, const int32_t* columns, int64_t count,
                 int64_t pixelBytes) {
  if (columns[count - 1] - columns[0] == count - 1) {  // columns never fall: these are neighbours
    memcpy(to, from + columns[0] * pixelBytes, static_cast<size_t>(count * pixelBytes));
    return;
  }
  switch (pixelBytes) {
#define EC_CASE(bytes) \
  case bytes:          \
    return copyNearest<bytes>(to, from, columns, count);
    EC_CASE(1)
    EC_CASE(2)
    EC_CASE(3)
    EC_CASE(4)
    EC_CASE(6)
    EC_CASE(8)
    EC_CASE(12)
    EC_CASE(16)
#undef EC_CASE
  }
}

// Views: the image; the column of every column of the resized image; its rows likewise; the result.
// Params: left, top, background.
template <class T>
void nearestRows(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& columns = call.views[1];
  const View& rows = call.views[2];
  const int64_t left = static_cast<int64_t>(call.params[0]);
  const int64_t top = static_cast<int64_t>(call.params[1]);
  const int64_t width = columns.shape[2];
  const int64_t pixelBytes = image.shape[2] * static_cast<int64_t>(sizeof(T));
  for (int64_t row = range.begin; row < range.end; ++row) {
    T* to = beginRow<T>(call.views[3], left, width, top, rows.shape[2], call.params + 2, row);
    if (to == nullptr) continue;
    const T* from = image.as<const T>() + rows.as<const int32_t>()[row - top] * image.stride[0];
    copyNearest(reinterpret_cast<uint8_t*>(to), reinterpret_cast<const uint8_t*>(from),
                columns.as<const int32_t>(), width, pixelBytes);
  }
}

}  // namespace resize_
}  // namespace
}  // namespace everycore::EC_ISA
