#include "codec/codec.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "codec/colour.h"
#include "codec/flow.h"
#include "codec/input.h"
#include "codec/owned.h"
#include "codec/vips.h"
#include "core/job.h"

namespace everycore {
namespace {

// What a step reports in its view of doubles; src/image/codec/vips-calls.ts reads it.
enum Report { statusAt, widthAt, heightAt, channelsAt, wideAt, orientationAt, blobAt };
enum Status { notRun = 0, succeeded = 1, failed = 2, cancelled = 3 };

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

Source sourceOf(const Call& call) {
  return {call.views[0], static_cast<int>(call.params[0]), static_cast<int>(call.params[1]),
          static_cast<int>(call.params[2])};
}

void probeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const View& report = call.views[1];
  const View& text = call.views[2];
  Input input(call.views[0]);
  const Owned image(inOurColours(load(sourceOf(call), input)));
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
constexpr int64_t stripBytes = 1 << 17;

template <int Bytes>
void placePixels(const unsigned char* from, char* to, int64_t count, int64_t step) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * step, from + i * Bytes, Bytes);
}

// One row of the file into a view, whose rows may be columns and whose steps may go backwards: so
// pictures are turned as their EXIF orientation says.
void placeRow(const unsigned char* from, const View& pixels, int64_t y) {
  const int64_t sample = dtypeBytes(pixels.dtype);
  const int64_t width = pixels.shape[1];
  const int64_t bytes = pixels.shape[2] * sample;
  const int64_t step = pixels.stride[1] * sample;
  char* const to = pixels.as<char>() + y * pixels.stride[0] * sample;
  if (step == bytes) {
    std::memcpy(to, from, static_cast<size_t>(width * bytes));
    return;
  }
  switch (bytes) {
    case 1:
      return placePixels<1>(from, to, width, step);
    case 2:
      return placePixels<2>(from, to, width, step);
    case 3:
      return placePixels<3>(from, to, width, step);
    case 4:
      return placePixels<4>(from, to, width, step);
    case 6:
      return placePixels<6>(from, to, width, step);
    default:
      return placePixels<8>(from, to, width, step);
  }
}

bool fetchRows(VipsImage* image, const View& pixels) {
  const Vips& v = *vips();
  const OwnedRegion region(v.region_new(image));
  if (!region) return false;
  const int64_t row = pixels.shape[1] * pixels.shape[2] * dtypeBytes(pixels.dtype);
  const int64_t height = pixels.shape[0];
  const int64_t strip = row < stripBytes / 16 ? stripBytes / row : 16;
  for (int64_t y = 0; y < height && !runCancelled(); y += strip) {
    const int64_t rows = height - y < strip ? height - y : strip;
    size_t length = 0;
    unsigned char* const fetched =
        v.region_fetch(region.get(), 0, static_cast<int>(y), static_cast<int>(pixels.shape[1]),
                       static_cast<int>(rows), &length);
    if (fetched == nullptr) return false;
    for (int64_t i = 0; i < rows; ++i) placeRow(fetched + i * row, pixels, y + i);
    v.g_free(fetched);
  }
  return !runCancelled();
}

// True when the picture is the one that was announced.
bool fits(const VipsImage* image, const View& pixels) {
  const Vips& v = *vips();
  return v.image_get_height(image) == pixels.shape[0] &&
         v.image_get_width(image) == pixels.shape[1] &&
         v.image_get_bands(image) == pixels.shape[2] &&
         isWide(image) == (pixels.dtype == Dtype::u16);
}

constexpr const char* changed = "the file changed while it was read";

// Views: bytes of the file, pixels, report, text.
void decodeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const View& pixels = call.views[1];
  const View& report = call.views[2];
  const View& text = call.views[3];
  Input input(call.views[0]);
  const Owned image(inOurColours(load(sourceOf(call), input)));
  if (!image) return failWithVips(report, text);
  if (!fits(image.get(), pixels)) return fail(report, text, changed);
  if (!fetchRows(image.get(), pixels)) return failWithVips(report, text);
  succeed(report);
}

