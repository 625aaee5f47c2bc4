// boxBlur, and adaptiveThreshold by the mean: sums along the rows by doubling, running sums down
// the columns. A unit is a tile.
#pragma once

#include "kernels/image/box-running-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace box_ {

// to[i] = Σ over t < size of from[i + t · step], for i < samples. Sums of 1, 2, 4, 8 … neighbours
// are made in place, and those whose lengths add up to `size` are put together. `from` is used up.
template <class Sum>
void windowSums(Sum* EC_RESTRICT from, Sum* EC_RESTRICT to, int64_t samples, int64_t size,
                int64_t step) {
  int64_t length = samples + (size - 1) * step;
  int64_t done = 0;
  for (int64_t width = 1;; width *= 2) {
    if ((size & width) != 0) {
      const Sum* part = from + done * step;
      for (int64_t i = 0; i < samples; i += lanes<Sum>) {
        store(to + i, done == 0 ? load(part + i) : load(to + i) + load(part + i));
      }
      done += width;
    }
    if (2 * width > size) return;
    length -= width * step;
    const Sum* other = from + width * step;
    for (int64_t i = 0; i < length; i += lanes<Sum>) {
      store(from + i, load(from + i) + load(other + i));
    }
  }
}

// round(sum / area), halves up: floor((sum + area / 2) / area). The numerator is raised by a half,
// which keeps the quotient further from the whole numbers than the arithmetic is off.
template <class Float>
struct Quotient {
  int32_t half;
  Float inverse;

  explicit Quotient(int64_t area)
      : half(static_cast<int32_t>(area / 2)), inverse(1 / static_cast<Float>(area)) {}

  EC_INLINE V<int32_t> operator()(V<int32_t> sum) const {
    const V<float> raised = __builtin_convertvector(sum + half, V<float>) + 0.5f;
    return __builtin_convertvector(raised * static_cast<float>(inverse), V<int32_t>);
  }
  EC_INLINE int32_t operator()(int32_t sum) const {
    return static_cast<int32_t>((static_cast<Float>(sum + half) + Float{0.5}) * inverse);
  }
};

// `Sum` holds sums along a row: uint16_t up to a size of 257. `Float` is float up to a size of 64.
// `adaptive`: 255 where a pixel is above its mean minus a number, else 0.
template <class Sum, class Float, bool adaptive>
class Box {
 public:
  Box(const Call& call, void* scratch)
      : arguments_(call),
        source_(arguments_.bordered<uint8_t>()),
        channels_(arguments_.channels),
        size_(arguments_.integer(0)),
        least_(static_cast<int32_t>(arguments_.own[1])),
        quotient_(size_ * size_) {
    const int64_t samples = arguments_.tileSamples();
    const int64_t around = SourceRows<uint8_t>::sourceSamples(arguments_, size_ - 1);
    Arena arena{static_cast<char*>(scratch)};
    row_ = arena.take<uint8_t>(around);
    levels_ = arena.take<Sum>(around);
    sums_ = arena.take<int32_t>(samples);
    ring_.take(arena, size_, samples);
    memset(row_, 0, static_cast<size_t>(around));
    memset(levels_, 0, static_cast<size_t>(around) * sizeof(Sum));
  }

  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    samples_ = tile_.width * channels_;
    memset(sums_, 0, static_cast<size_t>(arguments_.tileSamples()) * sizeof(int32_t));
    const int64_t first = tile_.y - size_ / 2;
    for (int64_t i = 0; i < size_ - 1; ++i) addRow(alongRow(first + i));
    for (int64_t y = 0; y < tile_.height; ++y) {
      const Sum* newest = alongRow(first + y + size_ - 1);
      downColumns(newest, ring_.row(first + y), y);
    }
  }

 private:
  const Sum* alongRow(int64_t y) {
    source_.copyRow(row_, y, tile_.x - size_ / 2, tile_.width + size_ - 1);
    const int64_t count = (tile_.width + size_ - 1) * channels_;
    for (int64_t i = 0; i < count; i += lanes<Sum>) store(levels_ + i, loadAs<Sum>(row_ + i));
    windowSums(levels_, ring_.row(y), samples_, size_, channels_);
    return ring_.row(y);
  }

  void addRow(const Sum* row) {
    for (int64_t i = 0; i < samples_; i += lanes<int32_t>) {
      store(sums_ + i, load(sums_ + i) + loadAs<int32_t>(row + i));
    }
  }

  void downColumns(const Sum* newest, const Sum* oldest, int64_t y) {
    uint8_t* to = arguments_.resultRow<uint8_t>(tile_, y);
    if (adaptive) source_.copyRow(row_, tile_.y + y, tile_.x, tile_.width);
    if constexpr (sizeof(Float) == 8) {
      for (int64_t i = 0; i < samples_; ++i) {
        const int32_t sum = sums_[i] + static_cast<int32_t>(newest[i]);
        to[i] = static_cast<uint8_t>(finish(quotient_(sum), row_[i]));
        sums_[i] = sum - static_cast<int32_t>(oldest[i]);
      }
      return;
    }
    constexpr int step = lanes<uint8_t>;
    for (int64_t i = 0; i < samples_; i += step) {
      V<int32_t> bytes[4];
      for (int k = 0; k < 4; ++k) {
        const int64_t at = i + k * lanes<int32_t>;
        const V<int32_t> sum = load(sums_ + at) + loadAs<int32_t>(newest + at);
        store(sums_ + at, sum - loadAs<int32_t>(oldest + at));
        bytes[k] = quotient_(sum);
        if (adaptive) bytes[k] = (loadAs<int32_t>(row_ + at) - bytes[k] >= least_) & 255;
      }
      storeUpTo(to + i, packBytes(bytes[0], bytes[1], bytes[2], bytes[3]), samples_ - i);
    }
  }

  int32_t finish(int32_t mean, uint8_t pixel) const {
    return adaptive ? (pixel - mean >= least_ ? 255 : 0) : mean;
  }

  const WindowArguments arguments_;
  const BorderedImage<uint8_t> source_;
  const int64_t channels_;
  const int64_t size_;
  const int32_t least_;  // that a pixel is above its mean
  const Quotient<Float> quotient_;
  uint8_t* row_;
  Sum* levels_;
  int32_t* sums_;
  Ring<Sum> ring_;
  Tile tile_{};
  int64_t samples_ = 0;
};

template <bool adaptive>
void box(const Call& call, Range range, void* scratch) noexcept {
  const int64_t size = WindowArguments(call).integer(0);
  if (size <= 32) return runTiles<Running<adaptive>>(call, range, scratch);
  if (size <= 64) return runTiles<Box<uint16_t, float, adaptive>>(call, range, scratch);
  if (size <= 257) return runTiles<Box<uint16_t, double, adaptive>>(call, range, scratch);
  runTiles<Box<uint32_t, double, adaptive>>(call, range, scratch);
}

}  // namespace box_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_BOX \
  {"boxBlur", Dtype::u8, {box_::box<false>}}, {"adaptiveMean", Dtype::u8, {box_::box<true>}},
