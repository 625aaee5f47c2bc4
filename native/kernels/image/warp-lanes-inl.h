// Warps of bytes in lanes: a lane is a pixel, its bytes one number of 32 bits. Colours are weighed
// in floats; where one comes out too close to the middle between two bytes to be sure which is
// nearer, the pixel is looked up again in doubles.
#pragma once

#include "kernels/image/lanes-inl.h"
#include "kernels/image/warp-places-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace warp_ {

typedef V<float> Floats;
typedef V<int32_t> Whole;
typedef V<uint32_t> Pixels;

template <int Channels, class Use>
EC_INLINE void eachChannel(const Use& use) {
  use(Number<0>{});
  if constexpr (Channels > 1) use(Number<1>{});
  if constexpr (Channels > 2) use(Number<2>{});
  if constexpr (Channels > 3) use(Number<3>{});
}

template <int Bytes>
EC_INLINE uint32_t packed(const uint8_t* from) {
  uint32_t bytes = 0;
  memcpy(&bytes, from, Bytes);
  return bytes;
}

// The pixels that a filter weighs around each place of a chunk: `Size` columns and rows, of which
// the first lies `Before` left of and above the place. A row of a window is fetched as 8 bytes (16
// where there are four columns): more than its pixels have, which spares the loop all cases.
template <int Size, int Before, int Channels>
struct Windows {
  static constexpr int bytes = Size == 4 ? 16 : 8, words = bytes / 4;
  alignas(64) uint8_t rows[Size][chunk * bytes];
  alignas(64) int32_t places[chunk] = {};

  const Sampler<uint8_t, Channels>& sampler;
  const uint8_t* data;
  int32_t stride, right, bottom;  // windows that begin left of and above need no border
  bool constant;

  explicit Windows(const Sampler<uint8_t, Channels>& sampler_)
      : sampler(sampler_), data(sampler_.image.template as<const uint8_t>()) {
    const View& image = sampler.image;
    constexpr int64_t reach = (bytes + Channels - 1) / Channels;
    const bool numbered = image.shape[0] * image.stride[0] <= INT32_MAX;
    stride = static_cast<int32_t>(numbered ? image.stride[0] : 0);
    right = static_cast<int32_t>(numbered ? maxOf<int64_t>(image.shape[1] - reach + 1, 0) : 0);
    bottom = static_cast<int32_t>(numbered ? maxOf<int64_t>(image.shape[0] - Size + 1, 0) : 0);
    constant = sampler.border == Border::constant && image.shape[0] < farAway / 2 &&
               image.shape[1] < farAway / 2;
  }

  // Where the window of a pixel is kept: so that turning lanes of 128 bits by 90 degrees, as
  // `words` does, brings the pixels into their order.
  static constexpr int slot(int pixel) {
    return Size == 4 ? pixel % 4 * (lanes<int32_t> / 4) + pixel / 4 : pixel;
  }

  // Asks for the windows of places that lie so far from those of the last `fetch`.
  EC_INLINE void fetchAhead(int64_t columns, int64_t lines, int64_t count) const {
    const uintptr_t from = reinterpret_cast<uintptr_t>(data) +
                           static_cast<uintptr_t>(lines * stride + columns * Channels);
    for (int64_t i = 0; i < count; i += 2) {
      __builtin_prefetch(reinterpret_cast<const void*>(from + static_cast<uintptr_t>(places[i])), 0,
                         2);
    }
  }

  EC_INLINE void fetch(const Spots& spots, int64_t count) {
    bool everInside = true;
    for (int64_t i = 0; i < count; i += lanes<int32_t>) {
      const Whole x = load(spots.x + i) - Before, y = load(spots.y + i) - Before;
      const bool inside = count - i >= lanes<int32_t> && allInside(x, y);
      store(places + i, inside ? y * stride + x * Channels : Whole{});
      everInside &= inside;
    }
    if (everInside) return fetchInside(0, count);
    for (int64_t i = 0; i < count; i += lanes<int32_t>) {
      const Whole x = load(spots.x + i) - Before, y = load(spots.y + i) - Before;
      if (count - i >= lanes<int32_t> && allInside(x, y)) {
        fetchInside(i, i + lanes<int32_t>);
      } else {
        fetchAtBorder(x, y, i, count - i);
      }
    }
  }

