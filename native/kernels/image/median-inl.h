// medianBlur. A unit is a tile. Small windows by networks, larger ones by histograms.
#pragma once

#include "kernels/image/median-columns-inl.h"
#include "kernels/image/median-histogram-inl.h"
#include "kernels/image/median-strips-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

void median(const Call& call, Range range, void* scratch) noexcept {
  switch (WindowArguments(call).integer(0)) {
    case 3:
      return runTiles<Strips<3>>(call, range, scratch);
    case 5:
      return runTiles<Strips<5>>(call, range, scratch);
    case 7:
      return runTiles<Columns<7>>(call, range, scratch);
    case 9:
      return runTiles<Columns<9>>(call, range, scratch);
    case 11:
      return runTiles<Columns<11>>(call, range, scratch);
    case 13:
      return runTiles<Columns<13>>(call, range, scratch);
    case 15:
      return runTiles<Columns<15>>(call, range, scratch);
    default:
      return runTiles<Histograms>(call, range, scratch);
  }
}

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_MEDIAN {"medianBlur", Dtype::u8, {median_::median}},
