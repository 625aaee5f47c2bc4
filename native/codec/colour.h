// What files hold, made into what an Image holds: 1 to 4 channels of 8 or 16 bits, gray or sRGB.
#pragma once

#include <optional>

#include "codec/vips.h"

namespace everycore {

// Numbers of libvips' enumerations (VipsBandFormat); they are part of its interface.
constexpr int formatUchar = 0;
constexpr int formatUshort = 2;

// Takes over an image and answers one (the caller's to unref) in gray or sRGB, u8 or u16; null,
// with libvips' error set, when that can't be done. Lazy: no pixel is computed. What needs no
// converting is answered as it is, because libvips keeps operations, and with them decoders, in its
// cache.
VipsImage* inOurColours(VipsImage* image) noexcept;

// What inOurColours would answer, where that is known without it: preparing a conversion by
// profiles takes longer than decoding a small picture.
struct Kind {
  int channels;
  bool wide;
};
std::optional<Kind> kindInOurColours(const VipsImage* image) noexcept;

// 16 bits a sample.
bool isWide(const VipsImage* image) noexcept;

// Tells libvips that raw pixels are gray or sRGB.
void nameColours(VipsImage* image) noexcept;

}  // namespace everycore
