// The table of the image kernels, compiled once per CPU level. Each kernel's header ends with its
// rows.
#include "kernels/image/gaussian-blur-inl.h"
#include "kernels/image/grayscale-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_GAUSSIAN_BLUR  //
        EC_KERNELS_GRAYSCALE  //
};

}  // namespace

KernelList image() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
