// How often each value occurs among bytes, channel by channel.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// A store for each byte is what counting costs. So of many bytes two neighbours of a channel are
// counted at once, in a table of all pairs: few of its counters are used by a photograph, which
// stay in the caches, and in the end they are added up by either byte. Each channel has a table; a
// single one has two, which take turns, since equal pairs follow each other and a counter would
// wait for itself.
class ByteCounts {
 public:
  // `scratch`: as large as `countingScratch` in src/image/histogram.ts says. `samples`: how many
  // are going to be counted.
  ByteCounts(int64_t channels, int64_t samples, void* scratch)
      : channels_(channels),
        tables_(static_cast<int>(maxOf<int64_t>(channels, 2))),
        pairs_(countsPairs(channels, samples) ? static_cast<uint32_t (*)[pairValues]>(scratch)
                                              : nullptr) {
    if (pairs_ != nullptr) memset(pairs_, 0, static_cast<size_t>(tables_) * sizeof(*pairs_));
  }

  // Counts a row of whole pixels.
  void add(const uint8_t* row, int64_t samples) {
    int64_t i = 0;
    if (pairs_ != nullptr) {
      switch (channels_) {
        case 1:
          i = addPairs<1>(row, samples);
          break;
        case 2:
          i = addPairs<2>(row, samples);
          break;
        case 3:
          i = addPairs<3>(row, samples);
          break;
        default:
          i = addPairs<4>(row, samples);
      }
    }
    channels_ == 3 ? addSingles<6>(row, i, samples) : addSingles<8>(row, i, samples);
  }

  // Adds what was counted to [channel][value].
  void addTo(uint32_t* counts) const {
    for (int64_t k = 0; k < 8; ++k) {
      uint32_t* to = counts + k % channels_ * 256;
      const bool used = channels_ != 3 || k < 6;
      for (int value = 0; used && value < 256; ++value) to[value] += singles_[k][value];
    }
    for (int table = 0; pairs_ != nullptr && table < tables_; ++table) {
      addByByte(pairs_[table], counts + table % channels_ * 256);
    }
  }

 private:
  typedef uint8_t Block __attribute__((vector_size(16)));
  typedef uint16_t Pairs __attribute__((vector_size(16)));
  static constexpr int64_t pairValues = 65536;

  // From so many bytes on pairs are faster, clearing and adding up the tables included. Those of
  // several channels take an instruction that the lowest level lacks.
  static bool countsPairs(int64_t channels, int64_t samples) {
    return samples >= 1 << 17 && (channels == 1 || EC_VECTOR_BYTES > 16 || EC_LEVEL == EC_ISA_neon);
  }

  template <int channels>
  int64_t addPairs(const uint8_t* row, int64_t samples) {
    constexpr int tables = channels == 1 ? 2 : channels;
    constexpr int step = channels == 3 ? 12 : 16;  // bytes of whole pairs of pixels
    uint32_t(*const counts)[pairValues] = pairs_;
    int64_t i = 0;
    for (; i + 16 <= samples; i += step) {
      Block block;
      memcpy(&block, row + i, sizeof(block));
      const Pairs pairs = (Pairs)ordered<channels>(block);
      for (int k = 0; k < step / 2; ++k) ++counts[k % tables][pairs[k]];
    }
    return i;
  }

  // Brings the bytes of each channel in two neighbouring pixels together.
  template <int channels>
  static EC_INLINE Block ordered(Block v) {
    if constexpr (channels == 1) return v;
    if constexpr (channels == 2) {
      return __builtin_shuffle(v, Block{0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15});
    }
    if constexpr (channels == 3) {
      return __builtin_shuffle(v, Block{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 12, 13, 14, 15});
    }
    return __builtin_shuffle(v, Block{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15});
  }

  // Neighbours are counted apart here too.
  template <int counters>
  void addSingles(const uint8_t* row, int64_t i, int64_t samples) {
    for (; i + counters <= samples; i += counters) {
      for (int k = 0; k < counters; ++k) ++singles_[k][row[i + k]];
    }
    for (int k = 0; i < samples; ++i, ++k) ++singles_[k][row[i]];
  }

  static void addByByte(const uint32_t* pairs, uint32_t* to) {
    uint32_t firsts[256] = {};
    for (int value = 0; value < 256; ++value, pairs += 256) {
      uint32_t sum = 0;
      for (int k = 0; k < 256; ++k) {
        firsts[k] += pairs[k];
        sum += pairs[k];
      }
      to[value] += sum;
    }
    for (int k = 0; k < 256; ++k) to[k] += firsts[k];
  }

  const int64_t channels_;
  const int tables_;
  uint32_t (*const pairs_)[pairValues];
  uint32_t singles_[8][256] = {};
};

}  // namespace
}  // namespace everycore::EC_ISA
