#include "codec/codec.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "codec/colour.h"
#include "codec/flow.h"
#include "codec/input.h"
#include "codec/output.h"
#include "codec/owned.h"
#include "codec/strips.h"
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

void failWithVips(const View& report, const View& text) {
  fail(report, text, takeVipsErrors().c_str());
}

constexpr int sourceParams = 5;

Source sourceOf(const Call& call) {
  const auto param = [&](int i) { return static_cast<int>(call.params[i]); };
  const int file = param(3);
  const int64_t length = file < 0 ? call.views[0].shape[2] : static_cast<int64_t>(call.params[4]);
  return {call.views[0], param(0), param(1), param(2), file, length};
}

void probeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const View& report = call.views[1];
  const View& text = call.views[2];
  const Source source = sourceOf(call);
  Input input(source);
  Owned image(load(source, input));
  if (!image) return failWithVips(report, text);
  const Vips& v = *vips();
  double* const values = report.as<double>();
  values[widthAt] = v.image_get_width(image.get());
  values[heightAt] = v.image_get_height(image.get());
  values[orientationAt] = v.image_get_orientation(image.get());
  std::optional<Kind> kind = kindInOurColours(image.get());
  if (!kind) {
    image.reset(inOurColours(image.release()));
    if (!image) return failWithVips(report, text);
    kind = Kind{v.image_get_bands(image.get()), isWide(image.get())};
  }
  values[channelsAt] = kind->channels;
  values[wideAt] = kind->wide;
  succeed(report);
}

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

bool fetchRows(VipsImage* image, const View& pixels, bool inGrains) {
  const OwnedRegion region(vips()->region_new(image));
  if (!region) return false;
  const int64_t rowBytes = pixels.shape[1] * pixels.shape[2] * dtypeBytes(pixels.dtype);
  Rows rows(image, pixels, inGrains, 0, pixels.shape[0]);
  while (!rows.done() && !runCancelled()) {
    const int64_t y = rows.next();
    int64_t count = 0;
    const unsigned char* const first = rows.read(region.get(), count);
    if (first == nullptr) return false;
    for (int64_t i = 0; i < count; ++i) placeRow(first + i * rowBytes, pixels, y + i);
  }
  return rows.done();
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
  const Source source = sourceOf(call);
  Input input(source);
  const Owned image(inOurColours(load(source, input)));
  if (!image) return failWithVips(report, text);
  if (!fits(image.get(), pixels)) return fail(report, text, changed);
  if (!fetchRows(image.get(), pixels, source.inPieces())) return failWithVips(report, text);
  succeed(report);
}

// How the calls that follow read rows: five numbers each, and a view for those with two phases.
class Readings {
 public:
  static constexpr int callsMax = 16;

  // `params` and `views`: where those begin.
  Readings(const Call& call, const RunState& run, int params, uint32_t views) {
    constexpr int each = 5;
    count_ = (static_cast<int>(call.paramCount) - params) / each;
    if (count_ > callsMax || static_cast<uint32_t>(count_) > run.following) return;
    for (int i = 0; i < count_; ++i) {
      const double* const p = call.params + params + each * i;
      RowReading& reading = all_[i] = {static_cast<int64_t>(p[0]), static_cast<int64_t>(p[1]),
                                       static_cast<int64_t>(p[2]), static_cast<int64_t>(p[3]),
                                       static_cast<int64_t>(p[4])};
      const JobCall& job = run.next[i];
      if (job.call.viewCount > Flow::viewsMax) return;
      if (reading.sharedRow == 0) continue;
      if (views >= call.viewCount || !isNeeds(call.views[views], job)) return;
      reading.needs = call.views[views++].as<const int32_t>();
    }
    sound_ = true;
  }

  // False when that is not as announced.
  bool sound() const { return sound_; }
  int count() const { return count_; }
  const RowReading* data() const { return all_; }
  // Phases of the last call that a flow runs.
  int lastPhases() const { return count_ > 0 && all_[count_ - 1].needs != nullptr ? 2 : 1; }

 private:
  static bool isNeeds(const View& view, const JobCall& job) {
    if (view.dtype != Dtype::i32 || view.shape[2] != 2 * job.units[1]) return false;
    const int32_t* const needs = view.as<const int32_t>();
    for (int64_t u = 0; u < job.units[1]; ++u) {
      const int32_t* const now = needs + 2 * u;
      if (now[0] < 0 || now[0] > now[1] || now[1] > job.units[0]) return false;
      if (u > 0 && (now[0] < now[-2] || now[1] < now[-1])) return false;
    }
    return true;
  }

  RowReading all_[callsMax];
  int count_ = 0;
  bool sound_ = false;
};

size_t bytesOf(const View& image) {
  return static_cast<size_t>(image.shape[0] * image.shape[1] * image.shape[2]) *
         dtypeBytes(image.dtype);
}

constexpr const char* noMemory = "there is no memory for its rows";

