// The table of the scans, compiled once per CPU level.
#include "kernels/math/scan-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_SCAN};

}  // namespace

KernelList scan() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
