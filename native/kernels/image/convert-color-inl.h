// convertColor: colours in the numbers of another space. A unit is a row, cut into chunks whose
// channels lie apart.
#pragma once

#include "kernels/image/byte-table-inl.h"
#include "kernels/image/convert-color-fast-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convert_ {

void convertChunk(const ByteMath& math, Space from, Space to, const Planes<uint8_t>& source,
                  Planes<uint8_t>& target, int64_t count) {
  Doubts doubts;
  if (fast(math, from, to, source, target, count, doubts)) {
    settle(math, from, to, source, target, count, doubts);
  } else {
    exact(math, from, to, source, target, count);
  }
}

void convertChunk(const FloatMath& math, Space from, Space to, const Planes<float>& source,
                  Planes<float>& target, int64_t count) {
  exact(math, from, to, source, target, count);
}

// Views: image, tables (of bytes), result. Params: from which space, to which.
template <class T, class Math>
void rows(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& result = call.views[call.viewCount - 1];
  const Math math(call.views + 1);
  const Space from = static_cast<Space>(static_cast<int>(call.params[0]));
  const Space to = static_cast<Space>(static_cast<int>(call.params[1]));
  const int64_t channels = image.shape[2], resultChannels = result.shape[2];
  Planes<T> source{}, target;
  for (int64_t y = range.begin; y < range.end; ++y) {
    const T* row = image.as<const T>() + y * image.stride[0];
    T* to_ = result.as<T>() + y * result.stride[0];
    for (int64_t x = 0; x < image.shape[1]; x += planes_::chunk) {
      const int64_t count = minOf(planes_::chunk, image.shape[1] - x);
      planes_::split(row + x * channels, channels, source, count);
      convertChunk(math, from, to, source, target, count);
      if (channels % 2 == 0) memcpy(target.at[3], source.at[3], sizeof(target.at[3]));
      planes_::join(target, to_ + x * resultChannels, resultChannels, count);
    }
  }
}

// Light and back: each byte alone says what becomes of it.
bool bytewise(Space from, Space to) {
  return (from == Space::rgb && to == Space::linear) || (from == Space::linear && to == Space::rgb);
}

void byteRows(const Call& call, Range range, void* scratch) noexcept {
  const Space from = static_cast<Space>(static_cast<int>(call.params[0]));
  const Space to = static_cast<Space>(static_cast<int>(call.params[1]));
  if (!bytewise(from, to)) return rows<uint8_t, ByteMath>(call, range, scratch);
  Planes<uint8_t> all;
  static_assert(planes_::chunk == 256);
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < 256; ++i) all.at[c][i] = static_cast<uint8_t>(i);
  }
  exact(ByteMath(call.views + 1), from, to, all, all, 256);
  const View& image = call.views[0];
  const lut_::OneTable table(all.at[0], image.shape[2] == 4 ? 4 : 0);
  table.rows(image, call.views[call.viewCount - 1], range);
}

}  // namespace convert_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CONVERT_COLOR                     \
  {"convertColor", Dtype::u8, {convert_::byteRows}}, \
      {"convertColor", Dtype::f32, {convert_::rows<float, convert_::FloatMath>}},
