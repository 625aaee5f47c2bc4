// Every byte replaced by what one table says, in registers where the CPU can shuffle bytes.
#pragma once

#include "kernels/image/runs-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace lut_ {

#if EC_LEVEL == EC_ISA_avx512 || EC_LEVEL == EC_ISA_avx2
// The table in sixteenths, each as its difference from the one before. Shuffling answers zero where
// the top bit of a lane is set, so a lane is given the sum of all differences up to its own.
struct Shuffles {
  V<uint8_t> parts[16];

  explicit Shuffles(const uint8_t* table) {
    for (int part = 0; part < 16; ++part) {
      uint8_t bytes[16];
      for (int i = 0; i < 16; ++i) {
        // From 128 on the order of the top bits begins anew.
        const bool first = part % 8 == 0;
        bytes[i] =
            static_cast<uint8_t>(table[16 * part + i] ^ (first ? 0 : table[16 * part - 16 + i]));
      }
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
#if EC_LEVEL == EC_ISA_avx512
      parts[part] = (V<uint8_t>)_mm512_maskz_broadcast_i32x4(
          static_cast<__mmask16>(-1), block);  // GCC 12 warns of the plain form
#else
      parts[part] = (V<uint8_t>)_mm256_broadcastsi128_si256(block);
#endif
    }
  }

  // Bytes below 128 by parts 0 to 7, those above by the others.
  EC_INLINE V<uint8_t> at(V<uint8_t> v) const {
    return half(v, 0) ^ half(v ^ broadcast<uint8_t>(128), 8);
  }

 private:
  EC_INLINE V<uint8_t> half(V<uint8_t> v, int first) const {
    V<uint8_t> sum = shuffle(parts[first], v);
    for (int part = 1; part < 8; ++part) {
      v = subtract16(v);
      sum ^= shuffle(parts[first + part], v);
    }
    return sum;
  }

#if EC_LEVEL == EC_ISA_avx512
  static EC_INLINE V<uint8_t> shuffle(V<uint8_t> table, V<uint8_t> v) {
    return (V<uint8_t>)_mm512_shuffle_epi8((__m512i)table, (__m512i)v);
  }
  static EC_INLINE V<uint8_t> subtract16(V<uint8_t> v) {
    return (V<uint8_t>)_mm512_subs_epi8((__m512i)v, _mm512_set1_epi8(16));
  }
#else
  static EC_INLINE V<uint8_t> shuffle(V<uint8_t> table, V<uint8_t> v) {
    return (V<uint8_t>)_mm256_shuffle_epi8((__m256i)table, (__m256i)v);
  }
  static EC_INLINE V<uint8_t> subtract16(V<uint8_t> v) {
    return (V<uint8_t>)_mm256_subs_epi8((__m256i)v, _mm256_set1_epi8(16));
  }
#endif
};

// All samples by one table; of pixels of `alphaOf` samples the last stays (0: none does).
struct OneTable {
  const uint8_t* table;
  Shuffles shuffles;
  V<uint8_t> keep{};
  int64_t alphaOf;

  OneTable(const uint8_t* table_, int64_t alphaOf_)
      : table(table_), shuffles(table_), alphaOf(alphaOf_) {
    for (int i = 0; i < EC_VECTOR_BYTES; ++i)
      keep[i] = alphaOf && i % alphaOf == alphaOf - 1 ? 255 : 0;
  }

  EC_INLINE V<uint8_t> at(V<uint8_t> v) const { return (shuffles.at(v) & ~keep) | (v & keep); }

  void rows(const View& from, const View& to, Range range) const {
    runs_::eachVector(from, to, range, [this](V<uint8_t> v) EC_INLINE_LAMBDA { return at(v); });
  }
};
#else
struct OneTable {
  uint8_t table[256];  // a copy: nothing that is written can then be one of its entries
  int64_t alphaOf;

  OneTable(const uint8_t* table_, int64_t alphaOf_) : alphaOf(alphaOf_) {
    memcpy(table, table_, sizeof(table));
  }

  void rows(const View& from, const View& to, Range range) const {
    runs_::eachRun(from, to, range, [&](const uint8_t* source, uint8_t* target, int64_t count) {
      run(source, target, count * from.shape[2]);
    });
  }

 private:
  void run(const uint8_t* from, uint8_t* to, int64_t samples) const {
    if (alphaOf == 0) {
      constexpr int step = 8;
      int64_t i = 0;
      for (; i + step <= samples; i += step) {
        uint8_t values[step];
        for (int k = 0; k < step; ++k) values[k] = table[from[i + k]];
        memcpy(to + i, values, step);
      }
      for (; i < samples; ++i) to[i] = table[from[i]];
      return;
    }
    for (int64_t i = 0; i < samples; i += alphaOf) {
      for (int64_t c = 0; c < alphaOf - 1; ++c) to[i + c] = table[from[i + c]];
      to[i + alphaOf - 1] = from[i + alphaOf - 1];
    }
  }
};
#endif

}  // namespace lut_
}  // namespace
}  // namespace everycore::EC_ISA
