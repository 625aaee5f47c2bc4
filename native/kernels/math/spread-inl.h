// The variance in one pass over memory: each block, which stays in the first-level cache, gives its
// mean and its sum of squared deviations from that, and these are merged pairwise (Chan, Golub,
// LeVeque, "Algorithms for computing the sample variance", 1983). src/kernels/statistics.ts has the
// same steps.
#pragma once

#include "kernels/math/reduce-inl.h"

namespace everycore::EC_ISA {
namespace {

struct Spread {
  double mean;
  double squares;  // of the deviations from the mean
};

// Sums of the deviations from `near` and of their squares, by the lanes of reduce-inl.h.
template <class T>
EC_INLINE void deviationsOfBlock(const T* x, int64_t length, double near, double& squares,
                                 double& rest) {
  double lane[2][laneCount];
  constexpr int step = lanes<double>;
  constexpr int inGroup = 4;
  const int64_t whole = length - length % laneCount;
  for (int group = 0; group < laneCount; group += step * inGroup) {
    V<double> square[inGroup] = {};
    V<double> plain[inGroup] = {};
    for (int64_t row = group; row < whole; row += laneCount) {
#pragma GCC unroll 4
      for (int v = 0; v < inGroup; ++v) {
        const V<double> deviation = loadWide<T, double>(x + row + v * step) - near;
        square[v] += deviation * deviation;
        plain[v] += deviation;
      }
    }
    for (int v = 0; v < inGroup; ++v) {
      store<double>(lane[0] + group + v * step, square[v]);
      store<double>(lane[1] + group + v * step, plain[v]);
    }
  }
  for (int64_t i = whole; i < length; ++i) {
    const double deviation = static_cast<double>(x[i]) - near;
    lane[0][i - whole] += deviation * deviation;
    lane[1][i - whole] += deviation;
  }
  squares = halved<Sum>(lane[0]);
  rest = halved<Sum>(lane[1]);
}

template <class T>
EC_INLINE Spread spreadOfBlock(const T* x, int64_t length) {
  if constexpr (widensFirst<T>) {
    double wide[blockLength];
    widenBlock(x, length, wide);
    return spreadOfBlock<double>(wide, length);
  } else {
    const double count = static_cast<double>(length);
    const double sum = joinBlock<Sum, double, double>(
        length, [=](int64_t i) EC_INLINE_LAMBDA { return loadWide<T, double>(x + i); },
        [=](int64_t i) EC_INLINE_LAMBDA { return static_cast<double>(x[i]); });
    const double near = sum / count;
    double squares;
    double rest;  // what the rounding of the mean leaves over
    deviationsOfBlock<T>(x, length, near, squares, rest);
    return {near + rest / count, squares - rest * rest / count};
  }
}

EC_INLINE Spread merged(Spread a, double countA, Spread b, double countB) {
  const double delta = b.mean - a.mean;
  const double share = countB / (countA + countB);
  return {a.mean + delta * share, a.squares + b.squares + delta * delta * (countA * share)};
}

// Views: x (one contiguous axis), out. A unit is a block.
template <class T>
void spreadBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  Spread* const partial = static_cast<Spread*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    partial[block] = spreadOfBlock<T>(x + begin, length);
  });
}

// One unit. Writes the sum of all squared deviations.
inline void mergeSpreads(const Call& call, Range, void*) noexcept {
  const int64_t size = call.views[0].shape[2];
  const int64_t blocks = blocksOf(call);
  Spread* const partial = static_cast<Spread*>(call.shared);
  for (int64_t half = 1; half < blocks; half *= 2) {
    const int64_t length = half * blockLength;
    for (int64_t i = 0; i + half < blocks; i += 2 * half) {
      const int64_t after = size - (i + half) * blockLength;
      partial[i] = merged(partial[i], static_cast<double>(length), partial[i + half],
                          static_cast<double>(minOf(length, after)));
    }
  }
  *call.views[1].as<double>() = partial[0].squares;
}

#define EC_SPREAD(T, dtype) {"reduce variance", Dtype::dtype, {spreadBlocks<T>, mergeSpreads}},

}  // namespace
}  // namespace everycore::EC_ISA
