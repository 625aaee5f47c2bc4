// The table of the reductions, compiled once per CPU level.
#include "kernels/math/count-inl.h"
#include "kernels/math/extreme-inl.h"
#include "kernels/math/reduce-inl.h"
#include "kernels/math/spread-inl.h"

namespace everycore::EC_ISA {
namespace {

// clang-format off
constexpr KernelEntry entries[] = {
    EC_EACH_DTYPE(EC_SUM)
    EC_EACH_DTYPE(EC_PRODUCT)
    EC_EACH_DTYPE(EC_DOT)
    EC_EACH_NUMBER(EC_SQUARES)
    EC_EACH_DTYPE(EC_EXTREMES)
    EC_EACH_NUMBER(EC_SPREAD)
    EC_EACH_DTYPE(EC_COUNTS)};
// clang-format on

}  // namespace

KernelList reduce() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
