// boxBlur of words and floats. Sums are doubles: along the rows by doubling, down the columns in
// two parts that meet. They only ever add, so words are exact, and what is not finite spreads no
// further than the window around it. A unit is a tile.
#pragma once

#include "kernels/image/box-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace box_ {

template <class Sample>
class BoxWide {
 public:
  BoxWide(const Call& call, void* scratch)
      : arguments_(call),
        source_(arguments_.bordered<Sample>()),
        channels_(arguments_.channels),
        size_(arguments_.integer(0)),
        area_(static_cast<double>(size_ * size_)),
        stride_(arguments_.tileSamples()) {
    const int64_t around = SourceRows<Sample>::sourceSamples(arguments_, size_ - 1);
    Arena arena{static_cast<char*>(scratch)};
    row_ = arena.take<Sample>(around);
    wide_ = arena.take<double>(around);
    newer_ = arena.take<double>(stride_);
    sums_ = arena.take<double>(stride_ * size_);
    memset(wide_, 0, static_cast<size_t>(around) * sizeof(double));
  }

  // Rows are taken in blocks of as many as the window is high. Of the block a window begins in
  // there are sums of its last rows, of the one it ends in the sum of the rows so far.
  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    samples_ = tile_.width * channels_;
    const int64_t first = tile_.y - size_ / 2;
    for (int64_t i = 0; i < size_; ++i) alongRow(first + i, i);
    sumBlock();
    for (int64_t y = 0, begin = 0; y < tile_.height; ++y) {
      if (y > 0) {
        // The row that comes in takes the place of the one that has left.
        alongRow(first + y + size_ - 1, begin);
        begin = begin + 1 < size_ ? begin + 1 : 0;
        if (begin == 0)
          sumBlock();
        else
          add(newer_, sumsOf(begin - 1));
      }
      finish(sumsOf(begin), arguments_.resultRow<Sample>(tile_, y));
    }
  }

 private:
  double* sumsOf(int64_t slot) const { return sums_ + slot * stride_; }

  void alongRow(int64_t y, int64_t slot) {
    source_.copyRow(row_, y, tile_.x - size_ / 2, tile_.width + size_ - 1);
    const int64_t count = (tile_.width + size_ - 1) * channels_;
    for (int64_t i = 0; i < count; ++i) wide_[i] = static_cast<double>(row_[i]);
    windowSums(wide_, sumsOf(slot), samples_, size_, channels_);
  }

  void add(double* EC_RESTRICT to, const double* EC_RESTRICT from) const {
    for (int64_t i = 0; i < samples_; ++i) to[i] += from[i];
  }

  // Of each row of the block the sum of it and those after it; nothing of the next one yet.
  void sumBlock() {
    for (int64_t slot = size_ - 2; slot >= 0; --slot) add(sumsOf(slot), sumsOf(slot + 1));
    memset(newer_, 0, static_cast<size_t>(stride_) * sizeof(double));
  }

  void finish(const double* EC_RESTRICT older, float* EC_RESTRICT to) const {
    for (int64_t i = 0; i < samples_; ++i) {
      to[i] = static_cast<float>((older[i] + newer_[i]) / area_);
    }
  }
  // Halves up, as `Quotient`.
  void finish(const double* EC_RESTRICT older, uint16_t* EC_RESTRICT to) const {
    const double half = static_cast<double>(size_ * size_ / 2) + 0.5, inverse = 1 / area_;
    for (int64_t i = 0; i < samples_; ++i) {
      const double raised = older[i] + newer_[i] + half;
      to[i] = static_cast<uint16_t>(static_cast<int32_t>(raised * inverse));
    }
  }

  const WindowArguments arguments_;
  const BorderedImage<Sample> source_;
  const int64_t channels_;
  const int64_t size_;
  const double area_;
  const int64_t stride_;
  Sample* row_;
  double* wide_;
  double* newer_;
  double* sums_;
  Tile tile_{};
  int64_t samples_ = 0;
};

}  // namespace box_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_BOX_WIDE                                     \
  {"boxBlur", Dtype::u16, {runTiles<box_::BoxWide<uint16_t>>}}, \
      {"boxBlur", Dtype::f32, {runTiles<box_::BoxWide<float>>}},
