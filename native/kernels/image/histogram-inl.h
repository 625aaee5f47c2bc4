// Kernels that count values first: histogram, and tables made of histograms (otsu, equalize,
// autocontrast). Phase 0: a unit is a band of rows. Counts lie in shared memory, band by band.
#pragma once

#include "kernels/image/byte-counts-inl.h"
#include "kernels/image/byte-table-inl.h"
#include "kernels/image/pack-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace histogram_ {

// Views: image, result. Parameters: rows of a band, bands, then the kernel's own.
struct Arguments {
  const View& source;
  const View& result;
  const double* own;
  int64_t bandRows, bands, channels, samples;
  uint32_t* counts;  // [band][channel][value]
  uint8_t* tables;   // [channel][value]

  explicit Arguments(const Call& call)
      : source(call.views[0]),
        result(call.views[1]),
        own(call.params + 2),
        bandRows(static_cast<int64_t>(call.params[0])),
        bands(static_cast<int64_t>(call.params[1])),
        channels(source.shape[2]),
        samples(source.shape[1] * channels),
        counts(static_cast<uint32_t*>(call.shared)),
        tables(reinterpret_cast<uint8_t*>(counts + bands * channels * 256)) {}
};

// The counts of a range of bands stand in those of its first.
void count(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  const int64_t end = minOf(range.end * a.bandRows, a.source.shape[0]);
  const int64_t rows = end - range.begin * a.bandRows;
  ByteCounts counts(a.channels, rows * a.samples, scratch);
  for (int64_t y = range.begin * a.bandRows; y < end; ++y) {
    counts.add(a.source.as<const uint8_t>() + y * a.source.stride[0], a.samples);
  }
  uint32_t* to = a.counts + range.begin * a.channels * 256;
  memset(to, 0, static_cast<size_t>((range.end - range.begin) * a.channels) * 256 * sizeof(*to));
  counts.addTo(to);
}

// The counts of all bands, in those of the first.
void addBands(const Arguments& a) {
  for (int64_t band = 1; band < a.bands; ++band) {
    const uint32_t* from = a.counts + band * a.channels * 256;
    for (int64_t i = 0; i < a.channels * 256; ++i) a.counts[i] += from[i];
  }
}

void finishHistogram(const Call& call, Range, void*) noexcept {
  const Arguments a(call);
  addBands(a);
  memcpy(a.result.as<uint32_t>(), a.counts,
         static_cast<size_t>(a.channels) * 256 * sizeof(uint32_t));
}

// Otsu's threshold, as OpenCV computes it: the greatest variance between the classes.
int otsu(const uint32_t* counts) {
  double pixels = 0, mean = 0;
  for (int i = 0; i < 256; ++i) {
    pixels += counts[i];
    mean += i * static_cast<double>(counts[i]);
  }
  const double scale = 1 / pixels;
  mean *= scale;
  double mean1 = 0, part1 = 0, most = 0;
  int threshold = 0;
  constexpr double epsilon = 1.1920928955078125e-07;
  for (int i = 0; i < 256; ++i) {
    const double part = counts[i] * scale;
    mean1 *= part1;
    part1 += part;
    const double part2 = 1 - part1;
    if (minOf(part1, part2) < epsilon || maxOf(part1, part2) > 1 - epsilon) continue;
    mean1 = (mean1 + i * part) / part1;
    const double mean2 = (mean - part1 * mean1) / part2;
    const double variance = part1 * part2 * (mean1 - mean2) * (mean1 - mean2);
    if (variance <= most) continue;
    most = variance;
    threshold = i;
  }
  return threshold;
}

void identity(uint8_t* table) {
  for (int i = 0; i < 256; ++i) table[i] = static_cast<uint8_t>(i);
}

void equalizeOpenCv(const uint32_t* counts, uint8_t* table) {
  int first = 0;
  int64_t total = 0;
  while (first < 255 && counts[first] == 0) ++first;
  for (int i = 0; i < 256; ++i) total += counts[i];
  memset(table, 0, 256);
  if (counts[first] == total) {
    table[first] = static_cast<uint8_t>(first);
    return;
  }
  const float scale = 255.0f / static_cast<float>(total - counts[first]);
  int64_t sum = 0;
  for (int i = first + 1; i < 256; ++i) {
    sum += counts[i];
    table[i] = static_cast<uint8_t>(roundEven(minOf(static_cast<float>(sum) * scale, 255.0f)));
  }
}

void equalizePillow(const uint32_t* counts, uint8_t* table) {
  int64_t total = 0, last = 0;
  for (int i = 0; i < 256; ++i) {
    total += counts[i];
    if (counts[i] > 0) last = counts[i];
  }
  const int64_t step = (total - last) / 255;
  if (step == 0) return identity(table);
  int64_t n = step / 2;
  for (int i = 0; i < 256; ++i) {
    table[i] = static_cast<uint8_t>(minOf<int64_t>(n / step, 255));
    n += counts[i];
  }
}

