// The kernel "eigh": reduction to tridiagonal form by Householder reflectors, then the implicit QL
// method (Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric
// matrices", 1968), as src/matrix/linear/eigh-reference.ts does it.
//
// Phases: reduction, in order, a unit being blockWidth rows; columns of Q; values, in order, a unit
// being one of them; rotation of Q, a unit being rotateRows rows.
#pragma once

#include "kernels/linear/qr-inl.h"
#include "kernels/linear/rotate-inl.h"

namespace everycore::EC_ISA {
namespace {

// Views: A [n·n], whose lower triangle counts and which is used up, values [n], vectors [n·n].
// Params: n, room for rotations, and for runs of them.
struct Eigh {
  int64_t n;
  double* a;
  double* values;
  double* q;
  double* head;  // the power of two that A is multiplied by; what is negligible
  double* off;
  double* v;  // the rank-2 update that is due: A - v·wᵀ - w·vᵀ
  double* w;
  double* p;
  double* order;
  ReflectorBlocks reflectors;
  Rotations rotations;

  explicit Eigh(const Call& call, Carve memory)
      : n(static_cast<int64_t>(call.params[0])),
        a(call.views[0].as<double>()),
        values(call.views[1].as<double>()),
        q(call.views[2].as<double>()),
        head(memory.take(2)),
        off(memory.take(n)),
        v(memory.take(n)),
        w(memory.take(n)),
        p(memory.take(n)),
        order(memory.take(n)),
        reflectors{memory.take((n - 1) * n),
                   memory.take((n - 1 + blockWidth - 1) / blockWidth * blockWidth * blockWidth), n,
                   n - 1, 1},
        rotations(memory, static_cast<int64_t>(call.params[1]),
                  static_cast<int64_t>(call.params[2])) {}
  explicit Eigh(const Call& call) : Eigh(call, {static_cast<double*>(call.shared)}) {}

  bool finite() const { return *head == *head; }
};

// Four rows from row i on, right of the square on the diagonal: the update that is due is done, and
// the rows' part of p = A·x added up, A being symmetric.
inline void updateFourRows(const Eigh& s, const double* x, int64_t i) {
  constexpr int width = lanes<double>;
  V<double> sum[4] = {};
  V<double> minusV[4];
  V<double> minusW[4];
  V<double> own[4];
  EC_UNROLL
  for (int k = 0; k < 4; ++k) {
    minusV[k] = broadcast(-s.v[i + k]);
    minusW[k] = broadcast(-s.w[i + k]);
    own[k] = broadcast(x[i + k]);
  }
  double* const a = s.a + i * s.n;
  const auto step = [&](int64_t j, auto read, auto write) EC_INLINE_LAMBDA {
    const V<double> v = read(s.v + j);
    const V<double> w = read(s.w + j);
    const V<double> other = read(x + j);
    V<double> p = read(s.p + j);
    EC_UNROLL
    for (int k = 0; k < 4; ++k) {
      V<double> row = read(a + k * s.n + j);
      row = fused(minusV[k], w, row);
      row = fused(minusW[k], v, row);
      write(a + k * s.n + j, row);
      sum[k] = fused(row, other, sum[k]);
      p = fused(row, own[k], p);
    }
    write(s.p + j, p);
  };
  int64_t j = i + 4;
  for (; j + width <= s.n; j += width) {
    step(
        j, [](const double* from) EC_INLINE_LAMBDA { return load(from); },
        [](double* to, V<double> value) EC_INLINE_LAMBDA { store(to, value); });
  }
  if (j < s.n) {
    const Live<double, EC_VECTOR_BYTES> rest(s.n - j);
    step(
        j, [&](const double* from) EC_INLINE_LAMBDA { return rest.load(from); },
        [&](double* to, V<double> value) EC_INLINE_LAMBDA { rest.store(to, value); });
  }
  for (int k = 0; k < 4; ++k) {
    double total = 0;
    for (int lane = 0; lane < width; ++lane) total += sum[k][lane];
    s.p[i + k] += total;
  }
}

// The upper triangle from row `first` on is updated, and p = A·x. One pass over memory does both.
inline void updateAndMultiply(const Eigh& s, const double* x, int64_t first) {
  for (int64_t i = first; i < s.n; ++i) s.p[i] = 0;
  for (int64_t i = first; i < s.n; i += 4) {
    const int64_t rows = minOf<int64_t>(4, s.n - i);
    for (int64_t k = i; k < i + rows; ++k) {
      for (int64_t j = k; j < i + rows; ++j) {
        double& at = s.a[k * s.n + j];
        at -= s.v[k] * s.w[j] + s.w[k] * s.v[j];
        s.p[k] += at * x[j];
        if (j > k) s.p[j] += at * x[k];
      }
    }
    if (rows == 4) updateFourRows(s, x, i);
  }
}

// Row k of T, and the reflector that makes it so; x is where its vector goes. Answers tau.
inline double reduceRow(const Eigh& s, int64_t k, double* x) {
  double* const row = s.a + k * s.n;
  for (int64_t j = k; j < s.n; ++j) row[j] -= s.v[k] * s.w[j] + s.w[k] * s.v[j];
  s.values[k] = row[k];
  if (k + 1 == s.n) return 0;
  const int64_t length = s.n - k - 1;
  memcpy(x + k + 1, row + k + 1, static_cast<size_t>(length) * sizeof(double));
  const Reflector made = makeReflector(x + k + 1, length);
  s.off[k] = made.beta;
  updateAndMultiply(s, x, k + 1);
  const double half = 0.5 * made.tau * made.tau * dotLine(s.p + k + 1, x + k + 1, length);
  for (int64_t j = k + 1; j < s.n; ++j) {
    s.v[j] = x[j];
    s.w[j] = made.tau * s.p[j] - half * x[j];
  }
  return made.tau;
}

inline void eighReduce(const Call& call, Range range, void*) noexcept {
  const Eigh s(call);
  if (range.begin == 0) {
    // The upper triangle lies in rows: it becomes what the lower one is.
    for (int64_t i = 0; i < s.n; ++i) {
      for (int64_t j = 0; j < i; ++j) s.a[j * s.n + i] = s.a[i * s.n + j];
      s.v[i] = s.w[i] = 0;
    }
    *s.head = scaleOf(s.a, s.n * s.n);
    if (s.finite()) scaleLine(s.a, *s.head, s.n * s.n);
  }
  if (!s.finite()) return;
  for (int64_t block = range.begin; block < range.end; ++block) {
    const int64_t first = block * blockWidth;
    const int64_t end = minOf(first + blockWidth, s.n);
    for (int64_t k = first; k < end; ++k) {
      double* const x = s.reflectors.v + k * s.n;
      if (k + 1 < s.n) memset(x, 0, static_cast<size_t>(k + 1) * sizeof(double));
      const double tau = reduceRow(s, k, x);
      if (k + 1 < s.n) s.reflectors.at(block).t[(k - first) * (blockWidth + 1)] = tau;
    }
    if (block < s.reflectors.blocks()) makeTriangle(s.reflectors.at(block));
  }
}

inline void eighForm(const Call& call, Range range, void* scratch) noexcept {
  const Eigh s(call);
  if (!s.finite()) return;
  const int64_t strips = (s.n + formColumns - 1) / formColumns;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t begin = (strips - 1 - unit) * formColumns;
    formColumnsOf(s.reflectors, s.q, s.n, begin, minOf(begin + formColumns, s.n),
                  ReflectScratch(scratch));
  }
}

constexpr int iterationsMax = 60;
constexpr double halfUlp = 0x1p-53;

inline bool negligible(const Eigh& s, int64_t i) {
  const double beside = __builtin_fabs(s.values[i]) + __builtin_fabs(s.values[i + 1]);
  return __builtin_fabs(s.off[i]) <= halfUlp * maxOf(beside, s.head[1]);
}

// One sweep of QL over the block of T from l to m.
inline void sweep(const Eigh& s, int64_t l, int64_t m) {
  double* const d = s.values;
  double* const e = s.off;
  double* pair = s.rotations.next();
  double g = (d[l + 1] - d[l]) / (2 * e[l]);
  const double root = __builtin_sqrt(g * g + 1);
  g = d[m] - d[l] + e[l] / (g + (g < 0 ? -root : root));
  double sine = 1;
  double cosine = 1;
  double p = 0;
  int64_t i = m - 1;
  for (; i >= l; --i) {
    const double f = sine * e[i];
    const double b = cosine * e[i];
    const double r = __builtin_sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r == 0) break;
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - p;
    const double t = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * t;
    d[i + 1] = g + p;
    g = cosine * t - b;
    *pair++ = cosine;
    *pair++ = sine;
  }
  s.rotations.add(m - 1, m, m - 1 - i, -1);
  if (i >= l) {
    d[i + 1] -= p;
  } else {
    d[l] -= p;
    e[l] = g;
  }
  e[m] = 0;
}

