// Histograms: phase 0 counts each stretch of the input by itself, phase 1 adds the counts of all
// stretches up, bin by bin. Counts are exact, so no cutting can change them.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// Views: x (one contiguous axis), the edges of the bins (ascending, one more than bins), counts.
// Parameters: stretches, elements of a stretch. A unit is a stretch.
template <class T>
void countStretches(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  const int64_t size = call.views[0].shape[2];
  const double* const edges = call.views[1].as<const double>();
  const int64_t bins = call.views[2].shape[2];
  const int64_t length = static_cast<int64_t>(call.params[1]);
  const double low = edges[0];
  const double high = edges[bins];
  const double width = high - low;
  const double last = static_cast<double>(bins - 1);
  for (int64_t stretch = range.begin; stretch < range.end; ++stretch) {
    uint32_t* const counts = static_cast<uint32_t*>(call.shared) + stretch * bins;
    memset(counts, 0, static_cast<size_t>(bins) * sizeof(uint32_t));
    const int64_t end = minOf((stretch + 1) * length, size);
    for (int64_t i = stretch * length; i < end; ++i) {
      const double value = static_cast<double>(x[i]);
      if (!(value >= low && value <= high)) continue;
      // Division says where about; the edges, which are rounded, have the last word.
      int64_t bin =
          static_cast<int64_t>(minOf((value - low) / width * static_cast<double>(bins), last));
      while (bin > 0 && value < edges[bin]) --bin;
      while (bin < bins - 1 && value >= edges[bin + 1]) ++bin;
      ++counts[bin];
    }
  }
}

// Views: x, counts. Parameters as above. Whole numbers are their own bins; what is none (somebody
// has written to shared memory meanwhile) is left out. A single stretch is counted where it
// belongs.
template <class T>
void countWhole(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  const int64_t size = call.views[0].shape[2];
  const int64_t bins = call.views[1].shape[2];
  const int64_t length = static_cast<int64_t>(call.params[1]);
  for (int64_t stretch = range.begin; stretch < range.end; ++stretch) {
    uint32_t* const counts = call.params[0] == 1
                                 ? call.views[1].as<uint32_t>()
                                 : static_cast<uint32_t*>(call.shared) + stretch * bins;
    memset(counts, 0, static_cast<size_t>(bins) * sizeof(uint32_t));
    const int64_t end = minOf((stretch + 1) * length, size);
    for (int64_t i = stretch * length; i < end; ++i) {
      // What is negative, beyond or NaN becomes a number that is no bin.
      int64_t bin = bins;
      if constexpr (static_cast<T>(0.5) != T{}) {
        if (x[i] >= 0 && x[i] < static_cast<T>(bins)) bin = static_cast<int64_t>(x[i]);
      } else {
        bin = static_cast<int64_t>(x[i]);
      }
      if (static_cast<uint64_t>(bin) < static_cast<uint64_t>(bins)) ++counts[bin];
    }
  }
}

// A unit is a bin.
void addStretches(const Call& call, Range range, void*) noexcept {
  const uint32_t* const counts = static_cast<const uint32_t*>(call.shared);
  const View& counted = call.views[call.viewCount - 1];
  uint32_t* const out = counted.as<uint32_t>();
  const int64_t bins = counted.shape[2];
  const int64_t stretches = static_cast<int64_t>(call.params[0]);
  for (int64_t bin = range.begin; bin < range.end; ++bin) {
    uint32_t total = 0;
    for (int64_t stretch = 0; stretch < stretches; ++stretch) {
      total += counts[stretch * bins + bin];
    }
    out[bin] = total;
  }
}

#define EC_HISTOGRAM(T, dtype)                                           \
  {"histogramBetween", Dtype::dtype, {countStretches<T>, addStretches}}, \
      {"bincount", Dtype::dtype, {countWhole<T>, addStretches}},

#define EC_KERNELS_HISTOGRAM \
  EC_HISTOGRAM(double, f64)  \
  EC_HISTOGRAM(float, f32)   \
  EC_HISTOGRAM(int8_t, i8)   \
  EC_HISTOGRAM(uint8_t, u8)  \
  EC_HISTOGRAM(uint8_t, u8c) \
  EC_HISTOGRAM(int16_t, i16) \
  EC_HISTOGRAM(uint16_t, u16) EC_HISTOGRAM(int32_t, i32) EC_HISTOGRAM(uint32_t, u32)

}  // namespace
}  // namespace everycore::EC_ISA
