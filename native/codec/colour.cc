#include "codec/colour.h"

#include <cstring>

namespace everycore {
namespace {

// VipsInterpretation
constexpr int spaceMultiband = 0;
constexpr int spaceGray = 1;
constexpr int spaceCmyk = 15;
constexpr int spaceRgb = 17;
constexpr int spaceSrgb = 22;
constexpr int spaceRgb16 = 25;
constexpr int spaceGray16 = 26;

bool isGray(int space, int bands) {
  return space == spaceGray || space == spaceGray16 || (space == spaceMultiband && bands <= 2);
}

bool isPlain(int space) {
  return space == spaceMultiband || space == spaceGray || space == spaceRgb || space == spaceSrgb ||
         space == spaceRgb16 || space == spaceGray16;
}

// True when the profile's description says sRGB, as ASCII or UTF-16: converting would change
// nothing but roundings.
bool isSrgbProfile(const unsigned char* profile, size_t length) {
  constexpr size_t headerEnd = 132;
  if (length < headerEnd) return false;
  const auto number = [&](size_t at) {
    return static_cast<size_t>(profile[at]) << 24 | static_cast<size_t>(profile[at + 1]) << 16 |
           static_cast<size_t>(profile[at + 2]) << 8 | profile[at + 3];
  };
  const size_t tags = number(128);
  for (size_t i = 0; i < tags && headerEnd + 12 * (i + 1) <= length; ++i) {
    const size_t tag = headerEnd + 12 * i;
    if (std::memcmp(profile + tag, "desc", 4) != 0) continue;
    const size_t begin = number(tag + 4);
    const size_t end = begin + number(tag + 8);
    if (begin > length || end > length || end < begin) return false;
    for (size_t at = begin; at < end; ++at) {
      if (end - at >= 4 && std::memcmp(profile + at, "sRGB", 4) == 0) return true;
      if (end - at >= 8 && std::memcmp(profile + at, "s\0R\0G\0B", 7) == 0) return true;
    }
  }
  return false;
}

bool needsProfile(const VipsImage* image) {
  const Vips& v = *vips();
  const char* const name = "icc-profile-data";
  const void* profile = nullptr;
  size_t length = 0;
  return v.image_get_typeof(image, name) != 0 &&
         v.image_get_blob(image, name, &profile, &length) == 0 &&
         !isSrgbProfile(static_cast<const unsigned char*>(profile), length);
}

// Takes over `next` and gives up `image`, which libvips' cache of operations is to give up too.
bool replace(VipsImage*& image, VipsImage* next) {
  vips()->image_invalidate_all(image);
  vips()->g_object_unref(image);
  image = next;
  return next != nullptr;
}

bool toSrgb(VipsImage*& image) {
  const Vips& v = *vips();
  const int space = v.image_get_interpretation(image);
  const bool gray = isGray(space, v.image_get_bands(image));
  const bool wide = isWide(image);
  const int depth = wide ? 16 : 8;
  VipsImage* next = nullptr;
  if (space == spaceCmyk) {
    if (v.icc_transform(image, &next, "srgb", "embedded", 1, "input_profile", "cmyk", "depth",
                        depth, nullptr) != 0) {
      next = nullptr;
    }
    return replace(image, next);
  }
  if (!needsProfile(image)) return true;
  if (v.icc_transform(image, &next, "srgb", "embedded", 1, "depth", depth, nullptr) != 0) {
    // A profile that is none or doesn't fit: the picture is shown without it, as browsers do.
    v.g_free(v.error_buffer_copy());
    return true;
  }
  replace(image, next);
  if (!gray) return true;
  next = nullptr;
  if (v.colourspace(image, &next, wide ? spaceGray16 : spaceGray, nullptr) != 0) next = nullptr;
  return replace(image, next);
}

bool toOurFormat(VipsImage*& image) {
  const Vips& v = *vips();
  VipsImage* next = nullptr;
  const int space = v.image_get_interpretation(image);
  const int format = v.image_get_format(image);
  if (!isPlain(space) || v.image_get_coding(image) != 0) {
    const int wanted = format == formatUchar ? spaceSrgb : isWide(image) ? spaceRgb16 : spaceSrgb;
    if (v.colourspace(image, &next, wanted, nullptr) != 0) next = nullptr;
    if (!replace(image, next)) return false;
  }
  const int now = v.image_get_format(image);
  if (now == formatUchar || now == formatUshort) return true;
  // Whole numbers of more than 8 bits keep 16 of them; floats are taken as 0 to 255.
  const bool integers = now >= 3 && now <= 5;
  next = nullptr;
  if (v.cast(image, &next, integers ? formatUshort : formatUchar, nullptr) != 0) next = nullptr;
  return replace(image, next);
}

}  // namespace

bool isWide(const VipsImage* image) noexcept {
  return vips()->image_get_format(image) == formatUshort;
}

VipsImage* inOurColours(VipsImage* image) noexcept {
  if (image == nullptr || !toSrgb(image) || !toOurFormat(image)) return nullptr;
  return image;
}

std::optional<Kind> kindInOurColours(const VipsImage* image) noexcept {
  const Vips& v = *vips();
  const int space = v.image_get_interpretation(image);
  const int format = v.image_get_format(image);
  const int bands = v.image_get_bands(image);
  if (v.image_get_coding(image) != 0 || (format != formatUchar && format != formatUshort))
    return {};
  // Profiles change numbers, not how many there are; of CMYK they make red, green and blue.
  if (space == spaceCmyk && bands >= 4) return Kind{bands - 1, isWide(image)};
  if (isPlain(space)) return Kind{bands, isWide(image)};
  return {};
}

void nameColours(VipsImage* image) noexcept {
  const Vips& v = *vips();
  const int bands = v.image_get_bands(image);
  const bool wide = isWide(image);
  const int space = bands <= 2 ? (wide ? spaceGray16 : spaceGray) : (wide ? spaceRgb16 : spaceSrgb);
  v.image_init_fields(image, v.image_get_width(image), v.image_get_height(image), bands,
                      v.image_get_format(image), 0, space, 1.0, 1.0);
}

}  // namespace everycore
