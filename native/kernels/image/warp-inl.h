// affine, perspective, rotate, remap: each pixel of the result is looked up at a place of the image
// that may lie between its pixels. A unit is a row of the result.
//
// All in doubles, each step rounded as it stands here: the same bytes on every CPU level and in
// TypeScript.
#pragma once

#include "kernels/image/border-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace warp_ {

typedef double Pixel __attribute__((vector_size(32)));
typedef int32_t Whole __attribute__((vector_size(16)));

// The order is that of `filters` in src/image/warp.ts.
enum class Filter { nearest, bilinear, bicubic };

constexpr double farAway = 1 << 30;

// Places that are no numbers lie far away.
EC_INLINE double within(double v) {
  if (!(v > -farAway)) return -farAway;
  return v < farAway ? v : farAway;
}

EC_INLINE int64_t floorOf(double v) {
  const int64_t whole = static_cast<int64_t>(v);
  return whole - (v < static_cast<double>(whole));
}

// Four bytes: of pixels with fewer the last ones are the next pixel's, and are not used.
EC_INLINE Pixel fourAt(const uint8_t* from) {
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
  int32_t bytes;
  memcpy(&bytes, from, 4);
  return (Pixel)_mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes)));
#else
  return Pixel{static_cast<double>(from[0]), static_cast<double>(from[1]),
               static_cast<double>(from[2]), static_cast<double>(from[3])};
#endif
}

template <int Channels>
EC_INLINE Pixel pixelAt(const uint8_t* from) {
  Whole whole{};
  for (int c = 0; c < Channels; ++c) whole[c] = from[c];
  return __builtin_convertvector(whole, Pixel);
}

// Half to even: numbers this large have no fraction bits left.
template <int Channels>
EC_INLINE void storePixel(Pixel value, uint8_t* to) {
  const Pixel zero{}, top = zero + 255.0;
  value = value > zero ? value : zero;
  value = value < top ? value : top;
  value = (value + 0x1.8p52) - 0x1.8p52;
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
  const __m128i whole = _mm256_cvttpd_epi32((__m256d)value);
  const __m128i words = _mm_packus_epi32(whole, whole);
  const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
  memcpy(to, &bytes, Channels);
#else
  for (int c = 0; c < Channels; ++c) to[c] = static_cast<uint8_t>(value[c]);
#endif
}

// The weights of the four pixels around a place `t` behind the second one: Keys' cubic with a =
// -0.75.
struct Cubic {
  double weights[4];

  explicit Cubic(double t) {
    constexpr double a = -0.75;
    const double before = t + 1, after = 1 - t;
    weights[0] = ((a * before - 5 * a) * before + 8 * a) * before - 4 * a;
    weights[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    weights[2] = ((a + 2) * after - (a + 3)) * after * after + 1;
    weights[3] = 1 - weights[0] - weights[1] - weights[2];
  }
};

template <int Channels>
struct Sampler {
  const View& image;
  Border border;
  Filter filter;
  Pixel value{};  // of the constant border

  Sampler(const View& view, const double* params)
      : image(view),
        border(static_cast<Border>(static_cast<int>(params[1]))),
        filter(static_cast<Filter>(static_cast<int>(params[0]))) {
    for (int c = 0; c < Channels; ++c) value[c] = params[2 + c];
  }

  __attribute__((noinline)) Pixel at(int64_t x, int64_t y) const {
    const int64_t column = borderIndex(x, image.shape[1], border);
    const int64_t row = borderIndex(y, image.shape[0], border);
    if (column < 0 || row < 0) return value;
    return pixelAt<Channels>(image.as<const uint8_t>() + row * image.stride[0] + column * Channels);
  }

