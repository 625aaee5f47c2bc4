// Elementwise kernels of three operands: fma(a, b, c), rounded once, and where(mask, a, b).
#pragma once

#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

template <class T>
void fmaStretch(const Inputs& in, void* to, int64_t count) {
  using C = typename Element<T>::Compute;
  using S = typename Element<T>::Stored;
  const S* const a = in.as<S>(0);
  const S* const b = in.as<S>(1);
  const S* const c = in.as<S>(2);
  S* const out = static_cast<S*>(to);
  const int64_t stepA = in.step[0];
  const int64_t stepB = in.step[1];
  const int64_t stepC = in.step[2];
  const auto one = [](C x, C y, C z) EC_INLINE_LAMBDA {
    if constexpr (__is_same(C, double))
      return __builtin_fma(x, y, z);
    else if constexpr (__is_same(C, float))
      return __builtin_fmaf(x, y, z);
    else
      return plus(times(x, y), z);
  };
  if (stepA == 1 && stepB == 1 && stepC == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] =
          Element<T>::narrow(one(static_cast<C>(a[i]), static_cast<C>(b[i]), static_cast<C>(c[i])));
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) {
      out[i] = Element<T>::narrow(one(static_cast<C>(a[i * stepA]), static_cast<C>(b[i * stepB]),
                                      static_cast<C>(c[i * stepC])));
    }
  }
}

// Views: a, b, mask (bytes), out. Elements are moved as they are, whatever they mean.
template <class S>
void whereStretch(const Inputs& in, void* to, int64_t count) {
  const S* const a = in.as<S>(0);
  const S* const b = in.as<S>(1);
  const uint8_t* const mask = in.as<uint8_t>(2);
  S* const out = static_cast<S*>(to);
  const int64_t stepA = in.step[0];
  const int64_t stepB = in.step[1];
  const int64_t stepMask = in.step[2];
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) {
    const S yes = a[i * stepA];
    const S no = b[i * stepB];
    out[i] = mask[i * stepMask] != 0 ? yes : no;
  }
}

#define EC_TERNARY(T, S, dtype)                                        \
  {"fma", Dtype::dtype, {elementwiseKernel<3, fmaStretch<T>, false>}}, \
      {"where", Dtype::dtype, {elementwiseKernel<3, whereStretch<S>, false>}},
#define EC_KERNELS_TERNARY            \
  EC_TERNARY(int8_t, uint8_t, i8)     \
  EC_TERNARY(uint8_t, uint8_t, u8)    \
  EC_TERNARY(Clamped8, uint8_t, u8c)  \
  EC_TERNARY(int16_t, uint16_t, i16)  \
  EC_TERNARY(uint16_t, uint16_t, u16) \
  EC_TERNARY(int32_t, uint32_t, i32)  \
  EC_TERNARY(uint32_t, uint32_t, u32) \
  EC_TERNARY(int64_t, uint64_t, i64)  \
  EC_TERNARY(uint64_t, uint64_t, u64) \
  EC_TERNARY(float, uint32_t, f32) EC_TERNARY(double, uint64_t, f64)

}  // namespace
}  // namespace everycore::EC_ISA
