// The table of the image kernels that look at one pixel at a time, compiled once per CPU level.
#include "kernels/image/lut-inl.h"
#include "kernels/image/tones-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_LUT EC_KERNELS_TONES  //
};

}  // namespace

KernelList point() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
