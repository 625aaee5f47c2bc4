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

// Feeds a flow with the rows of a picture. The region is its caller's, since libvips binds regions
// to threads.
class Strips {
 public:
  // Rows that come at a time: about so many that they stay in the cache on their way, and a
  // multiple of 16, at which every kernel may be cut.
  static int64_t rowsOf(const View& pixels);

  Strips(VipsImage* image, const View& pixels, Flow& flow)
      : image_(image), pixels_(pixels), flow_(flow), next_(flow.begin()) {}

  VipsImage* image() const { return image_; }
  Flow& flow() const { return flow_; }
  bool done() const { return next_ >= flow_.end(); }
  // Decodes a strip and gives it to the flow; false, with libvips' error set, when that fails.
  bool feed(VipsRegion* region);

 private:
  VipsImage* image_;
  const View& pixels_;
  Flow& flow_;
  int64_t next_;
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
