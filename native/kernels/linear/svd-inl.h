// The kernel "svd" of a square matrix: reduction to bidiagonal form, then implicit QR (Golub and
// Reinsch, "Singular value decomposition and least squares solutions", 1970), as
// src/matrix/linear/svd-reference.ts does it.
//
// Phases: reduction, in order, a unit being blockWidth columns; columns of U, then of V; values, in
// order, a unit being one of them; rotation of U, then of V, a unit being rotateRows rows.
#pragma once

#include "kernels/linear/bidiagonal-inl.h"
#include "kernels/linear/eigh-inl.h"

namespace everycore::EC_ISA {
namespace {

// What the implicit QR remembers from one unit to the next.
struct SvdState {
  double factor;  // the power of two that A is multiplied by
  double small;
  double iterations;
  int64_t last;  // the part of the bidiagonal matrix behind this one is diagonal
};

// Views: A [n·n], which is used up, s [n], U and V [n·n], vectors being columns. Params: n, room
// for rotations, and for runs of them.
struct Svd {
  Bidiagonal b;
  double* u;
  double* v;
  SvdState* state;
  double* order;
  double* signs;
  Rotations left;
  Rotations right;

  static ReflectorBlocks reflectors(Carve& memory, int64_t n, int64_t count, int64_t shift) {
    const int64_t blocks = (count + blockWidth - 1) / blockWidth;
    double* const v = memory.take(count * n);
    return {v, memory.take(blocks * blockWidth * blockWidth), n, count, shift};
  }

  Svd(const Call& call, Carve memory, int64_t n)
      : b{n,
          call.views[0].as<double>(),
          call.views[1].as<double>(),
          memory.take(n),
          reflectors(memory, n, n, 0),
          reflectors(memory, n, n - 1, 1),
          memory.take(n),
          memory.take(n),
          memory.take(n),
          memory.take(n)},
        u(call.views[2].as<double>()),
        v(call.views[3].as<double>()),
        state(reinterpret_cast<SvdState*>(memory.take(4))),
        order(memory.take(n)),
        signs(memory.take(n)),
        left(memory, static_cast<int64_t>(call.params[1]), static_cast<int64_t>(call.params[2])),
        right(memory, static_cast<int64_t>(call.params[1]), static_cast<int64_t>(call.params[2])) {}
  explicit Svd(const Call& call)
      : Svd(call, {static_cast<double*>(call.shared)}, static_cast<int64_t>(call.params[0])) {}

  bool finite() const { return state->factor == state->factor; }

