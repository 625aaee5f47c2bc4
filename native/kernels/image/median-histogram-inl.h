// Medians of windows of any size, by histograms of columns that are added up as the window moves
// (Perreault and Hébert, "Median filtering in constant time", 2007).
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

typedef uint8_t Counts __attribute__((vector_size(16), may_alias));
typedef uint16_t Sums __attribute__((vector_size(32)));

EC_INLINE Sums widen(const uint8_t* counts) {
  return __builtin_convertvector(*reinterpret_cast<const Counts*>(counts), Sums);
}

// The number of the first sum above `rank`; there is one.
EC_INLINE int firstAbove(Sums sums, uint16_t rank) {
#if EC_LEVEL == EC_ISA_avx512
  return __builtin_ctz(_mm256_cmpgt_epu16_mask((__m256i)sums, _mm256_set1_epi16(rank)));
#elif EC_LEVEL == EC_ISA_avx2
  const auto above = sums > rank;
  return __builtin_ctz(static_cast<uint32_t>(_mm256_movemask_epi8((__m256i)above))) / 2;
#else
  int bin = 0;
  for (int i = 0; i < 16; ++i) bin += sums[i] <= rank;
  return bin;
#endif
}

// For each sample of a row the histogram of its column in the window, as running totals: of the 16
// ranges of 16 values, and within each range. So sums of columns are running totals as well.
class Histograms {
 public:
  Histograms(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        size_(arguments_.integer(0)),
        source_(arguments_, arena_, size_ / 2, size_ / 2, size_ + 1),
        columns_(static_cast<int64_t>(arguments_.params[1]) + size_ - 1),
        coarse_(arena_.take<uint8_t>(columns_ * 16)),
        fine_(arena_.take<uint8_t>(columns_ * 256)) {
    for (int value = 0; value < 16; ++value) {
      for (int i = 0; i < 16; ++i) from_[value][i] = i >= value;
    }
  }

  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    const int64_t count = tile_.width + size_ - 1;
    const int64_t first = tile_.y - size_ / 2;
    for (int64_t c = 0; c < arguments_.channels; ++c) {
      memset(coarse_, 0, static_cast<size_t>(count * 16));
      memset(fine_, 0, static_cast<size_t>(count * 256));
      for (int64_t i = 0; i < size_ - 1; ++i) add(source_.read(tile_, first + i) + c, count);
      for (int64_t y = 0; y < tile_.height; ++y) {
        add(source_.read(tile_, first + y + size_ - 1) + c, count);
        uint8_t* to = arguments_.resultRow<uint8_t>(tile_, y) + c;
        slide(to);
        remove(source_.row(first + y) + c, count);
      }
    }
  }

 private:
  static Counts& at(uint8_t* counts) { return *reinterpret_cast<Counts*>(counts); }
  static const Counts& at(const uint8_t* counts) {
    return *reinterpret_cast<const Counts*>(counts);
  }

  void add(const uint8_t* pixels, int64_t count) {
    for (int64_t x = 0; x < count; ++x, pixels += arguments_.channels) {
      at(coarse_ + x * 16) += at(from_[*pixels >> 4]);
      at(fine_ + x * 256 + (*pixels & 0xf0)) += at(from_[*pixels & 15]);
    }
  }
  void remove(const uint8_t* pixels, int64_t count) {
    for (int64_t x = 0; x < count; ++x, pixels += arguments_.channels) {
      at(coarse_ + x * 16) -= at(from_[*pixels >> 4]);
      at(fine_ + x * 256 + (*pixels & 0xf0)) -= at(from_[*pixels & 15]);
    }
  }

  void slide(uint8_t* to) {
    const uint16_t rank = static_cast<uint16_t>((size_ * size_ - 1) / 2);
    for (auto& end : fineEnd_) end = -size_;
    Sums coarse{};
    for (int64_t x = 0; x < size_ - 1; ++x) coarse += widen(coarse_ + x * 16);
    for (int64_t x = 0; x < tile_.width; ++x, to += arguments_.channels) {
      coarse += widen(coarse_ + (x + size_ - 1) * 16);
      const int range = firstAbove(coarse, rank);
      uint16_t totals[17] = {};
      memcpy(totals + 1, &coarse, sizeof(coarse));
      const Sums fine = fineSums(range, x);
      *to = static_cast<uint8_t>(range * 16 +
                                 firstAbove(fine, static_cast<uint16_t>(rank - totals[range])));
      coarse -= widen(coarse_ + x * 16);
    }
  }

  // Sums of a range are brought up to date when they are needed.
  Sums fineSums(int range, int64_t x) {
    const uint8_t* columns = fine_ + range * 16;
    Sums sums = fineSums_[range];
    int64_t end = fineEnd_[range];
    if (x + size_ - end >= size_) {
      sums = Sums{};
      end = x;
    } else {
      for (int64_t i = end - size_; i < x; ++i) sums -= widen(columns + i * 256);
    }
    for (; end < x + size_; ++end) sums += widen(columns + end * 256);
    fineEnd_[range] = end;
    return fineSums_[range] = sums;
  }

  const WindowArguments arguments_;
  Arena arena_;
  const int64_t size_;
  SourceRows<uint8_t> source_;
  const int64_t columns_;
  uint8_t* const coarse_;
  uint8_t* const fine_;
  alignas(16) uint8_t from_[16][16];
  alignas(32) Sums fineSums_[16];
  int64_t fineEnd_[16];
  Tile tile_{};
};

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA
