// The table of the image kernels that look up pixels between pixels, compiled once per CPU level.
#include "kernels/image/warp-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_WARP  //
};

}  // namespace

KernelList warp() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