inline void eighValues(const Call& call, Range range, void* scratch) noexcept {
  const Eigh s(call);
  if (!s.finite()) return;
  if (range.begin == 0) {
    s.off[s.n - 1] = 0;
    double largest = 0;
    for (int64_t i = 0; i < s.n; ++i) {
      largest = maxOf(largest, __builtin_fabs(s.values[i]) + __builtin_fabs(s.off[i]));
    }
    s.head[1] = halfUlp * largest;
    s.rotations.clear();
  }
  for (int64_t l = range.begin; l < range.end; ++l) {
    for (int iteration = 0; iteration < iterationsMax; ++iteration) {
      int64_t m = l;
      while (m < s.n - 1 && !negligible(s, m)) ++m;
      if (m == l) break;
      if (!s.rotations.hasRoom(m - l)) {
        rotateColumns(s.rotations, s.q, s.n, 0, s.n, nullptr, nullptr,
                      static_cast<double*>(scratch));
        s.rotations.clear();
      }
      sweep(s, l, m);
    }
  }
  if (range.end < s.n) return;
  sortPositions(s.values, s.n, false, s.order);
  // What follows reads the values in their order: `off` has no more use.
  for (int64_t t = 0; t < s.n; ++t) s.off[t] = s.values[static_cast<int64_t>(s.order[t])];
  for (int64_t t = 0; t < s.n; ++t) s.values[t] = s.off[t] / *s.head;
}

inline void fillNaN(double* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = __builtin_nan("");
}

inline void eighRotate(const Call& call, Range range, void* scratch) noexcept {
  const Eigh s(call);
  const int64_t begin = range.begin * rotateRows;
  const int64_t end = minOf(range.end * rotateRows, s.n);
  if (s.finite()) {
    rotateColumns(s.rotations, s.q, s.n, begin, end, s.order, nullptr,
                  static_cast<double*>(scratch));
  } else {
    fillNaN(s.q + begin * s.n, (end - begin) * s.n);
    fillNaN(s.values + begin, end - begin);
  }
}

#define EC_KERNELS_EIGH                                                  \
  {                                                                      \
    "eigh", Dtype::f64, { eighReduce, eighForm, eighValues, eighRotate } \
  }

}  // namespace
}  // namespace everycore::EC_ISA
