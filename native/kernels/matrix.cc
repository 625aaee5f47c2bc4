// The table of the matrix kernels, compiled once per CPU level.
#include "kernels/matrix/matmul-inl.h"
#include "kernels/matrix/transpose-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_MATMUL, EC_KERNELS_TRANSPOSE};

}  // namespace

KernelList matrix() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
