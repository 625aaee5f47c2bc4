// The table of the transcendental functions of f32, compiled once per CPU level.
#include "kernels/math/single-exponential-inl.h"
#include "kernels/math/single-logarithm-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_SINGLE_EXPONENTIAL EC_KERNELS_SINGLE_LOGARITHM};

}  // namespace

KernelList single() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
