// unsharp: Pillow's UnsharpMask. The blur is three box blurs along the rows, then three down the
// columns, each rounded to bytes; the box has a fractional size, so that its outermost pixels weigh
// less. Phase 0: a unit is a row; phase 1: a strip of columns. Blurred rows lie in shared memory.
#pragma once

#include "kernels/image/box-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace unsharp_ {

// Views: image, result. Parameters: radius, weight of a whole pixel and of an outermost one in
// 2^24ths, percent, threshold, samples of a strip.
struct Arguments {
  const View& source;
  const View& result;
  uint8_t* blurred;
  int64_t radius;
  uint32_t weight, edgeWeight;
  float percent;
  int32_t threshold;
  int64_t stripSamples;
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
        height(source.shape[0]),
        channels(source.shape[2]),
        samples(source.shape[1] * channels),
        stride(roundUp(samples, sampleGrain)) {}

  // Sums of whole pixels and of the two outermost ones to bytes.
  EC_INLINE V<int32_t> weigh(V<uint32_t> sum, V<uint32_t> edges) const {
    return (V<int32_t>)((sum * weight + edges * edgeWeight + (1u << 23)) >> 24);
  }
};

// Along one row. `Sum` holds sums of whole pixels.
template <class Sum>
class AlongRow {
 public:
  AlongRow(const Arguments& arguments, void* scratch) : a_(arguments) {
    Arena arena{static_cast<char*>(scratch)};
    const int64_t around = a_.stride + 2 * (a_.radius + 1) * a_.channels + 2 * sampleGrain;
    row_ = arena.take<uint8_t>(around);
    levels_ = arena.take<Sum>(around);
    sums_ = arena.take<Sum>(a_.stride);
    memset(row_, 0, static_cast<size_t>(around));
    memset(levels_, 0, static_cast<size_t>(around) * sizeof(Sum));
  }

  void run(int64_t y) {
    uint8_t* to = a_.blurred + y * a_.stride;
    memcpy(to, a_.source.as<const uint8_t>() + y * a_.source.stride[0],
           static_cast<size_t>(a_.samples));
    for (int pass = 0; pass < 3; ++pass) blur(to);
  }

 private:
  void blur(uint8_t* row) {
    const int64_t border = (a_.radius + 1) * a_.channels;
    memcpy(row_ + border, row, static_cast<size_t>(a_.samples));
    for (int64_t i = border - 1; i >= 0; --i) row_[i] = row_[i + a_.channels];
    uint8_t* end = row_ + border + a_.samples;
    for (int64_t i = 0; i < border; ++i) end[i] = end[i - a_.channels];
    const int64_t size = 2 * a_.radius + 1;
    const int64_t count = a_.samples + (size - 1) * a_.channels;
    for (int64_t i = 0; i < count; i += lanes<Sum>) {
      store(levels_ + i, loadAs<Sum>(row_ + a_.channels + i));
    }
    box_::windowSums(levels_, sums_, a_.samples, size, a_.channels);
    for (int64_t i = 0; i < a_.samples; i += lanes<uint8_t>) {
      V<int32_t> bytes[4];
      for (int k = 0; k < 4; ++k) {
        const int64_t at = i + k * lanes<int32_t>;
        const V<uint32_t> edges =
            loadAs<uint32_t>(row_ + at) + loadAs<uint32_t>(row_ + at + 2 * border);
        bytes[k] = a_.weigh(loadAs<uint32_t>(sums_ + at), edges);
      }
      store(row + i, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]));
    }
  }

  const Arguments& a_;
  uint8_t* row_;
  Sum* levels_;
  Sum* sums_;
};

template <class Sum>
void alongRows(const Arguments& arguments, Range range, void* scratch) {
  AlongRow<Sum> rows(arguments, scratch);
  for (int64_t y = range.begin; y < range.end; ++y) rows.run(y);
}

void blurRows(const Call& call, Range range, void* scratch) noexcept {
  const Arguments arguments(call);
  if (2 * arguments.radius + 1 <= 257) return alongRows<uint16_t>(arguments, range, scratch);
  alongRows<uint32_t>(arguments, range, scratch);
}

