// Every byte or word replaced by what a table says: what all point kernels of bytes come to. A unit
// is a row.
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
  if (call.params[0] != 0) {
    return OneTable(tables, static_cast<int64_t>(call.params[1])).rows(image, result, range);
  }
  const int64_t samples = image.shape[1] * image.shape[2];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = image.as<const uint8_t>() + y * image.stride[0];
    uint8_t* to = result.as<uint8_t>() + y * result.stride[0];
    if (image.shape[2] == 2)
      ownTables<2>(tables, from, to, samples);
    else if (image.shape[2] == 3)
      ownTables<3>(tables, from, to, samples);
    else
      ownTables<4>(tables, from, to, samples);
  }
}

// Words, by tables of 65536. `Alpha`: the last sample of a pixel stays.
template <int Channels, bool Alpha>
void wordRow(const uint16_t* tables, int64_t tableStep, const uint16_t* from, uint16_t* to,
             int64_t samples) {
  for (int64_t i = 0; i < samples; i += Channels) {
    uint16_t pixel[Channels];
    for (int c = 0; c < Channels; ++c) {
      const uint16_t x = from[i + c];
      pixel[c] = Alpha && c == Channels - 1 ? x : tables[c * tableStep + x];
    }
    memcpy(to + i, pixel, sizeof(pixel));
  }
}

// Views: image, one table or one for each colour, result.
void lutWords(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const View& result = call.views[2];
  const uint16_t* tables = call.views[1].as<const uint16_t>();
  const int64_t tableStep = call.views[1].shape[2] > 65536 ? 65536 : 0;
  const int64_t samples = image.shape[1] * image.shape[2];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint16_t* from = image.as<const uint16_t>() + y * image.stride[0];
    uint16_t* to = result.as<uint16_t>() + y * result.stride[0];
    switch (image.shape[2]) {
      case 1:
        wordRow<1, false>(tables, tableStep, from, to, samples);
        break;
      case 2:
        wordRow<2, true>(tables, tableStep, from, to, samples);
        break;
      case 3:
        wordRow<3, false>(tables, tableStep, from, to, samples);
        break;
      default:
        wordRow<4, true>(tables, tableStep, from, to, samples);
    }
  }
}

}  // namespace lut_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_LUT {"lut", Dtype::u8, {lut_::lut}}, {"lut", Dtype::u16, {lut_::lutWords}},
