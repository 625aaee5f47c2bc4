// What reductions along an axis make of the elements of a line, for axis-inl.h.
#pragma once

#include "kernels/math/axis-inl.h"
#include "kernels/math/count-inl.h"
#include "kernels/math/extreme-inl.h"
#include "kernels/math/reduce-inl.h"
#include "kernels/math/spread-inl.h"

namespace everycore::EC_ISA {
namespace {

// Lanes of a strip that fill half of a first-level cache, the other half of which is for its rows.
constexpr int treeColumns = 32;
constexpr int spreadColumns = 16;
// Where the order is free there is one lane a line, for a few rows at a time: as narrow as a lane
// of a vector's block, and for no more rows than that has elements.
constexpr int freeColumns = stripLines;
constexpr int64_t freeRows = laneCount;
constexpr int rowsTogether = 8;

// What the elements of a strip are joined as in doubles.
template <class T>
struct Widened {
  using type = T;
};
#define EC_WIDENED(T)    \
  template <>            \
  struct Widened<T> {    \
    using type = double; \
  };
EC_WIDENED(int8_t)
EC_WIDENED(uint8_t)
EC_WIDENED(int16_t)
EC_WIDENED(uint16_t)
template <class T>
using WidenedOf = typename Widened<T>::type;

// Runs `join(lane, from, width)` for each row of a strip: lanes, in rows of `columns`, are those of
// a vector's block, row i goes to lane i % laneCount.
template <int columns, class X, class T, class Join>
EC_INLINE void eachRow(const Strip<T>& strip, X* buffer, Join join) {
  for (int64_t row = 0; row < strip.rows; ++row) {
    strip.fetch(row + 8);
    const X* const from = strip.row(row, buffer);
    const int64_t lane = row % laneCount * columns;
    if (strip.width == columns)
      join(lane, from, columns);
    else
      join(lane, from, strip.width);
  }
}
// Halves the lanes until one is left. Those that no element belongs to would change nothing.
template <class F, int columns, class A>
EC_INLINE void halveLanes(A* lane, int64_t rows) {
  const int used = static_cast<int>(minOf<int64_t>(rows, laneCount));
  for (int half = laneCount / 2; half > 0; half /= 2) {
    for (int i = 0; i < minOf(half, used - half) * columns; ++i) {
      lane[i] = F::join(lane[i], lane[half * columns + i]);
    }
  }
}
template <class F, int columns, class A>
EC_INLINE void clearLanes(A* lane, int64_t rows) {
  for (int64_t i = 0; i < minOf<int64_t>(rows, laneCount) * columns; ++i) lane[i] = F::identity;
}
template <class F, int columns, class A, class X, class T, class Term>
EC_INLINE void joinStrip(const Strip<T>& strip, A* lanes, X* buffer, Term term) {
  clearLanes<F, columns>(lanes, strip.rows);
  eachRow<columns>(strip, buffer,
                   [=](int64_t lane, const X* EC_RESTRICT from, int width) EC_INLINE_LAMBDA {
                     A* const EC_RESTRICT to = lanes + lane;
                     for (int i = 0; i < width; ++i) to[i] = F::join(to[i], term(from[i]));
                   });
  halveLanes<F, columns>(lanes, strip.rows);
}

// Sums and products by the tree of reduce-inl.h.
template <class T, class F>
struct TreeRule {
  using Element = T;
  using Partial = TotalOf<T>;
  static constexpr int columns = sizeof(T) == 4 ? 2 * treeColumns : treeColumns;
  static constexpr int64_t rows = blockLength;
  static constexpr int64_t straightRows = blockLength;
  struct Room {
    Partial lane[laneCount * columns];
    T row[columns];
  };
  static EC_INLINE Partial none() { return F::identity; }
  static EC_INLINE Partial join(Partial a, int64_t, Partial b, int64_t) { return F::join(a, b); }
  static EC_INLINE Partial ofBlock(const T* x, int64_t length, int64_t) {
    if constexpr (__is_same(F, Sum))
      return sumOfBlock<T>(x, length);
    else
      return productOfBlock<T>(x, length);
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, Room& room, Partial* result, int64_t) {
    joinStrip<F, columns>(strip, room.lane, room.row,
                          [](T x) EC_INLINE_LAMBDA { return static_cast<Partial>(x); });
    for (int i = 0; i < strip.width; ++i) result[i] = room.lane[i];
  }
};

// Sums of lanes in any order: of integers, and of what is counted.
template <class T, class L, class P>
struct FreeRule {
  using Element = T;
  using Partial = P;
  static constexpr int columns = freeColumns;
  static constexpr int64_t rows = freeRows;
  static constexpr int64_t straightRows = blockLength;
  struct Room {
    L lane[columns];
    T rows[rowsTogether][columns];
  };
  static EC_INLINE Partial none() { return 0; }
  static EC_INLINE Partial join(Partial a, int64_t, Partial b, int64_t) { return a + b; }

