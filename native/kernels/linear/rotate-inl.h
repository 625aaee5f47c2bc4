// Sequences of plane rotations: recorded while a small matrix is made diagonal, and done to the
// vectors afterwards, so that all threads do them, each to rows of its own.
#pragma once

#include "kernels/linear/reflect-inl.h"

namespace everycore::EC_ISA {
namespace {

// Memory handed out piece after piece, as src/matrix/linear/work.ts adds it up.
struct Carve {
  double* at;

  double* take(int64_t doubles) {
    double* const piece = at;
    at += doubles;
    return piece;
  }
};

// `count` rotations of vectors first and second, then both `step` further, and so on.
struct Run {
  int32_t first;
  int32_t second;
  int32_t count;
  int32_t step;
};

// Vectors i and j become c·i - s·j and s·i + c·j.
struct Rotations {
  double* pairs;    // c and s of each rotation
  Run* runs;        // two doubles each
  int64_t* counts;  // rotations and runs that there are
  int64_t pairsMax;
  int64_t runsMax;

  Rotations(Carve& memory, int64_t pairCount, int64_t runCount)
      : pairs(memory.take(2 * pairCount)),
        runs(reinterpret_cast<Run*>(memory.take(2 * runCount))),
        counts(reinterpret_cast<int64_t*>(memory.take(2))),
        pairsMax(pairCount),
        runsMax(runCount) {}

  void clear() const { counts[0] = counts[1] = 0; }
  bool hasRoom(int64_t more, int64_t moreRuns = 1) const {
    return counts[0] + more <= pairsMax && counts[1] + moreRuns <= runsMax;
  }
  double* next() const { return pairs + 2 * counts[0]; }
  // Announces a run whose rotations have been written from next() on.
  void add(int64_t first, int64_t second, int64_t count, int64_t step) const {
    if (count == 0) return;
    runs[counts[1]++] = {static_cast<int32_t>(first), static_cast<int32_t>(second),
                         static_cast<int32_t>(count), static_cast<int32_t>(step)};
    counts[0] += count;
  }
};

// Elements of each vector that are rotated at a time: four machine vectors.
constexpr int rotateVectors = 4;
constexpr int64_t rotateElements = rotateVectors * lanes<double>;

struct Piece {
  V<double> part[rotateVectors];

  EC_INLINE void read(const double* from) {
    EC_UNROLL
    for (int k = 0; k < rotateVectors; ++k) part[k] = load(from + k * lanes<double>);
  }
  EC_INLINE void write(double* to) const {
    EC_UNROLL
    for (int k = 0; k < rotateVectors; ++k) store(to + k * lanes<double>, part[k]);
  }
};

EC_INLINE void rotate(Piece& x, Piece& y, const double* pair) {
  const V<double> c = broadcast(pair[0]);
  const V<double> s = broadcast(pair[1]);
  EC_UNROLL
  for (int k = 0; k < rotateVectors; ++k) {
    const V<double> old = x.part[k];
    x.part[k] = fused(c, old, -(s * y.part[k]));
    y.part[k] = fused(s, old, c * y.part[k]);
  }
}

// All rotations of pieces of the vectors, piece after piece in z. In runs of neighbours what one
// rotation leaves to the next one stays in registers.
inline void rotatePieces(const Rotations& rotations, double* z) {
  const double* pair = rotations.pairs;
  for (int64_t r = 0; r < rotations.counts[1]; ++r) {
    const Run run = rotations.runs[r];
    const int64_t step = run.step * rotateElements;
    double* first = z + run.first * rotateElements;
    double* second = z + run.second * rotateElements;
    Piece x;
    Piece y;
    const bool up = run.step == 1 && run.second == run.first + 1;
    const bool down = run.step == -1 && run.second == run.first + 1;
    x.read(first);
    y.read(second);
    for (int32_t k = 1;; ++k, pair += 2) {
      rotate(x, y, pair);
      if (k == run.count) break;
      if (up) {
        x.write(first);
        x = y;
        y.read(second + step);
      } else if (down) {
        y.write(second);
        y = x;
        x.read(first + step);
      } else {
        x.write(first);
        y.write(second);
        x.read(first + step);
        y.read(second + step);
      }
      first += step;
      second += step;
    }
    pair += 2;
    x.write(first);
    y.write(second);
  }
}

// Rows `begin` to `end` of Q (rows of n, vectors are columns) are rotated; then column t is what
// was column order[t], its sign changed where signs[t] says so. Scratch holds n pieces.
inline void rotateColumns(const Rotations& rotations, double* q, int64_t n, int64_t begin,
                          int64_t end, const double* order, const double* signs, double* z) {
  for (int64_t i = begin; i < end; i += rotateElements) {
    const int64_t height = minOf(rotateElements, end - i);
    if (height < rotateElements) {
      memset(z, 0, static_cast<size_t>(n * rotateElements) * sizeof(double));
    }
    copyPanel<double>({q + i * n, n, 1}, height, n, z, rotateElements);
    rotatePieces(rotations, z);
    for (int64_t y = 0; y < height; ++y) {
      double* const to = q + (i + y) * n;
      for (int64_t t = 0; t < n; ++t) {
        const auto from = order == nullptr ? t : static_cast<int64_t>(order[t]);
        to[t] = z[from * rotateElements + y];
      }
      if (signs == nullptr) continue;
      for (int64_t t = 0; t < n; ++t) to[t] *= signs[t];
    }
  }
}

// Rows of Q that are a unit, as src/matrix/linear/work.ts counts them.
constexpr int64_t rotateRows = 32;

// Positions in the order of the values: stable, by insertion, largest or smallest first.
inline void sortPositions(const double* values, int64_t n, bool largestFirst, double* order) {
  for (int64_t t = 0; t < n; ++t) {
    int64_t at = t;
    for (; at > 0; --at) {
      const double before = values[static_cast<int64_t>(order[at - 1])];
      if (largestFirst ? !(before < values[t]) : !(before > values[t])) break;
      order[at] = order[at - 1];
    }
    order[at] = static_cast<double>(t);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
