// convolve and convolveSeparable: correlation with a window of any weights. A unit is a tile.
//
// Bytes by weights that are whole numbers and small enough are summed as words, all others as
// floats, in one order, each step rounded. Where words serve, floats would be exact too, so the
// bytes are the same.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace convolve_ {

// The kernel's own parameters: words?, left, top, divisor, offset.
struct Scale {
  float divisor, offset;
  bool plain;

  explicit Scale(const double* own)
      : divisor(static_cast<float>(own[3])),
        offset(static_cast<float>(own[4])),
        plain(own[3] == 1 && own[4] == 0) {}

  // Sums of as many samples as a vector has bytes; `left` of them are to be stored. `past`: past
  // the caches.
  template <class Out, class T>
  EC_INLINE void finish(Out* to, V<T> (&sums)[sizeof(T)], int64_t left, bool past) const {
    const auto put = [=](int64_t at, V<Out> value) EC_INLINE_LAMBDA {
      if (past && left - at >= lanes<Out>) return storeStream(to + at, value);
      storeUpTo(to + at, value, left - at);
    };
    if constexpr (sizeof(T) == 2 && sizeof(Out) == 1) {
      if (plain) return put(0, packBytes(sums[0], sums[1]));
    }
    if constexpr (sizeof(T) == 2 && sizeof(Out) == 2) {
      if (plain) return put(0, sums[0]), put(lanes<Out>, sums[1]);
    }
    V<float> values[4];
    toFloats(sums, values);
    if (!plain) {
      for (int k = 0; k < 4; ++k) values[k] = values[k] / divisor + offset;
    }
    if constexpr (sizeof(Out) == 1) {
      put(0, roundToBytes(values));
    } else if constexpr (sizeof(Out) == 2 && static_cast<Out>(-1) > 0) {
      put(0, roundToUnsignedWords(values[0], values[1]));
      put(lanes<Out>, roundToUnsignedWords(values[2], values[3]));
    } else if constexpr (sizeof(Out) == 2) {
      put(0, roundToWords(values[0], values[1]));
      put(lanes<Out>, roundToWords(values[2], values[3]));
    } else {
      for (int k = 0; k < 4; ++k) put(k * lanes<float>, values[k]);
    }
  }

 private:
  static EC_INLINE void toFloats(V<float> (&sums)[4], V<float> (&values)[4]) {
    for (int k = 0; k < 4; ++k) values[k] = sums[k];
  }
  static EC_INLINE void toFloats(V<int16_t> (&sums)[2], V<float> (&values)[4]) {
    int16_t words[lanes<uint8_t>];
    store(words, sums[0]);
    store(words + lanes<int16_t>, sums[1]);
    for (int k = 0; k < 4; ++k) values[k] = loadAs<float>(words + k * lanes<float>);
  }
};

template <class T>
struct Tap {
  const T* from;
  int64_t row;
  int64_t offset;
  T weight;
};

// Σ of the taps' samples by their weights, for as many samples as a vector has bytes.
template <class T>
EC_INLINE void sumTaps(const Tap<T>* taps, int64_t count, int64_t at, V<T> (&sums)[sizeof(T)]) {
  for (auto& sum : sums) sum = V<T>{};
  for (int64_t t = 0; t < count; ++t) {
    const T* from = taps[t].from + at;
    const V<T> weight = broadcast(taps[t].weight);
    for (int k = 0; k < static_cast<int>(sizeof(T)); ++k) {
      sums[k] += load(from + k * lanes<T>) * weight;
    }
  }
}

// Taps of the weights that are not 0, row by row.
template <class T>
int64_t makeTaps(const View& weights, int64_t channels, Tap<T>* taps) {
  const float* weight = weights.as<const float>();
  const int64_t columns = weights.shape[2];
  const int64_t count = weights.shape[1] * columns;
  int64_t used = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (weight[i] == 0) continue;
    taps[used++] = {nullptr, i / columns, i % columns * channels, static_cast<T>(weight[i])};
  }
  return used;
}

// Views: image, weights [rows, columns], result.
template <class Sample, class T, class Out>
class Convolve {
 public:
  Convolve(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        rows_(call.views[1].shape[1]),
        source_(arguments_, arena_, arguments_.integer(1),
                call.views[1].shape[2] - 1 - arguments_.integer(1), rows_),
        scale_(arguments_.own),
        taps_(arena_.take<Tap<T>>(rows_ * call.views[1].shape[2])),
        count_(makeTaps(call.views[1], arguments_.channels, taps_)) {}

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    const int64_t samples = tile.width * arguments_.channels;
    const int64_t first = tile.y - arguments_.integer(2);
    for (int64_t i = 0; i < rows_ - 1; ++i) source_.read(tile, first + i);
    for (int64_t y = 0; y < tile.height; ++y) {
      source_.read(tile, first + y + rows_ - 1);
      for (int64_t t = 0; t < count_; ++t) {
        taps_[t].from = source_.row(first + y + taps_[t].row) + taps_[t].offset;
      }
      Out* to = arguments_.resultRow<Out>(tile, y);
      const bool past = arguments_.storedPast(to);
      for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
        V<T> sums[sizeof(T)];
        sumTaps(taps_, count_, i, sums);
        scale_.template finish<Out, T>(to + i, sums, samples - i, past);
      }
    }
    if (arguments_.large()) streamFence();
  }

 private:
  const WindowArguments arguments_;
  Arena arena_;
  const int64_t rows_;
  SourceRows<T, Sample> source_;
  const Scale scale_;
  Tap<T>* const taps_;
  const int64_t count_;
};

