// The table of comparisons, kernels of three operands, conversions and what is simple in f64,
// compiled once per CPU level.
#include "kernels/math/compare-inl.h"
#include "kernels/math/fused-inl.h"
#include "kernels/math/in-doubles-inl.h"
#include "kernels/math/ternary-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
#include "kernels/math/compare.inc"
    EC_KERNELS_TERNARY         //
        EC_KERNELS_IN_DOUBLES  //
            EC_KERNELS_FUSED   //
};

}  // namespace

KernelList elementwise() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
