#include "codec/codec.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "codec/colour.h"
#include "codec/vips.h"
#include "core/job.h"

namespace everycore {
namespace {

// What a step reports in its view of doubles; src/image/codec/vips-calls.ts reads it.
enum Report { statusAt, widthAt, heightAt, channelsAt, wideAt, orientationAt, blobAt };
enum Status { notRun = 0, succeeded = 1, failed = 2, cancelled = 3 };

struct Unref {
  void operator()(void* object) const { vips()->g_object_unref(object); }
};
// libvips' cache of operations outlives an image: it is to keep no decoder's buffers with them.
struct UnrefImage {
  void operator()(VipsImage* image) const {
    vips()->image_minimise_all(image);
    vips()->g_object_unref(image);
  }
};
using Owned = std::unique_ptr<VipsImage, UnrefImage>;
using OwnedRegion = std::unique_ptr<VipsRegion, Unref>;

void succeed(const View& report) { report.as<double>()[statusAt] = succeeded; }

void fail(const View& report, const View& text, const char* message) {
  report.as<double>()[statusAt] = runCancelled() ? cancelled : failed;
  const size_t room = static_cast<size_t>(text.shape[2]) - 1;
  std::strncpy(text.as<char>(), message, room);
  text.as<char>()[room] = '\0';
  abandonRun();
}

// The messages of libvips are the process's, not the thread's: another thread's may be among them.
void failWithVips(const View& report, const View& text) {
  char* const message = vips()->error_buffer_copy();
  const std::string all = std::string(message == nullptr ? "" : message) + '\n' + vipsWarning();
  vips()->g_free(message);
  fail(report, text, all.c_str());
}

constexpr int sequential = 1;

struct Source {
  const View& bytes;
  int format;  // position in `formats` of src/image/codec/vips-calls.ts
  int failOn;
  int shrink;  // JPEG only: 1, 2, 4 or 8
};

VipsImage* load(const Source& source) {
  const Vips& v = *vips();
  void* const bytes = source.bytes.data;
  const size_t length = static_cast<size_t>(source.bytes.shape[2]);
  VipsImage* image = nullptr;
  const Vips::Load loaders[] = {v.jpegload_buffer, v.pngload_buffer,  v.webpload_buffer,
                                v.heifload_buffer, v.tiffload_buffer, v.gifload_buffer};
  const int failed = source.format == 0 && source.shrink > 1
                         ? v.jpegload_buffer(bytes, length, &image, "access", sequential, "fail_on",
                                             source.failOn, "shrink", source.shrink, nullptr)
                         : loaders[source.format](bytes, length, &image, "access", sequential,
                                                  "fail_on", source.failOn, nullptr);
  return failed ? nullptr : image;
}

Source sourceOf(const Call& call) {
  return {call.views[0], static_cast<int>(call.params[0]), static_cast<int>(call.params[1]),
          static_cast<int>(call.params[2])};
}

void probeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const View& report = call.views[1];
  const View& text = call.views[2];
  const Owned image(inOurColours(load(sourceOf(call))));
  if (!image) return failWithVips(report, text);
  const Vips& v = *vips();
  double* const values = report.as<double>();
  values[widthAt] = v.image_get_width(image.get());
  values[heightAt] = v.image_get_height(image.get());
  values[channelsAt] = v.image_get_bands(image.get());
  values[wideAt] = isWide(image.get());
  values[orientationAt] = v.image_get_orientation(image.get());
  succeed(report);
}

// Rows are fetched in strips of about this many bytes: they stay in the cache on their way.
constexpr int64_t stripBytes = 1 << 19;

bool fetchRows(VipsImage* image, const View& pixels) {
  const Vips& v = *vips();
  const OwnedRegion region(v.region_new(image));
  if (!region) return false;
  const int64_t sample = dtypeBytes(pixels.dtype);
  const int64_t row = pixels.shape[1] * pixels.shape[2] * sample;
  const int64_t height = pixels.shape[0];
  const int64_t strip = row < stripBytes / 16 ? stripBytes / row : 16;
  for (int64_t y = 0; y < height && !runCancelled(); y += strip) {
    const int64_t rows = height - y < strip ? height - y : strip;
    size_t length = 0;
    unsigned char* const fetched =
        v.region_fetch(region.get(), 0, static_cast<int>(y), static_cast<int>(pixels.shape[1]),
                       static_cast<int>(rows), &length);
    if (fetched == nullptr) return false;
    for (int64_t i = 0; i < rows; ++i) {
      std::memcpy(pixels.as<char>() + (y + i) * pixels.stride[0] * sample, fetched + i * row,
                  static_cast<size_t>(row));
    }
    v.g_free(fetched);
  }
  return !runCancelled();
}

// Views: bytes of the file, pixels, report, text.
void decodeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const View& pixels = call.views[1];
  const View& report = call.views[2];
  const View& text = call.views[3];
  const Owned image(inOurColours(load(sourceOf(call))));
  if (!image) return failWithVips(report, text);
  const Vips& v = *vips();
  if (v.image_get_height(image.get()) != pixels.shape[0] ||
      v.image_get_width(image.get()) != pixels.shape[1] ||
      v.image_get_bands(image.get()) != pixels.shape[2] ||
      isWide(image.get()) != (pixels.dtype == Dtype::u16)) {
    return fail(report, text, "the file changed while it was read");
  }
  if (!fetchRows(image.get(), pixels)) return failWithVips(report, text);
  succeed(report);
}

