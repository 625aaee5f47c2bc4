// Every byte replaced by what a table says: what all point kernels of bytes come to. A unit is a
// row.
#pragma once

#include "kernels/image/byte-table-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace lut_ {

template <int Channels>
void ownTables(const uint8_t* tables, const uint8_t* from, uint8_t* to, int64_t samples) {
  for (int64_t i = 0; i < samples; i += Channels) {
    for (int c = 0; c < Channels; ++c) to[i + c] = tables[256 * c + from[i + c]];
  }
}

// Views: image, a table for each channel, result. Params: are the tables of all colours the same
// one? Of pixels of how many samples does the last one, alpha, stay?
void lut(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& result = call.views[2];
  const uint8_t* tables = call.views[1].as<const uint8_t>();
  const bool shared = call.params[0] != 0;
  const OneTable one(tables, static_cast<int64_t>(call.params[1]));
  const int64_t samples = image.shape[1] * image.shape[2];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = image.as<const uint8_t>() + y * image.stride[0];
    uint8_t* to = result.as<uint8_t>() + y * result.stride[0];
    if (shared)
      one.row(from, to, samples);
    else if (image.shape[2] == 2)
      ownTables<2>(tables, from, to, samples);
    else if (image.shape[2] == 3)
      ownTables<3>(tables, from, to, samples);
    else
      ownTables<4>(tables, from, to, samples);
  }
}

}  // namespace lut_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_LUT {"lut", Dtype::u8, {lut_::lut}},
