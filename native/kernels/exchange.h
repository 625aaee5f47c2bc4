// Squares of elements turned in registers: the rows of a square become its columns.
#pragma once

#include "kernels/simd.h"

#if defined(__clang__)
#define EC_UNROLL _Pragma("unroll")
#else
#define EC_UNROLL _Pragma("GCC unroll 16")
#endif

namespace everycore::EC_ISA {
namespace {

template <int... I>
struct Indices {};
template <int Count, int... I>
struct IndicesTo : IndicesTo<Count - 1, Count - 1, I...> {};
template <int... I>
struct IndicesTo<0, I...> {
  typedef Indices<I...> type;
};

// Of every two runs of `Run` elements one of a and one of b: the first ones or the second ones.
template <int Run, bool Second, class Vector, int... I>
EC_INLINE Vector exchange(Vector a, Vector b, Indices<I...>) {
  constexpr int count = sizeof...(I);
  return __builtin_shufflevector(
      a, b, ((I / Run % 2 == 0 ? I : count + I - Run) + (Second ? Run : 0))...);
}

// Runs of `Run` elements change places, then runs of twice as many.
template <int Run, class Vector, int Side>
EC_INLINE void exchangeRuns(Vector (&row)[Side]) {
  if constexpr (Run < Side) {
    constexpr typename IndicesTo<Side>::type all{};
    EC_UNROLL
    for (int i = 0; i < Side; ++i) {
      if ((i & Run) != 0) continue;
      const Vector first = row[i];
      row[i] = exchange<Run, false>(first, row[i + Run], all);
      row[i + Run] = exchange<Run, true>(first, row[i + Run], all);
    }
    exchangeRuns<2 * Run>(row);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
