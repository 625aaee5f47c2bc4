#include "codec/strips.h"

#include <algorithm>
#include <cstring>

#include "codec/colour.h"

namespace everycore {
namespace {

constexpr int64_t stripBytes = 1 << 17;
constexpr int64_t grain = 16;
constexpr int64_t keptRows = 4 * grain;
constexpr int fatStrips = 1;  // VipsDemandStyle: whole rows, some at a time

int64_t pixelBytes(const View& image) { return image.shape[2] * dtypeBytes(image.dtype); }

}  // namespace

int64_t Rows::stripOf(const View& pixels) {
  const int64_t row = pixels.shape[1] * pixelBytes(pixels);
  return row < stripBytes / 32 ? stripBytes / row & ~(grain - 1) : grain;
}

unsigned char* Rows::read(VipsRegion* region, int64_t& count) {
  const int64_t strip = stripOf(pixels_);
  count = std::min(strip - next_ % grain, end_ - next_);
  const VipsRect wanted{0, static_cast<int>(next_), static_cast<int>(pixels_.shape[1]),
                        static_cast<int>(count)};
  if (vips()->region_prepare(region, &wanted) != 0) return nullptr;
  const RegionFields& shown = fieldsOf(region);
  if (shown.valid.left != 0 || shown.rowBytes != pixels_.shape[1] * pixelBytes(pixels_))
    return nullptr;
  unsigned char* const rows = shown.data + (next_ - shown.valid.top) * shown.rowBytes;
  next_ += count;
  forgetRead();
  return rows;
}

// libvips keeps hundreds of rows that it has read. Those of a decoder that reads whole grains are
// not asked for again, and what the next ones are read into stays in the cache.
void Rows::forgetRead() {
  if (!inGrains_ || next_ % grain != 0 || next_ - forgotten_ < keptRows) return;
  vips()->image_minimise_all(image_);
  forgotten_ = next_;
}

bool Strips::feed(VipsRegion* region) {
  int64_t count = 0;
  unsigned char* const rows = rows_.read(region, count);
  if (rows == nullptr) return false;
  flow_.take(rows, count);
  return true;
}

bool Strips::fill(const View& picture) {
  const OwnedRegion region(vips()->region_new(image()));
  const size_t row = static_cast<size_t>(picture.shape[1] * pixelBytes(picture));
  while (region && !done() && !runCancelled() && feed(region.get())) {
    const Flow::Rows rows = flow_.held();
    const size_t count = static_cast<size_t>(rows.end - rows.begin);
    std::memcpy(picture.as<unsigned char>() + static_cast<size_t>(rows.begin) * row, rows.data,
                count * row);
    flow_.drop(rows.end - rows.begin);
  }
  return done() && !runCancelled();
}

DrawnImage::DrawnImage(Strips& strips, const View& answer, const RunState* run)
    : strips_(strips), answer_(answer), run_(run) {
  const Vips& v = *vips();
  image_ = v.image_new();
  if (image_ == nullptr) return;
  v.image_init_fields(image_, static_cast<int>(answer.shape[1]), static_cast<int>(answer.shape[0]),
                      static_cast<int>(answer.shape[2]),
                      answer.dtype == Dtype::u16 ? formatUshort : formatUchar, 0, 0, 1.0, 1.0);
  nameColours(image_);
  if (v.image_pipelinev(image_, fatStrips, nullptr) == 0 &&
      v.image_generate(image_, start, generate, stop, this, nullptr) == 0) {
    return;
  }
  v.g_object_unref(image_);
  image_ = nullptr;
}

DrawnImage::~DrawnImage() {
  if (image_ == nullptr) return;
  // Operations over it may stay in libvips' cache; they are never to ask for rows again.
  vips()->image_invalidate_all(image_);
  vips()->g_object_unref(image_);
}

void* DrawnImage::start(VipsImage*, void* self, void*) {
  forgetWarning();
  return vips()->region_new(static_cast<DrawnImage*>(self)->strips_.image());
}

int DrawnImage::stop(void* sequence, void*, void*) {
  vips()->g_object_unref(sequence);
  return 0;
}

int DrawnImage::generate(VipsRegion* out, void* sequence, void* self, void*, int*) {
  DrawnImage& image = *static_cast<DrawnImage*>(self);
  std::lock_guard lock(image.mutex_);
  return image.draw(fieldsOf(out), static_cast<VipsRegion*>(sequence)) ? 0 : -1;
}

bool DrawnImage::draw(const RegionFields& out, VipsRegion* region) {
  Flow& flow = strips_.flow();
  const int64_t pixel = pixelBytes(answer_);
  const int64_t row = answer_.shape[1] * pixel;
  const int64_t top = out.valid.top, end = top + out.valid.height;
  for (int64_t y = top; y < end;) {
    const Flow::Rows rows = flow.held();
    // A row that is gone: no encoder asks for one twice.
    if (y < rows.begin) return false;
    if (rows.begin == rows.end) {
      if (runCancelled(run_) || strips_.done() || !strips_.feed(region)) {
        failure_ = takeVipsErrors();
        return false;
      }
      continue;
    }
    for (const int64_t until = std::min(end, rows.end); y < until; ++y) {
      std::memcpy(out.data + (y - top) * out.rowBytes,
                  rows.data + (y - rows.begin) * row + out.valid.left * pixel,
                  static_cast<size_t>(out.valid.width * pixel));
    }
    flow.drop(std::min(y, rows.end) - rows.begin);
  }
  return true;
}

}  // namespace everycore
