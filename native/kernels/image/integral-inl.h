// integral: sums of all pixels above and left. Phase 0: a unit is a band of rows, whose columns are
// summed; phase 1 (one unit) adds the bands up; phase 2 writes each band below what stands above
// it.
#pragma once

#include "kernels/image/pack-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace integral_ {

// Views: image, result of one more row and column. Parameters: rows of a band, bands.
template <class T>
struct Arguments {
  const View& source;
  const View& result;
  int64_t bandRows, bands, height, channels, samples;
  T* sums;  // [band][sample]: of the rows above the band, then of those above the row to be written

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

// What all bands but the last one add to those below them, a row further on each; the first row is
// zeros.
template <class T>
void sumBands(const Call& call, Range range, void*) noexcept {
  const Arguments<T> a(call);
  for (int64_t band = range.begin; band < range.end; ++band) {
    const bool last = band == a.bands - 1;
    T* sums = a.sums + (last ? 0 : band + 1) * a.samples;
    memset(sums, 0, static_cast<size_t>(a.samples) * sizeof(T));
    if (last) continue;
    const int64_t end = (band + 1) * a.bandRows;
    int64_t y = band * a.bandRows;
    for (; y + 4 <= end; y += 4) {
      const uint8_t* rows[4] = {a.row(y), a.row(y + 1), a.row(y + 2), a.row(y + 3)};
      for (int64_t i = 0; i < a.samples; ++i) {
        sums[i] += static_cast<T>(rows[0][i] + rows[1][i] + rows[2][i] + rows[3][i]);
      }
    }
    for (; y < end; ++y) {
      const uint8_t* row = a.row(y);
      for (int64_t i = 0; i < a.samples; ++i) sums[i] += static_cast<T>(row[i]);
    }
  }
}

// Of each band the integral of all rows above it.
template <class T>
void addBands(const Call& call, Range, void*) noexcept {
  const Arguments<T> a(call);
  for (int64_t band = 1; band < a.bands; ++band) {
    T* sums = a.sums + band * a.samples;
    const T* above = sums - a.samples;
    for (int64_t i = 0; i < a.samples; ++i) sums[i] += above[i];
  }
  for (int64_t band = 1; band < a.bands; ++band) {
    T* sums = a.sums + band * a.samples;
    for (int64_t i = a.channels; i < a.samples; ++i) sums[i] += sums[i - a.channels];
  }
}

// Samples whose running sums are made at a time: a multiple of all counts of channels.
constexpr int64_t partSamples = 1536;

// Lanes move up by `count`, zeros move in.
template <int count>
EC_INLINE V<int32_t> moveUp(V<int32_t> v) {
  V<int32_t> order;
  for (int i = 0; i < lanes<int32_t>; ++i) order[i] = i < count ? lanes<int32_t> + i : i - count;
  return __builtin_shuffle(v, V<int32_t>{}, order);
}

// Running sums of one channel.
inline void runningSums(const uint8_t* from, int32_t* to, int64_t count) {
  V<int32_t> before{};
  int64_t i = 0;
  for (; i + lanes<int32_t> <= count; i += lanes<int32_t>) {
    V<int32_t> sums = loadAs<int32_t>(from + i);
    sums += moveUp<1>(sums);
    sums += moveUp<2>(sums);
    if (lanes < int32_t >> 4) sums += moveUp<4>(sums);
    if (lanes < int32_t >> 8) sums += moveUp<8>(sums);
    store(to + i, sums + before);
    before += __builtin_shuffle(sums, broadcast<int32_t>(lanes<int32_t> - 1));
  }
  for (int32_t sum = before[0]; i < count; ++i) to[i] = sum += from[i];
}

// Past the caches: the result is many times as large as the image.
template <class T>
void streamOut(T* to, const T* from, int64_t count) {
  const uintptr_t over = reinterpret_cast<uintptr_t>(to) % EC_VECTOR_BYTES;
  const size_t before = (EC_VECTOR_BYTES - over) % EC_VECTOR_BYTES / sizeof(T);
  int64_t i = minOf(static_cast<int64_t>(before), count);
  memcpy(to, from, static_cast<size_t>(i) * sizeof(T));
  for (; i + lanes<T> <= count; i += lanes<T>) storeStream(to + i, load(from + i));
  memcpy(to + i, from + i, static_cast<size_t>(count - i) * sizeof(T));
}

// A part of a row at a time: its running sums are small whole numbers, which are quickly made. All
// to the left is added to them, and they to `above`, which so becomes what is above the next row.
template <class T, int channels>
void writeRow(const uint8_t* from, T* above, T* to, int64_t samples) {
  int32_t part[partSamples];
  T left[channels] = {};
  for (int64_t begin = 0; begin < samples; begin += partSamples) {
    const int64_t count = minOf(partSamples, samples - begin);
    if (channels == 1) {
      runningSums(from + begin, part, count);
    } else {
      int32_t sums[channels] = {};
      for (int64_t i = 0; i < count; i += channels) {
        for (int c = 0; c < channels; ++c) part[i + c] = sums[c] += from[begin + i + c];
      }
    }
    for (int64_t i = 0; i < count; i += channels) {
      for (int c = 0; c < channels; ++c) {
        above[begin + i + c] += left[c] + static_cast<T>(part[i + c]);
      }
    }
    streamOut(to + begin, above + begin, count);
    for (int c = 0; c < channels; ++c) left[c] += static_cast<T>(part[count - channels + c]);
  }
}

template <class T>
void write(const Call& call, Range range, void*) noexcept {
  const Arguments<T> a(call);
  const int64_t stride = a.samples + a.channels;
  T* result = a.result.template as<T>();
  for (int64_t band = range.begin; band < range.end; ++band) {
    T* above = a.sums + band * a.samples;
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
      streamFence();
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
