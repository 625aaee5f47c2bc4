// resize of bytes, in whole numbers: along the rows first, then down the columns.
//
// `Pillow`: weights of 22 fraction bits, rounded to bytes in between, to the bit as Pillow does it.
// The instruction that multiplies pairs takes 16 bits, so a weight comes in two parts: 2048 · high
// + low. By whole factors low parts are often zero, and then left out. `Fast`: weights of 16 bits
// and 6 fraction bits in between, half the multiplications.
#pragma once

#include "kernels/image/lanes-inl.h"
#include "kernels/image/premultiply-inl.h"
#include "kernels/image/resize-arguments-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace resize_ {

using namespace lanes_;

struct Pillow {
  typedef uint8_t Sample;  // between the passes
  static constexpr int parts = 2, lowBits = 11;
};
struct Fast {
  typedef int16_t Sample;
  static constexpr int parts = 1, lowBits = 0;
};

// Two weights in all pairs. By the one instruction there is for it: of broadcasts from memory GCC
// 12 makes a longer load, moves and shuffles.
EC_INLINE V<int16_t> broadcastPair(const int16_t* weights) {
#if EC_LEVEL == EC_ISA_avx2
  __m256i pairs;
  asm("vpbroadcastd %1, %0" : "=x"(pairs) : "m"(*reinterpret_cast<const int32_t(*)>(weights)));
  return (V<int16_t>)pairs;
#else
  int32_t pair;
  memcpy(&pair, weights, 4);
  return (V<int16_t>)broadcast(pair);
#endif
}

// Sums of samples by their weights, of `Count` vectors side by side. `Low`: with the low parts.
template <int Count, bool Low>
struct Sums {
  V<int32_t> high[Count] = {};
  V<int32_t> low[Count] = {};

  // `weights`: two high parts, then (Pillow) two low ones.
  EC_INLINE void add(const V<int16_t>* pairs, const int16_t* weights) {
    const V<int16_t> highWeights = broadcastPair(weights);
    for (int i = 0; i < Count; ++i) high[i] += multiplyPairs(pairs[i], highWeights);
    if constexpr (Low) {
      const V<int16_t> lowWeights = broadcastPair(weights + 2);
      for (int i = 0; i < Count; ++i) low[i] += multiplyPairs(pairs[i], lowWeights);
    }
  }

  // `highShift`: fraction bits of the high parts.
  EC_INLINE V<int32_t> rounded(int i, int highShift) const {
    V<uint32_t> sum = (V<uint32_t>)high[i];
    if constexpr (Low) {
      sum = (sum << Pillow::lowBits) + (V<uint32_t>)low[i];
      highShift += Pillow::lowBits;
    }
    return (V<int32_t>)(sum + (uint32_t{1} << (highShift - 1))) >> highShift;
  }
};

// A window onto a strip of rows, turned: vector `c` of pair `p` holds channel c of pixels 2 p and
// 2 p + 1 of every row. It moves along the rows with the results, so it stays in the nearest cache.
template <int Channels>
class Window {
 public:
  Window(const View& image, int64_t row, int64_t end, V<int16_t>* memory, int64_t capacity)
      : source_(image.as<const uint8_t>(), image.stride[0], row, end),
        next_(image.as<const uint8_t>(), image.stride[0],
              minOf(row + stripRows, image.shape[0] - 1), image.shape[0]),
        rowBytes_(image.shape[1] * Channels),
        memory_(memory),
        capacity_(capacity) {}

  // Pairs [first, first + count); `first` never goes back.
  EC_INLINE const V<int16_t>* pairs(int64_t first, int64_t count) {
    while (first + count > end_) {
      if (end_ + stepPairs > begin_ + capacity_ || first >= end_) moveTo(first);
      appendStep(memory_ + (end_ - begin_) * Channels);
      end_ += stepPairs;
    }
    return memory_ + (first - begin_) * Channels;
  }

 private:
  static constexpr int stepPairs = Channels == 3 ? 2 : 8 / Channels;

