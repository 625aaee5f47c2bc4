// The bytes of a file on their way into one of libvips' decoders.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "codec/owned.h"
#include "core/job.h"

namespace everycore {

struct Source {
  const View& bytes;
  int format;  // position in `vipsFormats` of src/image/codec/vips-calls.ts
  int failOn;
  int shrink;  // JPEG only: 1, 2, 4 or 8
};

// The bytes of a file on their way into a decoder, and the run that may call it off.
class Input {
 public:
  explicit Input(const View& view)
      : run_(runState()), bytes_(view.as<unsigned char>()), length_(view.shape[2]) {}

  // Null when there is no memory for it.
  VipsSource* open() {
    source_.reset(vips()->source_custom_new());
    if (!source_) return nullptr;
    read_.emplace(source_.get(), "read", onRead, this);
    seek_.emplace(source_.get(), "seek", onSeek, this);
    return source_.get();
  }

 private:
  // Called by libvips for every few kilobytes that it needs.
  static int64_t onRead(VipsSource*, void* buffer, int64_t length, void* self) {
    Input& input = *static_cast<Input*>(self);
    if (runCancelled(input.run_)) return -1;
    const int64_t left = input.length_ - input.at_;
    const int64_t count = length < left ? length : left;
    std::memcpy(buffer, input.bytes_ + input.at_, static_cast<size_t>(count));
    input.at_ += count;
    return count;
  }

  static int64_t onSeek(VipsSource*, int64_t offset, int whence, void* self) {
    Input& input = *static_cast<Input*>(self);
    const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? input.at_ : input.length_;
    if (offset < -base || offset > input.length_ - base) return -1;
    return input.at_ = base + offset;
  }

  const RunState* run_;
  const unsigned char* bytes_;
  int64_t length_;
  int64_t at_ = 0;
  std::unique_ptr<VipsSource, Unref> source_;
  std::optional<Signal> read_;
  std::optional<Signal> seek_;
};

// Opens a file as far as its header; null, with libvips' error set, when that fails. The input has
// to live as long as the image.
VipsImage* load(const Source& source, Input& input) noexcept;

}  // namespace everycore