// Strips of rows through the calls that follow, as far as they take rows.
bool feedRows(VipsImage* image, Flow& flow, const View& pixels, int64_t strip) {
  const Vips& v = *vips();
  const OwnedRegion region(v.region_new(image));
  if (!region) return false;
  for (int64_t top = flow.begin(), end = flow.end(); top < end && !runCancelled(); top += strip) {
    const int64_t rows = std::min(strip, end - top);
    size_t length = 0;
    unsigned char* const fetched =
        v.region_fetch(region.get(), 0, static_cast<int>(top), static_cast<int>(pixels.shape[1]),
                       static_cast<int>(rows), &length);
    if (fetched == nullptr) return false;
    flow.take(fetched, rows);
    v.g_free(fetched);
  }
  return !runCancelled();
}

constexpr int sourceParams = 3;
constexpr int flowMax = 16;

// How the calls that follow read rows, four numbers each; 0 when that is not as announced.
int readingsOf(const Call& call, const RunState& run, RowReading* readings) {
  const int count = static_cast<int>(call.paramCount - sourceParams) / 4;
  if (count < 1 || count > flowMax || static_cast<uint32_t>(count) > run.following) return 0;
  for (int i = 0; i < count; ++i) {
    if (run.next[i].call.viewCount > Flow::viewsMax) return 0;
    const double* const p = call.params + sourceParams + 4 * i;
    readings[i] = {static_cast<int64_t>(p[0]), static_cast<int64_t>(p[1]),
                   static_cast<int64_t>(p[2]), static_cast<int64_t>(p[3])};
  }
  return count;
}

// Views: bytes of the file, report, text. Params: those of a source, then how each of the next
// calls reads rows. All of them but the last make pictures whose rows only the next one reads; the
// views of these pictures are never touched.
void decodeRows(const Call& call, Range, void* scratch) noexcept {
  enterVips();
  const View& report = call.views[1];
  const View& text = call.views[2];
  const RunState& run = *runState();
  Input input(call.views[0]);
  const Owned image(inOurColours(load(sourceOf(call), input)));
  if (!image) return failWithVips(report, text);
  RowReading readings[flowMax];
  const int count = readingsOf(call, run, readings);
  if (count == 0 || !fits(image.get(), run.next->call.views[0])) return fail(report, text, changed);
  const View& pixels = run.next->call.views[0];
  const int64_t row = pixels.shape[1] * pixels.shape[2] * dtypeBytes(pixels.dtype);
  // Multiples of 16 rows, at which every kernel may be cut.
  const int64_t strip = row < stripBytes / 32 ? stripBytes / row & ~int64_t{15} : 16;
  Flow flow(run.next, readings, count, strip, scratch);
  if (!flow.allocateMemory()) return fail(report, text, "there is no memory for its rows");
  if (!feedRows(image.get(), flow, pixels, strip)) return failWithVips(report, text);
  feedRun(count);
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
  Output output{runState(), {}};
  const Signal progress(image.get(), "eval", onProgress, const_cast<RunState*>(output.run));
  if (!writeTo(image.get(), call.views[1].as<char>(), output)) {
    freeBlob(output.blob);
    return failWithVips(report, text);
  }
  // What was asked for too much goes back; that can't fail in a way that matters.
  if (output.room > output.blob.bytes) {
    if (void* const exact = v.g_try_realloc(output.blob.data, output.blob.bytes))
      output.blob.data = exact;
  }
  report.as<double>()[blobAt] = keepBlob(output.blob);
  succeed(report);
}

constexpr KernelEntry entries[] = {
    {"probeImage", Dtype::u8, {probeImage}},    {"decodeImage", Dtype::u8, {decodeImage}},
    {"decodeRows", Dtype::u8, {decodeRows}},    {"encodeImage", Dtype::u8, {encodeImage}},
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
