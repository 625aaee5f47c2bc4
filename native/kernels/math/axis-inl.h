// Reductions along one axis of a matrix: a line of elements gives one result, with the bits of the
// same line as a vector. Lines whose elements lie side by side are reduced one by one; otherwise a
// strip of lines at a time, so that each row of the strip is read as a whole. axis-rules-inl.h says
// what is made of the elements.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// src/kernels/axis.ts has these three: it cuts at multiples of a strip.
constexpr int stripLines = 128;
constexpr int axisScratch = 1 << 17;
// Shorter lines are taken by strips even where their elements lie side by side: a vector's lanes
// would be mostly empty.
constexpr int64_t straightLength = 64;
constexpr int levelsMax = 40;

// `rows` elements of each of `width` lines that lie `step` apart, rows `stride` apart.
template <class T>
struct Strip {
  const T* at;
  int64_t stride;
  int64_t step;
  int64_t rows;
  int width;

  // Each row is too short for the processor to guess where the reading goes on.
  EC_INLINE void fetch(int64_t index) const {
    if (step != 1) return;
    const T* const from = at + index * stride;
    for (int i = 0; i < width; i += 64 / static_cast<int>(sizeof(T))) __builtin_prefetch(from + i);
  }

  // A row as X, side by side: where it is, or copied to `buffer`.
  template <class X>
  EC_INLINE const X* row(int64_t index, X* EC_RESTRICT buffer) const {
    const T* const from = at + index * stride;
    if (step == 1) {
      if constexpr (__is_same(X, T)) return from;
      for (int i = 0; i < width; ++i) buffer[i] = static_cast<X>(from[i]);
    } else {
      for (int i = 0; i < width; ++i) buffer[i] = static_cast<X>(from[i * step]);
    }
    return buffer;
  }
};

// The pairwise tree over blocks that come one after the other, each with the partial results of a
// strip of lines: complete subtrees wait, the largest first, as the bits of the number of blocks
// say.
template <class R>
struct Pairwise {
  using Partial = typename R::Partial;
  Partial* waiting;  // levelsMax strips
  int width;
  int depth = 0;
  int64_t blocks = 0;
  int64_t lengths[levelsMax];  // elements that each has come from

  Pairwise(Partial* room, int columns) : waiting(room), width(columns) {}
  Partial* next() { return waiting + depth * width; }
  void joinTop() {
    --depth;
    Partial* const EC_RESTRICT to = waiting + (depth - 1) * width;
    const Partial* const EC_RESTRICT from = waiting + depth * width;
    for (int i = 0; i < width; ++i) {
      to[i] = R::join(to[i], lengths[depth - 1], from[i], lengths[depth]);
    }
    lengths[depth - 1] += lengths[depth];
  }
  void push(int64_t length) {  // what next() has been given
    lengths[depth++] = length;
    for (int64_t bits = blocks++; bits & 1; bits >>= 1) joinTop();
  }
  void finish() {
    while (depth > 1) joinTop();
  }
};

// Views: x (lines, and their elements), out (one for each line). A unit is a line. A rule R says
//   Element, Partial, none: what a block of a line leaves, and what a line of nothing does;
//   columns, rows, Room: how large a strip it takes, and the memory that it wants for one;
//   ofBlock(x, length, first), ofStrip(strip, room, result, first): the partial results, where
//     `first` says which element of its line comes first;
//   join(a, lengthA, b, lengthB);
//   put(call, line, partial): writes the result of a line.
template <class R>
void reduceLines(const Call& call, Range range, void* scratch) noexcept {
  using T = typename R::Element;
  static_assert(sizeof(typename R::Partial) * levelsMax * R::columns + sizeof(typename R::Room) <=
                axisScratch);
  const View& x = call.views[0];
  const int64_t length = x.shape[2];
  const int64_t stride = x.stride[2];
  const bool straight = stride == 1 && length >= straightLength;
  auto* const waiting = static_cast<typename R::Partial*>(scratch);
  auto* const room = reinterpret_cast<typename R::Room*>(waiting + levelsMax * R::columns);
  const int columns = straight ? 1 : R::columns;
  const int64_t rowsMax = straight ? R::straightRows : R::rows;
  for (int64_t line = range.begin; line < range.end; line += columns) {
    const int width = static_cast<int>(minOf<int64_t>(columns, range.end - line));
    const T* const from = x.as<const T>() + line * x.stride[1];
    Pairwise<R> tree(waiting, width);
    for (int i = 0; i < width; ++i) waiting[i] = R::none();
    for (int64_t begin = 0; begin < length; begin += rowsMax) {
      const int64_t rows = minOf(rowsMax, length - begin);
      const T* const block = from + begin * stride;
      if (straight) {
        *tree.next() = R::ofBlock(block, rows, begin);
      } else {
        R::ofStrip(Strip<T>{block, stride, x.stride[1], rows, width}, *room, tree.next(), begin);
      }
      tree.push(rows);
    }
    tree.finish();
    for (int i = 0; i < width; ++i) R::put(call, line + i, waiting[i]);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
