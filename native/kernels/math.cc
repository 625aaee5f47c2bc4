// The table of the arithmetic kernels, compiled once per CPU level.
#include "kernels/math/arithmetic-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
#include "kernels/math/elementwise.inc"
    EC_SAME_INTEGERS("cube", 1, unaryStretch, Cube)                                    //
    EC_SAME_FLOATS("cube", 1, unaryStretch, Cube)                                      //
    EC_ROW("remainder", 2, int64_t, i64, binaryStretch, int64_t, Remainder)            //
    EC_ROW("remainder", 2, uint64_t, u64, binaryStretch, uint64_t, Remainder)          //
    EC_ROW("mod", 2, int64_t, i64, binaryStretch, int64_t, Modulo)                     //
    EC_ROW("mod", 2, uint64_t, u64, binaryStretch, uint64_t, Modulo)                   //
    EC_CLIP(double, f64) EC_CLIP(float, f32) EC_CLIP(int8_t, i8) EC_CLIP(uint8_t, u8)  //
    EC_CLIP(Clamped8, u8c) EC_CLIP(int16_t, i16) EC_CLIP(uint16_t, u16)                //
    EC_CLIP(int32_t, i32) EC_CLIP(uint32_t, u32)};

}  // namespace

KernelList math() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
