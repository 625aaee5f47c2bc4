// What a kernel is: a named function over views and a range, as NumPy's ufunc loops are.
// Kernels are pure: no allocation, no lock, no throw, no log, no state of their own.
#pragma once

#include <stdint.h>

#include "core/view.h"

namespace everycore {

// One call of a kernel, settled in TypeScript: inputs first, then outputs. The views, shapes and
// parameters are checked there; a kernel trusts them.
struct Call {
  const View* views;
  const double* params;
  void* shared;  // memory that all chunks of this call see, for what one phase leaves to the next
  uint32_t viewCount;
  uint32_t paramCount;
};

// Half-open range of a phase's units. A unit is what the family says: an element, a row, a tile.
struct Range {
  int64_t begin;
  int64_t end;
};

// `scratch` is memory of the calling thread alone, as large as the call asked for (64-byte
// aligned). Whatever ranges a phase is cut into, and in whatever order they run, the bytes written
// are the same.
using KernelFn = void (*)(const Call& call, Range range, void* scratch) noexcept;

constexpr int maxPhases = 4;

// A phase begins when every chunk of the one before has ended. Most kernels have one.
struct KernelEntry {
  const char* name;
  Dtype dtype;  // of the first view
  KernelFn phases[maxPhases];
};

// The kernels of one group (math, matrix, image) compiled for one CPU level.
struct KernelList {
  const KernelEntry* entries;
  int count;
};

// The kernel that JavaScript knows by a number (core/registry.h); for kernels made of kernels. Null
// for a number that was never given, or of a level that this machine cannot run.
const KernelEntry* kernelByNumber(double number);

}  // namespace everycore
