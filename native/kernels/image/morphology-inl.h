// erode, dilate and what is made of the two. A unit is a tile, which is held whole with all that
// the passes need around it; each pass makes it smaller. What lies outside the image does not
// count.
#pragma once

#include "kernels/image/morphology-rectangle-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace morphology_ {

// The order is that of `operations` in src/image/morphology.ts.
enum class Operation { erode, dilate, open, close, gradient, tophat, blackhat };

// A rectangle of pixels, which may reach beyond the image. `x` and `y` are where it begins there.
struct Area {
  uint8_t* memory;
  int64_t stride, x, y, width, height;

  uint8_t* row(int64_t i) const { return memory + i * stride; }
};

class Morphology {
 public:
  Morphology(const Call& call, void* scratch)
      : arguments_(call),
        operation_(static_cast<Operation>(arguments_.integer(0))),
        iterations_(arguments_.integer(1)),
        rectangle_(arguments_.own[2] != 0),
        columns_(arguments_.integer(3)),
        rows_(arguments_.integer(4)),
        left_(arguments_.integer(5)),
        top_(arguments_.integer(6)),
        mask_(call.views[1]),
        channels_(arguments_.channels) {
    const bool twice = operation_ == Operation::open || operation_ == Operation::close ||
                       operation_ == Operation::tophat || operation_ == Operation::blackhat;
    passes_ = iterations_ * (twice ? 2 : 1);
    Arena arena{static_cast<char*>(scratch)};
    stride_ = SourceRows<uint8_t>::sourceSamples(arguments_, passes_ * (columns_ - 1));
    const int64_t height = static_cast<int64_t>(arguments_.params[2]) + passes_ * (rows_ - 1);
    for (auto& memory : memory_) memory = arena.take<uint8_t>(stride_ * height);
  }

  void run(int64_t unit) {
    tile_ = arguments_.tile(unit);
    if (rectangle_ && rows_ <= Rectangle::rowsMax && rowByRow()) return;
    Area area = read(memory_[0]);
    switch (operation_) {
      case Operation::erode:
        return repeatInto<Lower>(area);
      case Operation::dilate:
        return repeatInto<Higher>(area);
      case Operation::open:
        repeat<Lower>(area);
        return repeatInto<Higher>(area);
      case Operation::close:
        repeat<Higher>(area);
        return repeatInto<Lower>(area);
      case Operation::tophat:
        repeat<Lower>(area);
        repeat<Higher>(area);
        return write(area, [](const uint8_t* at, V<uint8_t> pixel) {
          return pixel - minV<uint8_t>(pixel, load(at));
        });
      case Operation::blackhat:
        repeat<Higher>(area);
        repeat<Lower>(area);
        return write(area, [](const uint8_t* at, V<uint8_t> pixel) {
          const V<uint8_t> value = load(at);
          return value - minV<uint8_t>(pixel, value);
        });
      case Operation::gradient:
        return gradient(area);
    }
  }

 private:
  // False where an operation needs more than extremes.
  bool rowByRow() const {
    switch (operation_) {
      case Operation::erode:
        return rowByRow<Lower>(), true;
      case Operation::dilate:
        return rowByRow<Higher>(), true;
      case Operation::open:
        return rowByRow<Lower, Higher>(), true;
      case Operation::close:
        return rowByRow<Higher, Lower>(), true;
      default:
        return false;
    }
  }

  // One extreme, or one of the other.
  template <class First, class... Second>
  void rowByRow() const {
    const View& source = arguments_.source;
    const int64_t width = source.shape[1], height = source.shape[0];
    const Rectangle window{columns_, rows_,  left_,     top_,
                           width,    height, channels_, {memory_[0], memory_[0] + stride_}};
    const Rows image{source.as<uint8_t>(), source.stride[0], 0, 0};
    const Rows result{arguments_.resultRow<uint8_t>(tile_, 0), arguments_.result.stride[0], tile_.x,
                      tile_.y};
    const int64_t end = tile_.x + tile_.width, bottom = tile_.y + tile_.height;
    if constexpr (sizeof...(Second) == 0) {
      window.run<First>(image, result, tile_.x, end, tile_.y, bottom);
    } else {
      const int64_t x = maxOf<int64_t>(tile_.x - left_, 0), y = maxOf<int64_t>(tile_.y - top_, 0);
      const Rows between{memory_[1], stride_, x, y};
      window.run<First>(image, between, x, minOf(end + columns_ - 1 - left_, width), y,
                        minOf(bottom + rows_ - 1 - top_, height));
      (window.run<Second>(between, result, tile_.x, end, tile_.y, bottom), ...);
    }
  }

  Area read(uint8_t* memory) const {
    Area area{memory,
              stride_,
              tile_.x - passes_ * left_,
              tile_.y - passes_ * top_,
              tile_.width + passes_ * (columns_ - 1),
              tile_.height + passes_ * (rows_ - 1)};
    const View& source = arguments_.source;
    const int64_t x = maxOf<int64_t>(area.x, 0);
    const int64_t end = minOf(area.x + area.width, source.shape[1]);
    for (int64_t i = 0; i < area.height; ++i) {
      const int64_t y = area.y + i;
      if (y < 0 || y >= source.shape[0]) continue;
      memcpy(area.row(i) + (x - area.x) * channels_,
             source.as<const uint8_t>() + y * source.stride[0] + x * channels_,
             static_cast<size_t>((end - x) * channels_));
    }
    return area;
  }

