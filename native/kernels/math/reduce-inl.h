// The family of reductions: blocks of the input give one partial result each (phase 0), these are
// combined pairwise in the order of their index (phase 1). Blocks and lanes are the same on every
// CPU level and for every cutting, so the bits of a sum are too. The error bound of such a tree
// grows with the logarithm of the length: Higham, "The accuracy of floating point summation"
// (1993).
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// Elements of one block and the lanes they are dealt out to; src/kernels/reduce.ts has the same
// two.
constexpr int64_t blockLength = 4096;
constexpr int laneCount = 64;

// What a dtype is added up in: f64 for floats, 64-bit integers (wrapping) for integers.
template <class T>
struct Accumulator {
  using type = uint64_t;
};
template <>
struct Accumulator<float> {
  using type = double;
};
template <>
struct Accumulator<double> {
  using type = double;
};

// As many elements of T as a vector of accumulators has lanes.
template <class T, class A>
EC_INLINE V<A> loadWide(const T* from) {
  typedef T Narrow __attribute__((vector_size(sizeof(T) * lanes<A>)));
  typedef T Unaligned
      __attribute__((vector_size(sizeof(T) * lanes<A>), aligned(alignof(T)), may_alias));
  const Narrow value = *reinterpret_cast<const Unaligned*>(from);
  if constexpr (__is_same(A, double)) {
    return __builtin_convertvector(value, V<double>);
  } else {
    // Through the signed type of the same width as the accumulator, so that negative numbers
    // extend.
    return (V<uint64_t>)__builtin_convertvector(value, V<int64_t>);
  }
}

template <class T>
EC_INLINE typename Accumulator<T>::type sumBlock(const T* from, int64_t length) {
  using A = typename Accumulator<T>::type;
  constexpr int step = lanes<A>;
  constexpr int vectors = 8;  // independent sums: enough to hide the latency of an addition
  A total[laneCount];
  const int64_t rows = length / laneCount;
  for (int group = 0; group < laneCount; group += step * vectors) {
    constexpr int inGroup = step * vectors < laneCount ? vectors : laneCount / step;
    V<A> sums[inGroup] = {};
    for (int64_t row = 0; row < rows; ++row) {
      const T* const at = from + row * laneCount + group;
#pragma GCC unroll 8
      for (int v = 0; v < inGroup; ++v) sums[v] += loadWide<T, A>(at + v * step);
    }
    for (int v = 0; v < inGroup; ++v) store<A>(total + group + v * step, sums[v]);
  }
  for (int64_t i = rows * laneCount; i < length; ++i) {
    if constexpr (__is_same(A, double)) {
      total[i % laneCount] += static_cast<double>(from[i]);
    } else {
      total[i % laneCount] += static_cast<uint64_t>(static_cast<int64_t>(from[i]));
    }
  }
  for (int half = laneCount / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) total[lane] += total[lane + half];
  }
  return total[0];
}

// Views: x (one contiguous axis), out. A unit is a block.
template <class T>
void sumBlocks(const Call& call, Range range, void*) noexcept {
  using A = typename Accumulator<T>::type;
  const View& x = call.views[0];
  A* const partial = static_cast<A*>(call.shared);
  for (int64_t block = range.begin; block < range.end; ++block) {
    const int64_t begin = block * blockLength;
    partial[block] = sumBlock<T>(x.as<const T>() + begin, minOf(blockLength, x.shape[2] - begin));
  }
}

template <class T, int out = 1>
void sumPartials(const Call& call, Range, void*) noexcept {
  using A = typename Accumulator<T>::type;
  const int64_t blocks = (call.views[0].shape[2] + blockLength - 1) / blockLength;
  A* const partial = static_cast<A*>(call.shared);
  for (int64_t half = 1; half < blocks; half *= 2) {
    for (int64_t i = 0; i + half < blocks; i += 2 * half) partial[i] += partial[i + half];
  }
  *call.views[out].as<A>() = partial[0];
}

// Sums of products by the tree of sums. Views: a, b (one contiguous axis each), out.
template <class T>
void dotBlocks(const Call& call, Range range, void*) noexcept {
  double* const partial = static_cast<double*>(call.shared);
  for (int64_t block = range.begin; block < range.end; ++block) {
    const int64_t begin = block * blockLength;
    const int64_t length = minOf(blockLength, call.views[0].shape[2] - begin);
    const T* const a = call.views[0].as<const T>() + begin;
    const T* const b = call.views[1].as<const T>() + begin;
    double total[laneCount] = {};
    const int64_t whole = length - length % laneCount;
    for (int64_t i = 0; i < whole; i += laneCount) {
      for (int lane = 0; lane < laneCount; lane += lanes<double>) {
        store<double>(total + lane,
                      load<double>(total + lane) +
                          loadWide<T, double>(a + i + lane) * loadWide<T, double>(b + i + lane));
      }
    }
    for (int64_t i = whole; i < length; ++i) {
      total[i - whole] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    for (int half = laneCount / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; ++lane) total[lane] += total[lane + half];
    }
    partial[block] = total[0];
  }
}

#define EC_KERNELS_REDUCE                                                      \
  {"sum", Dtype::f64, {sumBlocks<double>, sumPartials<double>}},               \
      {"reduce dot", Dtype::f64, {dotBlocks<double>, sumPartials<double, 2>}}, \
      {"reduce dot", Dtype::f32, {dotBlocks<float>, sumPartials<float, 2>}},   \
      {"sum", Dtype::f32, {sumBlocks<float>, sumPartials<float>}},             \
      {"sum", Dtype::i8, {sumBlocks<int8_t>, sumPartials<int8_t>}},            \
      {"sum", Dtype::u8, {sumBlocks<uint8_t>, sumPartials<uint8_t>}},          \
      {"sum", Dtype::u8c, {sumBlocks<uint8_t>, sumPartials<uint8_t>}},         \
      {"sum", Dtype::i16, {sumBlocks<int16_t>, sumPartials<int16_t>}},         \
      {"sum", Dtype::u16, {sumBlocks<uint16_t>, sumPartials<uint16_t>}},       \
      {"sum", Dtype::i32, {sumBlocks<int32_t>, sumPartials<int32_t>}},         \
      {"sum", Dtype::u32, {sumBlocks<uint32_t>, sumPartials<uint32_t>}},       \
      {"sum", Dtype::i64, {sumBlocks<int64_t>, sumPartials<int64_t>}},         \
      {"sum", Dtype::u64, {sumBlocks<uint64_t>, sumPartials<uint64_t>}},

}  // namespace
}  // namespace everycore::EC_ISA