struct Blobs {
  std::mutex mutex;
  std::unordered_map<double, Blob> kept;
  double last = 0;
};

Blobs& blobs() {
  static auto* const all = new Blobs;
  return *all;
}

double keepBlob(Blob blob) {
  Blobs& all = blobs();
  std::lock_guard lock(all.mutex);
  all.kept.emplace(++all.last, blob);
  return all.last;
}

// Called by libvips now and then while it encodes, on whichever thread does that.
void onProgress(VipsImage* image, VipsProgress*, void* run) {
  if (runCancelled(static_cast<const RunState*>(run))) vips()->image_set_kill(image, 1);
}

// Views: pixels without gaps, the format with its options as libvips spells them, report, text.
void encodeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const Vips& v = *vips();
  const View& pixels = call.views[0];
  const View& report = call.views[2];
  const View& text = call.views[3];
  const size_t size = static_cast<size_t>(pixels.shape[0] * pixels.shape[1] * pixels.shape[2]) *
                      dtypeBytes(pixels.dtype);
  const Owned image(v.image_new_from_memory(
      pixels.data, size, static_cast<int>(pixels.shape[1]), static_cast<int>(pixels.shape[0]),
      static_cast<int>(pixels.shape[2]), pixels.dtype == Dtype::u16 ? formatUshort : formatUchar));
  if (!image) return failWithVips(report, text);
  nameColours(image.get());
  v.image_set_int(image.get(), "concurrency", 1);
  v.image_set_progress(image.get(), 1);
  v.g_signal_connect_data(image.get(), "eval", reinterpret_cast<void (*)()>(onProgress),
                          const_cast<RunState*>(runState()), nullptr, 0);
  Blob blob;
  if (v.image_write_to_buffer(image.get(), call.views[1].as<char>(), &blob.data, &blob.bytes,
                              nullptr) != 0) {
    return failWithVips(report, text);
  }
  report.as<double>()[blobAt] = keepBlob(blob);
  succeed(report);
}

constexpr KernelEntry entries[] = {
    {"probeImage", Dtype::u8, {probeImage}},
    {"decodeImage", Dtype::u8, {decodeImage}},
    {"encodeImage", Dtype::u8, {encodeImage}},
    {"encodeImage", Dtype::u16, {encodeImage}},
};

}  // namespace

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

KernelList codecKernels() noexcept { return {entries, sizeof entries / sizeof entries[0]}; }

}  // namespace everycore