  __attribute__((noinline)) void moveTo(int64_t first) {
    const int64_t kept = maxOf<int64_t>(end_ - first, 0);
    const V<int16_t>* from = memory_ + (first - begin_) * Channels;
    memmove(memory_, from, static_cast<size_t>(kept * Channels) * sizeof(*from));
    begin_ = first;
    end_ = first + kept;
  }

  EC_INLINE void appendStep(V<int16_t>* to) const {
    const int64_t offset = end_ * 2 * Channels;
    fetchAhead(offset);
    offset + 16 <= rowBytes_ ? turn(source_.rows, offset, to) : turnTails(offset, to);
  }

  // The same place in the rows of the next strip, two rows a step: a page of memory ends within
  // every row, and there the CPU stops to read ahead by itself.
  EC_INLINE void fetchAhead(int64_t offset) const {
    const int64_t i = end_ / stepPairs * 2 % stripRows;
    __builtin_prefetch(next_.rows[i] + offset, 0, 2);
    __builtin_prefetch(next_.rows[i + 1] + offset, 0, 2);
  }

  __attribute__((noinline)) void turnTails(int64_t offset, V<int16_t>* to) const {
    // The rows end within these 16 bytes; zeros stand for what is behind.
    uint8_t tails[stripRows][16] = {};
    const uint8_t* rows[stripRows];
    for (int i = 0; i < stripRows; ++i) {
      memcpy(tails[i], source_.rows[i] + offset, static_cast<size_t>(rowBytes_ - offset));
      rows[i] = tails[i];
    }
    turn(rows, 0, to);
  }

  EC_INLINE static void turn(const uint8_t* const* rows, int64_t offset, V<int16_t>* to) {
    Bytes v[4];
    for (int k = 0; k < 4; ++k) v[k] = pairPixels<Channels>(loadBlocks(rows + k, offset));
    turnOuter<2>(v);
    turnInner<2>(v);
    // Whole vectors are stored one by one: copied as an array they would go in halves, which a load
    // of the whole cannot be served from before they have reached the cache.
    put<0>(v, to);
    put<2>(v, to);
    put<4>(v, to);
    if constexpr (Channels != 3) put<6>(v, to);
  }

  // Vectors i and i + 1 of a step.
  template <int i>
  EC_INLINE static void put(const Bytes v[4], V<int16_t>* to) {
    const V<int16_t> low = widenLow(v[i / 2]), high = widenHigh(v[i / 2]);
    if constexpr (Channels % 2 == 1) {
      to[i] = low;
      to[i + 1] = high;
    } else {
      const bool isLast = Channels == 2 || i % 4 == 2;
      const V<int16_t> alpha = Channels == 2 ? high : widenHigh(v[(i / 2) | 1]);
      to[i] = alpha_::premultiply(low, alpha);
      to[i + 1] = isLast ? high : alpha_::premultiply(high, alpha);
    }
  }