// Views: image, weights along the row, weights down the column, result.
template <class Sample, class T, class Out>
class Separable {
 public:
  Separable(const Call& call, void* scratch)
      : arguments_(call),
        arena_{static_cast<char*>(scratch)},
        rows_(call.views[2].shape[2]),
        source_(arguments_, arena_, arguments_.integer(1),
                call.views[1].shape[2] - 1 - arguments_.integer(1), 1),
        scale_(arguments_.own),
        along_(arena_.take<Tap<T>>(call.views[1].shape[2])),
        down_(arena_.take<Tap<T>>(rows_)),
        countAlong_(makeTaps(call.views[1], arguments_.channels, along_)),
        countDown_(makeTaps(call.views[2], 0, down_)) {
    // Weights down the column lie in one row: their numbers are rows.
    const float* weights = call.views[2].as<const float>();
    for (int64_t i = 0, t = 0; i < rows_; ++i) {
      if (weights[i] != 0) down_[t++].row = i;
    }
    ring_.take(arena_, rows_, arguments_.tileSamples());
  }

  void run(int64_t unit) {
    const Tile tile = arguments_.tile(unit);
    const int64_t samples = tile.width * arguments_.channels;
    const int64_t first = tile.y - arguments_.integer(2);
    for (int64_t i = 0; i < rows_ - 1; ++i) alongRow(tile, first + i);
    for (int64_t y = 0; y < tile.height; ++y) {
      alongRow(tile, first + y + rows_ - 1);
      for (int64_t t = 0; t < countDown_; ++t) {
        down_[t].from = ring_.row(first + y + down_[t].row);
      }
      Out* to = arguments_.resultRow<Out>(tile, y);
      const bool past = arguments_.storedPast(to);
      for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
        V<T> sums[sizeof(T)];
        sumTaps(down_, countDown_, i, sums);
        scale_.template finish<Out, T>(to + i, sums, samples - i, past);
      }
    }
    if (arguments_.large()) streamFence();
  }

 private:
  void alongRow(const Tile& tile, int64_t y) {
    const T* from = source_.read(tile, y);
    for (int64_t t = 0; t < countAlong_; ++t) along_[t].from = from + along_[t].offset;
    T* to = ring_.row(y);
    const int64_t samples = tile.width * arguments_.channels;
    for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
      V<T> sums[sizeof(T)];
      sumTaps(along_, countAlong_, i, sums);
      for (int k = 0; k < static_cast<int>(sizeof(T)); ++k) {
        store(to + i + k * lanes<T>, sums[k]);
      }
    }
  }

  const WindowArguments arguments_;
  Arena arena_;
  const int64_t rows_;
  SourceRows<T, Sample> source_;
  const Scale scale_;
  Tap<T>* const along_;
  Tap<T>* const down_;
  const int64_t countAlong_;
  const int64_t countDown_;
  Ring<T> ring_;
};

template <template <class, class, class> class Kernel>
void bytes(const Call& call, Range range, void* scratch) noexcept {
  const WindowArguments arguments(call);
  const bool words = arguments.own[0] != 0;
  switch (arguments.result.dtype) {
    case Dtype::u8:
      return words ? runTiles<Kernel<uint8_t, int16_t, uint8_t>>(call, range, scratch)
                   : runTiles<Kernel<uint8_t, float, uint8_t>>(call, range, scratch);
    case Dtype::i16:
      return words ? runTiles<Kernel<uint8_t, int16_t, int16_t>>(call, range, scratch)
                   : runTiles<Kernel<uint8_t, float, int16_t>>(call, range, scratch);
    default:
      return words ? runTiles<Kernel<uint8_t, int16_t, float>>(call, range, scratch)
                   : runTiles<Kernel<uint8_t, float, float>>(call, range, scratch);
  }
}

// Of words and floats.
template <template <class, class, class> class Kernel, class Sample>
void wide(const Call& call, Range range, void* scratch) noexcept {
  switch (WindowArguments(call).result.dtype) {
    case Dtype::u8:
      return runTiles<Kernel<Sample, float, uint8_t>>(call, range, scratch);
    case Dtype::u16:
      return runTiles<Kernel<Sample, float, uint16_t>>(call, range, scratch);
    case Dtype::i16:
      return runTiles<Kernel<Sample, float, int16_t>>(call, range, scratch);
    default:
      return runTiles<Kernel<Sample, float, float>>(call, range, scratch);
  }
}

}  // namespace convolve_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_CONVOLVE                                                                 \
  {"convolve", Dtype::u8, {convolve_::bytes<convolve_::Convolve>}},                         \
      {"convolve", Dtype::u16, {convolve_::wide<convolve_::Convolve, uint16_t>}},           \
      {"convolve", Dtype::f32, {convolve_::wide<convolve_::Convolve, float>}},              \
      {"convolveSeparable", Dtype::u8, {convolve_::bytes<convolve_::Separable>}},           \
      {"convolveSeparable", Dtype::u16, {convolve_::wide<convolve_::Separable, uint16_t>}}, \
      {"convolveSeparable", Dtype::f32, {convolve_::wide<convolve_::Separable, float>}},
