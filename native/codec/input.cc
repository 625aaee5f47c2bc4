#include "codec/input.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

#include "codec/codec.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace everycore {
namespace {

constexpr int sequential = 1;
constexpr int64_t windowBytes = 1 << 16;

// Answers how many bytes there were; negative for an error.
int64_t readAt([[maybe_unused]] int file, [[maybe_unused]] void* to, [[maybe_unused]] int64_t bytes,
               [[maybe_unused]] int64_t at) {
#if defined(_WIN32)
  return -1;  // a descriptor of Node's belongs to another C library there
#else
  ssize_t count;
  do {
    count = pread(file, to, static_cast<size_t>(bytes), static_cast<off_t>(at));
  } while (count < 0 && errno == EINTR);
  return count;
#endif
}

// JPEG and PNG are read piece by piece: a progressive or interlaced file is decoded whole at its
// first row, which then can be stopped too.
VipsImage* loadPieces(const Source& source, Input& input) {
  const Vips& v = *vips();
  VipsSource* const from = input.open();
  if (from == nullptr) return nullptr;
  VipsImage* image = nullptr;
  const int failed =
      source.format == 0
          ? v.jpegload_source(from, &image, "access", sequential, "fail_on", source.failOn,
                              "shrink", source.shrink, nullptr)
          : v.pngload_source(from, &image, "access", sequential, "fail_on", source.failOn, nullptr);
  return failed ? nullptr : image;
}

}  // namespace

void readAhead([[maybe_unused]] int file) noexcept {
#if defined(__linux__)
  posix_fadvise(file, 0, 0, POSIX_FADV_WILLNEED);
#endif
}

VipsSource* Input::open() {
  if (file_ >= 0) window_.reset(new (std::nothrow) unsigned char[windowBytes]);
  if (file_ >= 0 && !window_) return nullptr;
  source_.reset(vips()->source_custom_new());
  if (!source_) return nullptr;
  read_.emplace(source_.get(), "read", onRead, this);
  seek_.emplace(source_.get(), "seek", onSeek, this);
  return source_.get();
}

// Called by libvips for every few kilobytes that it needs.
int64_t Input::onRead(VipsSource*, void* buffer, int64_t length, void* self) {
  Input& input = *static_cast<Input*>(self);
  if (runCancelled(input.run_)) return -1;
  int64_t count = std::min(length, input.length_ - input.at_);
  const unsigned char* from = input.bytes_ + input.at_;
  if (input.file_ >= 0 && count > 0) {
    if ((input.at_ < input.begin_ || input.at_ >= input.end_) && !input.fill()) return -1;
    count = std::min(count, input.end_ - input.at_);
    from = input.window_.get() + (input.at_ - input.begin_);
  }
  if (count > 0) std::memcpy(buffer, from, static_cast<size_t>(count));
  input.at_ += count;
  return count;
}

// A file that has become shorter ends where it ends now.
bool Input::fill() {
  const int64_t wanted = std::min(windowBytes, length_ - at_);
  const int64_t count = readAt(file_, window_.get(), wanted, at_);
  if (count < 0) return false;
  begin_ = at_;
  end_ = at_ + count;
  if (count == 0) length_ = at_;
  return true;
}

int64_t Input::onSeek(VipsSource*, int64_t offset, int whence, void* self) {
  Input& input = *static_cast<Input*>(self);
  const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? input.at_ : input.length_;
  if (offset < -base || offset > input.length_ - base) return -1;
  return input.at_ = base + offset;
}

VipsImage* load(const Source& source, Input& input) noexcept {
  if (source.inPieces()) return loadPieces(source, input);
  const Vips& v = *vips();
  const Vips::Load loaders[] = {v.webpload_buffer, v.heifload_buffer, v.tiffload_buffer,
                                v.gifload_buffer};
  VipsImage* image = nullptr;
  const int failed =
      loaders[source.format - 2](source.bytes.data, static_cast<size_t>(source.bytes.shape[2]),
                                 &image, "access", sequential, "fail_on", source.failOn, nullptr);
  return failed ? nullptr : image;
}

}  // namespace everycore
