// The table of quantiles along an axis, compiled once per CPU level.
#include "kernels/math/quantile-inl.h"

namespace everycore::EC_ISA {
namespace {

#define EC_QUANTILE(T, O, dtype) {"reduce quantile by axis", Dtype::dtype, {quantileLines<T, O>}},

// clang-format off
constexpr KernelEntry entries[] = {
    EC_QUANTILE(double, double, f64) EC_QUANTILE(float, float, f32)
    EC_QUANTILE(int8_t, double, i8) EC_QUANTILE(uint8_t, double, u8) EC_QUANTILE(uint8_t, double, u8c)
    EC_QUANTILE(int16_t, double, i16) EC_QUANTILE(uint16_t, double, u16)
    EC_QUANTILE(int32_t, double, i32) EC_QUANTILE(uint32_t, double, u32)};
// clang-format on

}  // namespace

KernelList quantile() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