  const StripRows<const uint8_t> source_, next_;
  const int64_t rowBytes_;
  V<int16_t>* const memory_;
  const int64_t capacity_;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

// Turns sums of 16 (bytes) or 8 (words) neighbouring samples back and stores them in the strip's
// rows.
EC_INLINE void storeTurned(const V<int32_t>* sums, uint8_t* const* rows, int64_t at, uint8_t) {
  Bytes v[4];
  for (int k = 0; k < 4; ++k, sums += 4) {
    v[k] = narrowToBytes(narrowToWords(sums[0], sums[1]), narrowToWords(sums[2], sums[3]));
  }
  turnOuter<1>(v);
  turnInner<1>(v);
  turnOuter<1>(v);
  turnInner<1>(v);
  for (int k = 0; k < 4; ++k) storeBlocks(rows + k, at, v[k]);
}
EC_INLINE void storeTurned(const V<int32_t>* sums, uint8_t* const* rows, int64_t at, int16_t) {
  Bytes v[4];
  for (int k = 0; k < 4; ++k) v[k] = (Bytes)narrowToWords(sums[2 * k], sums[2 * k + 1]);
  turnOuter<2>(v);
  turnInner<2>(v);
  turnOuter<2>(v);
  // Three steps leave the bits of the vectors' numbers exchanged.
  for (int k = 0; k < 4; ++k) storeBlocks(rows + (k >> 1 | (k & 1) << 1), at * 2, v[k]);
}

// The sums of one result of a strip's rows.
template <class Method, int Channels, bool Low>
EC_INLINE void weighPairs(const V<int16_t>* pairs, const int16_t* weights, int64_t groups,
                          int highShift, V<int32_t>* to) {
  Sums<Channels, Low> sum;
  for (int64_t g = 0; g < groups; ++g, pairs += Channels, weights += 2 * Method::parts) {
    sum.add(pairs, weights);
  }
  for (int c = 0; c < Channels; ++c) to[c] = sum.rounded(c, highShift);
}

// Phase 0 of one strip.
template <class Method, int Channels>
void resizeStrip(const Arguments& a, int64_t row, int64_t end, Arena arena) {
  typedef typename Method::Sample Sample;
  constexpr int pixels = 16;  // at once: whole 16 bytes for every count of channels
  constexpr int perStore = 16 / static_cast<int>(sizeof(Sample));
  const int highShift = a.shiftX - Method::lowBits;
  V<int32_t>* sums = arena.take<V<int32_t>>(pixels * Channels);
  Window<Channels> window(a.image, a.firstRow + row, a.firstRow + end,
                          arena.take<V<int16_t>>(a.window * Channels), a.window);
  const int64_t strideBytes = a.sharedStride() * static_cast<int64_t>(sizeof(Sample));
  const StripRows<uint8_t> target(static_cast<uint8_t*>(a.shared), strideBytes, row, end);
  for (int64_t x = 0; x < a.x.size; x += pixels) {
    const int64_t count = minOf<int64_t>(pixels, a.x.size - x);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t groups = a.x.count(x + i);
      const V<int16_t>* pairs = window.pairs(a.x.first(x + i), groups);
      const int16_t* weights = a.x.weightsOf<int16_t>(x + i);
      V<int32_t>* to = sums + i * Channels;
      if (Method::parts == 2 && a.x.hasLowParts(x + i)) {
        weighPairs<Method, Channels, true>(pairs, weights, groups, highShift, to);
      } else {
        weighPairs<Method, Channels, false>(pairs, weights, groups, highShift, to);
      }
    }
    for (int64_t at = 0; at < count * Channels; at += perStore) {
      storeTurned(sums + at, target.rows, x * Channels + at, Sample{});
    }
  }
}

template <class Method>
void alongRows(const Call& call, Range range, void* scratch) noexcept {
  const Arguments a(call);
  for (int64_t row = range.begin; row < range.end; row += stripRows) {
    const int64_t end = minOf(row + stripRows, range.end);
    const Arena arena{static_cast<char*>(scratch)};
    switch (a.channels) {
      case 1:
        resizeStrip<Method, 1>(a, row, end, arena);
        break;
      case 2:
        resizeStrip<Method, 2>(a, row, end, arena);
        break;
      case 3:
        resizeStrip<Method, 3>(a, row, end, arena);
        break;
      default:
        resizeStrip<Method, 4>(a, row, end, arena);
    }
  }
}

// Pairs of samples from two rows, as many as a vector has bytes, in an order that narrowing undoes.
EC_INLINE void loadPairs(const uint8_t* upper, const uint8_t* lower, V<int16_t> pairs[4]) {
  const Bytes a = load(upper), b = load(lower);
  const Bytes low = unpackLow<1>(a, b), high = unpackHigh<1>(a, b);
  pairs[0] = widenLow(low);
  pairs[1] = widenHigh(low);
  pairs[2] = widenLow(high);
  pairs[3] = widenHigh(high);
}
EC_INLINE void loadPairs(const int16_t* upper, const int16_t* lower, V<int16_t> pairs[4]) {
  constexpr int half = lanes<int16_t>;
  const Bytes a = (Bytes)load(upper), b = (Bytes)load(lower);
  const Bytes c = (Bytes)load(upper + half), d = (Bytes)load(lower + half);
  pairs[0] = (V<int16_t>)unpackLow<2>(a, b);
  pairs[1] = (V<int16_t>)unpackHigh<2>(a, b);
  pairs[2] = (V<int16_t>)unpackLow<2>(c, d);
  pairs[3] = (V<int16_t>)unpackHigh<2>(c, d);
}

