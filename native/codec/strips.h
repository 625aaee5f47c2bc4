// Pictures as they are decoded, strip by strip, and pictures whose rows an encoder draws from
// there.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "codec/flow.h"
#include "codec/owned.h"
#include "codec/vips.h"
#include "core/job.h"

namespace everycore {

// Rows of a picture as they are decoded, in order, some at a time. The region is its caller's,
// since libvips binds regions to threads.
class Rows {
 public:
  // The most that come at a time: about so many that they stay in the cache on their way, and a
  // multiple of 16, at which every kernel may be cut.
  static int64_t stripOf(const View& pixels);

  // `inGrains`: the decoder reads 8 or 16 rows at a time.
  Rows(VipsImage* image, const View& pixels, bool inGrains, int64_t begin, int64_t end)
      : image_(image), pixels_(pixels), inGrains_(inGrains), next_(begin), end_(end) {}

  VipsImage* image() const { return image_; }
  int64_t next() const { return next_; }
  bool done() const { return next_ >= end_; }
  // Packed, until the next ones are read; null, with libvips' error set, when that fails.
  unsigned char* read(VipsRegion* region, int64_t& count);

 private:
  void forgetRead();

  VipsImage* image_;
  const View& pixels_;
  bool inGrains_;
  int64_t next_, end_;
  int64_t forgotten_ = 0;
};

// Feeds a flow with the rows of a picture.
class Strips {
 public:
  Strips(VipsImage* image, const View& pixels, bool inGrains, Flow& flow)
      : rows_(image, pixels, inGrains, flow.begin(), flow.end()), flow_(flow) {}

  VipsImage* image() const { return rows_.image(); }
  Flow& flow() const { return flow_; }
  bool done() const { return rows_.done(); }
  // Decodes a strip and gives it to the flow; false, with libvips' error set, when that fails.
  bool feed(VipsRegion* region);
  // All rows that come out, which must be held, into the memory of a picture that they make; false
  // too when the run is cancelled.
  bool fill(const View& picture);

 private:
  Rows rows_;
  Flow& flow_;
};

// A picture that is not there: each row is decoded and computed when it is asked for, once, in
// order, on whichever thread asks. What it is given has to live longer.
class DrawnImage {
 public:
  // `answer` has its size. Of the flow the rows must be held.
  DrawnImage(Strips& strips, const View& answer, const RunState* run);
  DrawnImage(const DrawnImage&) = delete;
  DrawnImage& operator=(const DrawnImage&) = delete;
  ~DrawnImage();

  // Null, with libvips' error set, when it could not be made.
  VipsImage* get() const { return image_; }
  // What has failed in decoding; empty where an error is the encoder's.
  const std::string& failure() const { return failure_; }

 private:
  static void* start(VipsImage*, void* self, void*);
  static int generate(VipsRegion* out, void* sequence, void* self, void*, int* stop);
  static int stop(void* sequence, void* self, void*);
  bool draw(const RegionFields& out, VipsRegion* region);

  Strips& strips_;
  const View& answer_;
  const RunState* run_;
  VipsImage* image_ = nullptr;
  std::mutex mutex_;
  std::string failure_;
};

}  // namespace everycore
