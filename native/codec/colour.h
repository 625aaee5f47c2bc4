// What files hold, made into what an Image holds: 1 to 4 channels of 8 or 16 bits, gray or sRGB.
#pragma once

#include "codec/vips.h"

namespace everycore {

// Numbers of libvips' enumerations (VipsBandFormat); they are part of its interface.
constexpr int formatUchar = 0;
constexpr int formatUshort = 2;

// A new image (the caller's to unref) in gray or sRGB, u8 or u16; null, with libvips' error set or
// a number of channels no Image has, when that can't be done. Lazy: no pixel is computed.
VipsImage* inOurColours(VipsImage* image) noexcept;

// 16 bits a sample.
bool isWide(const VipsImage* image) noexcept;

// Tells libvips that raw pixels are gray or sRGB. A new image, or null.
VipsImage* named(VipsImage* image) noexcept;

}  // namespace everycore
