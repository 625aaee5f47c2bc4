// Point kernels of words and floats: linear, gamma, invert, brightness, contrast, levels, solarize
// and threshold. Every sample is a double on its way, rounded once. A unit is a row.
#pragma once

#include "kernels/math/exponential-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace tones_ {

// Samples are taken in blocks of as many vectors of doubles, which the CPU works on side by side.
constexpr int parts = 4;
constexpr int step = lanes<double>;
constexpr int block = parts * step;
// Numbers that repeat with the channels, for a block that begins with any of them.
constexpr int pattern = block + 3;

typedef D Block[parts];

EC_INLINE void loadBlock(const float* from, Block& to) {
  typedef float Part __attribute__((vector_size(EC_VECTOR_BYTES / 2), aligned(4), may_alias));
  for (int k = 0; k < parts; ++k) {
    to[k] = __builtin_convertvector(*reinterpret_cast<const Part*>(from + k * step), D);
  }
}
EC_INLINE void loadBlock(const uint16_t* from, Block& to) {
  typedef uint16_t Part __attribute__((vector_size(EC_VECTOR_BYTES / 4), aligned(2), may_alias));
  typedef int32_t Whole __attribute__((vector_size(EC_VECTOR_BYTES / 2)));
  for (int k = 0; k < parts; ++k) {
    const Part part = *reinterpret_cast<const Part*>(from + k * step);
    to[k] = __builtin_convertvector(__builtin_convertvector(part, Whole), D);
  }
}

EC_INLINE void storeBlock(float* to, const Block& values) {
  typedef float Half __attribute__((vector_size(EC_VECTOR_BYTES / 2)));
  for (int k = 0; k < parts; ++k) {
    const Half half = __builtin_convertvector(values[k], Half);
    memcpy(to + k * step, &half, sizeof(half));
  }
}
// Rounded half to even and saturated.
EC_INLINE void storeBlock(uint16_t* to, const Block& values) {
  Block whole;  // in the lowest bits
  for (int k = 0; k < parts; ++k) {
    const D above = values[k] > 0 ? values[k] : D{};
    whole[k] = (above < 65535 ? above : all(65535)) + roundingMagic;
  }
#if EC_LEVEL == EC_ISA_avx2
  const auto pair = [](D a, D b) EC_INLINE_LAMBDA {
    return _mm256_castps_si256(_mm256_shuffle_ps((__m256)a, (__m256)b, 0x88));
  };
  const __m256i mixed = _mm256_packus_epi32(pair(whole[0], whole[1]), pair(whole[2], whole[3]));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  store(to, (V<uint16_t>)_mm256_permutevar8x32_epi32(mixed, order));
#else
  typedef uint16_t Quarter __attribute__((vector_size(EC_VECTOR_BYTES / 4)));
  for (int k = 0; k < parts; ++k) {
    const Quarter quarter = __builtin_convertvector(bitsOf(whole[k]), Quarter);
    memcpy(to + k * step, &quarter, sizeof(quarter));
  }
#endif
}

// log2((1 + s) / (1 - s)) = s · Σ log2Terms[i] · s²ⁱ, 2^x = Σ exp2Terms[i] · xⁱ: Taylor's series,
// to about 2^-44 where s and x are reduced.
struct Terms {
  double log2Terms[8];
  double exp2Terms[12];

  constexpr Terms() : log2Terms{}, exp2Terms{1} {
    for (int i = 0; i < 8; ++i) log2Terms[i] = 2 / ln2 / (2 * i + 1);
    for (int i = 1; i < 12; ++i) exp2Terms[i] = exp2Terms[i - 1] * ln2 / i;
  }
};
constexpr Terms terms;

// x^exponent for x ≥ 0, close enough for the nearest float; a number that is none, infinity and
// what is next to nothing stay. The math kernels' power knows more, and takes three times as long.
EC_INLINE D power(D x, double exponent) {
  const Split reduced = split(x);
  const D s = reduced.f / (reduced.f + 2);
  const D log = fused(s, series(terms.log2Terms, s * s), reduced.k);
  const D t = limited(log * exponent, -1000, 1000);
  const D whole = nearest(t);
  const D value = series(terms.exp2Terms, t - whole) * powerOf2(wholeOf(whole));
  return (x >= 0x1p-1022) & (x < infinity) ? value : x;
}

// The operations: what becomes of samples that begin `at` samples behind a first channel. Their
// numbers stand in the parameters in the order of their fields; `Tone` in
// src/image/point-operation.ts says what they mean.

// (x - from) · a + b, with numbers for each channel.
struct Affine {
  double from;
  double a[pattern], b[pattern];

