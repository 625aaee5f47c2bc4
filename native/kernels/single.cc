// The table of the transcendental functions of f32, compiled once per CPU level.
#include "kernels/math/single-exponential-inl.h"
#include "kernels/math/single-logarithm-inl.h"
#include "kernels/math/single-trigonometric-inl.h"
#include "kernels/math/single-wide-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_SINGLE_EXPONENTIAL EC_KERNELS_SINGLE_LOGARITHM
                                       EC_KERNELS_SINGLE_TRIGONOMETRIC EC_KERNELS_SINGLE_WIDE};

}  // namespace

KernelList single() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
