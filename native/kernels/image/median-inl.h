// medianBlur. Of 3×3 and 5×5 pixels by networks of minima and maxima, larger ones by histograms of
// columns that are added up as the window moves (Perreault and Hébert, "Median filtering in
// constant time", 2007). A unit is a tile.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace median_ {

typedef V<uint8_t> Bytes;

// Puts the lower of two before the higher.
EC_INLINE void order(Bytes& a, Bytes& b) {
  const Bytes low = minV<uint8_t>(a, b);
  b = maxV<uint8_t>(a, b);
  a = low;
}

EC_INLINE void sort3(Bytes& a, Bytes& b, Bytes& c) { order(a, b), order(b, c), order(a, b); }

EC_INLINE void sort5(Bytes& a, Bytes& b, Bytes& c, Bytes& d, Bytes& e) {
  order(a, b), order(d, e), order(c, e), order(c, d), order(b, e);
  order(a, d), order(a, c), order(b, d), order(b, c);
}

// The median of 13: of as many as can hold it the least and the greatest cannot be it and are
// dropped, one more is taken in, and so on.
EC_INLINE Bytes median13(Bytes (&v)[13]) {
#pragma GCC unroll 8
  for (int count = 8, next = 8; count >= 3; --count) {
    for (int i = 0; i < count / 2; ++i) order(v[i], v[count - 1 - i]);
    for (int i = 1; i < (count + 1) / 2; ++i) order(v[0], v[i]);
    for (int i = count / 2; i < count - 1; ++i) order(v[i], v[count - 1]);
    if (count > 3) v[0] = v[next++];
  }
  return v[1];
}

// Of sorted columns. rows[k] holds the k-th of every column.
EC_INLINE Bytes medianOf9(const uint8_t* const* rows, int64_t step) {
  Bytes low[3], middle[3], high[3];
  for (int j = 0; j < 3; ++j) {
    low[j] = load(rows[0] + j * step);
    middle[j] = load(rows[1] + j * step);
    high[j] = load(rows[2] + j * step);
  }
  Bytes a = maxV<uint8_t>(maxV<uint8_t>(low[0], low[1]), low[2]);
  sort3(middle[0], middle[1], middle[2]);
  Bytes c = minV<uint8_t>(minV<uint8_t>(high[0], high[1]), high[2]);
  sort3(a, middle[1], c);
  return middle[1];
}

// Sorted along the rows too, each number is at least as great as all above and left of it: only 13
// of the 25 can be the median.
EC_INLINE Bytes medianOf25(const uint8_t* const* rows, int64_t step) {
  Bytes m[5][5];
  for (int k = 0; k < 5; ++k) {
    for (int j = 0; j < 5; ++j) m[k][j] = load(rows[k] + j * step);
    sort5(m[k][0], m[k][1], m[k][2], m[k][3], m[k][4]);
  }
  Bytes middle[13] = {m[0][3], m[0][4], m[1][2], m[1][3], m[1][4], m[2][1], m[2][2],
                      m[2][3], m[3][0], m[3][1], m[3][2], m[4][0], m[4][1]};
  return median13(middle);
}

template <int size>
class Network {
 public:
  Network(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        source_(arguments_, arena_, size / 2, size / 2, size) {
    const int64_t samples = SourceRows<uint8_t>::sourceSamples(arguments_, size - 1);
    for (auto& row : sorted_) row = arena_.take<uint8_t>(samples);
  }

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    const int64_t channels = arguments_.channels;
    const int64_t samples = tile.width * channels;
    const int64_t first = tile.y - size / 2;
    for (int64_t i = 0; i < size - 1; ++i) source_.read(tile, first + i);
    for (int64_t y = 0; y < tile.height; ++y) {
      source_.read(tile, first + y + size - 1);
      sortColumns(first + y, samples + (size - 1) * channels);
      uint8_t* to = arguments_.resultRow<uint8_t>(tile, y);
      for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
        const uint8_t* rows[size];
        for (int k = 0; k < size; ++k) rows[k] = sorted_[k] + i;
        if constexpr (size == 3) {
          storeUpTo(to + i, medianOf9(rows, channels), samples - i);
        } else {
          storeUpTo(to + i, medianOf25(rows, channels), samples - i);
        }
      }
    }
  }

 private:
  void sortColumns(int64_t y, int64_t samples) {
    for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
      Bytes v[size];
      for (int k = 0; k < size; ++k) v[k] = load(source_.row(y + k) + i);
      if constexpr (size == 3) {
        sort3(v[0], v[1], v[2]);
      } else {
        sort5(v[0], v[1], v[2], v[3], v[4]);
      }
      for (int k = 0; k < size; ++k) store(sorted_[k] + i, v[k]);
    }
  }

  const WindowArguments arguments_;
  Arena arena_;
  SourceRows<uint8_t> source_;
  uint8_t* sorted_[size];
};

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

EC_INLINE int firstAbove(Counts counts, uint8_t rank) {
#if defined(__x86_64__)
  return __builtin_ctz(static_cast<uint32_t>(_mm_movemask_epi8((__m128i)(counts > rank))));
#else
  int bin = 0;
  for (int i = 0; i < 16; ++i) bin += counts[i] <= rank;
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
        slideAny(to);
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

  void slideAny(uint8_t* to) {
    switch (size_) {
      case 7:
        return slideBytes<7>(to);
      case 9:
        return slideBytes<9>(to);
      case 11:
        return slideBytes<11>(to);
      case 13:
        return slideBytes<13>(to);
      case 15:
        return slideBytes<15>(to);
      default:
        return slide(to);
    }
  }

  // Counts of up to 15 × 15 pixels are bytes. A range's columns are few: adding them all up anew
  // takes no branch.
  template <int size>
  void slideBytes(uint8_t* to) {
    constexpr uint8_t rank = (size * size - 1) / 2;
    Counts coarse{};
    for (int x = 0; x < size - 1; ++x) coarse += at(coarse_ + x * 16);
    uint8_t totals[17] = {};
    for (int64_t x = 0; x < tile_.width; ++x, to += arguments_.channels) {
      coarse += at(coarse_ + (x + size - 1) * 16);
      const int range = firstAbove(coarse, rank);
      memcpy(totals + 1, &coarse, sizeof(coarse));
      const uint8_t* columns = fine_ + x * 256 + range * 16;
      Counts fine{};
#pragma GCC unroll 16
      for (int i = 0; i < size; ++i) fine += at(columns + i * 256);
      *to = static_cast<uint8_t>(range * 16 +
                                 firstAbove(fine, static_cast<uint8_t>(rank - totals[range])));
      coarse -= at(coarse_ + x * 16);
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

void median(const Call& call, Range range, void* scratch) noexcept {
  switch (WindowArguments(call).integer(0)) {
    case 3:
      return runTiles<Network<3>>(call, range, scratch);
    case 5:
      return runTiles<Network<5>>(call, range, scratch);
    default:
      return runTiles<Histograms>(call, range, scratch);
  }
}

}  // namespace median_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_MEDIAN {"medianBlur", Dtype::u8, {median_::median}},
