// The table of all kernels in the binary, by CPU level, name and dtype.
#pragma once

#include "core/cpu.h"
#include "core/kernel.h"

namespace everycore {

// Null when the binary has no such kernel.
const KernelEntry* findKernel(Isa isa, const char* name, Dtype dtype) noexcept;

// All kernels of a level, group by group; `group` counts from 0, a count of 0 ends the walk.
constexpr int groupCount = 3;
KernelList kernelGroup(Isa isa, int group) noexcept;

}  // namespace everycore