  // Numbers of 32 bits out of a row of the windows of lanes from i on.
  EC_INLINE void wordsOf(int row, int64_t i, Pixels (&to)[words]) const {
    const uint8_t* from = rows[row] + i * bytes;
    if constexpr (Size == 4) {
      lanes_::Bytes turned[4];
      for (int k = 0; k < 4; ++k) turned[k] = load(from + k * EC_VECTOR_BYTES);
      lanes_::turnOuter<4>(turned);
      lanes_::turnInner<4>(turned);
      for (int k = 0; k < 4; ++k) to[k] = (Pixels)turned[k];
    } else {
      const Pixels a = (Pixels)load(from), b = (Pixels)load(from + EC_VECTOR_BYTES);
#if EC_LEVEL == EC_ISA_avx512
      to[0] =
          __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      to[1] =
          __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif EC_LEVEL == EC_ISA_avx2
      to[0] = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
      to[1] = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
      to[0] = __builtin_shufflevector(a, b, 0, 2, 4, 6);
      to[1] = __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
    }
  }

 private:
  EC_INLINE void fetchInside(int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += lanes<int32_t>) {
#pragma GCC unroll 4
      for (int lane = 0; lane < lanes<int32_t>; ++lane) {
        const uint8_t* from = data + places[i + lane];
#pragma GCC unroll 4
        for (int row = 0; row < Size; ++row, from += stride) {
          memcpy(rows[row] + (i + slot(lane)) * bytes, from, bytes);
        }
      }
    }
  }

  EC_INLINE bool allInside(Whole x, Whole y) const {
    return allTrue((Whole)(((Pixels)x < broadcast<uint32_t>(static_cast<uint32_t>(right))) &
                           ((Pixels)y < broadcast<uint32_t>(static_cast<uint32_t>(bottom)))));
  }
  bool allOutside(Whole x, Whole y) const {
    const int32_t width = static_cast<int32_t>(sampler.image.shape[1]);
    const int32_t height = static_cast<int32_t>(sampler.image.shape[0]);
    return allTrue((x <= -Size) | (x >= width) | (y <= -Size) | (y >= height));
  }

  // Windows of a constant border alone.
  void fillOutside(int64_t i) {
    uint8_t pixels[16] = {};
    for (int k = 0; k < Size; ++k) memcpy(pixels + k * Channels, sampler.value, Channels);
    for (int row = 0; row < Size; ++row) {
      uint8_t* to = rows[row] + i * bytes;
      for (int lane = 0; lane < lanes<int32_t>; ++lane) memcpy(to + lane * bytes, pixels, bytes);
    }
  }

  __attribute__((noinline)) void fetchAtBorder(Whole x, Whole y, int64_t i, int64_t count) {
    if (count >= lanes<int32_t> && constant && allOutside(x, y)) return fillOutside(i);
    for (int lane = 0; lane < lanes<int32_t>; ++lane) {
      const int from = lane >= count ? 0 : lane;  // behind the last, the first again
      uint8_t* to[Size];
      int64_t columns[Size] = {};
      for (int k = 0; k < Size; ++k) {
        to[k] = rows[k] + (i + slot(lane)) * bytes;
        if (from == lane) columns[k] = sampler.column(int64_t{x[lane]} + k);
      }
      for (int row = 0; row < Size; ++row) {
        if (from < lane) {
          memcpy(to[row], rows[row] + (i + slot(from)) * bytes, bytes);
          continue;
        }
        const int64_t line = sampler.row(int64_t{y[lane]} + row);
        uint8_t pixels[16] = {};
        for (int k = 0; k < Size; ++k) {
          memcpy(pixels + k * Channels, sampler.address(columns[k], line), Channels);
        }
        memcpy(to[row], pixels, bytes);
      }
    }
  }
};

