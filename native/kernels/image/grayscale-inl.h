// grayscale: one number out of red, green and blue; alpha is kept, gray images stay as they are. A
// unit is a row. `grayscale` weighs the bytes as they are, `grayscaleLinear` weighs light.
#pragma once

#include "kernels/image/runs-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace gray {

// Weights, and how their sum becomes a byte. Vectors multiply words in pairs, (red, green) and
// (blue, green): green has its weight in two halves because the whole one may be too large for a
// word.
struct Bt601 {
  static constexpr int red = 9798, green = 19235, blue = 3735;
  template <class T>
  static EC_INLINE T finish(T sum) {
    return (sum + (1 << 14)) >> 15;
  }
};

struct Pillow {
  static constexpr int red = 19595, green = 38470, blue = 7471;
  template <class T>
  static EC_INLINE T finish(T sum) {
    return (sum + (1 << 15)) >> 16;
  }
};

// .2126, .7152 and .0722 are whole 5000ths. Sums and quotients this small are exact enough in a
// float that adding 3·2²² rounds the true quotient, half to even, into the lowest bits.
struct Bt709 {
  static constexpr int red = 1063, green = 3576, blue = 361;
  static constexpr float shifter = 12582912.0f;
  static EC_INLINE int32_t finish(int32_t sum) {
    const float rounded = static_cast<float>(sum) / 5000.0f + shifter;
    int32_t bits;
    memcpy(&bits, &rounded, sizeof(bits));
    return bits & 255;
  }
  static EC_INLINE V<int32_t> finish(V<int32_t> sum) {
    return (V<int32_t>)(__builtin_convertvector(sum, V<float>) / 5000.0f + shifter) & 255;
  }
};

template <class Method, int channels>
EC_INLINE void pixel(const uint8_t* from, uint8_t* to) {
  const int32_t sum = Method::red * from[0] + Method::green * from[1] + Method::blue * from[2];
  to[0] = static_cast<uint8_t>(Method::finish(sum));
  if (channels == 4) to[1] = from[3];
}

#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
#if EC_LEVEL == EC_ISA_avx512
using Vector = __m512i;
EC_INLINE Vector shuffle(Vector bytes, Vector order) { return _mm512_shuffle_epi8(bytes, order); }
EC_INLINE V<int32_t> dot(Vector a, Vector b) { return (V<int32_t>)_mm512_madd_epi16(a, b); }
#else
using Vector = __m256i;
EC_INLINE Vector shuffle(Vector bytes, Vector order) { return _mm256_shuffle_epi8(bytes, order); }
EC_INLINE V<int32_t> dot(Vector a, Vector b) { return (V<int32_t>)_mm256_madd_epi16(a, b); }
#endif

// As many pixels as a vector has numbers of 32 bits, four to each 128-bit lane. Nothing beyond them
// is read; two lanes of three channels overlap for that, so the second one begins with 4 bytes to
// skip.
template <int channels>
EC_INLINE Vector loadPixels(const uint8_t* from) {
  if (channels == 4) return (Vector)load(from);
#if EC_LEVEL == EC_ISA_avx512
  const auto packed = (V<int32_t>)_mm512_maskz_loadu_epi32(0x0fff, from);
  return (Vector)__builtin_shufflevector(packed, packed, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10,
                                         11, 11);
#else
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from + 8));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
#endif
}

template <int channels>
constexpr int skipped(int lane) {
  return EC_LEVEL == EC_ISA_avx2 && channels == 3 && lane == 1 ? 4 : 0;
}

// Where the bytes of each lane come from to become words in pairs: one colour of a pixel, then its
// green. -1 makes zeros.
template <int channels, int colour>
struct WithGreen {
  int8_t from[EC_VECTOR_BYTES];

  constexpr WithGreen() : from{} {
    for (int i = 0; i < EC_VECTOR_BYTES; i += 4) {
      const int pixel = skipped<channels>(i / 16) + i % 16 / 4 * channels;
      from[i] = static_cast<int8_t>(pixel + colour);
      from[i + 1] = -1;
      from[i + 2] = static_cast<int8_t>(pixel + 1);
      from[i + 3] = -1;
    }
  }
};

template <int channels, int colour>
constexpr WithGreen<channels, colour> withGreen;

template <class Method, int channels>
EC_INLINE V<int32_t> weigh(Vector pixels) {
  const Vector redGreen = (Vector)load(withGreen<channels, 0>.from);
  const Vector blueGreen = (Vector)load(withGreen<channels, 2>.from);
  constexpr int half = Method::green / 2;
  const V<int32_t> first = broadcast<int32_t>(Method::red | (Method::green - half) << 16);
  const V<int32_t> second = broadcast<int32_t>(Method::blue | half << 16);
  return Method::finish(dot(shuffle(pixels, redGreen), (Vector)first) +
                        dot(shuffle(pixels, blueGreen), (Vector)second));
}