// Down the columns of one strip: each pass runs `radius + 1` rows behind the one before it.
class DownStrip {
 public:
  DownStrip(const Arguments& arguments, void* scratch) : a_(arguments) {
    Arena arena{static_cast<char*>(scratch)};
    for (auto& sums : sums_) sums = arena.take<uint32_t>(a_.stripSamples);
    rings_[0].take(arena, 2 * a_.radius + 3, a_.stripSamples);
    rings_[1].take(arena, 2 * a_.radius + 3, a_.stripSamples);
    last_ = arena.take<uint8_t>(a_.stripSamples);
  }

  void run(int64_t strip) {
    begin_ = strip * a_.stripSamples;
    count_ = minOf(a_.stripSamples, a_.samples - begin_);
    const Ring<uint8_t> blurred{a_.blurred + begin_, a_.stride, -1};
    const int64_t behind = a_.radius + 1;
    for (int64_t y = 0; y < a_.height + 2 * behind; ++y) {
      if (y < a_.height) pass(blurred, sums_[0], y, rings_[0].row(y));
      const int64_t second = y - behind;
      if (second >= 0 && second < a_.height)
        pass(rings_[0], sums_[1], second, rings_[1].row(second));
      const int64_t third = second - behind;
      if (third >= 0) {
        pass(rings_[1], sums_[2], third, last_);
        sharpen(third);
      }
    }
  }

 private:
  void pass(const Ring<uint8_t>& rows, uint32_t* sums, int64_t y, uint8_t* to) {
    const auto row = [&](int64_t i) {
      return rows.row(minOf(maxOf<int64_t>(i, 0), a_.height - 1));
    };
    if (y == 0) {
      memset(sums, 0, static_cast<size_t>(a_.stripSamples) * sizeof(*sums));
      for (int64_t t = -a_.radius; t < a_.radius; ++t) addRow(sums, row(t));
    }
    const uint8_t* before = row(y - a_.radius - 1);
    const uint8_t* newest = row(y + a_.radius);
    const uint8_t* after = row(y + a_.radius + 1);
    const uint32_t taken = y == 0 ? 0 : ~0u;
    for (int64_t i = 0; i < count_; i += lanes<uint8_t>) {
      V<int32_t> bytes[4];
      for (int k = 0; k < 4; ++k) {
        const int64_t at = i + k * lanes<uint32_t>;
        const V<uint32_t> oldest = loadAs<uint32_t>(before + at);
        const V<uint32_t> sum = load(sums + at) + loadAs<uint32_t>(newest + at) - (oldest & taken);
        store(sums + at, sum);
        bytes[k] = a_.weigh(sum, oldest + loadAs<uint32_t>(after + at));
      }
      store(to + i, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]));
    }
  }

  void addRow(uint32_t* sums, const uint8_t* row) {
    for (int64_t i = 0; i < count_; i += lanes<uint32_t>) {
      store(sums + i, load(sums + i) + loadAs<uint32_t>(row + i));
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
        const V<float> scaled = __builtin_convertvector(difference, V<float>) * a_.percent / 100.0f;
        const V<int32_t> sharp = pixel + __builtin_convertvector(scaled, V<int32_t>);
        const V<int32_t> size = maxV<int32_t>(difference, -difference);
        bytes[k] = size > a_.threshold ? sharp : pixel;
      }
      storeUpTo(to + i, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]), left);
    }
  }

  const Arguments& a_;
  uint32_t* sums_[3];
  Ring<uint8_t> rings_[2];
  uint8_t* last_;
  int64_t begin_ = 0;
  int64_t count_ = 0;
};

void blurColumns(const Call& call, Range range, void* scratch) noexcept {
  const Arguments arguments(call);
  DownStrip strips(arguments, scratch);
  for (int64_t strip = range.begin; strip < range.end; ++strip) strips.run(strip);
}

}  // namespace unsharp_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_UNSHARP {"unsharp", Dtype::u8, {unsharp_::blurRows, unsharp_::blurColumns}},
