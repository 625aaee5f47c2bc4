// unsharp: Pillow's UnsharpMask. The blur is three box blurs along the rows, then three down the
// columns, each rounded to bytes; the box has a fractional size, so that its outermost pixels weigh
// less. Phase 0: a unit is a row; phase 1: a strip of columns of a band of rows. Blurred rows lie
// in shared memory.
#pragma once

#include "kernels/image/box-inl.h"
#include "kernels/image/lanes-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace unsharp_ {

// Views: image, result. Parameters: radius, weight of a whole pixel and of an outermost one in
// 2^24ths, percent, threshold, samples of a strip, rows of a band.
struct Arguments {
  const View& source;
  const View& result;
  uint8_t* blurred;
  int64_t radius;
  uint32_t weight, edgeWeight;
  float percent;
  int32_t threshold;
  int64_t stripSamples, bandRows;
  int64_t height, channels, samples, stride;

  explicit Arguments(const Call& call)
      : source(call.views[0]),
        result(call.views[1]),
        blurred(static_cast<uint8_t*>(call.shared)),
        radius(static_cast<int64_t>(call.params[0])),
        weight(static_cast<uint32_t>(call.params[1])),
        edgeWeight(static_cast<uint32_t>(call.params[2])),
        percent(static_cast<float>(call.params[3])),
        threshold(static_cast<int32_t>(call.params[4])),
        stripSamples(static_cast<int64_t>(call.params[5])),
        bandRows(static_cast<int64_t>(call.params[6])),
        height(source.shape[0]),
        channels(source.shape[2]),
        samples(source.shape[1] * channels),
        stride(roundUp(samples, sampleGrain)) {}
};

// The weights on sums of whole pixels and of the two outermost ones. `Sum` holds the former: 32
// bits, or 16 up to a radius of 63.
template <class Sum>
class Weights {
 public:
  explicit Weights(const Arguments& a) : whole_(a.weight), edge_(a.edgeWeight) {}

  // As many sums as a vector has bytes.
  EC_INLINE V<uint8_t> operator()(const V<uint32_t> (&sums)[4],
                                  const V<uint32_t> (&edges)[4]) const {
    V<int32_t> bytes[4];
    for (int k = 0; k < 4; ++k) {
      bytes[k] = (V<int32_t>)((sums[k] * whole_ + edges[k] * edge_ + (1u << 23)) >> 24);
    }
    return packBytes(bytes[0], bytes[1], bytes[2], bytes[3]);
  }

 private:
  const uint32_t whole_, edge_;
};

// Products of words are added up in pairs at once; weights of 25 bits are cut into two words for
// it.
template <>
class Weights<uint16_t> {
 public:
  explicit Weights(const Arguments& a)
      : upper_(pairs(a.weight >> 12, a.edgeWeight >> 12)),
        lower_(pairs(a.weight & 4095, a.edgeWeight & 4095)) {}

  EC_INLINE V<uint8_t> operator()(const V<uint16_t> (&sums)[2],
                                  const V<uint16_t> (&edges)[2]) const {
    return packBytes(words(sums[0], edges[0]), words(sums[1], edges[1]));
  }

 private:
  static V<int16_t> pairs(uint32_t a, uint32_t b) {
    return (V<int16_t>)broadcast<uint32_t>(a | b << 16);
  }

  EC_INLINE V<int16_t> words(V<uint16_t> sums, V<uint16_t> edges) const {
    const lanes_::Bytes a = (lanes_::Bytes)sums, b = (lanes_::Bytes)edges;
    return lanes_::narrowToWords(weigh((V<int16_t>)lanes_::unpackLow<2>(a, b)),
                                 weigh((V<int16_t>)lanes_::unpackHigh<2>(a, b)));
  }
  EC_INLINE V<int32_t> weigh(V<int16_t> both) const {
    const V<int32_t> lower = lanes_::multiplyPairs(both, lower_) + (1 << 23);
    return (lanes_::multiplyPairs(both, upper_) + (lower >> 12)) >> 12;
  }

  const V<int16_t> upper_, lower_;
};

// Along one row. Its passes go from one of two buffers to the other, which have room for what is
// repeated beyond the ends.
template <class Sum>
class AlongRow {
 public:
  AlongRow(const Arguments& arguments, void* scratch)
      : a_(arguments), weights_(arguments), border_((a_.radius + 1) * a_.channels) {
    Arena arena{static_cast<char*>(scratch)};
    const int64_t around = a_.stride + 2 * border_ + 2 * sampleGrain;
    for (auto& row : rows_) {
      row = arena.take<uint8_t>(around);
      memset(row, 0, static_cast<size_t>(around));
    }
    levels_ = arena.take<Sum>(around);
    sums_ = arena.take<Sum>(a_.stride);
    memset(levels_, 0, static_cast<size_t>(around) * sizeof(Sum));
  }

