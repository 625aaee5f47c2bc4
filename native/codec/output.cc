#include "codec/output.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "codec/owned.h"
#include "core/job.h"

namespace everycore {
namespace {

struct Blobs {
  std::mutex mutex;
  std::unordered_map<double, Blob> kept;
  double last = 0;
};

Blobs& blobs() {
  static auto* const all = new Blobs;
  return *all;
}

// Called by libvips now and then while it computes, on whichever thread does that.
void onProgress(VipsImage* image, VipsProgress*, void* run) {
  if (runCancelled(static_cast<const RunState*>(run))) vips()->image_set_kill(image, 1);
}

// The file while it is made: a block that grows, and the run that may call it off.
struct Output {
  const RunState* run;
  Blob blob;
  size_t room = 0;
};

// Called by libvips whenever a piece of the file is ready, every few kilobytes. Fewer bytes written
// than given end the encoding.
int64_t onWrite(VipsTarget*, const void* piece, int64_t length, void* data) {
  Output& output = *static_cast<Output*>(data);
  if (runCancelled(output.run)) return -1;
  const size_t bytes = static_cast<size_t>(length);
  if (output.room - output.blob.bytes < bytes) {
    const size_t room = output.room + output.room / 2 + bytes + 65536;
    void* const larger = vips()->g_try_realloc(output.blob.data, room);
    if (larger == nullptr) return -1;
    output.blob.data = larger;
    output.room = room;
  }
  std::memcpy(static_cast<char*>(output.blob.data) + output.blob.bytes, piece, bytes);
  output.blob.bytes += bytes;
  return length;
}

bool writeTo(VipsImage* image, const char* suffix, Output& output) {
  const Vips& v = *vips();
  // The writer of TIFF goes back to what it has written, which only a buffer of libvips' own
  // allows.
  if (std::strncmp(suffix, ".tif", 4) == 0) {
    return v.image_write_to_buffer(image, suffix, &output.blob.data, &output.blob.bytes, nullptr) ==
           0;
  }
  const std::unique_ptr<VipsTarget, Unref> target(v.target_custom_new());
  if (!target) return false;
  const Signal written(target.get(), "write", onWrite, &output);
  return v.image_write_to_target(image, suffix, target.get(), nullptr) == 0;
}

}  // namespace

bool encode(VipsImage* image, const char* suffix, const RunState* run, Blob& file) noexcept {
  const Vips& v = *vips();
  v.image_set_int(image, "concurrency", 1);
  v.image_set_progress(image, 1);
  Output output{run, {}};
  const Signal progress(image, "eval", onProgress, const_cast<RunState*>(run));
  if (!writeTo(image, suffix, output)) {
    freeBlob(output.blob);
    return false;
  }
  // What was asked for too much goes back; that can't fail in a way that matters.
  if (output.room > output.blob.bytes) {
    if (void* const exact = v.g_try_realloc(output.blob.data, output.blob.bytes))
      output.blob.data = exact;
  }
  file = output.blob;
  return true;
}

double keepBlob(Blob blob) noexcept {
  Blobs& all = blobs();
  std::lock_guard lock(all.mutex);
  all.kept.emplace(++all.last, blob);
  return all.last;
}

Blob takeBlob(double number) noexcept {
  Blobs& all = blobs();
  std::lock_guard lock(all.mutex);
  const auto found = all.kept.find(number);
  if (found == all.kept.end()) return {};
  const Blob blob = found->second;
  all.kept.erase(found);
  return blob;
}

void freeBlob(Blob blob) noexcept {
  if (blob.data != nullptr) vips()->g_free(blob.data);
}

}  // namespace everycore