  Affine(const double* params, int64_t channels) : from(params[0]) {
    for (int i = 0; i < pattern; ++i) {
      a[i] = params[1 + i % channels];
      b[i] = params[5 + i % channels];
    }
  }
  EC_INLINE void operator()(Block& x, int64_t at) const {
    for (int k = 0; k < parts; ++k) {
      x[k] = (x[k] - from) * load(a + at + k * step) + load(b + at + k * step);
    }
  }
};

// (((x - black) / span), from 0 to `top`)^exponent · scale + offset. What is no number stays so.
struct Curve {
  double black, span, top, exponent, scale, offset;

  Curve(const double* params, int64_t)
      : black(params[0]),
        span(params[1]),
        top(params[2]),
        exponent(params[3]),
        scale(params[4]),
        offset(params[5]) {}
  EC_INLINE void operator()(Block& x, int64_t) const {
    for (int k = 0; k < parts; ++k) {
      const D share = (x[k] - black) / span;
      const D above = share < 0 ? D{} : share;
      x[k] = above > top ? all(top) : above;
    }
    for (int k = 0; k < parts; ++k) {
      x[k] = (exponent == 1 ? x[k] : power(x[k], exponent)) * scale + offset;
    }
  }
};

// x below the threshold, else white - x.
struct Fold {
  double threshold, white;

  Fold(const double* params, int64_t) : threshold(params[0]), white(params[1]) {}
  EC_INLINE void operator()(Block& x, int64_t) const {
    for (int k = 0; k < parts; ++k) x[k] = x[k] < threshold ? x[k] : white - x[k];
  }
};

// One number where x is above a value, else another.
struct Step {
  double value, above, below;

  Step(const double* params, int64_t) : value(params[0]), above(params[1]), below(params[2]) {}
  EC_INLINE void operator()(Block& x, int64_t) const {
    for (int k = 0; k < parts; ++k) x[k] = x[k] > value ? all(above) : all(below);
  }
};

template <class Operation>
struct Row {
  const Operation operation;
  const int64_t channels;
  const bool hasAlpha;
  int64_t keep[pattern];  // all bits where alpha stands

  Row(const double* params, int64_t channels_)
      : operation(params, channels_), channels(channels_), hasAlpha(channels % 2 == 0) {
    for (int i = 0; i < pattern; ++i) keep[i] = hasAlpha && i % channels == channels - 1 ? -1 : 0;
  }

  // A block whose first sample is `at` channels into its pixel.
  template <class T>
  EC_INLINE void one(const T* from, T* to, int64_t at) const {
    Block x, y;
    loadBlock(from, x);
    for (int k = 0; k < parts; ++k) y[k] = x[k];
    operation(y, at);
    if (hasAlpha) {
      for (int k = 0; k < parts; ++k) y[k] = load(keep + at + k * step) ? x[k] : y[k];
    }
    storeBlock(to, y);
  }

  template <class T>
  void run(const T* from, T* to, int64_t samples) const {
    int64_t i = 0, at = 0;
    for (; i + block <= samples; i += block) {
      one(from + i, to + i, at);
      at += block % channels;
      if (at >= channels) at -= channels;
    }
    if (i == samples) return;
    T part[block] = {};
    memcpy(part, from + i, static_cast<size_t>(samples - i) * sizeof(T));
    one(part, part, at);
    memcpy(to + i, part, static_cast<size_t>(samples - i) * sizeof(T));
  }
};

template <class T, class Operation>
void runRows(const Call& call, Range range) {
  const View& image = call.views[0];
  const View& result = call.views[1];
  const Row<Operation> row(call.params + 1, image.shape[2]);
  const int64_t samples = image.shape[1] * image.shape[2];
  for (int64_t y = range.begin; y < range.end; ++y) {
    row.run(image.as<const T>() + y * image.stride[0], result.as<T>() + y * result.stride[0],
            samples);
  }
}

// Views: image, result. Params: which operation, in the order of `operations` in
// src/image/point-operation.ts, and its numbers.
template <class T>
void tones(const Call& call, Range range, void*) noexcept {
  switch (static_cast<int>(call.params[0])) {
    case 0:
      return runRows<T, Affine>(call, range);
    case 1:
      return runRows<T, Curve>(call, range);
    case 2:
      return runRows<T, Fold>(call, range);
    default:
      return runRows<T, Step>(call, range);
  }
}

}  // namespace tones_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_TONES \
  {"tones", Dtype::u16, {tones_::tones<uint16_t>}}, {"tones", Dtype::f32, {tones_::tones<float>}},
