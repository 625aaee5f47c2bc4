// Factorisations by blocks of columns, on any number of threads. A unit makes one block of columns
// what one panel asks of it; the unit that brings a block up to date makes it a panel too, while
// other threads are still at the blocks behind (lookahead; Kurzak and Dongarra, "Implementing
// Linear Algebra Routines on Multi-Core Processors with Pipelining and a Look Ahead", 2006).
//
// Units are begun in their order and may be run at the same time: each waits for what it needs, and
// that is always made by units before it. What is computed is the same in any case.
#pragma once

#include "core/wait.h"
#include "kernels/linear/triangle-inl.h"

namespace everycore::EC_ISA {
namespace {

// What packed panels of so many rows, or columns, take room for, on any CPU level.
constexpr int64_t roomFor(int64_t lines) { return (lines + 23) / 24 * 24; }

inline int64_t blocksOf(int64_t columns) { return (columns + blockWidth - 1) / blockWidth; }

// How many steps each block of columns has behind it: one for every panel before, then one as a
// panel itself. Without numbers all units are run by one thread, in order.
struct Progress {
  int32_t* steps;

  // False when that will not come to be, since the job has been cancelled.
  bool await(int64_t block, int64_t wanted) const {
    if (steps == nullptr) return true;
    for (int64_t looks = 0; __atomic_load_n(steps + block, __ATOMIC_ACQUIRE) < wanted; ++looks) {
      if (!keepWaiting(looks)) return false;
#if defined(__x86_64__)
      _mm_pause();
#endif
    }
    return true;
  }
  bool awaitAll(int64_t first, int64_t end, int64_t wanted) const {
    for (int64_t block = first; block < end; ++block) {
      if (!await(block, wanted)) return false;
    }
    return true;
  }
  void reach(int64_t block, int64_t count) const {
    if (steps == nullptr) return;
    __atomic_store_n(steps + block, static_cast<int32_t>(count), __ATOMIC_RELEASE);
  }
};

// Runs units of a factorisation with so many panels and blocks of columns. `Work` has panel(k),
// which leaves what it has for other blocks in one of two places, k % 2; apply(k, j), what panel k
// asks of block j; and finish(k), what is left to do in panel k when all are made. Units: panel 0;
// for each k the blocks behind it, the next one becoming a panel; then what is left.
template <class Work>
void runUnits(const Work& work, int64_t panels, int64_t blocks, Range range, Progress progress) {
  const auto makePanel = [&](int64_t k) {
    if (k >= 2 && !progress.awaitAll(k, blocks, k - 1)) return;
    work.panel(k);
    progress.reach(k, k + 1);
  };
  int64_t unit = range.begin;
  if (unit == 0 && range.end > 0) {
    makePanel(0);
    ++unit;
  }
  int64_t first = 1;  // of the units of step k
  for (int64_t k = 0; k < panels && unit < range.end; first += blocks - 1 - k, ++k) {
    for (; unit < minOf(range.end, first + blocks - 1 - k); ++unit) {
      const int64_t j = k + 1 + unit - first;
      if (!progress.await(k, k + 1) || !progress.await(j, k)) return;
      work.apply(k, j);
      progress.reach(j, k + 1);
      if (j == k + 1 && j < panels) makePanel(j);
    }
  }
  for (; unit < range.end; ++unit) {
    if (!progress.await(panels - 1, panels)) return;
    work.finish(unit - first);
  }
}

// As many units there are, as src/matrix/linear/work.ts counts them.
inline int64_t unitsOf(int64_t panels, int64_t blocks) {
  return 1 + panels * (blocks - 1) - panels * (panels - 1) / 2 + panels - 1;
}

}  // namespace
}  // namespace everycore::EC_ISA
