// The table of the morphological kernels, compiled once per CPU level.
#include "kernels/image/morphology-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_MORPHOLOGY  //
};

}  // namespace

KernelList morphology() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
