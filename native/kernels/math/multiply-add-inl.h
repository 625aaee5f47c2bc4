// fused(a, b, c): a·b + c rounded once, for vectors of doubles and of floats. It is exactly rounded
// everywhere, and so the same bits on every CPU level: by one instruction where there is one, lane
// by lane by the C library where there is none (x86 CPUs from before 2013).
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

EC_INLINE V<double> fused(V<double> a, V<double> b, V<double> c) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
  return (V<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
  for (int i = 0; i < lanes<double>; ++i) c[i] = __builtin_fma(a[i], b[i], c[i]);
  return c;
#endif
}

EC_INLINE V<float> fused(V<float> a, V<float> b, V<float> c) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (V<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  for (int i = 0; i < lanes<float>; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
#endif
}

}  // namespace
}  // namespace everycore::EC_ISA
