// fused(a, b, c): a·b + c rounded once, for vectors of doubles and of floats. It is exactly rounded
// everywhere, and so the same bits on every CPU level: by one instruction where there is one. x86
// CPUs from before 2013 have none. There a product is computed with its error (floats: in doubles,
// which hold it exactly), and all but the last sum is rounded to odd, so that the last rounding is
// as if it were the only one (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums",
// 2008).
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

#if EC_LEVEL == EC_ISA_baseline && defined(__x86_64__)
#define EC_FUSED_IN_STEPS
EC_INLINE V<double> sumWithLoss(V<double> a, V<double> b, V<double>& lost) {
  const V<double> sum = a + b;
  const V<double> back = sum - a;
  lost = (a - (sum - back)) + (b - back);
  return sum;
}
// a + b rounded to odd: cut, with the last bit set where something was cut off.
EC_INLINE V<double> sumToOdd(V<double> a, V<double> b) {
  using Bits = V<uint64_t>;
  V<double> lost;
  const V<double> sum = sumWithLoss(a, b, lost);
  const Bits inexact = (Bits)(lost < 0) | (Bits)(lost > 0);  // not where a sum is infinite or NaN
  const Bits away = ((Bits)sum ^ (Bits)lost) >> 63;
  return (V<double>)(((Bits)sum - (away & inexact)) | inexact >> 63);
}
// The C library's fma is the same, but takes an order of magnitude longer: it serves numbers of
// which a step may overflow or lose digits below the normal numbers.
__attribute__((noinline)) inline V<double> fusedInSteps(V<double> a, V<double> b, V<double> c) {
  using D = V<double>;
  const auto size = [](D x) { return (D)((V<int64_t>)x & INT64_MAX); };
  const D product = a * b;
  const auto nothing = (a == 0) | (b == 0);
  const auto usual = (size(a) < 0x1p900) & (size(b) < 0x1p900) & (size(c) < 0x1p900) &
                     (nothing | ((size(product) > 0x1p-900) & (size(product) < 0x1p900)));
  if (_mm_movemask_pd((__m128d)usual) != 3) {
    for (int i = 0; i < lanes<double>; ++i) c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
  }
  // Both factors are cut into halves of 26 digits, whose products are exact (Dekker, 1971).
  const D shiftedA = a * 134217729.0;
  const D shiftedB = b * 134217729.0;
  const D highA = shiftedA - (shiftedA - a);
  const D highB = shiftedB - (shiftedB - b);
  const D lowA = a - highA;
  const D lowB = b - highB;
  const D error = ((highA * highB - product) + highA * lowB + lowA * highB) + lowA * lowB;
  D lostLow, lostHigh;
  const D low = sumWithLoss(c, error, lostLow);
  const D high = sumWithLoss(product, low, lostHigh);
  return nothing ? product + c : high + sumToOdd(lostLow, lostHigh);
}
#endif

EC_INLINE V<double> fused(V<double> a, V<double> b, V<double> c) {
#if EC_LEVEL == EC_ISA_avx512
  return (V<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif EC_LEVEL == EC_ISA_avx2
  return (V<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
  return (V<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#elif defined(EC_FUSED_IN_STEPS)
  return fusedInSteps(a, b, c);
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
#elif defined(EC_FUSED_IN_STEPS)
  const auto lower = [](V<float> x) { return (V<double>)_mm_cvtps_pd((__m128)x); };
  const auto upper = [&](V<float> x) {
    return lower((V<float>)_mm_movehl_ps((__m128)x, (__m128)x));
  };
  const V<double> low = sumToOdd(lower(a) * lower(b), lower(c));
  const V<double> high = sumToOdd(upper(a) * upper(b), upper(c));
  return (V<float>)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)low), _mm_cvtpd_ps((__m128d)high));
#else
  for (int i = 0; i < lanes<float>; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
#endif
}

}  // namespace
}  // namespace everycore::EC_ISA