  void run(int64_t y) {
    memcpy(rows_[0] + border_, a_.source.as<const uint8_t>() + y * a_.source.stride[0],
           static_cast<size_t>(a_.samples));
    blur(rows_[0], rows_[1] + border_);
    blur(rows_[1], rows_[0] + border_);
    blur(rows_[0], a_.blurred + y * a_.stride);
  }

 private:
  void blur(uint8_t* row, uint8_t* to) {
    for (int64_t i = border_ - 1; i >= 0; --i) row[i] = row[i + a_.channels];
    uint8_t* end = row + border_ + a_.samples;
    for (int64_t i = 0; i < border_; ++i) end[i] = end[i - a_.channels];
    switch (a_.radius) {
      case 0:
        return few<0>(row, to);
      case 1:
        return few<1>(row, to);
      case 2:
        return few<2>(row, to);
      case 3:
        return few<3>(row, to);
      default:
        return many(row, to);
    }
  }

  template <int radius>
  void few(const uint8_t* row, uint8_t* to) {
    weighRow(row, to, [=, this](int64_t i) EC_INLINE_LAMBDA {
      const uint8_t* from = row + i + a_.channels;
      V<Sum> sum = loadAs<Sum>(from);
      for (int t = 1; t <= 2 * radius; ++t) sum += loadAs<Sum>(from + t * a_.channels);
      return sum;
    });
  }

  void many(const uint8_t* row, uint8_t* to) {
    const int64_t size = 2 * a_.radius + 1;
    const int64_t count = a_.samples + (size - 1) * a_.channels;
    for (int64_t i = 0; i < count; i += lanes<Sum>) {
      store(levels_ + i, loadAs<Sum>(row + a_.channels + i));
    }
    box_::windowSums(levels_, sums_, a_.samples, size, a_.channels);
    weighRow(row, to, [this](int64_t i) EC_INLINE_LAMBDA { return load(sums_ + i); });
  }

  template <class SumAt>
  void weighRow(const uint8_t* row, uint8_t* to, SumAt sumAt) {
    for (int64_t i = 0; i < a_.samples; i += lanes<uint8_t>) {
      V<Sum> sums[sizeof(Sum)], edges[sizeof(Sum)];
      for (int k = 0; k < static_cast<int>(sizeof(Sum)); ++k) {
        const int64_t at = i + k * lanes<Sum>;
        sums[k] = sumAt(at);
        edges[k] = loadAs<Sum>(row + at) + loadAs<Sum>(row + at + 2 * border_);
      }
      store(to + i, weights_(sums, edges));
    }
  }

  const Arguments& a_;
  const Weights<Sum> weights_;
  const int64_t border_;
  uint8_t* rows_[2];
  Sum* levels_;
  Sum* sums_;
};

// Up to it 255 · (2 · radius + 1) is a word.
constexpr int64_t wordRadiusMax = 63;

template <class Sum>
void alongRows(const Arguments& arguments, Range range, void* scratch) {
  AlongRow<Sum> rows(arguments, scratch);
  for (int64_t y = range.begin; y < range.end; ++y) rows.run(y);
}

void blurRows(const Call& call, Range range, void* scratch) noexcept {
  const Arguments arguments(call);
  if (arguments.radius <= wordRadiusMax) return alongRows<uint16_t>(arguments, range, scratch);
  alongRows<uint32_t>(arguments, range, scratch);
}

// Down the columns of one strip.
template <class Sum>
class DownStrip {
 public:
  DownStrip(const Arguments& arguments, void* scratch) : a_(arguments), weights_(arguments) {
    Arena arena{static_cast<char*>(scratch)};
    for (auto& sums : sums_) sums = arena.take<Sum>(a_.stripSamples);
    rings_[0].take(arena, 2 * a_.radius + 3, a_.stripSamples);
    rings_[1].take(arena, 2 * a_.radius + 3, a_.stripSamples);
    last_ = arena.take<uint8_t>(a_.stripSamples);
  }

  void run(int64_t unit) {
    const int64_t strips = (a_.samples + a_.stripSamples - 1) / a_.stripSamples;
    begin_ = unit % strips * a_.stripSamples;
    count_ = minOf(a_.stripSamples, a_.samples - begin_);
    const int64_t top = unit / strips * a_.bandRows;
    const int64_t bottom = minOf(top + a_.bandRows, a_.height);
    // Each pass makes what the window of the next one needs above and below, and runs behind the
    // one before it.
    const int64_t behind = a_.radius + 1;
    const Ring<uint8_t> blurred{a_.blurred + begin_, a_.stride, -1};
    Pass first{blurred, sums_[0], top - 2 * behind, bottom + 2 * behind, a_.height};
    Pass second{rings_[0], sums_[1], top - behind, bottom + behind, a_.height};
    Pass third{rings_[1], sums_[2], top, bottom, a_.height};
    for (int64_t y = first.begin; y < bottom + 2 * behind; ++y) {
      if (first.has(y)) pass(first, y, rings_[0].row(y));
      if (second.has(y - behind)) pass(second, y - behind, rings_[1].row(y - behind));
      if (!third.has(y - 2 * behind)) continue;
      pass(third, y - 2 * behind, last_);
      sharpen(y - 2 * behind);
    }
  }