// The byte at place `At` of a row of a window.
template <int At, int Words>
EC_INLINE Floats byteAt(const Pixels (&row)[Words]) {
  const Pixels word = row[At / 4];
  constexpr int byte = At % 4;
  if constexpr (byte == 3) return __builtin_convertvector((Whole)(word >> 24), Floats);
#if EC_LEVEL == EC_ISA_avx512
  // Of each word one byte and three zeros.
  const __m512i order = _mm512_set4_epi32(0xffffff0c + byte, 0xffffff08 + byte, 0xffffff04 + byte,
                                          static_cast<int>(0xffffff00u + byte));
  return __builtin_convertvector((Whole)_mm512_shuffle_epi8((__m512i)word, order), Floats);
#else
  return __builtin_convertvector((Whole)(word >> (8 * byte) & 255u), Floats);
#endif
}

// Bytes nearest to what floats say, and how far from one the farthest of a pixel's is.
struct Rounded {
  static constexpr float shifter = 12582912.0f;  // floats this large have no fraction bits left
  Pixels pixels{};
  Floats far{};

  template <bool Clamp>
  EC_INLINE void add(int c, Floats value) {
    const Floats shifted = value + shifter;
    const Floats away = value - (shifted - shifter);
    far = maxV<float>(far, (Floats)((Pixels)away & 0x7fffffffu));
    Pixels byte = (Pixels)shifted - 0x4b400000u;
    if (Clamp) byte = (Pixels)clampV<int32_t>((Whole)byte, 0, 255);
    pixels += byte << (8 * c);
  }
};

// Weighs the pixels of a lane each. Where both fractions are multiples of 1 / `fine` floats are
// exact; elsewhere they are less than `guard` away.
struct Bilinear {
  static constexpr int size = 2, before = 0;
  static constexpr float guard = 2e-4f, fine = 64;

  template <int Channels>
  static EC_INLINE Rounded weigh(const Windows<size, before, Channels>& windows, int64_t i,
                                 Floats right, Floats below) {
    Pixels upper[2], lower[2];
    windows.wordsOf(0, i, upper);
    windows.wordsOf(1, i, lower);
    Rounded rounded;
    eachChannel<Channels>([&](auto c) EC_INLINE_LAMBDA {
      constexpr int C = decltype(c)::value;
      const Floats a = byteAt<C>(upper), b = byteAt<C>(lower);
      const Floats above = multiplyAdd(byteAt<Channels + C>(upper) - a, right, a);
      const Floats under = multiplyAdd(byteAt<Channels + C>(lower) - b, right, b);
      rounded.add<false>(C, multiplyAdd(under - above, below, above));
    });
    return rounded;
  }
};

struct Bicubic {
  static constexpr int size = 4, before = 1;
  static constexpr float guard = 1.5e-3f, fine = 2;

  // Keys' cubic as `Cubic` has it, in factors that floats keep exact.
  static EC_INLINE void weights(Floats t, Floats* to) {
    const Floats rest = 1.0f - t;
    to[0] = -0.75f * t * rest * rest;
    to[1] = (1.25f * t - 2.25f) * t * t + 1.0f;
    to[2] = (1.25f * rest - 2.25f) * rest * rest + 1.0f;
    to[3] = -0.75f * t * t * rest;
  }

  template <int Channels>
  static EC_INLINE Rounded weigh(const Windows<size, before, Channels>& windows, int64_t i,
                                 Floats right, Floats below) {
    Floats across[4], down[4], sums[Channels] = {};
    weights(right, across);
    weights(below, down);
    for (int r = 0; r < 4; ++r) {
      Pixels row[4];
      windows.wordsOf(r, i, row);
      eachChannel<Channels>([&](auto c) EC_INLINE_LAMBDA {
        constexpr int C = decltype(c)::value;
        Floats sum = byteAt<C>(row) * across[0];
        sum = multiplyAdd(byteAt<Channels + C>(row), across[1], sum);
        sum = multiplyAdd(byteAt<2 * Channels + C>(row), across[2], sum);
        sum = multiplyAdd(byteAt<3 * Channels + C>(row), across[3], sum);
        sums[C] = multiplyAdd(sum, down[r], sums[C]);
      });
    }
    Rounded rounded;
    for (int c = 0; c < Channels; ++c) rounded.add<true>(c, sums[c]);
    return rounded;
  }
};

