// Packing: panels of a few rows of A, or columns of B, laid so that a micro-kernel reads them in
// one straight line, from operands with any strides.
#pragma once

#include "kernels/matrix/lanes-inl.h"

namespace everycore::EC_ISA {
namespace {

// An operand from one of its elements on. For a panel of A, `across` goes from row to row and
// `along` from column to column; for a panel of B the other way round.
template <class T>
struct Strided {
  const T* at;
  int64_t across;
  int64_t along;
};

// Lines that are asked for this many lines before they are reached: what another core has written
// last takes longest to come, and nothing but the program foresees steps of a matrix's width.
constexpr int64_t linesAhead = 8;

EC_INLINE void expectWrite(void* at) {
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
  __asm__ volatile("prefetchw %0" : : "m"(*static_cast<char*>(at)));
#else
  __builtin_prefetch(at, 1);
#endif
}

// The numbers 0 … Count - 1 as a parameter pack.
template <int... Lane>
struct LaneList {};
template <int Count, int... Lane>
struct FirstLanes : FirstLanes<Count - 1, Count - 1, Lane...> {};
template <int... Lane>
struct FirstLanes<0, Lane...> : LaneList<Lane...> {};

// One step of turning a square: lines a and b, `Apart` apart, exchange the blocks of `Apart` lanes
// that lie on the wrong side of the diagonal (Eklundh, "A Fast Computer Method for Matrix
// Transposing", 1972).
template <int Apart, class Line, int... Lane>
EC_INLINE void exchange(Line& a, Line& b, LaneList<Lane...>) {
  constexpr int side = sizeof...(Lane);
  const Line upper =
      __builtin_shufflevector(a, b, ((Lane & Apart) ? side + Lane - Apart : Lane)...);
  b = __builtin_shufflevector(a, b, ((Lane & Apart) ? side + Lane : Lane + Apart)...);
  a = upper;
}

template <int Apart, class Line, int Side>
EC_INLINE void turnLines(Line (&lines)[Side]) {
  EC_UNROLL
  for (int i = 0; i < Side; ++i) {
    if ((i & Apart) == 0) exchange<Apart>(lines[i], lines[i + Apart], FirstLanes<Side>{});
  }
  if constexpr (Apart > 1) turnLines<Apart / 2>(lines);
}

// A square turned: to[p·step + i] = from[i·across + p].
template <class T, int Side>
EC_INLINE void turnSquare(const T* from, int64_t across, T* to, int64_t step) {
  constexpr int bytes = Side * sizeof(T);
  Lanes<T, bytes> lines[Side];
  EC_UNROLL
  for (int i = 0; i < Side; ++i) lines[i] = loadLanes<T, bytes>(from + i * across);
  turnLines<Side / 2>(lines);
  EC_UNROLL
  for (int p = 0; p < Side; ++p) storeLanes<T, bytes>(to + p * step, lines[p]);
}

// Lines that are contiguous along the panel: turned in squares. The last square of lines may
// overlap the one before; what they share is written twice, alike.
template <class T, int Side>
void turnPanel(Strided<T> from, int64_t width, int64_t depth, T* to, int64_t step) {
  int64_t p = 0;
  for (; p + Side <= depth; p += Side) {
    for (int64_t k = 0; k < Side; ++k) expectWrite(to + (p + 2 * Side + k) * step);
    for (int64_t i = 0;; i = minOf(i + Side, width - Side)) {
      turnSquare<T, Side>(from.at + i * from.across + p, from.across, to + p * step + i, step);
      if (i + Side >= width) break;
    }
  }
  for (; p < depth; ++p) {
    for (int64_t i = 0; i < width; ++i) to[p * step + i] = from.at[i * from.across + p];
  }
}

// to[p·step + i] = from(i across, p along) for i < width, p < depth. Nothing else is written.
template <class T>
void copyPanel(Strided<T> from, int64_t width, int64_t depth, T* to, int64_t step) {
  constexpr int side = EC_VECTOR_BYTES / sizeof(T) >= 8 ? 8 : 4;
  if (from.along == 1 && width >= side) return turnPanel<T, side>(from, width, depth, to, step);
  if (from.along == 1 && width >= 4) return turnPanel<T, 4>(from, width, depth, to, step);
  for (int64_t p = 0; p < depth; ++p) {
    for (int64_t i = 0; i < width; ++i) {
      to[p * step + i] = from.at[i * from.across + p * from.along];
    }
  }
}

// As many whole panels side by side, from lines that are contiguous across them: each line is read
// once, from its beginning to its end.
template <class T, int Step>
void packLines(Strided<T> from, int64_t panels, int64_t depth, T* to) {
  for (int64_t p = 0; p < depth; ++p) {
    const T* const line = from.at + p * from.along;
    for (int64_t j = 0; j < panels; ++j) {
      T* const piece = to + (j * depth + p) * Step;
      EC_UNROLL
      for (int64_t i = 0; i < Step; i += 64 / static_cast<int64_t>(sizeof(T))) {
        __builtin_prefetch(line + linesAhead * from.along + j * Step + i);
        expectWrite(piece + linesAhead * Step + i);
      }
      memcpy(piece, line + j * Step, Step * sizeof(T));
    }
  }
}

// Panels of `Step` rows of A, or columns of B, from one element on. The last may be narrower; it
// takes as much memory as the others.
template <class T, int Step>
void packPanels(Strided<T> from, int64_t width, int64_t depth, T* to) {
  int64_t i = 0;
  if (from.across == 1) {
    packLines<T, Step>(from, width / Step, depth, to);
    i = width / Step * Step;
  }
  for (; i < width; i += Step) {
    const Strided<T> panel{from.at + i * from.across, from.across, from.along};
    copyPanel(panel, minOf<int64_t>(Step, width - i), depth, to + i * depth, Step);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
