// Few keys sorted in registers by fixed exchanges, without a branch: first every lane's column (of
// one key a register) by Batcher's odd-even merges, then columns are merged, two and two, by his
// bitonic merges. Batcher, "Sorting networks and their applications" (1968); Bramas, "A novel
// hybrid quicksort algorithm vectorized using AVX-512" (2017), for keys in columns.
#pragma once

#include "kernels/exchange.h"

namespace everycore::EC_ISA {
namespace {

template <class Vector>
EC_INLINE Vector least(Vector a, Vector b) {
  return a < b ? a : b;
}
template <class Vector>
EC_INLINE Vector greatest(Vector a, Vector b) {
  return a < b ? b : a;
}

template <class Vector>
EC_INLINE void inOrder(Vector& a, Vector& b) {
  const Vector low = least(a, b);
  b = greatest(a, b);
  a = low;
}

// Lanes I ^ Turn.
template <int Turn, class Vector, int... I>
EC_INLINE Vector turned(Vector a, Indices<I...>) {
  return __builtin_shufflevector(a, a, (I ^ Turn)...);
}
// Lanes with `Bit` of one vector, the others of another.
template <int Bit, class Vector, int... I>
EC_INLINE Vector chosen(Vector without, Vector with, Indices<I...>) {
  return __builtin_shufflevector(without, with, ((I & Bit) != 0 ? I + int{sizeof...(I)} : I)...);
}
// Lanes of the first halves (or second ones) of two vectors in turns.
template <bool Second, class Vector, int... I>
EC_INLINE Vector zipped(Vector a, Vector b, Indices<I...>) {
  constexpr int count = sizeof...(I);
  return __builtin_shufflevector(a, b, ((Second ? count / 2 : 0) + I / 2 + (I % 2) * count)...);
}

template <class K, int Rows>
struct Network {
  using Vector = V<K>;
  using All = typename IndicesTo<lanes<K>>::type;
  static constexpr int64_t capacity = Rows * lanes<K>;

  // Merges two sorted runs of every `Step`-th of `Count` rows.
  template <int From, int Count, int Step>
  static EC_INLINE void mergeRows(Vector (&row)[Rows]) {
    if constexpr (2 * Step < Count) {
      mergeRows<From, Count, 2 * Step>(row);
      mergeRows<From + Step, Count, 2 * Step>(row);
      EC_UNROLL
      for (int i = From + Step; i + Step < From + Count; i += 2 * Step)
        inOrder(row[i], row[i + Step]);
    } else {
      inOrder(row[From], row[From + Step]);
    }
  }
  template <int From, int Count>
  static EC_INLINE void sortRows(Vector (&row)[Rows]) {
    if constexpr (Count > 1) {
      sortRows<From, Count / 2>(row);
      sortRows<From + Count / 2, Count / 2>(row);
      mergeRows<From, Count, 1>(row);
    }
  }

  template <int Stride>
  static EC_INLINE void exchangeLanes(Vector (&row)[Rows]) {
    if constexpr (Stride > 0) {
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) {
        const Vector other = turned<Stride>(row[i], All{});
        row[i] = chosen<Stride>(least(row[i], other), greatest(row[i], other), All{});
      }
      exchangeLanes<Stride / 2>(row);
    }
  }
  template <int Stride>
  static EC_INLINE void exchangeRows(Vector (&row)[Rows]) {
    if constexpr (Stride > 0) {
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) {
        if ((i & Stride) == 0) inOrder(row[i], row[i + Stride]);
      }
      exchangeRows<Stride / 2>(row);
    }
  }
  // Merges `Columns` sorted columns, half of them one run, with the other half, read backwards.
  template <int Columns>
  static EC_INLINE void mergeColumns(Vector (&row)[Rows]) {
    if constexpr (Columns <= lanes<K>) {
      constexpr int half = Columns / 2;
      if constexpr (Rows == 1) {
        const Vector other = turned<Columns - 1>(row[0], All{});
        row[0] = chosen<half>(least(row[0], other), greatest(row[0], other), All{});
      }
      EC_UNROLL
      for (int i = 0; i < Rows / 2; ++i) {
        const Vector other = turned<Columns - 1>(row[Rows - 1 - i], All{});
        const Vector low = least(row[i], other);
        const Vector high = greatest(row[i], other);
        row[i] = chosen<half>(low, high, All{});
        row[Rows - 1 - i] = turned<Columns - 1>(chosen<half>(high, low, All{}), All{});
      }
      exchangeLanes<half / 2>(row);
      exchangeRows<Rows / 2>(row);
      mergeColumns<2 * Columns>(row);
    }
  }

  // From columns, one after the other, to rows.
  template <int Turns>
  static EC_INLINE void toRows(Vector (&row)[Rows]) {
    if constexpr (Turns > 1) {
      Vector next[Rows];
      EC_UNROLL
      for (int i = 0; i < Rows / 2; ++i) {
        next[2 * i] = zipped<false>(row[i], row[i + Rows / 2], All{});
        next[2 * i + 1] = zipped<true>(row[i], row[i + Rows / 2], All{});
      }
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) row[i] = next[i];
      toRows<Turns / 2>(row);
    }
  }

  // `from` may be `to`.
  static __attribute__((noinline)) void sort(const K* from, K* to, int64_t count) {
    constexpr K behind = static_cast<K>(~(K{1} << (8 * sizeof(K) - 1)));
    Vector row[Rows];
    EC_UNROLL
    for (int i = 0; i < Rows; ++i) {
      const int64_t left = count - i * lanes<K>;
      row[i] = left >= lanes<K> ? load(from + i * lanes<K>) : broadcast(behind);
    }
    const int64_t whole = count / lanes<K>;
    const int64_t rest = count & (lanes<K> - 1);
    if (rest != 0) {
      Vector part = broadcast(behind);
      memcpy(&part, from + whole * lanes<K>, static_cast<size_t>(rest) * sizeof(K));
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) row[i] = i == whole ? part : row[i];
    }
    sortRows<0, Rows>(row);
    mergeColumns<2>(row);
    toRows<Rows>(row);
    EC_UNROLL
    for (int i = 0; i < Rows; ++i) {
      const int64_t left = count - i * lanes<K>;
      if (left >= lanes<K>) {
        store(to + i * lanes<K>, row[i]);
      } else if (left > 0) {
        storePart(to + i * lanes<K>, row[i], left);
      }
    }
  }
};

// Rows that leave registers for what goes on between them.
constexpr int networkRows = EC_LEVEL == EC_ISA_avx512 ? 16 : 8;

template <class K>
constexpr int64_t networkMax = Network<K, networkRows>::capacity;

// The smallest network that takes them.
template <class K, int Rows = 1>
inline void sortFew(const K* from, K* to, int64_t count) {
  if constexpr (Rows < networkRows) {
    if (count > Network<K, Rows>::capacity) return sortFew<K, 2 * Rows>(from, to, count);
  }
  Network<K, Rows>::sort(from, to, count);
}

}  // namespace
}  // namespace everycore::EC_ISA