// Narrowing takes turns between the blocks of its operands. Bytes were loaded in blocks of 16,
// which gives their order back; words in blocks of 8, of which the turns must be undone.
EC_INLINE Bytes inOrder(Bytes narrowed, uint8_t) { return narrowed; }
EC_INLINE Bytes inOrder(Bytes narrowed, int16_t) {
#if EC_LEVEL == EC_ISA_avx512
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  return (Bytes)_mm512_permutexvar_epi64(order, (__m512i)narrowed);
#elif EC_LEVEL == EC_ISA_avx2
  return (Bytes)_mm256_permute4x64_epi64((__m256i)narrowed, _MM_SHUFFLE(3, 1, 2, 0));
#else
  return narrowed;
#endif
}

// Rows between the passes that the next row of the result is the first to read: asked for beside
// this row's work. They come from far, and a page ends within nearly every row, where the CPU stops
// to read ahead by itself.
template <class Sample>
struct NextRows {
  const Sample* rows;
  int64_t stride, count;

  NextRows(const Arguments& a, int64_t y) : stride(a.sharedStride()) {
    const int64_t begin = end(a, y);
    rows = static_cast<const Sample*>(a.shared) + begin * stride;
    count = y + 1 < a.y.size ? end(a, y + 1) - begin : 0;
  }
  EC_INLINE void fetch(int64_t at) const {
    for (int64_t i = 0; i < count; ++i) __builtin_prefetch(rows + i * stride + at, 0, 2);
  }

 private:
  static int64_t end(const Arguments& a, int64_t y) {
    return minOf(2 * (a.y.first(y) + a.y.count(y)) - a.firstRow, a.rows);
  }
};

// Phase 1 of one row of the result. `Low`: its weights have low parts.
template <class Method, bool Low>
void resizeRow(const Arguments& a, int64_t y, uint8_t* to) {
  typedef typename Method::Sample Sample;
  const int64_t stride = a.sharedStride();
  const int64_t first = a.y.first(y) * 2 - a.firstRow;
  const int64_t groups = a.y.count(y);
  const Sample* top = static_cast<const Sample*>(a.shared) + first * stride;
  const int64_t samples = a.x.size * a.channels;
  const int highShift = a.shiftY - Method::lowBits;
  const NextRows<Sample> next(a, y);
  for (int64_t at = 0; at < samples; at += EC_VECTOR_BYTES) {
    next.fetch(at);
    const Sample* upper = top + at;
    const int16_t* weights = a.y.weightsOf<int16_t>(y);
    Sums<4, Low> sum;
    for (int64_t g = 0; g < groups; ++g, upper += 2 * stride, weights += 2 * Method::parts) {
      // An odd last row is its own partner, with weight 0.
      const Sample* lower = first + 2 * g + 1 < a.rows ? upper + stride : upper;
      V<int16_t> pairs[4];
      loadPairs(upper, lower, pairs);
      sum.add(pairs, weights);
    }
    const Bytes bytes =
        inOrder(narrowToBytes(narrowToWords(sum.rounded(0, highShift), sum.rounded(1, highShift)),
                              narrowToWords(sum.rounded(2, highShift), sum.rounded(3, highShift))),
                Sample{});
    if (samples - at >= EC_VECTOR_BYTES) {
      store(to + at, bytes);
    } else {
      storePart(to + at, bytes, samples - at);
    }
  }
}

template <class Method>
void downColumns(const Call& call, Range range, void*) noexcept {
  const Arguments a(call);
  for (int64_t row = range.begin; row < range.end; ++row) {
    uint8_t* to = beginRow<uint8_t>(a, row);
    if (to == nullptr) continue;
    if (Method::parts == 2 && a.y.hasLowParts(row - a.top)) {
      resizeRow<Method, true>(a, row - a.top, to);
    } else {
      resizeRow<Method, false>(a, row - a.top, to);
    }
    if (a.channels == 2) alpha_::unpremultiplyRow<2>(to, a.x.size);
    if (a.channels == 4) alpha_::unpremultiplyRow<4>(to, a.x.size);
  }
}

}  // namespace resize_
}  // namespace
}  // namespace everycore::EC_ISA
