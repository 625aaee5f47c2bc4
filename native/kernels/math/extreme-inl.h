// min, max, argmin, argmax. Each block leaves its extreme element; of those the first best one
// names the block that an index is looked for in. No order of comparing can change the answers.
#pragma once

#include "kernels/math/elements.h"
#include "kernels/math/reduce-inl.h"

namespace everycore::EC_ISA {
namespace {

struct Least {
  template <class X>
  static EC_INLINE auto beats(X a, X b) {
    return a < b;
  }
  template <class T>
  static EC_INLINE T join(T a, T b) {
    return smaller(a, b);
  }
  static constexpr bool beforeZero = true;  // which of the two zeros is the better one
};
struct Greatest {
  template <class X>
  static EC_INLINE auto beats(X a, X b) {
    return a > b;
  }
  template <class T>
  static EC_INLINE T join(T a, T b) {
    return larger(a, b);
  }
  static constexpr bool beforeZero = false;
};

// The extreme element; NaN where there is one. Of zeros, any.
template <class T, class F>
EC_INLINE T extremeOfBlock(const T* x, int64_t length) {
  constexpr int step = lanes<T>;
  constexpr int vectors = 4;
  T best = x[0];
  bool unordered = false;
  int64_t i = 0;
  if (length >= step * vectors) {
    V<T> bests[vectors];
    using Mask = decltype(bests[0] < bests[0]);
    Mask unorderedLanes{};
    for (int v = 0; v < vectors; ++v) bests[v] = load<T>(x + v * step);
    for (; i + step * vectors <= length; i += step * vectors) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        const V<T> value = load<T>(x + i + v * step);
        bests[v] = F::beats(value, bests[v]) ? value : bests[v];
        if constexpr (isFloating<T>) unorderedLanes |= value != value;
      }
    }
    for (int v = 1; v < vectors; ++v) bests[0] = F::beats(bests[v], bests[0]) ? bests[v] : bests[0];
    best = bests[0][0];
    for (int lane = 0; lane < step; ++lane) {
      best = F::beats(bests[0][lane], best) ? bests[0][lane] : best;
      unordered |= unorderedLanes[lane] != 0;
    }
  }
  for (; i < length; ++i) {
    best = F::beats(x[i], best) ? x[i] : best;
    unordered |= x[i] != x[i];
  }
  if constexpr (isFloating<T>) {
    if (unordered) return static_cast<T>(__builtin_nan(""));
  }
  return best;
}

// Comparisons hold zeros of both signs for one. Of a block whose extreme is a zero: the better one
// where it is among the elements, else the other.
template <class T, class F>
EC_INLINE T zeroOfBlock(const T* x, int64_t length) {
  using Bits = typename BitsOf<T>::type;
  const T better = F::beforeZero ? static_cast<T>(-0.0) : T{};
  Bits sought;
  memcpy(&sought, &better, sizeof sought);
  Bits found = 0;
  for (int64_t i = 0; i < length; ++i) {
    Bits bits;
    memcpy(&bits, x + i, sizeof bits);
    found |= static_cast<Bits>(bits == sought);
  }
  return found != 0 ? better : -better;
}

template <class T, class F>
EC_INLINE T signedExtremeOfBlock(const T* x, int64_t length) {
  const T best = extremeOfBlock<T, F>(x, length);
  if constexpr (isFloating<T>) {
    if (best == 0) return zeroOfBlock<T, F>(x, length);
  }
  return best;
}

// Views: x (one contiguous axis), out. A unit is a block.
template <class T, class F>
void extremeBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  T* const partial = static_cast<T*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    partial[block] = signedExtremeOfBlock<T, F>(x + begin, length);
  });
}

// Where the first element stands that is `best`, or NaN where that is; there is one.
template <class T>
EC_INLINE int64_t firstOf(const T* x, int64_t length, T best) {
  constexpr int64_t together = 64;
  const bool unordered = best != best;
  int64_t begin = 0;
  for (; begin + together <= length; begin += together) {
    int any = 0;
    for (int64_t i = begin; i < begin + together; ++i) {
      any |= static_cast<int>(x[i] == best) | static_cast<int>(x[i] != x[i]);
    }
    if (any != 0) break;
  }
  while (begin < length - 1 && !(unordered ? x[begin] != x[begin] : x[begin] == best)) ++begin;
  return begin;
}

// One unit. The index is written as a double.
template <class T, class F>
void extremeIndex(const Call& call, Range, void*) noexcept {
  const T* const partial = static_cast<const T*>(call.shared);
  const int64_t blocks = blocksOf(call);
  const T best = extremeOfBlock<T, F>(partial, blocks);
  const int64_t begin = firstOf(partial, blocks, best) * blockLength;
  const int64_t length = minOf(blockLength, call.views[0].shape[2] - begin);
  const int64_t at = begin + firstOf(call.views[0].as<const T>() + begin, length, best);
  *call.views[1].as<double>() = static_cast<double>(at);
}

#define EC_EXTREMES(T, dtype)                                                                \
  {"reduce min", Dtype::dtype, {extremeBlocks<T, Least>, joinPartials<T, Least>}},           \
      {"reduce max", Dtype::dtype, {extremeBlocks<T, Greatest>, joinPartials<T, Greatest>}}, \
      {"reduce argmin", Dtype::dtype, {extremeBlocks<T, Least>, extremeIndex<T, Least>}},    \
      {"reduce argmax", Dtype::dtype, {extremeBlocks<T, Greatest>, extremeIndex<T, Greatest>}},

}  // namespace
}  // namespace everycore::EC_ISA
