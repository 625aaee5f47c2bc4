// The table of the image kernels of alpha, tensors and colour spaces, compiled once per CPU
// level.
#include "kernels/image/alpha-inl.h"
#include "kernels/image/alpha-wide-inl.h"
#include "kernels/image/color-matrix-inl.h"
#include "kernels/image/convert-color-inl.h"
#include "kernels/image/tensor-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_ALPHA                      //
        EC_KERNELS_ALPHA_WIDE             //
            EC_KERNELS_COLOR_MATRIX       //
                EC_KERNELS_CONVERT_COLOR  //
                    EC_KERNELS_TENSOR     //
};

}  // namespace

KernelList alpha() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