  EC_INLINE void sample(double u, double v, uint8_t* to) const {
    u = within(u), v = within(v);
    if (filter == Filter::nearest) {
      return storePixel<Channels>(at(floorOf(u + 0.5), floorOf(v + 0.5)), to);
    }
    const int64_t x = floorOf(u), y = floorOf(v);
    const double right = u - static_cast<double>(x), below = v - static_cast<double>(y);
    if (filter == Filter::bicubic) return storePixel<Channels>(bicubic(x, y, right, below), to);
    Pixel a, b, c, d;
    // Four bytes of the right pixel must lie in the row.
    constexpr int64_t reach = Channels == 4 ? 1 : Channels == 1 ? 4 : 2;
    if (x >= 0 && y >= 0 && x + reach < image.shape[1] && y + 1 < image.shape[0]) {
      const uint8_t* from = image.as<const uint8_t>() + y * image.stride[0] + x * Channels;
      a = fourAt(from), b = fourAt(from + Channels);
      from += image.stride[0];
      c = fourAt(from), d = fourAt(from + Channels);
    } else {
      a = at(x, y), b = at(x + 1, y), c = at(x, y + 1), d = at(x + 1, y + 1);
    }
    const Pixel upper = a + (b - a) * right;
    const Pixel lower = c + (d - c) * right;
    storePixel<Channels>(upper + (lower - upper) * below, to);
  }

  __attribute__((noinline)) Pixel bicubic(int64_t x, int64_t y, double right, double below) const {
    const Cubic across(right), down(below);
    Pixel sum{};
    for (int i = 0; i < 4; ++i) {
      Pixel row{};
      for (int k = 0; k < 4; ++k) row += at(x - 1 + k, y - 1 + i) * across.weights[k];
      sum += row * down.weights[i];
    }
    return sum;
  }
};

// Where pixel x of a row is looked up.
struct ByMatrix {
  const double* m;  // nine numbers, row by row
  double u, v, w;

  ByMatrix(const Call& call, int64_t y) : m(call.params + 6) {
    const double row = static_cast<double>(y);
    u = m[1] * row + m[2], v = m[4] * row + m[5], w = m[7] * row + m[8];
  }

  EC_INLINE void place(int64_t x, double& atX, double& atY) const {
    const double column = static_cast<double>(x);
    const double scale = m[6] * column + w;
    atX = (m[0] * column + u) / scale;
    atY = (m[3] * column + v) / scale;
  }
};

struct ByMatrixAffine : ByMatrix {
  using ByMatrix::ByMatrix;
  EC_INLINE void place(int64_t x, double& atX, double& atY) const {
    const double column = static_cast<double>(x);
    atX = m[0] * column + u;
    atY = m[3] * column + v;
  }
};

struct ByMaps {
  const float* x_;
  const float* y_;

  ByMaps(const Call& call, int64_t y)
      : x_(call.views[1].as<const float>() + y * call.views[1].stride[1]),
        y_(call.views[2].as<const float>() + y * call.views[2].stride[1]) {}

  EC_INLINE void place(int64_t x, double& atX, double& atY) const { atX = x_[x], atY = y_[x]; }
};

template <class Places, int Channels>
void rows(const Call& call, Range range) {
  const View& result = call.views[call.viewCount - 1];
  const Sampler<Channels> sampler(call.views[0], call.params);
  for (int64_t y = range.begin; y < range.end; ++y) {
    const Places places(call, y);
    uint8_t* to = result.as<uint8_t>() + y * result.stride[0];
    for (int64_t x = 0; x < result.shape[1]; ++x, to += Channels) {
      double u, v;
      places.place(x, u, v);
      sampler.sample(u, v, to);
    }
  }
}

// Views: image, result. Params: filter; border and its four values; a matrix of nine numbers that
// leads from places of the result to places of the image. With maps, views: image, columns, rows,
// result; and no matrix.
template <class Places>
void warp(const Call& call, Range range, void*) noexcept {
  switch (call.views[0].shape[2]) {
    case 1:
      return rows<Places, 1>(call, range);
    case 2:
      return rows<Places, 2>(call, range);
    case 3:
      return rows<Places, 3>(call, range);
    default:
      return rows<Places, 4>(call, range);
  }
}

}  // namespace warp_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_WARP                                           \
  {"affine", Dtype::u8, {warp_::warp<warp_::ByMatrixAffine>}},    \
      {"perspective", Dtype::u8, {warp_::warp<warp_::ByMatrix>}}, \
      {"remap", Dtype::u8, {warp_::warp<warp_::ByMaps>}},
