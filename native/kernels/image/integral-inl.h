// integral: sums of all pixels above and left. Phase 0: a unit is a band of rows, whose columns are
// summed; phase 1 (one unit) adds the bands up; phase 2 writes each band below what stands above
// it.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace integral_ {

// Views: image, result of one more row and column. Parameters: rows of a band, bands.
template <class T>
struct Arguments {
  const View& source;
  const View& result;
  int64_t bandRows, bands, height, channels, samples;
  T* sums;  // [band][sample]

  explicit Arguments(const Call& call)
      : source(call.views[0]),
        result(call.views[1]),
        bandRows(static_cast<int64_t>(call.params[0])),
        bands(static_cast<int64_t>(call.params[1])),
        height(source.shape[0]),
        channels(source.shape[2]),
        samples(source.shape[1] * channels),
        sums(static_cast<T*>(call.shared)) {}

  const uint8_t* row(int64_t y) const { return source.as<const uint8_t>() + y * source.stride[0]; }
};

template <class T>
void sumBands(const Call& call, Range range, void*) noexcept {
  const Arguments<T> a(call);
  for (int64_t band = range.begin; band < range.end; ++band) {
    T* sums = a.sums + band * a.samples;
    memset(sums, 0, static_cast<size_t>(a.samples) * sizeof(T));
    for (int64_t y = band * a.bandRows; y < minOf((band + 1) * a.bandRows, a.height); ++y) {
      const uint8_t* row = a.row(y);
      for (int64_t i = 0; i < a.samples; ++i) sums[i] += static_cast<T>(row[i]);
    }
  }
}

// Of each band the integral of all rows above it, in place of its sums.
template <class T>
void addBands(const Call& call, Range, void*) noexcept {
  const Arguments<T> a(call);
  for (int64_t c = 0; c < a.channels; ++c) {
    for (int64_t i = c; i < a.samples; i += a.channels) {
      T above = 0;
      for (int64_t band = 0; band < a.bands; ++band) {
        const T sum = a.sums[band * a.samples + i];
        a.sums[band * a.samples + i] = above;
        above += sum;
      }
    }
  }
  for (int64_t band = 0; band < a.bands; ++band) {
    T* sums = a.sums + band * a.samples;
    for (int64_t i = a.channels; i < a.samples; ++i) sums[i] += sums[i - a.channels];
  }
}

template <class T, int channels>
void writeRow(const uint8_t* from, const T* above, T* to, int64_t samples) {
  T sums[channels] = {};
  for (int64_t i = 0; i < samples; i += channels) {
    for (int c = 0; c < channels; ++c) {
      sums[c] += static_cast<T>(from[i + c]);
      to[i + c] = above[i + c] + sums[c];
    }
  }
}

template <class T>
void write(const Call& call, Range range, void*) noexcept {
  const Arguments<T> a(call);
  const int64_t stride = a.samples + a.channels;
  T* result = a.result.template as<T>();
  for (int64_t band = range.begin; band < range.end; ++band) {
    const T* above = a.sums + band * a.samples;
    if (band == 0) memset(result, 0, static_cast<size_t>(stride) * sizeof(T));
    for (int64_t y = band * a.bandRows; y < minOf((band + 1) * a.bandRows, a.height); ++y) {
      T* to = result + (y + 1) * stride;
      for (int64_t c = 0; c < a.channels; ++c) *to++ = 0;
      switch (a.channels) {
        case 1:
          writeRow<T, 1>(a.row(y), above, to, a.samples);
          break;
        case 2:
          writeRow<T, 2>(a.row(y), above, to, a.samples);
          break;
        case 3:
          writeRow<T, 3>(a.row(y), above, to, a.samples);
          break;
        default:
          writeRow<T, 4>(a.row(y), above, to, a.samples);
      }
      above = to;
    }
  }
}

}  // namespace integral_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_INTEGRAL                                                                  \
  {"integral",                                                                               \
   Dtype::u8,                                                                                \
   {integral_::sumBands<int32_t>, integral_::addBands<int32_t>, integral_::write<int32_t>}}, \
      {"integralWide",                                                                       \
       Dtype::u8,                                                                            \
       {integral_::sumBands<double>, integral_::addBands<double>, integral_::write<double>}},
