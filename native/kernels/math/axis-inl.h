// Reductions along one axis of a matrix: a line of elements gives one result, with the bits of the
// same line as a vector. Lines whose elements lie side by side are reduced one by one; otherwise a
// strip of lines at a time, so that each row of the strip is read as a whole.
#pragma once

#include "kernels/math/extreme-inl.h"
#include "kernels/math/reduce-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr int stripLines = 128;  // src/kernels/axis.ts cuts at multiples of this
constexpr int levelsMax = 40;

// What a sum or a mean of integers is made of: their exact total, as a double.
template <class T, class A>
EC_INLINE double totalAsDouble(A total) {
  if constexpr (__is_same(A, double))
    return total;
  else if constexpr (__is_same(T, uint64_t))
    return static_cast<double>(total);
  else
    return static_cast<double>(static_cast<int64_t>(total));
}

// A rule says how elements become a result: by lanes as many as a vector's tree has.
template <class T, class F>
struct TotalRule {
  using A = TotalOf<T>;
  static constexpr int lanesPerLine = laneCount;
  static constexpr A identity = F::identity;
  static EC_INLINE A join(A a, A b) { return F::join(a, b); }
  static EC_INLINE A begin(A a) { return F::join(identity, a); }
  static EC_INLINE A of(T x) { return static_cast<A>(x); }
  static EC_INLINE A ofBlock(const T* x, int64_t length) {
    if constexpr (__is_same(F, Sum))
      return sumOfBlock<T>(x, length);
    else
      return productOfBlock<T>(x, length);
  }
};
// 64-bit integers stay what they are, f32 is rounded once, all others are doubles.
template <class T, class F>
struct Total : TotalRule<T, F> {
  static constexpr bool same = sizeof(T) == 8 || __is_same(T, float);
  template <class O>
  static EC_INLINE void put(void* out, int64_t at, O total, int64_t) {
    if constexpr (same)
      static_cast<T*>(out)[at] = static_cast<T>(total);
    else
      static_cast<double*>(out)[at] = totalAsDouble<T>(total);
  }
};
template <class T>
struct Mean : TotalRule<T, Sum> {
  template <class O>
  static EC_INLINE void put(void* out, int64_t at, O total, int64_t length) {
    const double mean = totalAsDouble<T>(total) / static_cast<double>(length);
    if constexpr (__is_same(T, float))
      static_cast<float*>(out)[at] = static_cast<float>(mean);
    else
      static_cast<double*>(out)[at] = mean;
  }
};
// The order of comparing is free: one lane. Lines of no elements have been refused.
template <class T, class F>
struct Extreme {
  using A = T;
  static constexpr T identity{};
  static constexpr int lanesPerLine = 1;
  static EC_INLINE A join(A a, A b) { return F::join(a, b); }
  static EC_INLINE A begin(A a) { return a; }
  static EC_INLINE A of(T x) { return x; }
  static EC_INLINE A ofBlock(const T* x, int64_t length) {
    return signedExtremeOfBlock<T, F>(x, length);
  }
  static EC_INLINE void put(void* out, int64_t at, T best, int64_t) {
    static_cast<T*>(out)[at] = best;
  }
};

// The pairwise tree over blocks that come one after the other, each with the partial results of a
// strip of lines: complete subtrees wait, the largest first, as the bits of the number of blocks
// say.
template <class R>
struct Pairwise {
  using A = typename R::A;
  A* waiting;  // levelsMax strips
  int width;
  int depth = 0;
  int64_t blocks = 0;

  A* next() { return waiting + depth * width; }
  void joinTop() {
    --depth;
    A* const EC_RESTRICT to = waiting + (depth - 1) * width;
    const A* const EC_RESTRICT from = waiting + depth * width;
    for (int i = 0; i < width; ++i) to[i] = R::join(to[i], from[i]);
  }
  void push() {  // what next() has been given
    ++depth;
    for (int64_t bits = blocks++; bits & 1; bits >>= 1) joinTop();
  }
  void finish() {
    while (depth > 1) joinTop();
  }
};

// `rows` elements of each of `width` lines that lie `step` apart, rows `stride` apart. `lane` has
// room for the lanes of a strip.
template <class T, class R>
EC_INLINE void stripBlock(const T* x, int64_t stride, int64_t step, int64_t rows, int width,
                          typename R::A* lane, typename R::A* result) {
  using A = typename R::A;
  constexpr int lanesPerLine = R::lanesPerLine;
  const int used = static_cast<int>(minOf<int64_t>(rows, lanesPerLine));
  for (int64_t row = 0; row < rows; ++row) {
    const T* const EC_RESTRICT from = x + row * stride;
    A* const EC_RESTRICT to = lane + row % lanesPerLine * width;
    if (step != 1 || row < used) {
      for (int i = 0; i < width; ++i) {
        const A value = R::of(from[i * step]);
        to[i] = row < used ? R::begin(value) : R::join(to[i], value);
      }
    } else {
      for (int i = 0; i < width; ++i) to[i] = R::join(to[i], R::of(from[i]));
    }
  }
  // Lanes that no element belongs to would change nothing.
  for (int half = lanesPerLine / 2; half > 0; half /= 2) {
    for (int i = 0; i < minOf(half, used - half) * width; ++i) {
      lane[i] = R::join(lane[i], lane[half * width + i]);
    }
  }
  for (int i = 0; i < width; ++i) result[i] = lane[i];
}

// Views: x (lines, and their elements), out (one for each line). A unit is a line. `scratch` has
// room for the lanes of a strip and for those that wait.
template <class T, class R>
void reduceLines(const Call& call, Range range, void* scratch) noexcept {
  using A = typename R::A;
  const View& x = call.views[0];
  void* const out = call.views[1].data;
  const int64_t length = x.shape[2];
  const int64_t stride = x.stride[2];
  A* const lane = static_cast<A*>(scratch);
  A* const waiting = lane + R::lanesPerLine * stripLines;
  const int strip = stride == 1 ? 1 : stripLines;
  for (int64_t line = range.begin; line < range.end; line += strip) {
    const int width = static_cast<int>(minOf<int64_t>(strip, range.end - line));
    const T* const from = x.as<const T>() + line * x.stride[1];
    Pairwise<R> tree{waiting, width};
    for (int i = 0; i < width; ++i) waiting[i] = R::identity;  // what a line of nothing answers
    for (int64_t begin = 0; begin < length; begin += blockLength) {
      const int64_t rows = minOf(blockLength, length - begin);
      const T* const block = from + begin * stride;
      if (stride == 1) {
        *tree.next() = R::ofBlock(block, rows);
      } else {
        stripBlock<T, R>(block, stride, x.stride[1], rows, width, lane, tree.next());
      }
      tree.push();
    }
    tree.finish();
    for (int i = 0; i < width; ++i) R::put(out, line + i, waiting[i], length);
  }
}

#define EC_AXIS(T, dtype)                                                            \
  {"reduce sum by axis", Dtype::dtype, {reduceLines<T, Total<T, Sum>>}},             \
      {"reduce product by axis", Dtype::dtype, {reduceLines<T, Total<T, Product>>}}, \
      {"reduce min by axis", Dtype::dtype, {reduceLines<T, Extreme<T, Least>>}},     \
      {"reduce max by axis", Dtype::dtype, {reduceLines<T, Extreme<T, Greatest>>}},
#define EC_AXIS_MEAN(T, dtype) {"reduce mean by axis", Dtype::dtype, {reduceLines<T, Mean<T>>}},

}  // namespace
}  // namespace everycore::EC_ISA
