// The table of trigonometric functions, the error function, cube roots and hypot, compiled once per
// CPU level.
#include "kernels/math/error-function-inl.h"
#include "kernels/math/trigonometric-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_TRIGONOMETRIC EC_KERNELS_ERROR_FUNCTION};

}  // namespace

KernelList trigonometric() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