  template <int count, class Term>
  static EC_INLINE void addRows(const Strip<T>& strip, int64_t first, Room& room, Term term) {
    const T* at[count];
    for (int k = 0; k < count; ++k) at[k] = strip.row(first + k, room.rows[k]);
#pragma GCC ivdep
    for (int i = 0; i < strip.width; ++i) {
      L sum = room.lane[i];
#pragma GCC unroll 8
      for (int k = 0; k < count; ++k) sum = static_cast<L>(sum + term(at[k][i]));
      room.lane[i] = sum;
    }
  }
  template <class Term>
  static EC_INLINE void addStrip(const Strip<T>& strip, Room& room, Partial* result, Term term) {
    for (int i = 0; i < strip.width; ++i) room.lane[i] = 0;
    int64_t row = 0;
    for (; row + rowsTogether <= strip.rows; row += rowsTogether) {
      addRows<rowsTogether>(strip, row, room, term);
    }
    for (; row < strip.rows; ++row) addRows<1>(strip, row, room, term);
    for (int i = 0; i < strip.width; ++i) result[i] = static_cast<Partial>(room.lane[i]);
  }
};
template <class T>
struct IntegerSum : FreeRule<T, LaneOf<T>, uint64_t> {
  using Base = FreeRule<T, LaneOf<T>, uint64_t>;
  static EC_INLINE uint64_t ofBlock(const T* x, int64_t length, int64_t) {
    return sumOfBlock<T>(x, length);
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, typename Base::Room& room, uint64_t* result,
                                int64_t) {
    Base::addStrip(strip, room, result,
                   [](T x) EC_INLINE_LAMBDA { return static_cast<LaneOf<T>>(x); });
  }
};
template <class T>
struct CountRule : FreeRule<T, typename MaskLane<sizeof(T)>::type, uint32_t> {
  using L = typename MaskLane<sizeof(T)>::type;
  using Base = FreeRule<T, L, uint32_t>;
  static EC_INLINE uint32_t ofBlock(const T* x, int64_t length, int64_t) {
    return static_cast<uint32_t>(countOfBlock<T>(x, length));
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, typename Base::Room& room, uint32_t* result,
                                int64_t) {
    Base::addStrip(strip, room, result,
                   [](T x) EC_INLINE_LAMBDA { return static_cast<L>(x != 0); });
  }
};

template <class T, bool = isFloating<T>>
struct SumRuleOf {
  using type = TreeRule<T, Sum>;
};
template <class T>
struct SumRuleOf<T, false> {
  using type = IntegerSum<T>;
};
template <class T>
using SumRule = typename SumRuleOf<T>::type;

// Sums of squares, in doubles.
template <class T>
struct SquaresRule : TreeRule<double, Sum> {
  using Element = T;
  using X = WidenedOf<T>;
  struct Room {
    double lane[laneCount * columns];
    X row[columns];
  };
  static EC_INLINE double ofBlock(const T* x, int64_t length, int64_t) {
    return squaresOfBlock<T>(x, length);
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, Room& room, double* result, int64_t) {
    joinStrip<Sum, columns>(strip, room.lane, room.row, [](X x) EC_INLINE_LAMBDA {
      const double value = static_cast<double>(x);
      return value * value;
    });
    for (int i = 0; i < strip.width; ++i) result[i] = room.lane[i];
  }
};

// Means and sums of squared deviations by the steps of spread-inl.h.
template <class T>
struct SpreadRule {
  using Element = T;
  using Partial = Spread;
  using X = WidenedOf<T>;
  static constexpr int columns = spreadColumns;
  static constexpr int64_t rows = blockLength;
  static constexpr int64_t straightRows = blockLength;
  struct Room {
    double near[columns];
    double squares[laneCount * columns];
    double rest[laneCount * columns];
    X row[columns];
  };
  static EC_INLINE Spread none() { return {0, 0}; }
  static EC_INLINE Spread join(Spread a, int64_t lengthA, Spread b, int64_t lengthB) {
    return merged(a, static_cast<double>(lengthA), b, static_cast<double>(lengthB));
  }
  static EC_INLINE Spread ofBlock(const T* x, int64_t length, int64_t) {
    return spreadOfBlock<T>(x, length);
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, Room& room, Spread* result, int64_t) {
    const double count = static_cast<double>(strip.rows);
    joinStrip<Sum, columns>(strip, room.rest, room.row,
                            [](X x) EC_INLINE_LAMBDA { return static_cast<double>(x); });
    for (int i = 0; i < columns; ++i) room.near[i] = room.rest[i] / count;
    clearLanes<Sum, columns>(room.rest, strip.rows);
    clearLanes<Sum, columns>(room.squares, strip.rows);
    eachRow<columns>(strip, room.row, [&](int64_t lane, const X* from, int width) EC_INLINE_LAMBDA {
      double* const rest = room.rest + lane;
      double* const squares = room.squares + lane;
      int i = 0;
      for (; i + lanes<double> <= width; i += lanes<double>) {
        const V<double> deviation = loadWide<X, double>(from + i) - load(room.near + i);
        store(rest + i, load(rest + i) + deviation);
        store(squares + i, load(squares + i) + deviation * deviation);
      }
      for (; i < width; ++i) {
        const double deviation = static_cast<double>(from[i]) - room.near[i];
        rest[i] += deviation;
        squares[i] += deviation * deviation;
      }
    });
    halveLanes<Sum, columns>(room.rest, strip.rows);
    halveLanes<Sum, columns>(room.squares, strip.rows);
    for (int i = 0; i < strip.width; ++i) {
      const double rest = room.rest[i];
      result[i] = {room.near[i] + rest / count, room.squares[i] - rest * rest / count};
    }
  }
};

template <class T>
struct ExtremeRoom {
  T best[freeColumns];
  typename MaskLane<sizeof(T)>::type odd[freeColumns];  // where there is NaN, or the better zero
  T rows[rowsTogether][freeColumns];
};

// Of each line the better zero where it is among the elements, else the other one.
template <class T, class F>
EC_INLINE void zerosOfStrip(const Strip<T>& strip, ExtremeRoom<T>& room) {
  using Bits = typename BitsOf<T>::type;
  const T better = F::beforeZero ? static_cast<T>(-0.0) : T{};
  Bits sought;
  memcpy(&sought, &better, sizeof sought);
  for (int i = 0; i < strip.width; ++i) room.odd[i] = 0;
  for (int64_t row = 0; row < strip.rows; ++row) {
    const T* const EC_RESTRICT from = strip.row(row, room.rows[0]);
    for (int i = 0; i < strip.width; ++i) {
      Bits bits;
      memcpy(&bits, from + i, sizeof bits);
      room.odd[i] |= bits == sought ? -1 : 0;
    }
  }
  for (int i = 0; i < strip.width; ++i) {
    if (room.best[i] == 0) room.best[i] = room.odd[i] != 0 ? better : -better;
  }
}

// The extreme element of each line of a strip, NaN where there is one; of zeros the better one
// where `signs` matter.
template <class T, class F, bool signs>
EC_INLINE void extremesOfStrip(const Strip<T>& strip, ExtremeRoom<T>& room) {
  const T* const first = strip.row(0, room.rows[0]);
  for (int i = 0; i < strip.width; ++i) {
    room.best[i] = first[i];
    room.odd[i] = 0;
  }
  for (int64_t row = 0; row < strip.rows; row += rowsTogether) {
    const T* at[rowsTogether];  // the last one again and again does no harm
    for (int k = 0; k < rowsTogether; ++k) {
      at[k] = strip.row(minOf(row + k, strip.rows - 1), room.rows[k]);
    }
#pragma GCC ivdep
    for (int i = 0; i < strip.width; ++i) {
      T best = room.best[i];
      auto odd = room.odd[i];
#pragma GCC unroll 8
      for (int k = 0; k < rowsTogether; ++k) {
        const T value = at[k][i];
        best = F::beats(value, best) ? value : best;
        if constexpr (isFloating<T>) odd |= value != value ? -1 : 0;
      }
      room.best[i] = best;
      room.odd[i] = odd;
    }
  }
  if constexpr (isFloating<T>) {
    int zeros = 0;
    for (int i = 0; i < strip.width; ++i) {
      if (room.odd[i] != 0) room.best[i] = static_cast<T>(__builtin_nan(""));
      zeros |= static_cast<int>(room.best[i] == 0);
    }
    if (signs && zeros != 0) zerosOfStrip<T, F>(strip, room);
  }
}

template <class T, class F>
struct ExtremeRule {
  using Element = T;
  using Partial = T;
  using Room = ExtremeRoom<T>;
  static constexpr int columns = freeColumns;
  static constexpr int64_t rows = freeRows;
  static constexpr int64_t straightRows = blockLength;
  static EC_INLINE T none() { return T{}; }  // lines of nothing have been refused
  static EC_INLINE T join(T a, int64_t, T b, int64_t) { return F::join(a, b); }
  static EC_INLINE T ofBlock(const T* x, int64_t length, int64_t) {
    return signedExtremeOfBlock<T, F>(x, length);
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, Room& room, T* result, int64_t) {
    extremesOfStrip<T, F, true>(strip, room);
    for (int i = 0; i < strip.width; ++i) result[i] = room.best[i];
  }
};

// The extreme and where its block begins: there it is looked for in the end.
template <class T>
struct Found {
  T best;
  int64_t block;
};
template <class T, class F>
struct IndexRule {
  using Element = T;
  using Partial = Found<T>;
  using Room = ExtremeRoom<T>;
  static constexpr int columns = freeColumns;
  static constexpr int64_t rows = freeRows;
  static constexpr int64_t straightRows = blockLength;
  static EC_INLINE Partial none() { return {T{}, 0}; }
  static EC_INLINE Partial join(Partial a, int64_t, Partial b, int64_t) {
    const bool firstNaN = b.best != b.best && a.best == a.best;
    return firstNaN || F::beats(b.best, a.best) ? b : a;
  }
  static EC_INLINE Partial ofBlock(const T* x, int64_t length, int64_t first) {
    return {extremeOfBlock<T, F>(x, length), first};
  }
  static EC_INLINE void ofStrip(const Strip<T>& strip, Room& room, Partial* result, int64_t first) {
    extremesOfStrip<T, F, false>(strip, room);
    for (int i = 0; i < strip.width; ++i) result[i] = {room.best[i], first};
  }
  static EC_INLINE void put(const Call& call, int64_t line, Partial found) {
    const View& x = call.views[0];
    const int64_t stride = x.stride[2];
    const T* const from = x.as<const T>() + line * x.stride[1] + found.block * stride;
    const int64_t length = x.shape[2] - found.block;
    int64_t at = 0;
    if (stride == 1) {
      at = firstOf(from, length, found.best);
    } else {
      const bool unordered = found.best != found.best;
      while (at < length - 1) {
        const T value = from[at * stride];
        if (unordered ? value != value : value == found.best) break;
        ++at;
      }
    }
    call.views[1].as<uint32_t>()[line] = static_cast<uint32_t>(found.block + at);
  }
};

}  // namespace
}  // namespace everycore::EC_ISA
