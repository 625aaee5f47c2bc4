// The table of all kernels in the binary, by CPU level, name and dtype.
#pragma once

#include <vector>

#include "core/cpu.h"
#include "core/kernel.h"

namespace everycore {

// The kernels of one level, group after group, without codecs; empty where the binary lacks the
// level.
const std::vector<const KernelEntry*>& kernelsOf(Isa isa);

// Kernels are handed to JavaScript as numbers; -1 when the binary has no such kernel
// and no such codec.
int kernelNumber(Isa isa, const char* name, Dtype dtype);

}  // namespace everycore
