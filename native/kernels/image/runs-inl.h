// Images of which each pixel becomes one by itself, in runs: rows, or all rows at once where no
// gaps part them.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace runs_ {

// Calls `run` with where a run comes from and goes to, and its pixels.
template <class Run>
EC_INLINE void eachRun(const View& from, const View& to, Range rows, Run run) {
  const int64_t width = from.shape[1];
  const bool gapless =
      from.stride[0] == width * from.shape[2] && to.stride[0] == width * to.shape[2];
  const int64_t together = gapless ? rows.end - rows.begin : 1;
  for (int64_t y = rows.begin; y < rows.end; y += together) {
    run(from.as<const uint8_t>() + y * from.stride[0], to.as<uint8_t>() + y * to.stride[0],
        width * together);
  }
}

// Bytes by vectors: `at` answers what a vector of them becomes. Where pixels have alpha, it begins
// with a pixel.
template <class At>
EC_INLINE void eachVector(const View& from, const View& to, Range rows, const At& at) {
  constexpr int64_t step = lanes<uint8_t>;
  const int64_t channels = from.shape[2], grain = channels % 2 == 0 ? channels : 1;
  const bool large = to.shape[0] * to.shape[1] * channels >= streamBytesMin;
  eachRun(from, to, rows, [&](const uint8_t* source, uint8_t* target, int64_t count) {
    const int64_t samples = count * channels;
    int64_t i = 0;
    const auto part = [&](int64_t until) {
      if (i < until) storePart(target + i, at(loadPart(source + i, until - i)), until - i);
      i = maxOf(i, until);
    };
    const int64_t lead = static_cast<int64_t>((0 - reinterpret_cast<uintptr_t>(target)) % step);
    if (large && lead % grain == 0) {
      part(minOf(lead, samples));
      for (; i + step <= samples; i += step) storeStream(target + i, at(load(source + i)));
    }
    for (; i + step <= samples; i += step) store(target + i, at(load(source + i)));
    part(samples);
  });
  if (large) streamFence();
}

}  // namespace runs_
}  // namespace
}  // namespace everycore::EC_ISA
