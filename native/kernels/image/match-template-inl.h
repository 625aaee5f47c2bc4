// matchTemplate: how well a small image fits at each place of a larger one. A unit is a row of the
// result. All sums of bytes are exact.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace match_ {

enum class Method { sqdiff, sqdiffNormed, ccorr, ccorrNormed, ccoeff, ccoeffNormed };

int64_t dot(const uint8_t* a, const uint8_t* b, int64_t samples) {
  constexpr int64_t block = 16384;  // whose sum fits into 32 bits
  int64_t total = 0;
  for (int64_t begin = 0; begin < samples; begin += block) {
    const int64_t end = minOf(begin + block, samples);
    int32_t sum = 0;
    for (int64_t i = begin; i < end; ++i) {
      sum += static_cast<int16_t>(a[i]) * static_cast<int16_t>(b[i]);
    }
    total += sum;
  }
  return total;
}

// Views: image, template, result. Parameters: the method; of the template the sum of squares, the
// sum of squared differences from the means, and the means of the channels.
class Row {
 public:
  Row(const Call& call, void* scratch)
      : source_(call.views[0]),
        pattern_(call.views[1]),
        result_(call.views[2]),
        method_(static_cast<Method>(static_cast<int>(call.params[0]))),
        squares_(call.params[1]),
        deviation_(call.params[2]),
        means_(call.params + 3),
        channels_(source_.shape[2]),
        samples_(source_.shape[1] * channels_),
        columnSums_(static_cast<double*>(scratch)),
        columnSquares_(columnSums_ + samples_),
        products_(reinterpret_cast<int64_t*>(columnSquares_ + samples_)) {}

  void run(int64_t y) const {
    sumColumns(y);
    multiply(y);
    const int64_t width = result_.shape[1];
    const int64_t span = pattern_.shape[1] * channels_;
    float* to = result_.as<float>() + y * result_.stride[0];
    double window[4] = {}, square = 0;
    for (int64_t i = 0; i < span; ++i) {
      window[i % channels_] += columnSums_[i];
      square += columnSquares_[i];
    }
    for (int64_t x = 0; x < width; ++x) {
      to[x] = static_cast<float>(score(static_cast<double>(products_[x]), window, square));
      if (x + 1 == width) break;
      for (int64_t c = 0; c < channels_; ++c) {
        const int64_t i = x * channels_ + c;
        window[c] += columnSums_[i + span] - columnSums_[i];
        square += columnSquares_[i + span] - columnSquares_[i];
      }
    }
  }

 private:
  const uint8_t* row(int64_t y) const {
    return source_.as<const uint8_t>() + y * source_.stride[0];
  }

  void sumColumns(int64_t y) const {
    memset(columnSums_, 0, static_cast<size_t>(2 * samples_) * sizeof(double));
    for (int64_t t = 0; t < pattern_.shape[0]; ++t) {
      const uint8_t* from = row(y + t);
      for (int64_t i = 0; i < samples_; ++i) {
        columnSums_[i] += from[i];
        columnSquares_[i] += from[i] * from[i];
      }
    }
  }

  void multiply(int64_t y) const {
    const int64_t width = result_.shape[1];
    memset(products_, 0, static_cast<size_t>(width) * sizeof(int64_t));
    for (int64_t t = 0; t < pattern_.shape[0]; ++t) {
      const uint8_t* from = row(y + t);
      const uint8_t* weights = pattern_.as<const uint8_t>() + t * pattern_.stride[0];
      for (int64_t x = 0; x < width; ++x) {
        products_[x] += dot(from + x * channels_, weights, pattern_.shape[1] * channels_);
      }
    }
  }

  // By the sums over a window: products with the template, the channels, squares.
  double score(double product, const double* window, double square) const {
    constexpr double flat = 1.1920928955078125e-6;  // of the squares' sum: no contrast
    const bool centred = method_ == Method::ccoeff || method_ == Method::ccoeffNormed;
    const bool differences = method_ == Method::sqdiff || method_ == Method::sqdiffNormed;
    double value = product, own = square;
    if (centred) {
      const double area = static_cast<double>(pattern_.shape[0] * pattern_.shape[1]);
      for (int64_t c = 0; c < channels_; ++c) {
        value -= window[c] * means_[c];
        own -= window[c] * window[c] / area;
      }
    }
    if (differences) value = square - 2 * product + squares_;
    if (static_cast<int>(method_) % 2 == 0) return value;
    if (centred && deviation_ <= flat * squares_) return 1;
    if (own <= minOf(0.5, flat * square)) own = 0;
    const double norm = __builtin_sqrt(own) * __builtin_sqrt(centred ? deviation_ : squares_);
    const double size = __builtin_fabs(value);
    if (size < norm) return value / norm;
    // Rounding may go a little beyond 1; much beyond it one of the two has no contrast.
    if (size < norm * 1.125) return value > 0 ? 1 : -1;
    return differences ? 1 : 0;
  }

  const View& source_;
  const View& pattern_;
  const View& result_;
  const Method method_;
  const double squares_, deviation_;
  const double* const means_;
  const int64_t channels_, samples_;
  double* const columnSums_;
  double* const columnSquares_;
  int64_t* const products_;
};

void matchTemplate(const Call& call, Range range, void* scratch) noexcept {
  const Row row(call, scratch);
  for (int64_t y = range.begin; y < range.end; ++y) row.run(y);
}

}  // namespace match_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_MATCH_TEMPLATE {"matchTemplate", Dtype::u8, {match_::matchTemplate}},
