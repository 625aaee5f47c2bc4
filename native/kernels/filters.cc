// The table of the image kernels that look at a window, compiled once per CPU level.
#include "kernels/image/adaptive-inl.h"
#include "kernels/image/box-inl.h"
#include "kernels/image/convolve-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_ADAPTIVE  //
    EC_KERNELS_BOX       //
    EC_KERNELS_CONVOLVE  //
};

}  // namespace

KernelList filters() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
