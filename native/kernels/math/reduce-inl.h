// The family of reductions: blocks of the input give one partial result each (phase 0), these are
// combined pairwise in the order of their index (phase 1). Blocks and lanes are the same on every
// CPU level and for every cutting, so the bits of a sum are too. The error bound of such a tree
// grows with the logarithm of the length: Higham, "The accuracy of floating point summation"
// (1993).
#pragma once

#include "kernels/math/widen.h"

namespace everycore::EC_ISA {
namespace {

// Elements of one block and the lanes they are dealt out to; src/kernels/reduce.ts has the same
// two.
constexpr int64_t blockLength = 4096;
constexpr int laneCount = 64;

// What a lane adds a dtype up in, and what all lanes together: f64 for floats, for integers 64 bits
// (wrapping) in the end. A lane gets so few elements of a block that twice their width holds them.
template <class T>
struct Accumulator {
  using Lane = uint64_t;
  using Total = uint64_t;
};
#define EC_ACCUMULATOR(T, L, A) \
  template <>                   \
  struct Accumulator<T> {       \
    using Lane = L;             \
    using Total = A;            \
  };
EC_ACCUMULATOR(double, double, double)
EC_ACCUMULATOR(float, double, double)
EC_ACCUMULATOR(int8_t, int16_t, uint64_t)
EC_ACCUMULATOR(uint8_t, uint16_t, uint64_t)
EC_ACCUMULATOR(int16_t, int32_t, uint64_t)
EC_ACCUMULATOR(uint16_t, uint32_t, uint64_t)
EC_ACCUMULATOR(int32_t, int64_t, uint64_t)
template <class T>
using LaneOf = typename Accumulator<T>::Lane;
template <class T>
using TotalOf = typename Accumulator<T>::Total;

struct Sum {
  static constexpr int identity = 0;
  template <class X>
  static EC_INLINE X join(X a, X b) {
    return a + b;
  }
};
struct Product {
  static constexpr int identity = 1;
  template <class X>
  static EC_INLINE X join(X a, X b) {
    return a * b;
  }
};

// Joins a block in lanes: element i belongs to lane i % laneCount. `vector(i)` answers what
// elements i and following contribute, a vector full, `single(i)` what element i does. Lanes that
// don't fit the registers take turns every few rows, so that memory is read from front to end.
template <class F, class L, class Vectors, class Single>
EC_INLINE void joinLanes(L* lane, int64_t length, Vectors vector, Single single) {
  constexpr int step = lanes<L>;
  constexpr int inGroup = minOf(16, laneCount / step);  // as many as there are registers
  constexpr int64_t turn = step * inGroup == laneCount ? blockLength : int64_t{16} * laneCount;
  const int64_t whole = length - length % laneCount;
  for (int i = 0; i < laneCount; ++i) lane[i] = F::identity;
  for (int64_t begin = 0; begin < whole; begin += turn) {
    const int64_t end = minOf(begin + turn, whole);
    for (int group = 0; group < laneCount; group += step * inGroup) {
      V<L> joined[inGroup];
      for (int v = 0; v < inGroup; ++v) joined[v] = load<L>(lane + group + v * step);
      for (int64_t row = begin + group; row < end; row += laneCount) {
#pragma GCC unroll 16
        for (int v = 0; v < inGroup; ++v) joined[v] = F::join(joined[v], vector(row + v * step));
      }
      for (int v = 0; v < inGroup; ++v) store<L>(lane + group + v * step, joined[v]);
    }
  }
  for (int64_t i = whole; i < length; ++i) lane[i - whole] = F::join(lane[i - whole], single(i));
}

// Halves the lanes until one is left.
template <class F, class A>
EC_INLINE A halved(A (&lane)[laneCount]) {
  for (int half = laneCount / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lane[i] = F::join(lane[i], lane[i + half]);
  }
  return lane[0];
}

template <class F, class A, class L, class Vectors, class Single>
EC_INLINE A joinBlock(int64_t length, Vectors vector, Single single) {
  L lane[laneCount];
  joinLanes<F, L>(lane, length, vector, single);
  A total[laneCount];
  for (int i = 0; i < laneCount; ++i) total[i] = static_cast<A>(lane[i]);
  return halved<F>(total);
}

template <class T>
EC_INLINE TotalOf<T> sumOfBlock(const T* x, int64_t length) {
  using L = LaneOf<T>;
  return joinBlock<Sum, TotalOf<T>, L>(
      length, [=](int64_t i) EC_INLINE_LAMBDA { return loadWide<T, L>(x + i); },
      [=](int64_t i) EC_INLINE_LAMBDA { return static_cast<L>(x[i]); });
}

template <class T>
EC_INLINE TotalOf<T> productOfBlock(const T* x, int64_t length) {
  using A = TotalOf<T>;
  return joinBlock<Product, A, A>(
      length,
      [=](int64_t i) EC_INLINE_LAMBDA {
        // Integers through the signed type of their width, so that negative numbers extend.
        if constexpr (__is_same(A, double))
          return loadWide<T, double>(x + i);
        else
          return (V<A>)loadWide<T, int64_t>(x + i);
      },
      [=](int64_t i) EC_INLINE_LAMBDA { return static_cast<A>(x[i]); });
}

// Runs `ofBlock(block, its first element, its length)` for each block of a range.
template <class F>
EC_INLINE void eachBlock(const Call& call, Range range, F ofBlock) {
  const int64_t size = call.views[0].shape[2];
  for (int64_t block = range.begin; block < range.end; ++block) {
    const int64_t begin = block * blockLength;
    ofBlock(block, begin, minOf(blockLength, size - begin));
  }
}
inline int64_t blocksOf(const Call& call) {
  return (call.views[0].shape[2] + blockLength - 1) / blockLength;
}

// Views: x (one contiguous axis), out. A unit is a block.
template <class T>
void sumBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  auto* const partial = static_cast<TotalOf<T>*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    partial[block] = sumOfBlock<T>(x + begin, length);
  });
}
template <class T>
void productBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  auto* const partial = static_cast<TotalOf<T>*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    partial[block] = productOfBlock<T>(x + begin, length);
  });
}
// Compilers widen vectors of narrow integers to doubles element by element, but loops well: their
// blocks are reduced as blocks of doubles.
template <class T>
constexpr bool widensFirst = sizeof(T) < 4;
template <class T>
EC_INLINE void widenBlock(const T* x, int64_t length, double* wide) {
  for (int64_t i = 0; i < length; ++i) wide[i] = static_cast<double>(x[i]);
}

