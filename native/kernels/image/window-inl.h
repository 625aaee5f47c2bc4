// What windowed kernels have in common: their arguments, rings of rows, the run over tiles.
#pragma once

#include "kernels/image/border-inl.h"
#include "kernels/image/pack-inl.h"
#include "kernels/image/tile-inl.h"

namespace everycore::EC_ISA {
namespace {

// Views: the image, views of the kernel's own, the result. Parameters: border, tile width and
// height in pixels, four border values, then the kernel's own. `windowCall` in src/image/window.ts
// makes them.
struct WindowArguments {
  const View& source;
  const View& result;
  const double* params;
  const double* own;
  int64_t channels;

  explicit WindowArguments(const Call& call)
      : source(call.views[0]),
        result(call.views[call.viewCount - 1]),
        params(call.params),
        own(call.params + 7),
        channels(source.shape[2]) {}

  template <class Sample>
  BorderedImage<Sample> bordered() const {
    BorderedImage<Sample> image{source, static_cast<Border>(static_cast<int>(params[0])), {}};
    for (int c = 0; c < 4; ++c) image.value[c] = static_cast<Sample>(params[3 + c]);
    return image;
  }
  int64_t integer(int i) const { return static_cast<int64_t>(own[i]); }
  // Samples of a row of a tile, padded so that whole vectors fit.
  int64_t tileSamples() const {
    return roundUp(static_cast<int64_t>(params[1]) * channels, sampleGrain);
  }
  Tile tile(int64_t unit) const {
    return tileAt(result, static_cast<int64_t>(params[1]), static_cast<int64_t>(params[2]), unit);
  }
  template <class T>
  T* resultRow(const Tile& tile, int64_t y) const {
    return result.as<T>() + (tile.y + y) * result.stride[0] + tile.x * result.shape[2];
  }
  // Is the result too large to be found in the caches again?
  bool large() const {
    return result.shape[0] * result.shape[1] * result.shape[2] * dtypeBytes(result.dtype) >=
           streamBytesMin;
  }
  // Those of its rows are stored past them that begin with a vector.
  bool storedPast(const void* row) const {
    return large() && reinterpret_cast<uintptr_t>(row) % EC_VECTOR_BYTES == 0;
  }
};

// The last rows of an endless sequence, found by their number, which may be negative. `ringRows` in
// src/image/window.ts counts them: a power of two, at least as many as are looked at together.
constexpr int64_t ringRows(int64_t rows) {
  int64_t count = 1;
  while (count < rows) count *= 2;
  return count;
}

template <class T>
struct Ring {
  T* memory = nullptr;
  int64_t stride = 0;
  int64_t mask = 0;

  void take(Arena& arena, int64_t rows, int64_t samples) {
    stride = samples;
    mask = ringRows(rows) - 1;
    memory = arena.take<T>(stride * (mask + 1));
  }
  T* row(int64_t y) const { return memory + (y & mask) * stride; }
};

// Rows of the image with what the window needs left and right, as numbers of T, in a ring. `Sample`
// is what the image holds.
template <class T, class Sample = uint8_t>
class SourceRows {
 public:
  SourceRows(const WindowArguments& arguments, Arena& arena, int64_t left, int64_t right,
             int64_t rows)
      : source_(arguments.bordered<Sample>()), left_(left), around_(left + right) {
    const int64_t samples = sourceSamples(arguments, around_);
    ring_.take(arena, rows, samples);
    memset(ring_.memory, 0, static_cast<size_t>(samples * (ring_.mask + 1)) * sizeof(T));
  }

  static int64_t sourceSamples(const WindowArguments& arguments, int64_t around) {
    return roundUp(arguments.tileSamples() + around * arguments.channels, sampleGrain) +
           sampleGrain;
  }

  // Reads row y beside the tile.
  const T* read(const Tile& tile, int64_t y) {
    T* to = ring_.row(y);
    fetchAhead(tile, y + rowsAhead);
    source_.copyRow(to, y, tile.x - left_, tile.width + around_);
    return to;
  }
  const T* row(int64_t y) const { return ring_.row(y); }

 private:
  static constexpr int64_t rowsAhead = 4;

  // Rows of a tile lie far apart: no CPU sees by itself what comes next. (Inlined by force: GCC 12
  // takes a function that only fetches for one without effect, and leaves out its calls.)
  EC_INLINE void fetchAhead(const Tile& tile, int64_t y) const {
    if (y < 0 || y >= source_.view.shape[0]) return;
    const int64_t channels = source_.view.shape[2];
    const Sample* row = source_.view.template as<const Sample>() + y * source_.view.stride[0];
    const char* begin = reinterpret_cast<const char*>(row + tile.x * channels);
    const char* end = reinterpret_cast<const char*>(row + (tile.x + tile.width) * channels);
    for (; begin < end; begin += 64) __builtin_prefetch(begin, 0, 2);
  }

  const BorderedImage<Sample> source_;
  const int64_t left_;
  const int64_t around_;
  Ring<T> ring_;
};

template <class Kernel>
void runTiles(const Call& call, Range range, void* scratch) noexcept {
  Kernel tiles(call, scratch);
  for (int64_t unit = range.begin; unit < range.end; ++unit) tiles.run(unit);
}

}  // namespace
}  // namespace everycore::EC_ISA
