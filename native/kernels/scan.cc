// The table of the scans and of histograms, compiled once per CPU level.
#include "kernels/math/histogram-inl.h"
#include "kernels/math/scan-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_SCAN EC_KERNELS_HISTOGRAM};

}  // namespace

KernelList scan() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