  void fillOutside(const Area& area, uint8_t value) const {
    const int64_t before = minOf(maxOf<int64_t>(-area.x, 0), area.width);
    const int64_t end = maxOf<int64_t>(minOf(arguments_.source.shape[1] - area.x, area.width), 0);
    for (int64_t i = 0; i < area.height; ++i) {
      const int64_t y = area.y + i;
      if (y < 0 || y >= arguments_.source.shape[0]) {
        memset(area.row(i), value, static_cast<size_t>(area.width * channels_));
        continue;
      }
      memset(area.row(i), value, static_cast<size_t>(before * channels_));
      memset(area.row(i) + end * channels_, value,
             static_cast<size_t>((area.width - end) * channels_));
    }
  }

  template <class Extreme>
  void repeat(Area& area) {
    for (int64_t i = 0; i < iterations_; ++i) pass<Extreme>(area);
  }

  // The last step of the last pass goes straight into the result.
  template <class Extreme>
  void repeatInto(Area& area) {
    for (int64_t i = 1; i < iterations_; ++i) pass<Extreme>(area);
    if (!rectangle_) {
      pass<Extreme>(area);
      return write(area, [](const uint8_t* at, V<uint8_t>) { return load(at); });
    }
    const Stretches last = rectangle<Extreme>(area);
    write(area,
          [=](const uint8_t* at, V<uint8_t>) EC_INLINE_LAMBDA { return last.at<Extreme>(at); });
  }

  template <class Extreme>
  void pass(Area& area) {
    if (!rectangle_) return shape<Extreme>(area);
    const Stretches last = rectangle<Extreme>(area);
    const int64_t samples = area.width * channels_;
    for (int64_t i = 0; i < area.height; ++i) last.put<Extreme>(area.row(i), samples);
  }

  // All but the last step, which is answered.
  template <class Extreme>
  Stretches rectangle(Area& area) const {
    fillOutside(area, Extreme::neutral);
    area.width -= columns_ - 1;
    const int64_t samples = area.width * channels_;
    for (int64_t i = 0; i < area.height; ++i) {
      int64_t length = samples + (columns_ - 1) * channels_;
      int64_t done = 1;
      for (; 4 * done <= columns_; done *= 2) {
        length -= done * channels_;
        Stretches(2 * done, done, channels_).put<Extreme>(area.row(i), length);
      }
      if (done < columns_) {
        Stretches(columns_, done, channels_).put<Extreme>(area.row(i), samples);
      }
    }
    int64_t height = area.height;
    int64_t done = 1;
    for (; 4 * done <= rows_; done *= 2) {
      height -= done;
      const Stretches twice(2 * done, done, stride_);
      for (int64_t i = 0; i < height; ++i) twice.put<Extreme>(area.row(i), samples);
    }
    area.height -= rows_ - 1;
    area.x += left_;
    area.y += top_;
    return Stretches(rows_, done, stride_);
  }

  // Any window: from one piece of memory to the other.
  template <class Extreme>
  void shape(Area& area) {
    fillOutside(area, Extreme::neutral);
    const Area from = area;
    area.memory = memory_[area.memory == memory_[0] ? 1 : 0];
    area.width -= columns_ - 1;
    area.height -= rows_ - 1;
    area.x += left_;
    area.y += top_;
    const int64_t samples = area.width * channels_;
    for (int64_t y = 0; y < area.height; ++y) {
      uint8_t* to = area.row(y);
      memset(to, Extreme::neutral, static_cast<size_t>(roundUp(samples, sampleGrain)));
      for (int64_t r = 0; r < rows_; ++r) {
        const uint8_t* mask = mask_.as<const uint8_t>() + r * columns_;
        for (int64_t c = 0; c < columns_; ++c) {
          if (mask[c] == 0) continue;
          const uint8_t* row = from.row(y + r) + c * channels_;
          for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
            store(to + i, Extreme::of(load(to + i), load(row + i)));
          }
        }
      }
    }
  }

  // Highest less lowest. The highest wait in the third piece of memory.
  void gradient(Area& area) {
    repeat<Higher>(area);
    const Area highest = area;
    for (int64_t i = 0; i < highest.height; ++i) {
      memcpy(memory_[2] + i * stride_, highest.row(i), static_cast<size_t>(stride_));
    }
    area = read(memory_[0]);
    repeat<Lower>(area);
    const int64_t samples = area.width * channels_;
    for (int64_t y = 0; y < area.height; ++y) {
      uint8_t* to = area.row(y);
      for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
        const V<uint8_t> high = load(memory_[2] + y * stride_ + i);
        store(to + i, high - minV<uint8_t>(high, load(to + i)));
      }
    }
    write(area, [](const uint8_t* at, V<uint8_t>) { return load(at); });
  }

  template <class Combine>
  void write(const Area& area, Combine combine) const {
    const View& source = arguments_.source;
    const int64_t samples = tile_.width * channels_;
    for (int64_t y = 0; y < tile_.height; ++y) {
      const uint8_t* pixels =
          source.as<const uint8_t>() + (tile_.y + y) * source.stride[0] + tile_.x * channels_;
      uint8_t* to = arguments_.resultRow<uint8_t>(tile_, y);
      for (int64_t i = 0; i < samples; i += lanes<uint8_t>) {
        const int64_t left = samples - i;
        const V<uint8_t> pixel =
            left >= lanes<uint8_t> ? load(pixels + i) : loadPart(pixels + i, left);
        storeUpTo(to + i, combine(area.row(y) + i, pixel), left);
      }
    }
  }

  const WindowArguments arguments_;
  const Operation operation_;
  const int64_t iterations_;
  const bool rectangle_;
  const int64_t columns_;
  const int64_t rows_;
  const int64_t left_;
  const int64_t top_;
  const View& mask_;
  const int64_t channels_;
  int64_t passes_;
  int64_t stride_;
  uint8_t* memory_[3];
  Tile tile_{};
};

}  // namespace morphology_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_MORPHOLOGY {"morphology", Dtype::u8, {runTiles<morphology_::Morphology>}},
