// The table of the image kernels that move pixels and channels, compiled once per CPU level.
#include "kernels/image/channels-inl.h"
#include "kernels/image/orient-inl.h"
#include "kernels/image/pad-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_CHANNELS     //
        EC_KERNELS_ORIENT   //
            EC_KERNELS_PAD  //
};

}  // namespace

KernelList geometry() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
