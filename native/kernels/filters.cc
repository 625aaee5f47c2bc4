// The table of the image kernels that look at a window, compiled once per CPU level.
#include "kernels/image/adaptive-inl.h"
#include "kernels/image/bilateral-inl.h"
#include "kernels/image/box-inl.h"
#include "kernels/image/box-wide-inl.h"
#include "kernels/image/convolve-inl.h"
#include "kernels/image/median-inl.h"
#include "kernels/image/sobel-magnitude-inl.h"
#include "kernels/image/unsharp-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_ADAPTIVE                                 //
        EC_KERNELS_BILATERAL                            //
            EC_KERNELS_BOX                              //
                EC_KERNELS_BOX_WIDE                     //
                    EC_KERNELS_CONVOLVE                 //
                        EC_KERNELS_MEDIAN               //
                            EC_KERNELS_SOBEL_MAGNITUDE  //
                                EC_KERNELS_UNSHARP      //
};

}  // namespace

KernelList filters() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
