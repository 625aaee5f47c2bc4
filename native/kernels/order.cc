// The table of sorting and selecting, compiled once per CPU level.
#include "kernels/math/order-inl.h"

namespace everycore::EC_ISA {
namespace {

// clang-format off
constexpr KernelEntry entries[] = {
    EC_ORDER(double, f64) EC_ORDER(float, f32)
    EC_ORDER(int8_t, i8) EC_ORDER(uint8_t, u8) EC_ORDER(uint8_t, u8c)
    EC_ORDER(int16_t, i16) EC_ORDER(uint16_t, u16)
    EC_ORDER(int32_t, i32) EC_ORDER(uint32_t, u32)
    EC_ORDER(int64_t, i64) EC_ORDER(uint64_t, u64)};
// clang-format on

}  // namespace

KernelList order() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