  // Does the rotations that there are, to have room for more.
  void makeRoom(int64_t pairs, int64_t runs, void* scratch) const {
    if (left.hasRoom(pairs, runs) && right.hasRoom(pairs, runs)) return;
    double* const z = static_cast<double*>(scratch);
    rotateColumns(left, u, b.n, 0, b.n, nullptr, nullptr, z);
    rotateColumns(right, v, b.n, 0, b.n, nullptr, nullptr, z);
    left.clear();
    right.clear();
  }
};

inline void svdReduce(const Call& call, Range range, void*) noexcept {
  const Svd s(call);
  const int64_t n = s.b.n;
  if (range.begin == 0) {
    s.state->factor = scaleOf(s.b.a, n * n);
    if (s.finite()) scaleLine(s.b.a, s.state->factor, n * n);
    for (int64_t i = 0; i < n; ++i) s.b.none[i] = s.b.x[i] = s.b.y[i] = 0;
  }
  if (!s.finite()) return;
  for (int64_t block = range.begin; block < range.end; ++block) bidiagonalBlock(s.b, block);
}

inline void svdForm(const Call& call, Range range, void* scratch) noexcept {
  const Svd s(call);
  if (!s.finite()) return;
  const int64_t n = s.b.n;
  const int64_t strips = (n + formColumns - 1) / formColumns;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const bool isLeft = unit < strips;
    const int64_t begin = (strips - 1 - unit % strips) * formColumns;
    formColumnsOf(isLeft ? s.b.left : s.b.right, isLeft ? s.u : s.v, n, begin,
                  minOf(begin + formColumns, n), ReflectScratch(scratch));
  }
}

struct Turn {
  double cosine;
  double sine;
  double length;
};

// The rotation that takes (x, y) to (length, 0).
inline Turn turnOf(double x, double y) {
  const double length = __builtin_sqrt(x * x + y * y);
  if (length == 0) return {1, 0, 0};
  return {x / length, y / length, length};
}

inline void record(const Rotations& to, int64_t i, int64_t j, Turn turn) {
  double* const pair = to.next();
  pair[0] = turn.cosine;
  pair[1] = turn.sine;
  to.add(i, j, 1, 1);
}

// Where the diagonal is zero, what stands beside it can be rotated away. True when it was.
inline bool clearZero(const Svd& s, int64_t first, int64_t last) {
  double* const d = s.b.diagonal;
  double* const e = s.b.off;
  int64_t i = last;
  while (i >= first && __builtin_fabs(d[i]) > s.state->small * halfUlp) --i;
  if (i < first) return false;
  d[i] = 0;
  if (i < last) {
    double f = e[i];
    e[i] = 0;
    for (int64_t j = i + 1; j <= last && f != 0; ++j) {
      const Turn turn = turnOf(d[j], f);
      d[j] = turn.length;
      if (j < last) {
        f = -turn.sine * e[j];
        e[j] *= turn.cosine;
      }
      record(s.left, i, j, turn);
    }
  } else {
    double f = e[last - 1];
    e[last - 1] = 0;
    for (int64_t j = last - 1; j >= first && f != 0; --j) {
      const Turn turn = turnOf(d[j], f);
      d[j] = turn.length;
      if (j > first) {
        f = -turn.sine * e[j - 1];
        e[j - 1] *= turn.cosine;
      }
      record(s.right, last, j, turn);
    }
  }
  return true;
}

// One step of Golub and Kahan on the block from `first` to `last`.
inline void chase(const Svd& s, int64_t first, int64_t last) {
  double* const d = s.b.diagonal;
  double* const e = s.b.off;
  const double above = last - 1 > first ? e[last - 2] : 0;
  const double t11 = d[last - 1] * d[last - 1] + above * above;
  const double t12 = d[last - 1] * e[last - 1];
  const double t22 = d[last] * d[last] + e[last - 1] * e[last - 1];
  const double half = (t11 - t22) / 2;
  const double size = __builtin_sqrt(half * half + t12 * t12);
  const double root = half < 0 ? half - size : half + size;
  const double shift = root == 0 ? t22 : t22 - t12 * t12 / root;
  double y = d[first] - shift / d[first];
  double z = e[first];
  double* ofRight = s.right.next();
  double* ofLeft = s.left.next();
  for (int64_t k = first; k < last; ++k) {
    Turn turn = turnOf(y, z);
    if (k > first) e[k - 1] = turn.length;
    *ofRight++ = turn.cosine;
    *ofRight++ = -turn.sine;
    y = turn.cosine * d[k] + turn.sine * e[k];
    e[k] = turn.cosine * e[k] - turn.sine * d[k];
    z = turn.sine * d[k + 1];
    d[k + 1] *= turn.cosine;
    turn = turnOf(y, z);
    d[k] = turn.length;
    *ofLeft++ = turn.cosine;
    *ofLeft++ = -turn.sine;
    y = turn.cosine * e[k] + turn.sine * d[k + 1];
    d[k + 1] = turn.cosine * d[k + 1] - turn.sine * e[k];
    e[k] = y;
    if (k + 1 < last) {
      z = turn.sine * e[k + 1];
      e[k + 1] *= turn.cosine;
    }
  }
  s.right.add(first, first + 1, last - first, 1);
  s.left.add(first, first + 1, last - first, 1);
}

// Iterates until the part from `until` on is diagonal.
inline void diagonalize(const Svd& s, int64_t until, void* scratch) {
  double* const d = s.b.diagonal;
  double* const e = s.b.off;
  int64_t& last = s.state->last;
  const double most = static_cast<double>(iterationsMax) * static_cast<double>(s.b.n);
  for (; last >= maxOf<int64_t>(until, 1) && s.state->iterations < most; ++s.state->iterations) {
    for (int64_t i = 0; i < last; ++i) {
      const double beside = __builtin_fabs(d[i]) + __builtin_fabs(d[i + 1]);
      if (__builtin_fabs(e[i]) <= halfUlp * maxOf(beside, s.state->small)) e[i] = 0;
    }
    while (last > 0 && e[last - 1] == 0) --last;
    int64_t first = last;
    while (first > 0 && e[first - 1] != 0) --first;
    if (first == last) continue;
    const int64_t pairs = last - first;
    s.makeRoom(pairs, pairs, scratch);
    if (!clearZero(s, first, last)) chase(s, first, last);
  }
}

inline void svdValues(const Call& call, Range range, void* scratch) noexcept {
  const Svd s(call);
  const int64_t n = s.b.n;
  double* const d = s.b.diagonal;
  if (!s.finite()) return;
  if (range.begin == 0) {
    double largest = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double off = i + 1 < n ? __builtin_fabs(s.b.off[i]) : 0;
      largest = maxOf(largest, __builtin_fabs(d[i]) + off);
    }
    s.state->small = halfUlp * largest;
    s.state->iterations = 0;
    s.state->last = n - 1;
    s.left.clear();
    s.right.clear();
  }
  diagonalize(s, n - range.end, scratch);
  if (range.end < n) return;
  for (int64_t i = 0; i < n; ++i) s.b.sums[i] = __builtin_fabs(d[i]);
  sortPositions(s.b.sums, n, true, s.order);
  for (int64_t t = 0; t < n; ++t) {
    s.signs[t] = __builtin_signbit(d[static_cast<int64_t>(s.order[t])]) ? -1 : 1;
  }
  for (int64_t t = 0; t < n; ++t) {
    d[t] = s.b.sums[static_cast<int64_t>(s.order[t])] / s.state->factor;
  }
}

inline void svdRotate(const Call& call, Range range, void* scratch) noexcept {
  const Svd s(call);
  const int64_t n = s.b.n;
  const int64_t pieces = (n + rotateRows - 1) / rotateRows;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const bool isLeft = unit < pieces;
    const int64_t begin = unit % pieces * rotateRows;
    const int64_t end = minOf(begin + rotateRows, n);
    double* const vectors = isLeft ? s.u : s.v;
    if (s.finite()) {
      rotateColumns(isLeft ? s.left : s.right, vectors, n, begin, end, s.order,
                    isLeft ? nullptr : s.signs, static_cast<double*>(scratch));
    } else {
      fillNaN(vectors + begin * n, (end - begin) * n);
      fillNaN(s.b.diagonal + begin, isLeft ? end - begin : 0);
    }
  }
}

#define EC_KERNELS_SVD                                              \
  {                                                                 \
    "svd", Dtype::f64, { svdReduce, svdForm, svdValues, svdRotate } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
