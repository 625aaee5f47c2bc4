// The table of exponentials, logarithms, hyperbolic functions and powers, compiled once per CPU
// level.
#include "kernels/math/exponential-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_EXPONENTIAL};

}  // namespace

KernelList exponential() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
