// Lowest or highest of rectangles of few rows, from rows to rows: first of the rows, two results at
// a time, which have all rows but one each in common; then along the row, while it is in the
// nearest cache. What lies outside the image does not count.
#pragma once

#include "kernels/image/window-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace morphology_ {

struct Lower {
  static constexpr uint8_t neutral = 255;
  static EC_INLINE V<uint8_t> of(V<uint8_t> a, V<uint8_t> b) { return minV<uint8_t>(a, b); }
};
struct Higher {
  static constexpr uint8_t neutral = 0;
  static EC_INLINE V<uint8_t> of(V<uint8_t> a, V<uint8_t> b) { return maxV<uint8_t>(a, b); }
};

// Extremes of windows of `size` neighbours, pixels or whole rows, in place: of 1, 2, 4 … of them
// while these are at most a quarter of the window, then of the two or four such stretches that
// cover it. They begin at 0, `a`, `b` and a + b.
struct Stretches {
  int64_t a, b;

  // Of windows of `size`, where stretches of `done` are there.
  Stretches(int64_t size, int64_t done, int64_t step)
      : a((size > 2 * done ? done : size - done) * step),
        b((size > 2 * done ? size - 2 * done : 0) * step) {}

  template <class Extreme>
  EC_INLINE V<uint8_t> at(const uint8_t* from) const {
    const V<uint8_t> first = Extreme::of(load(from), load(from + a));
    if (b == 0) return first;
    return Extreme::of(first, Extreme::of(load(from + b), load(from + a + b)));
  }

  template <class Extreme>
  EC_INLINE void put(uint8_t* to, int64_t count) const {
    for (int64_t i = 0; i < count; i += lanes<uint8_t>) store(to + i, at<Extreme>(to + i));
  }
};

// Rows of a part of the image; `first` is the sample of its left upper pixel.
struct Rows {
  uint8_t* first;
  int64_t stride, x, y;
};

struct Rectangle {
  int64_t columns, rows, left, top;  // of the window, and where its anchor is
  int64_t width, height, channels;   // of the image
  uint8_t* row[2];                   // for as many samples as a row of results and its window
  static constexpr int64_t rowsMax = 32;

  // Pixels [x, end) of the rows [y, bottom) of the image.
  template <class Extreme>
  void run(const Rows& from, const Rows& to, int64_t x, int64_t end, int64_t y,
           int64_t bottom) const {
    const int64_t begin = maxOf<int64_t>(x - left, 0);
    const int64_t samples = (minOf(end + columns - 1 - left, width) - begin) * channels;
    const int64_t before = (begin - x + left) * channels;
    const int64_t all = (end - x + columns - 1) * channels;
    for (; y < bottom; y += 2) {
      const bool two = y + 1 < bottom;
      const uint8_t* lines[rowsMax + 1];
      for (int64_t r = 0; r < rows + two; ++r) {
        const int64_t line = minOf(maxOf<int64_t>(y - top + r, 0), height - 1);
        lines[r] = from.first + (line - from.y) * from.stride + (begin - from.x) * channels;
      }
      for (int i = 0; i < 1 + two; ++i) {
        memset(row[i], Extreme::neutral, static_cast<size_t>(before));
        memset(row[i] + before + samples, Extreme::neutral,
               static_cast<size_t>(all - before - samples));
      }
      // The rows that come in next: a page of memory ends within every row, and there the CPU stops
      // to read ahead by itself.
      const uint8_t* next[2];
      for (int i = 0; i < 2; ++i) {
        const int64_t line = minOf(y + 1 - top + rows + i, height - 1);
        next[i] = from.first + (line - from.y) * from.stride + (begin - from.x) * channels;
      }
      downColumns<Extreme>(lines, next, two, samples, before);
      for (int i = 0; i < 1 + two; ++i) {
        uint8_t* target = to.first + (y + i - to.y) * to.stride + (x - to.x) * channels;
        alongRow<Extreme>(row[i], target, (end - x) * channels);
      }
    }
  }

 private:
  template <class Extreme>
  EC_INLINE void downColumns(const uint8_t* const* lines, const uint8_t* const* next, bool two,
                             int64_t samples, int64_t at) const {
    constexpr int wide = 2 * lanes<uint8_t>;
    uint8_t* const upper = row[0] + at;
    uint8_t* const lower = row[1] + at;
    int64_t i = 0;
    for (; i + wide <= samples; i += wide) {
      const int64_t j = i + lanes<uint8_t>;
      for (int k = 0; k < 2; ++k) {
        for (int64_t b = 0; b < wide; b += 64) __builtin_prefetch(next[k] + i + b);
      }
      if (two && rows > 1) {
        V<uint8_t> a = load(lines[1] + i), b = load(lines[1] + j);
        for (int64_t r = 2; r < rows; ++r) {
          a = Extreme::of(a, load(lines[r] + i));
          b = Extreme::of(b, load(lines[r] + j));
        }
        store(upper + i, Extreme::of(a, load(lines[0] + i)));
        store(upper + j, Extreme::of(b, load(lines[0] + j)));
        store(lower + i, Extreme::of(a, load(lines[rows] + i)));
        store(lower + j, Extreme::of(b, load(lines[rows] + j)));
        continue;
      }
      for (int k = 0; k < 1 + two; ++k) {
        V<uint8_t> a = load(lines[k] + i), b = load(lines[k] + j);
        for (int64_t r = 1; r < rows; ++r) {
          a = Extreme::of(a, load(lines[k + r] + i));
          b = Extreme::of(b, load(lines[k + r] + j));
        }
        store((k == 0 ? upper : lower) + i, a);
        store((k == 0 ? upper : lower) + j, b);
      }
    }
    for (; i < samples; i += lanes<uint8_t>) {
      const int64_t count = minOf<int64_t>(lanes<uint8_t>, samples - i);
      for (int k = 0; k < 1 + two; ++k) {
        V<uint8_t> a = loadPart(lines[k] + i, count);
        for (int64_t r = 1; r < rows; ++r) a = Extreme::of(a, loadPart(lines[k + r] + i, count));
        storePart((k == 0 ? upper : lower) + i, a, count);
      }
    }
  }

  template <class Extreme>
  EC_INLINE void alongRow(uint8_t* from, uint8_t* to, int64_t samples) const {
    int64_t length = samples + (columns - 1) * channels;
    int64_t done = 1;
    for (; 4 * done <= columns; done *= 2) {
      length -= done * channels;
      Stretches(2 * done, done, channels).put<Extreme>(from, length);
    }
    const Stretches last(columns, done, channels);
    int64_t i = 0;
    for (; i + lanes<uint8_t> <= samples; i += lanes<uint8_t>) {
      store(to + i, last.at<Extreme>(from + i));
    }
    if (i < samples) storePart(to + i, last.at<Extreme>(from + i), samples - i);
  }
};

}  // namespace morphology_
}  // namespace
}  // namespace everycore::EC_ISA
