// Two images of one size: absdiff, psnr, ssim. A unit is a row.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace compare_ {

EC_INLINE const uint8_t* rowOf(const View& view, int64_t y) {
  return view.as<const uint8_t>() + y * view.stride[0];
}

// Views: two images, result.
void absdiff(const Call& call, Range range, void*) noexcept {
  const int64_t samples = call.views[0].shape[1] * call.views[0].shape[2];
  const auto difference = [](V<uint8_t> p, V<uint8_t> q)
                              EC_INLINE_LAMBDA { return p > q ? p - q : q - p; };
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* a = rowOf(call.views[0], y);
    const uint8_t* b = rowOf(call.views[1], y);
    uint8_t* to = call.views[2].as<uint8_t>() + y * call.views[2].stride[0];
    int64_t i = 0;
    for (; i + lanes<uint8_t> <= samples; i += lanes<uint8_t>) {
      store(to + i, difference(load(a + i), load(b + i)));
    }
    const int64_t left = samples - i;
    if (left > 0) storePart(to + i, difference(loadPart(a + i, left), loadPart(b + i, left)), left);
  }
}

// Views: two images, the sum of squared differences of each row.
void psnr(const Call& call, Range range, void*) noexcept {
  const int64_t samples = call.views[0].shape[1] * call.views[0].shape[2];
  constexpr int64_t block = 16384;  // whose sum fits into 32 bits
  for (int64_t y = range.begin; y < range.end; ++y) {
    const uint8_t* a = rowOf(call.views[0], y);
    const uint8_t* b = rowOf(call.views[1], y);
    int64_t total = 0;
    for (int64_t begin = 0; begin < samples; begin += block) {
      const int64_t end = minOf(begin + block, samples);
      int32_t sum = 0;
      for (int64_t i = begin; i < end; ++i) {
        const int16_t far = static_cast<int16_t>(a[i] - b[i]);
        sum += far * far;
      }
      total += sum;
    }
    call.views[2].as<double>()[y] = static_cast<double>(total);
  }
}

// The structural similarity of two windows, by their means, variances and covariance.
EC_INLINE double similarity(double p, double q, double pp, double qq, double pq) {
  constexpr double c1 = 6.5025, c2 = 58.5225;
  return ((2 * p * q + c1) * (2 * pq + c2)) / ((p * p + q * q + c1) * (pp + qq + c2));
}

// Weighted sums down the columns of both images, their squares and their product.
void sumColumns(const uint8_t* EC_RESTRICT a, const uint8_t* EC_RESTRICT b,
                double* EC_RESTRICT sums, int64_t samples, double weight) {
  for (int64_t i = 0; i < samples; ++i) {
    const double p = a[i], q = b[i];
    sums[i] += weight * p;
    sums[samples + i] += weight * q;
    sums[2 * samples + i] += weight * (p * p);
    sums[3 * samples + i] += weight * (q * q);
    sums[4 * samples + i] += weight * (p * q);
  }
}

// Views: two images, the sum of the index over each row. Parameters: what sums become means with,
// factor of covariances, weights of a row or column of the window. Scratch: 5 rows of doubles.
void ssim(const Call& call, Range range, void* scratch) noexcept {
  const int64_t channels = call.views[0].shape[2];
  const int64_t samples = call.views[0].shape[1] * channels;
  const double scale = call.params[0], covariance = call.params[1];
  const double* weights = call.params + 2;
  const int64_t size = call.paramCount - 2;
  double* columns = static_cast<double*>(scratch);
  constexpr int n = lanes<double>;
  for (int64_t y = range.begin; y < range.end; ++y) {
    memset(columns, 0, static_cast<size_t>(5 * samples) * sizeof(double));
    for (int64_t t = 0; t < size; ++t) {
      sumColumns(rowOf(call.views[0], y + t), rowOf(call.views[1], y + t), columns, samples,
                 weights[t]);
    }
    const int64_t count = samples - (size - 1) * channels;
    double sum = 0;
    for (int64_t i = 0; i < count; i += n) {
      const int64_t left = minOf<int64_t>(count - i, n);
      V<double> means[5] = {};
      for (int64_t t = 0; t < size; ++t) {
        for (int k = 0; k < 5; ++k) {
          const double* from = columns + k * samples + i + t * channels;
          means[k] += weights[t] * (left == n ? load(from) : loadPart(from, left));
        }
      }
      for (int k = 0; k < 5; ++k) means[k] *= scale;
      const V<double> p = means[0], q = means[1];
      const V<double> pp = covariance * (means[2] - p * p);
      const V<double> qq = covariance * (means[3] - q * q);
      const V<double> pq = covariance * (means[4] - p * q);
      for (int64_t k = 0; k < left; ++k) sum += similarity(p[k], q[k], pp[k], qq[k], pq[k]);
    }
    call.views[2].as<double>()[y] = sum;
  }
}

}  // namespace compare_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_COMPARE                                                            \
  {"absdiff", Dtype::u8, {compare_::absdiff}}, {"psnr", Dtype::u8, {compare_::psnr}}, \
      {"ssim", Dtype::u8, {compare_::ssim}},