// Four vectors of numbers up to 255 as bytes, in order.
EC_INLINE V<uint8_t> packBytes(V<int32_t> a, V<int32_t> b, V<int32_t> c, V<int32_t> d) {
#if EC_LEVEL == EC_ISA_avx512
  const auto mixed = (V<int32_t>)_mm512_packus_epi16(_mm512_packs_epi32((Vector)a, (Vector)b),
                                                     _mm512_packs_epi32((Vector)c, (Vector)d));
  return (V<uint8_t>)__builtin_shufflevector(mixed, mixed, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14,
                                             3, 7, 11, 15);
#else
  const auto mixed = (V<int32_t>)_mm256_packus_epi16(_mm256_packs_epi32((Vector)a, (Vector)b),
                                                     _mm256_packs_epi32((Vector)c, (Vector)d));
  return (V<uint8_t>)__builtin_shufflevector(mixed, mixed, 0, 4, 1, 5, 2, 6, 3, 7);
#endif
}

// Two vectors of numbers up to 65535 as words, in order.
EC_INLINE V<uint8_t> packWords(V<int32_t> a, V<int32_t> b) {
#if EC_LEVEL == EC_ISA_avx512
  const __m512i mixed = _mm512_packus_epi32((Vector)a, (Vector)b);
  return (V<uint8_t>)__builtin_shufflevector(mixed, mixed, 0, 2, 4, 6, 1, 3, 5, 7);
#else
  const __m256i mixed = _mm256_packus_epi32((Vector)a, (Vector)b);
  return (V<uint8_t>)__builtin_shufflevector(mixed, mixed, 0, 2, 1, 3);
#endif
}

// As many pixels as a vector has bytes.
template <class Method, int channels>
EC_INLINE void pixelBlock(const uint8_t* from, uint8_t* to) {
  constexpr int step = lanes<int32_t>;
  V<int32_t> light[4];
  for (int i = 0; i < 4; ++i) {
    const Vector pixels = loadPixels<channels>(from + i * step * channels);
    light[i] = weigh<Method, channels>(pixels);
    if (channels == 4) light[i] |= (V<int32_t>)((V<uint32_t>)pixels >> 16) & 0xff00;
  }
  if (channels == 3) {
    store(to, packBytes(light[0], light[1], light[2], light[3]));
  } else {
    store(to, packWords(light[0], light[1]));
    store(to + EC_VECTOR_BYTES, packWords(light[2], light[3]));
  }
}
#define EC_PIXEL_BLOCK EC_VECTOR_BYTES
// Bytes. Masked loads, which AVX-512 takes here, do not make the CPU read ahead by itself.
constexpr int fetchedAhead = 2048;
#else
#define EC_PIXEL_BLOCK 1
#endif

template <class Method, int channels>
void pixels(const uint8_t* from, uint8_t* to, int64_t count) {
  int64_t i = 0;
#if EC_PIXEL_BLOCK > 1
  for (; i + EC_PIXEL_BLOCK <= count; i += EC_PIXEL_BLOCK) {
    const uint8_t* block = from + i * channels;
    for (int byte = 0; byte < EC_PIXEL_BLOCK * channels; byte += 64) {
      __builtin_prefetch(block + fetchedAhead + byte);
    }
    pixelBlock<Method, channels>(block, to + i * (channels - 2));
  }
#endif
  for (; i < count; ++i) pixel<Method, channels>(from + i * channels, to + i * (channels - 2));
}
#undef EC_PIXEL_BLOCK

using runs_::eachRun;
using PixelsFn = void (*)(const uint8_t* from, uint8_t* to, int64_t count);

// The parameter is a position in `methods` of src/image/grayscale.ts.
void weighBytes(const Call& call, Range rows, void*) noexcept {
  static constexpr PixelsFn methods[3][2] = {{pixels<Bt601, 3>, pixels<Bt601, 4>},
                                             {pixels<Pillow, 3>, pixels<Pillow, 4>},
                                             {pixels<Bt709, 3>, pixels<Bt709, 4>}};
  const View& from = call.views[0];
  const int64_t channels = from.shape[2];
  if (channels > 2) {
    eachRun(from, call.views[1], rows, methods[static_cast<int>(call.params[0])][channels - 3]);
    return;
  }
  eachRun(from, call.views[1], rows, [=](const uint8_t* source, uint8_t* to, int64_t count) {
    if (to != source) memcpy(to, source, static_cast<size_t>(count * channels));
  });
}

// Views: source; the light of each byte of red, green and blue, already weighed, then the least
// light of every gray but the first; a gray for each 4096th of light, at most one too dark; result.
void weighLight(const Call& call, Range rows, void*) noexcept {
  const View& from = call.views[0];
  const double* red = call.views[1].as<const double>();
  const double* green = red + 256;
  const double* blue = green + 256;
  const double* least = blue + 256;
  const uint8_t* dark = call.views[2].as<const uint8_t>();
  const int64_t channels = from.shape[2];
  eachRun(from, call.views[3], rows, [=](const uint8_t* source, uint8_t* to, int64_t count) {
    for (int64_t i = 0; i < count; ++i, source += channels) {
      const double light = red[source[0]] + green[source[1]] + blue[source[2]];
      const int32_t below = dark[static_cast<int32_t>(light * 4096)];
      *to++ = static_cast<uint8_t>(below + (light >= least[below]));
      if (channels == 4) *to++ = source[3];
    }
  });
}

}  // namespace gray
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_GRAYSCALE \
  {"grayscale", Dtype::u8, {gray::weighBytes}}, {"grayscaleLinear", Dtype::u8, {gray::weighLight}},
