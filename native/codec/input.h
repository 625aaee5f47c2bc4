// The bytes of a file on their way into one of libvips' decoders.
#pragma once

#include <cstdint>
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
  int file;    // open for reading; negative where `bytes` are all there is
  int64_t length;

  // JPEG and PNG: their decoders take the file in pieces, and make 8 rows at a time of it.
  bool inPieces() const { return format < 2; }
};

// A file on its way into a decoder that takes it in pieces, and the run that may call it off.
class Input {
 public:
  explicit Input(const Source& source)
      : run_(runState()),
        bytes_(source.bytes.as<unsigned char>()),
        file_(source.file),
        length_(source.length) {}

  // Null when there is no memory for it.
  VipsSource* open();

 private:
  static int64_t onRead(VipsSource*, void* buffer, int64_t length, void* self);
  static int64_t onSeek(VipsSource*, int64_t offset, int whence, void* self);
  bool fill();

  const RunState* run_;
  const unsigned char* bytes_;
  int file_;
  int64_t length_;
  int64_t at_ = 0;
  // Of a file the bytes [begin_, end_), since decoders ask for a few kilobytes at a time.
  std::unique_ptr<unsigned char[]> window_;
  int64_t begin_ = 0, end_ = 0;
  std::unique_ptr<VipsSource, Unref> source_;
  std::optional<Signal> read_;
  std::optional<Signal> seek_;
};

// Opens a file as far as its header; null, with libvips' error set, when that fails. The input has
// to live as long as the image.
VipsImage* load(const Source& source, Input& input) noexcept;

}  // namespace everycore