// Pixels of 32 bits to those of a result.
template <int Channels>
EC_INLINE void storePixels(const uint32_t* from, uint8_t* to, int64_t count) {
  int64_t i = 0;
#if EC_LEVEL == EC_ISA_avx2 || EC_LEVEL == EC_ISA_avx512
  if constexpr (Channels == 3) {
    const __m128i order = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    for (; i + 6 <= count; i += 4) {  // four bytes too many are written, and written again
      const __m128i four = _mm_load_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm_storeu_si128(reinterpret_cast<__m128i_u*>(to + 3 * i), _mm_shuffle_epi8(four, order));
    }
  }
#endif
  if constexpr (Channels == 4) {
    memcpy(to, from, static_cast<size_t>(count) * 4);
  } else {
    for (; i < count; ++i) {
      for (int c = 0; c < Channels; ++c)
        to[i * Channels + c] = static_cast<uint8_t>(from[i] >> 8 * c);
    }
  }
}

// Where a constant border is all that is seen from the places of a chunk, its pixels are that.
template <int Channels>
EC_INLINE bool fillOutside(const Sampler<uint8_t, Channels>& sampler, const Spots& spots,
                           int64_t count, uint8_t* to) {
  constexpr int32_t reach = 4;  // no window is larger
  const View& image = sampler.image;
  if (sampler.border != Border::constant || image.shape[0] > farAway || image.shape[1] > farAway) {
    return false;
  }
  const int32_t width = static_cast<int32_t>(image.shape[1]) + reach;
  const int32_t height = static_cast<int32_t>(image.shape[0]) + reach;
  int32_t seen = 0;
  for (int64_t i = 0; i < count; ++i) {
    seen |= (spots.x[i] > -reach) & (spots.x[i] < width) & (spots.y[i] > -reach) &
            (spots.y[i] < height);
  }
  if (seen) return false;
  for (int64_t i = 0; i < count; ++i) memcpy(to + i * Channels, sampler.value, Channels);
  return true;
}

// Pixels [x, x + count) of a row.
template <class Method, int Channels, class Places>
EC_INLINE void weighChunk(const Sampler<uint8_t, Channels>& sampler,
                          Windows<Method::size, Method::before, Channels>& windows,
                          const Places& places, int64_t x, int64_t count, uint8_t* to) {
  Spots spots;
  alignas(64) uint32_t pixels[chunk];
  locate(places, x, count, false, spots);
  if (fillOutside(sampler, spots, count, to)) return;
  windows.fetch(spots, count);
  for (int64_t i = 0; i < count; i += lanes<int32_t>) {
    const Floats right = load(spots.right + i), below = load(spots.below + i);
    const Rounded rounded = Method::template weigh<Channels>(windows, i, right, below);
    store(pixels + i, rounded.pixels);
    uint32_t doubts = maskBits((Whole)(rounded.far >= 0.5f - Method::guard));
    if (doubts != 0) doubts &= ~fineBits(places, x + i, count - i, Method::fine);
    for (; doubts != 0; doubts &= doubts - 1) {
      const int64_t at = i + __builtin_ctz(doubts);
      if (at >= count) break;
      double u, v;
      uint8_t bytes[4] = {};
      places.place(x + at, u, v);
      sampler.sample(u, v, bytes);
      pixels[at] = packed<Channels>(bytes);
    }
  }
  storePixels<Channels>(pixels, to, count);
}

template <int Channels, class Places>
EC_INLINE void nearestChunk(const Sampler<uint8_t, Channels>& sampler, const Places& places,
                            int64_t x, int64_t count, uint8_t* to) {
  Spots spots;
  locate(places, x, count, true, spots);
  if (fillOutside(sampler, spots, count, to)) return;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t* from = sampler.address(sampler.column(spots.x[i]), sampler.row(spots.y[i]));
    memcpy(to + i * Channels, from, Channels);
  }
}

}  // namespace warp_
}  // namespace
}  // namespace everycore::EC_ISA
