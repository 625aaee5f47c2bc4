// Where the pixels of a warped image are looked up: by a matrix or by maps, one by one or in lanes,
// which give the same numbers.
#pragma once

#include "kernels/image/pack-inl.h"
#include "kernels/image/warp-sampler-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace warp_ {

template <int N>
struct Number {
  static constexpr int value = N;
};

typedef V<double> Doubles;
typedef int32_t HalfWhole __attribute__((vector_size(EC_VECTOR_BYTES / 2)));
typedef float HalfFloats __attribute__((vector_size(EC_VECTOR_BYTES / 2)));

EC_INLINE Doubles columns(int64_t x) {
  Doubles v;
  for (int i = 0; i < lanes<double>; ++i) v[i] = i;
  return v + static_cast<double>(x);
}

struct ByMatrix {
  const double* m;  // nine numbers, row by row
  double u, v, w;

  ByMatrix(const Call& call, int64_t y) : m(call.params + 6) {
    const double row = static_cast<double>(y);
    u = m[1] * row + m[2], v = m[4] * row + m[5], w = m[7] * row + m[8];
  }
  template <class N>
  EC_INLINE void at(N column, N& atX, N& atY) const {
    const N scale = m[6] * column + w;
    atX = (m[0] * column + u) / scale;
    atY = (m[3] * column + v) / scale;
  }
  EC_INLINE void place(int64_t x, double& atX, double& atY) const {
    at(static_cast<double>(x), atX, atY);
  }
  EC_INLINE void places(int64_t x, int64_t, Doubles& atX, Doubles& atY) const {
    at(columns(x), atX, atY);
  }
};

struct ByMatrixAffine : ByMatrix {
  using ByMatrix::ByMatrix;
  template <class N>
  EC_INLINE void at(N column, N& atX, N& atY) const {
    atX = m[0] * column + u;
    atY = m[3] * column + v;
  }
  EC_INLINE void place(int64_t x, double& atX, double& atY) const {
    at(static_cast<double>(x), atX, atY);
  }
  EC_INLINE void places(int64_t x, int64_t, Doubles& atX, Doubles& atY) const {
    at(columns(x), atX, atY);
  }
};

struct ByMaps {
  const float* x_;
  const float* y_;

  ByMaps(const Call& call, int64_t y)
      : x_(call.views[1].as<const float>() + y * call.views[1].stride[1]),
        y_(call.views[2].as<const float>() + y * call.views[2].stride[1]) {}

  EC_INLINE void place(int64_t x, double& atX, double& atY) const { atX = x_[x], atY = y_[x]; }
  EC_INLINE void places(int64_t x, int64_t left, Doubles& atX, Doubles& atY) const {
    atX = numbers(x_ + x, left), atY = numbers(y_ + x, left);
  }

 private:
  static EC_INLINE Doubles numbers(const float* from, int64_t left) {
    HalfFloats part{};
    if (left >= lanes<double>) {
      memcpy(&part, from, sizeof(part));
    } else {
      memcpy(&part, from, static_cast<size_t>(left) * sizeof(float));
    }
    return __builtin_convertvector(part, Doubles);
  }
};

constexpr int64_t chunk = 64;

// A chunk of places: the pixels left above them, and how far right of and below them they lie. What
// follows the last place is anything.
struct Spots {
  alignas(64) int32_t x[chunk];
  alignas(64) int32_t y[chunk];
  alignas(64) float right[chunk];
  alignas(64) float below[chunk];
};

EC_INLINE Doubles floorOf(Doubles v) {
#if EC_LEVEL == EC_ISA_avx512
  // GCC 12 warns of its own header where the plain form of this one is used.
  return (Doubles)_mm512_maskz_roundscale_pd(static_cast<__mmask8>(-1), (__m512d)v,
                                             _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif EC_LEVEL == EC_ISA_avx2
  return (Doubles)_mm256_floor_pd((__m256d)v);
#else
  const Doubles whole = __builtin_convertvector(__builtin_convertvector(v, HalfWhole), Doubles);
  return v < whole ? whole - 1.0 : whole;
#endif
}

EC_INLINE void splitPlace(Doubles v, double shift, int32_t* whole, float* rest) {
  v = minV<double>(maxV<double>(v, Doubles{} - farAway), Doubles{} + farAway) + shift;
  const Doubles floor = floorOf(v);
  const HalfWhole number = __builtin_convertvector(floor, HalfWhole);
  const HalfFloats fraction = __builtin_convertvector(v - floor, HalfFloats);
  memcpy(whole, &number, sizeof(number));
  memcpy(rest, &fraction, sizeof(fraction));
}

// The places of pixels [x, x + count) of a row; moved by half a pixel the nearest pixel is the one
// left above.
template <class Places>
EC_INLINE void locate(const Places& places, int64_t x, int64_t count, bool nearest, Spots& spots) {
  const double half = nearest ? 0.5 : 0;
  for (int64_t i = 0; i < count; i += lanes<double>) {
    Doubles u, v;
    places.places(x + i, count - i, u, v);
    splitPlace(u, half, spots.x + i, spots.right + i);
    splitPlace(v, half, spots.y + i, spots.below + i);
  }
}

// One bit for each of the places from pixel x on whose numbers are multiples of 1 / `part`.
template <class Places>
EC_INLINE uint32_t fineBits(const Places& places, int64_t x, int64_t left, double part) {
  V<int32_t> fine;
  for (int k = 0; k < 2; ++k) {
    Doubles u, v;
    places.places(x + k * lanes<double>, maxOf<int64_t>(left - k * lanes<double>, 0), u, v);
    const auto isWhole = [](Doubles n) EC_INLINE_LAMBDA { return n == (n + 0x1.8p52) - 0x1.8p52; };
    const auto both = isWhole(u * part) & isWhole(v * part);
    const HalfWhole half = __builtin_convertvector(both, HalfWhole);
    memcpy(reinterpret_cast<char*>(&fine) + k * sizeof(half), &half, sizeof(half));
  }
  return maskBits(fine);
}

}  // namespace warp_
}  // namespace
}  // namespace everycore::EC_ISA