// Strips of rows through the calls that follow, as far as they take rows.
// Views: bytes of the file, the picture, report, text, those of the readings. Params: those of a
// source, then the readings. All calls but the last make pictures whose rows only the next one
// reads; the views of these pictures, and of the one that is decoded, are never touched.
void decodeRows(const Call& call, Range, void* scratch) noexcept {
  enterVips();
  const View& pixels = call.views[1];
  const View& report = call.views[2];
  const View& text = call.views[3];
  const RunState& run = *runState();
  const Source source = sourceOf(call);
  Input input(source);
  const Owned image(inOurColours(load(source, input)));
  if (!image) return failWithVips(report, text);
  const Readings readings(call, run, sourceParams, 4);
  if (!readings.sound() || readings.count() == 0 || !fits(image.get(), pixels))
    return fail(report, text, changed);
  Flow flow(pixels, run.next, readings.data(), readings.count(), Rows::stripOf(pixels), scratch);
  if (!flow.allocateMemory()) return fail(report, text, noMemory);
  const OwnedRegion region(vips()->region_new(image.get()));
  Strips strips(image.get(), pixels, source.inPieces(), flow);
  while (region && !strips.done() && !runCancelled() && strips.feed(region.get())) continue;
  if (!strips.done() || runCancelled()) return failWithVips(report, text);
  feedRun(readings.count(), readings.lastPhases());
  succeed(report);
}

void reportFile(const View& report, Blob file) {
  report.as<double>()[blobAt] = keepBlob(file);
  succeed(report);
}

// A picture in memory, without gaps, for an encoder. Null, with libvips' error set, when that
// fails.
VipsImage* imageOf(const View& pixels) {
  VipsImage* const image = vips()->image_new_from_memory(
      pixels.data, bytesOf(pixels), static_cast<int>(pixels.shape[1]),
      static_cast<int>(pixels.shape[0]), static_cast<int>(pixels.shape[2]),
      pixels.dtype == Dtype::u16 ? formatUshort : formatUchar);
  if (image != nullptr) nameColours(image);
  return image;
}

// As decodeRows, and an encoder of what comes out at the end, which draws rows as it needs them, on
// threads of libvips', or is given the picture once it is there. The latter takes fewer threads and
// less of their memory, which decoders leave with the allocator for each of them.
// Views: bytes of the file, the picture, report, text; what the last call makes, the format with
// its options as libvips spells them, report, text of the encoder; those of the readings. Params:
// those of a source, whether the picture is held, the readings.
void recodeRows(const Call& call, Range, void* scratch) noexcept {
  enterVips();
  const View& pixels = call.views[1];
  View answer = call.views[4];
  const char* const suffix = call.views[5].as<char>();
  const RunState& run = *runState();
  const auto failed = [&](const char* why) { fail(call.views[2], call.views[3], why); };
  const Source source = sourceOf(call);
  Input input(source);
  Owned image(inOurColours(load(source, input)));
  if (!image) return failWithVips(call.views[2], call.views[3]);
  const Readings readings(call, run, sourceParams + 1, 8);
  if (!readings.sound() || !fits(image.get(), pixels)) return failed(changed);
  Flow flow(pixels, run.next, readings.data(), readings.count(), Rows::stripOf(pixels), scratch);
  flow.holdRows(answer);
  Memory memory;
  const bool held = call.params[sourceParams] != 0;
  if (!flow.allocateMemory() || (held && !memory.allocate(bytesOf(answer))))
    return failed(noMemory);
  Strips strips(image.get(), pixels, source.inPieces(), flow);
  Blob file;
  if (held) {
    answer.data = memory.get();
    if (!strips.fill(answer)) return failWithVips(call.views[2], call.views[3]);
    image.reset();  // its memory is the encoder's from here on
    const Owned picture(imageOf(answer));
    if (!picture || !encode(picture.get(), suffix, &run, file))
      return failWithVips(call.views[6], call.views[7]);
  } else {
    const DrawnImage drawn(strips, answer, &run);
    if (drawn.get() == nullptr || !encode(drawn.get(), suffix, &run, file)) {
      if (!drawn.failure().empty()) return failed(drawn.failure().c_str());
      return failWithVips(call.views[6], call.views[7]);
    }
  }
  if (readings.count() > 0) feedRun(readings.count(), readings.lastPhases());
  succeed(call.views[2]);
  reportFile(call.views[6], file);
}

// Views: pixels without gaps, the format with its options as libvips spells them, report, text.
void encodeImage(const Call& call, Range, void*) noexcept {
  enterVips();
  const Owned image(imageOf(call.views[0]));
  Blob file;
  if (!image || !encode(image.get(), call.views[1].as<char>(), runState(), file))
    return failWithVips(call.views[2], call.views[3]);
  reportFile(call.views[2], file);
}

constexpr KernelEntry entries[] = {
    {"probeImage", Dtype::u8, {probeImage}},   {"decodeImage", Dtype::u8, {decodeImage}},
    {"decodeRows", Dtype::u8, {decodeRows}},   {"recodeRows", Dtype::u8, {recodeRows}},
    {"encodeImage", Dtype::u8, {encodeImage}}, {"encodeImage", Dtype::u16, {encodeImage}},
};

}  // namespace

KernelList codecKernels() noexcept { return {entries, sizeof entries / sizeof entries[0]}; }

}  // namespace everycore
