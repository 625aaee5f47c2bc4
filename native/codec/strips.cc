#include "codec/strips.h"

#include <algorithm>
#include <cstring>

#include "codec/colour.h"

namespace everycore {
namespace {

constexpr int64_t stripBytes = 1 << 17;
constexpr int fatStrips = 1;  // VipsDemandStyle: whole rows, some at a time

int64_t pixelBytes(const View& image) { return image.shape[2] * dtypeBytes(image.dtype); }

}  // namespace

int64_t Strips::rowsOf(const View& pixels) {
  const int64_t row = pixels.shape[1] * pixelBytes(pixels);
  return row < stripBytes / 32 ? stripBytes / row & ~int64_t{15} : 16;
}

bool Strips::feed(VipsRegion* region) {
  const int64_t rows = std::min(rowsOf(pixels_), flow_.end() - next_);
  const VipsRect wanted{0, static_cast<int>(next_), static_cast<int>(pixels_.shape[1]),
                        static_cast<int>(rows)};
  if (vips()->region_prepare(region, &wanted) != 0) return false;
  const RegionFields& shown = fieldsOf(region);
  if (shown.valid.left != 0 || shown.rowBytes != pixels_.shape[1] * pixelBytes(pixels_))
    return false;
  flow_.take(shown.data + (next_ - shown.valid.top) * shown.rowBytes, rows);
  next_ += rows;
  return true;
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
