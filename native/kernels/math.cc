// The table of the math kernels, compiled once per CPU level.
#include "kernels/math/elementwise-inl.h"
#include "kernels/math/reduce-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
#define UNARY(name, expression) EC_EVERY_DTYPE(#name, unaryKernel, Unary_##name)
#define BINARY(name, expression) EC_EVERY_DTYPE(#name, binaryKernel, Binary_##name)
#include "kernels/math/elementwise.inc"
#undef UNARY
#undef BINARY
    EC_KERNELS_REDUCE};

}  // namespace

KernelList math() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