template <class T>
EC_INLINE double squaresOfBlock(const T* x, int64_t length) {
  if constexpr (widensFirst<T>) {
    double wide[blockLength];
    widenBlock(x, length, wide);
    return squaresOfBlock<double>(wide, length);
  } else {
    return joinBlock<Sum, double, double>(
        length,
        [=](int64_t i) EC_INLINE_LAMBDA {
          const V<double> value = loadWide<T, double>(x + i);
          return value * value;
        },
        [=](int64_t i) EC_INLINE_LAMBDA {
          const double value = static_cast<double>(x[i]);
          return value * value;
        });
  }
}
template <class T>
void squareBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  double* const partial = static_cast<double*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    partial[block] = squaresOfBlock<T>(x + begin, length);
  });
}

// Views: a, b (one contiguous axis each), out.
template <class T>
void dotBlocks(const Call& call, Range range, void*) noexcept {
  using A = TotalOf<T>;
  const T* const x = call.views[0].as<const T>();
  const T* const y = call.views[1].as<const T>();
  A* const partial = static_cast<A*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    const T* const a = x + begin;
    const T* const b = y + begin;
    partial[block] = joinBlock<Sum, A, A>(
        length,
        [=](int64_t i) EC_INLINE_LAMBDA {
          if constexpr (__is_same(A, double)) {
            return loadWide<T, double>(a + i) * loadWide<T, double>(b + i);
          } else {
            return (V<A>)loadWide<T, int64_t>(a + i) * (V<A>)loadWide<T, int64_t>(b + i);
          }
        },
        [=](int64_t i) EC_INLINE_LAMBDA { return static_cast<A>(a[i]) * static_cast<A>(b[i]); });
  });
}

// The tree over what the blocks left; one unit. The result goes to the last view.
template <class A, class F>
void joinPartials(const Call& call, Range, void*) noexcept {
  const int64_t blocks = blocksOf(call);
  A* const partial = static_cast<A*>(call.shared);
  for (int64_t half = 1; half < blocks; half *= 2) {
    for (int64_t i = 0; i + half < blocks; i += 2 * half) {
      partial[i] = F::join(partial[i], partial[i + half]);
    }
  }
  *call.views[call.viewCount - 1].as<A>() = partial[0];
}

// Rows of a kernel for the dtypes whose elements are JavaScript numbers, and for all.
#define EC_EACH_NUMBER(ROW) \
  ROW(double, f64)          \
  ROW(float, f32)           \
  ROW(int8_t, i8)           \
  ROW(uint8_t, u8)          \
  ROW(uint8_t, u8c) ROW(int16_t, i16) ROW(uint16_t, u16) ROW(int32_t, i32) ROW(uint32_t, u32)
#define EC_EACH_DTYPE(ROW) EC_EACH_NUMBER(ROW) ROW(int64_t, i64) ROW(uint64_t, u64)

#define EC_SUM(T, dtype) {"sum", Dtype::dtype, {sumBlocks<T>, joinPartials<TotalOf<T>, Sum>}},
#define EC_PRODUCT(T, dtype) \
  {"reduce product", Dtype::dtype, {productBlocks<T>, joinPartials<TotalOf<T>, Product>}},
#define EC_DOT(T, dtype) \
  {"reduce dot", Dtype::dtype, {dotBlocks<T>, joinPartials<TotalOf<T>, Sum>}},
#define EC_SQUARES(T, dtype) \
  {"reduce norm", Dtype::dtype, {squareBlocks<T>, joinPartials<double, Sum>}},

}  // namespace
}  // namespace everycore::EC_ISA
