#include "codec/input.h"

namespace everycore {
namespace {

constexpr int sequential = 1;

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

VipsImage* load(const Source& source, Input& input) noexcept {
  if (source.format < 2) return loadPieces(source, input);
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
