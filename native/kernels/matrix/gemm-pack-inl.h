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

// Four lines of four, turned: to[p·step + i] = from[i·across + p].
template <class T>
EC_INLINE void transposeFour(const T* from, int64_t across, T* to, int64_t step) {
  constexpr int bytes = 4 * sizeof(T);
  using Four = Lanes<T, bytes>;
  const Four r0 = loadLanes<T, bytes>(from);
  const Four r1 = loadLanes<T, bytes>(from + across);
  const Four r2 = loadLanes<T, bytes>(from + 2 * across);
  const Four r3 = loadLanes<T, bytes>(from + 3 * across);
  // Vectors of 32 bytes are two halves to the processor: the first shuffles stay within them.
  if constexpr (sizeof(T) == 8) {
    const Four even01 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6);
    const Four odd01 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
    const Four even23 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6);
    const Four odd23 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
    storeLanes<T, bytes>(to, __builtin_shufflevector(even01, even23, 0, 1, 4, 5));
    storeLanes<T, bytes>(to + step, __builtin_shufflevector(odd01, odd23, 0, 1, 4, 5));
    storeLanes<T, bytes>(to + 2 * step, __builtin_shufflevector(even01, even23, 2, 3, 6, 7));
    storeLanes<T, bytes>(to + 3 * step, __builtin_shufflevector(odd01, odd23, 2, 3, 6, 7));
  } else {
    const Four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
    const Four high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    const Four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
    const Four high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    storeLanes<T, bytes>(to, __builtin_shufflevector(low01, low23, 0, 1, 4, 5));
    storeLanes<T, bytes>(to + step, __builtin_shufflevector(low01, low23, 2, 3, 6, 7));
    storeLanes<T, bytes>(to + 2 * step, __builtin_shufflevector(high01, high23, 0, 1, 4, 5));
    storeLanes<T, bytes>(to + 3 * step, __builtin_shufflevector(high01, high23, 2, 3, 6, 7));
  }
}

// Lines that are contiguous along the panel: turned in squares of four. The last four lines may
// overlap the ones before; what they share is written twice, alike.
template <class T>
void turnPanel(Strided<T> from, int64_t width, int64_t depth, T* to, int64_t step) {
  int64_t p = 0;
  for (; p + 4 <= depth; p += 4) {
    for (int64_t i = 0;; i = minOf(i + 4, width - 4)) {
      transposeFour(from.at + i * from.across + p, from.across, to + p * step + i, step);
      if (i + 4 >= width) break;
    }
  }
  for (; p < depth; ++p) {
    for (int64_t i = 0; i < width; ++i) to[p * step + i] = from.at[i * from.across + p];
  }
}

// to[p·step + i] = from(i across, p along) for i < width, p < depth. Nothing else is written.
template <class T>
void copyPanel(Strided<T> from, int64_t width, int64_t depth, T* to, int64_t step) {
  if (from.along == 1 && width >= 4) return turnPanel(from, width, depth, to, step);
  for (int64_t p = 0; p < depth; ++p) {
    for (int64_t i = 0; i < width; ++i) {
      to[p * step + i] = from.at[i * from.across + p * from.along];
    }
  }
}

// The same into a panel of `Step` columns.
template <class T, int Step>
void packPanel(Strided<T> from, int64_t width, int64_t depth, T* to) {
  if (from.across != 1 || width != Step) return copyPanel(from, width, depth, to, Step);
  for (int64_t p = 0; p < depth; ++p) {
    memcpy(to + p * Step, from.at + p * from.along, Step * sizeof(T));
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