void autocontrast(uint32_t* counts, double cutoff, uint8_t* table) {
  double total = 0;
  for (int i = 0; i < 256; ++i) total += counts[i];
  const int64_t cut = static_cast<int64_t>(__builtin_floor(total * cutoff / 100));
  const auto cutEnd = [&](int from, int step) {
    int64_t left = cut;
    for (int i = from; i >= 0 && i < 256 && left > 0; i += step) {
      const int64_t taken = minOf<int64_t>(left, counts[i]);
      counts[i] -= static_cast<uint32_t>(taken);
      left -= taken;
    }
  };
  cutEnd(0, 1);
  cutEnd(255, -1);
  int low = 0, high = 255;
  while (low < 255 && counts[low] == 0) ++low;
  while (high > 0 && counts[high] == 0) --high;
  if (high <= low) return identity(table);
  const double scale = 255.0 / (high - low);
  const double offset = -low * scale;
  for (int i = 0; i < 256; ++i) {
    table[i] = static_cast<uint8_t>(minOf(maxOf(i * scale + offset, 0.0), 255.0));
  }
}

// The order of the methods is that of `methods` in src/image/tone.ts. Alpha keeps its values.
void makeTables(const Call& call, Range, void*) noexcept {
  const Arguments a(call);
  addBands(a);
  for (int64_t c = 0; c < a.channels; ++c) {
    uint32_t* counts = a.counts + c * 256;
    uint8_t* table = a.tables + c * 256;
    if (a.channels % 2 == 0 && c == a.channels - 1) {
      identity(table);
      continue;
    }
    switch (static_cast<int>(a.own[0])) {
      case 0: {
        const int threshold = otsu(counts);
        for (int i = 0; i < 256; ++i) table[i] = i > threshold ? 255 : 0;
        break;
      }
      case 1:
        equalizeOpenCv(counts, table);
        break;
      case 2:
        equalizePillow(counts, table);
        break;
      default:
        autocontrast(counts, a.own[1], table);
    }
  }
}

// The tables are copied: nothing that is written can then be one of their entries.
template <int channels>
void applyRow(const uint8_t* from, uint8_t* to, int64_t samples, const uint8_t* tables) {
  uint8_t table[channels][256];
  memcpy(table, tables, sizeof(table));
  constexpr int step = channels == 3 ? 6 : 8;
  int64_t i = 0;
  for (; i + step <= samples; i += step) {
    uint8_t values[step];
    for (int k = 0; k < step; ++k) values[k] = table[k % channels][from[i + k]];
    memcpy(to + i, values, step);
  }
  for (int k = 0; i < samples; ++i, ++k) to[i] = table[k % channels][from[i]];
}

void apply(const Call& call, Range range, void*) noexcept {
  const Arguments a(call);
  if (a.channels < 3) {
    return lut_::OneTable(a.tables, a.channels == 2 ? 2 : 0).rows(a.source, a.result, range);
  }
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* from = a.source.as<const uint8_t>() + y * a.source.stride[0];
    uint8_t* to = a.result.as<uint8_t>() + y * a.result.stride[0];
    if (a.channels == 3)
      applyRow<3>(from, to, a.samples, a.tables);
    else
      applyRow<4>(from, to, a.samples, a.tables);
  }
}

// threshold. Views: image, result. Parameters: value, what is above it becomes, what is not
// becomes.
void threshold(const Call& call, Range range, void*) noexcept {
  const View& source = call.views[0];
  const int32_t value = static_cast<int32_t>(call.params[0]);
  const V<uint8_t> above = broadcast(static_cast<uint8_t>(call.params[1]));
  // Every sample is above -1.
  const V<uint8_t> below = broadcast(static_cast<uint8_t>(call.params[value < 0 ? 1 : 2]));
  const V<uint8_t> least = broadcast(static_cast<uint8_t>(maxOf(value, 0)));
  const int64_t channels = source.shape[2];
  V<uint8_t> color = ~V<uint8_t>{};
  for (int i = 0; i < lanes<uint8_t> && channels % 2 == 0; ++i) {
    if (i % channels == channels - 1) color[i] = 0;
  }
  runs_::eachVector(source, call.views[1], range, [=](V<uint8_t> pixels) EC_INLINE_LAMBDA {
    const V<uint8_t> chosen = pixels > least ? above : below;
    return (chosen & color) | (pixels & ~color);
  });
}

}  // namespace histogram_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_HISTOGRAM                                                               \
  {"histogram", Dtype::u8, {histogram_::count, histogram_::finishHistogram}},              \
      {"tone", Dtype::u8, {histogram_::count, histogram_::makeTables, histogram_::apply}}, \
      {"threshold", Dtype::u8, {histogram_::threshold}},
