// The table of all kernels in the binary, by CPU level, name and dtype.
#pragma once

#include "core/cpu.h"
#include "core/kernel.h"

namespace everycore {

// Null when the binary has no such kernel.
const KernelEntry* findKernel(Isa isa, const char* name, Dtype dtype) noexcept;

constexpr int groupCount = 0
#define GROUP(name) +1
#include "kernels/groups.inc"
#undef GROUP
    ;

// The kernels of one group (0 to groupCount - 1) at one level; none where the binary lacks the level.
KernelList kernelGroup(Isa isa, int group) noexcept;

}  // namespace everycore