 private:
  struct Pass {
    const Ring<uint8_t>& rows;
    Sum* sums;
    int64_t begin, end, height;

    Pass(const Ring<uint8_t>& from, Sum* memory, int64_t top, int64_t bottom, int64_t rowsInAll)
        : rows(from),
          sums(memory),
          begin(maxOf<int64_t>(top, 0)),
          end(minOf(bottom, rowsInAll)),
          height(rowsInAll) {}

    bool has(int64_t y) const { return y >= begin && y < end; }
    const uint8_t* row(int64_t y) const {
      return rows.row(minOf(maxOf<int64_t>(y, 0), height - 1));
    }
  };

  void pass(const Pass& from, int64_t y, uint8_t* to) {
    Sum* const sums = from.sums;
    const bool first = y == from.begin;
    if (first) {
      memset(sums, 0, static_cast<size_t>(a_.stripSamples) * sizeof(*sums));
      for (int64_t t = -a_.radius; t < a_.radius; ++t) addRow(sums, from.row(y + t));
    }
    const uint8_t* before = from.row(y - a_.radius - 1);
    const uint8_t* newest = from.row(y + a_.radius);
    const uint8_t* after = from.row(y + a_.radius + 1);
    const Sum taken = static_cast<Sum>(first ? 0 : -1);
    for (int64_t i = 0; i < count_; i += lanes<uint8_t>) {
      V<Sum> all[sizeof(Sum)], edges[sizeof(Sum)];
      for (int k = 0; k < static_cast<int>(sizeof(Sum)); ++k) {
        const int64_t at = i + k * lanes<Sum>;
        const V<Sum> oldest = loadAs<Sum>(before + at);
        all[k] = load(sums + at) + loadAs<Sum>(newest + at) - (oldest & taken);
        store(sums + at, all[k]);
        edges[k] = oldest + loadAs<Sum>(after + at);
      }
      store(to + i, weights_(all, edges));
    }
  }

  void addRow(Sum* sums, const uint8_t* row) {
    for (int64_t i = 0; i < count_; i += lanes<Sum>) {
      store(sums + i, load(sums + i) + loadAs<Sum>(row + i));
    }
  }

  void sharpen(int64_t y) {
    const uint8_t* from = a_.source.as<const uint8_t>() + y * a_.source.stride[0] + begin_;
    uint8_t* to = a_.result.as<uint8_t>() + y * a_.result.stride[0] + begin_;
    for (int64_t i = 0; i < count_; i += lanes<uint8_t>) {
      const int64_t left = count_ - i;
      uint8_t pixels[EC_VECTOR_BYTES];
      store(pixels, left >= lanes<uint8_t> ? load(from + i) : loadPart(from + i, left));
      V<int32_t> bytes[4];
      for (int k = 0; k < 4; ++k) {
        const V<int32_t> pixel = loadAs<int32_t>(pixels + k * lanes<int32_t>);
        const V<int32_t> difference = pixel - loadAs<int32_t>(last_ + i + k * lanes<int32_t>);
        const V<int32_t> size = maxV<int32_t>(difference, -difference);
        // A half more keeps whole hundreds above what a hundredth is rounded by.
        const V<float> raised = __builtin_convertvector(size, V<float>) * a_.percent + 0.5f;
        const V<int32_t> change = __builtin_convertvector(raised * 0.01f, V<int32_t>);
        const V<int32_t> sharp = difference < 0 ? pixel - change : pixel + change;
        bytes[k] = size > a_.threshold ? sharp : pixel;
      }
      storeUpTo(to + i, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]), left);
    }
  }

  const Arguments& a_;
  const Weights<Sum> weights_;
  Sum* sums_[3];
  Ring<uint8_t> rings_[2];
  uint8_t* last_;
  int64_t begin_ = 0;
  int64_t count_ = 0;
};

template <class Sum>
void downStrips(const Arguments& arguments, Range range, void* scratch) {
  DownStrip<Sum> strips(arguments, scratch);
  for (int64_t unit = range.begin; unit < range.end; ++unit) strips.run(unit);
}

void blurColumns(const Call& call, Range range, void* scratch) noexcept {
  const Arguments arguments(call);
  if (arguments.radius <= wordRadiusMax) return downStrips<uint16_t>(arguments, range, scratch);
  downStrips<uint32_t>(arguments, range, scratch);
}

}  // namespace unsharp_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_UNSHARP {"unsharp", Dtype::u8, {unsharp_::blurRows, unsharp_::blurColumns}},
