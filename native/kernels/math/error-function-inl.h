// erf, gelu, cbrt and hypot. The scaled complementary error function is (1 + 2z)·erfcx(z) as a
// polynomial in (z - 4)/(z + 4), after Shepherd and Laframboise, "Chebyshev approximation of
// (1+2x)exp(x²)erfc x" (1981). The polynomials are Chebyshev interpolants of 60-digit values
// (test/goldens/fit-vector-math.py).
#pragma once

#include "kernels/math/exponential-inl.h"

namespace everycore::EC_ISA {
namespace {

// erf(t) = t · erfSmall(t²) for |t| ≤ 1.
constexpr double erfSmall[] = {
    -0x1.812746b0379e7p-2,  0x1.ce2f21a042bdep-4,  -0x1.b82ce312889bap-6,  0x1.565bcd0e6502dp-8,
    -0x1.c02db3feeb579p-11, 0x1.f9a326c233146p-14, -0x1.f4d2561aeafd4p-17, 0x1.b9e6509b9867dp-20,
    -0x1.5f6d925a0bc7ap-23, 0x1.fc4356498c2d9p-27, -0x1.4e607b41a6416p-30, 0x1.7f072188e194dp-34,
    -0x1.29b9f1b3df556p-38};
// gelu(x) = x · (½ + x · geluSmall(x²)) for |x| ≤ √½.
constexpr double geluSmall[] = {
    0x1.9884533d43651p-2,   -0x1.1058377e2cebdp-4,  0x1.46d0429765698p-7,
    -0x1.37403f693fdb5p-10, 0x1.e42b0bc996f2fp-14,  -0x1.3ce8b3a4384bep-17,
    0x1.657af6457993ap-21,  -0x1.603db40819ba0p-25, 0x1.1783eff46a9e0p-29};
constexpr double erfcxFirst = 0x1.3ba5916e9fd7fp+0;
constexpr double erfcxTail[] = {
    -0x1.1df1ad154a28ep-3,  0x1.f7f5df66fd7bep-7,   0x1.16ecefcfa533fp-4,   -0x1.9ddb23c3e9106p-4,
    0x1.7fee004e13186p-4,   -0x1.0fb06dfe48b0ep-4,  0x1.3079edf668f38p-5,   -0x1.0962388548d8dp-6,
    0x1.49c6728db72cdp-8,   -0x1.8d4a9990c5199p-11, -0x1.a1df2ad41dddep-13, 0x1.3be032de511d3p-13,
    -0x1.9958a8c635c6bp-16, -0x1.788189c990557p-17, 0x1.7f235478fdcf6p-18,  0x1.385bb6c82456ap-22,
    -0x1.badf24e872985p-21, 0x1.5305495fa5317p-24,  0x1.d8d5b12b4bdebp-24,  -0x1.78888d24fa8a1p-26,
    -0x1.f9443297365a1p-27, 0x1.117f492198859p-28,  0x1.ebb009434f4efp-30,  -0x1.2d277a41632e3p-31,
    -0x1.2dbbbb75b6682p-33, 0x1.7d604a7f621f4p-35};

// (1 + 2z)·erfcx(z) for z ≥ 0.
EC_INLINE DD erfcxScaled(D z) {
  const D t = (z - 4) / (z + 4);
  return fastSum(all(erfcxFirst), t * series(erfcxTail, t));
}
EC_INLINE D erfVector(D x) {
  const D a = limited(magnitude(x), 0, 6);
  const D z = a * a;
  const D low = fused(a, 0x1.1ae3a914fed80p-56, a * z * series(erfSmall, z));
  const D close = fused(a, 0x1.20dd750429b6dp+0, low);
  // Here erfc is less than a sixth: a double is enough of it.
  const DD p = erfcxScaled(a);
  const DD e = parts(expOf({-z, -fused(a, a, -z)}), 0);
  const D wide = 1 - (p.h + p.l) * (e.h + e.l) / fused(a, 2, 1);
  return x != x ? x : withSign(a < 1 ? close : wide, x);
}
EC_INLINE D geluVector(D x) {
  const D a = limited(magnitude(x), 0, 40);
  const DD z = times(DD{all(0x1.6a09e667f3bcdp-1), all(-0x1.bdd3413b26456p-55)}, a);
  const DD square = exactProduct(a, a);
  const Exponential e = expOf({square.h * -0.5, square.l * -0.5});
  const DD divisor = fastSum(fused(z.h, 2, 1), z.l * 2);
  const DD tail = quotient(times(erfcxScaled(z.h), e.m), divisor);  // erfc(z) · 2^-k
  const DD left = times(tail, a * -0.5);
  const D scale = powerOf2(wholeOf(limited(e.k, -1000, 0)));
  const D right = fused(left.h + left.l, scale, a);
  const DD share = exactProduct(x, series(geluSmall, a * a));
  const DD phi = fastSum(all(0.5), share.h);
  const D close = fused(x, phi.h, x * (phi.l + share.l));
  D value = x < 0 ? scaled(left.h + left.l, e.k) : right;
  value = a < 0.7 ? close : value;
  return x > 40 || x != x ? x : value;
}
EC_INLINE D cbrtVector(D x) {
  const D size = magnitude(x);
  const auto tiny = size < 0x1p-1022;
  const D normal = tiny ? size * 0x1p54 : size;
  using U = V<uint64_t>;
  const I e = (I)((U)bitsOf(normal) >> 52) - 1023;
  const D exponent = doubleOf(e) - (tiny ? all(54) : all(0));
  const D third = nearest((exponent - 1) * (1.0 / 3));
  const D m = ofBits(bitsOf(normal) - (e << 52)) * powerOf2(wholeOf(exponent - third * 3));
  D y = (m + 5.5) * 0.1515;
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    const D cube = y * y * y;
    y = y * (cube + m + m) / (cube + cube + m);
  }
  const DD cube = times(exactProduct(y, y), y);
  const D value = (y + ((m - cube.h) - cube.l) / (3 * y * y)) * powerOf2(wholeOf(third));
  return size == 0 || size == infinity || x != x ? x : withSign(value, x);
}
EC_INLINE D hypotVector(D x, D y) {
  const D ax = magnitude(x);
  const D ay = magnitude(y);
  const D most = ax > ay ? ax : ay;
  const D scale = most > 0x1p500 ? all(0x1p-600) : most < 0x1p-400 ? all(0x1p600) : all(1);
  const D back = most > 0x1p500 ? all(0x1p600) : most < 0x1p-400 ? all(0x1p-600) : all(1);
  const D a = most * scale;
  const D b = (ax > ay ? ay : ax) * scale;
  const DD sum = plus(exactProduct(a, a), exactProduct(b, b));
  const DD r = root(sum);
  const D value = (r.h + r.l) * back;
  const D exact = b == 0 || b < a * 0x1p-60 ? most : value;
  const D known = x != x ? x : y != y ? y : exact;
  return ax == infinity || ay == infinity ? all(infinity) : known;
}

EC_VECTOR_UNARY(erf, erfVector)
EC_VECTOR_UNARY(gelu, geluVector)
EC_VECTOR_UNARY(cbrt, cbrtVector)
EC_VECTOR_BINARY(hypot, hypotVector)

#define EC_KERNELS_ERROR_FUNCTION \
  EC_WIDE("erf", 1, erfStretch)   \
  EC_WIDE("gelu", 1, geluStretch) \
  EC_WIDE("cbrt", 1, cbrtStretch) EC_WIDE("hypot", 2, hypotStretch)

}  // namespace
}  // namespace everycore::EC_ISA
