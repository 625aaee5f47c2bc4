// fused(a, b, c): a·b + c rounded once, for vectors of doubles and of floats. It is exactly rounded
// everywhere, and so the same bits on every CPU level: by one instruction where there is one. x86
// CPUs from before 2013 have none: there doubles go lane by lane through the C library, and floats
// are computed in doubles, which hold the product exactly; their sum is rounded to odd, so that the
// rounding to a float that follows is as if it were the only one (Boldo and Melquiond, "Emulation
// of a FMA and correctly rounded sums", 2008).
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

#if EC_LEVEL == EC_ISA_baseline
// a·b + c rounded to odd: cut, with the last bit set where something was cut off.
EC_INLINE V<double> toOdd(V<double> a, V<double> b, V<double> c) {
  using Bits = V<uint64_t>;
  const V<double> product = a * b;
  const V<double> sum = product + c;
  const V<double> back = sum - product;
  const V<double> lost = (product - (sum - back)) + (c - back);
  const Bits inexact = (Bits)(lost < 0) | (Bits)(lost > 0);  // not where a sum is infinite or NaN
  const Bits away = ((Bits)sum ^ (Bits)lost) >> 63;
  return (V<double>)(((Bits)sum - (away & inexact)) | inexact >> 63);
}
#endif
EC_INLINE V<float> fused(V<float> a, V<float> b, V<float> c) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (V<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  const V<double> low =
      toOdd(_mm_cvtps_pd((__m128)a), _mm_cvtps_pd((__m128)b), _mm_cvtps_pd((__m128)c));
  const auto upper = [](V<float> x) { return _mm_cvtps_pd(_mm_movehl_ps((__m128)x, (__m128)x)); };
  const V<double> high = toOdd(upper(a), upper(b), upper(c));
  return (V<float>)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)low), _mm_cvtpd_ps((__m128d)high));
#endif
}

}  // namespace
}  // namespace everycore::EC_ISA
