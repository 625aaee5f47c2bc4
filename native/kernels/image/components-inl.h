// connectedComponents. Phase 0: a unit is a band of rows, whose pixels are joined to trees; phase 1
// (one unit) joins the bands; phase 2 (one unit) numbers the trees.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace components_ {

// Views: image, labels. Parameters: connectivity, rows of a band. A label is first the number of a
// pixel before in the component, from 1 up; a root's is its own.
struct Forest {
  const View& source;
  int32_t* labels;
  int64_t width, height, corner, bandRows;

  explicit Forest(const Call& call)
      : source(call.views[0]),
        labels(call.views[1].as<int32_t>()),
        width(source.shape[1]),
        height(source.shape[0]),
        corner(call.params[0] == 8 ? 1 : 0),
        bandRows(static_cast<int64_t>(call.params[1])) {}

  int32_t rootOf(int32_t label) const {
    while (labels[label - 1] != label) {
      labels[label - 1] = labels[labels[label - 1] - 1];
      label = labels[label - 1];
    }
    return label;
  }
  void join(int64_t a, int64_t b) const {
    if (labels[a] == 0) return;
    const int32_t first = rootOf(static_cast<int32_t>(a + 1));
    const int32_t second = rootOf(static_cast<int32_t>(b + 1));
    labels[maxOf(first, second) - 1] = minOf(first, second);
  }
  void joinAbove(int64_t at, int64_t x) const {
    // The one above touches those beside it.
    if (labels[at - width] != 0) return join(at - width, at);
    if (corner == 0) return;
    if (x > 0) join(at - width - 1, at);
    if (x + 1 < width) join(at - width + 1, at);
  }
};

void joinPixels(const Call& call, Range range, void*) noexcept {
  const Forest forest(call);
  for (int64_t band = range.begin; band < range.end; ++band) {
    const int64_t top = band * forest.bandRows;
    for (int64_t y = top; y < minOf(top + forest.bandRows, forest.height); ++y) {
      const uint8_t* row = forest.source.as<const uint8_t>() + y * forest.source.stride[0];
      for (int64_t x = 0; x < forest.width; ++x) {
        const int64_t at = y * forest.width + x;
        const bool inside = row[x] != 0;
        const bool before = inside && x > 0 && row[x - 1] != 0;
        forest.labels[at] = !inside  ? 0
                            : before ? forest.labels[at - 1]
                                     : static_cast<int32_t>(at + 1);
        if (inside && y > top) forest.joinAbove(at, x);
      }
    }
  }
}

void joinBands(const Call& call, Range, void*) noexcept {
  const Forest forest(call);
  for (int64_t y = forest.bandRows; y < forest.height; y += forest.bandRows) {
    for (int64_t x = 0; x < forest.width; ++x) {
      const int64_t at = y * forest.width + x;
      if (forest.labels[at] != 0) forest.joinAbove(at, x);
    }
  }
}

// What a label points to stands before it and has its final number already.
void number(const Call& call, Range, void*) noexcept {
  const Forest forest(call);
  int32_t count = 0;
  for (int64_t i = 0; i < forest.width * forest.height; ++i) {
    const int32_t label = forest.labels[i];
    if (label > 0) forest.labels[i] = label == i + 1 ? ++count : forest.labels[label - 1];
  }
}

}  // namespace components_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_COMPONENTS \
  {"connectedComponents",     \
   Dtype::u8,                 \
   {components_::joinPixels, components_::joinBands, components_::number}},
