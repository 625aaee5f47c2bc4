// Files while and after they are made by one of libvips' encoders.
#pragma once

#include "codec/codec.h"
#include "codec/vips.h"

namespace everycore {

struct RunState;

// Encodes a picture, as `suffix` says: the format with its options as libvips spells them. False,
// with libvips' error set, when that fails or the run is cancelled.
bool encode(VipsImage* image, const char* suffix, const RunState* run, Blob& file) noexcept;

// The number by which `takeBlob` finds it.
double keepBlob(Blob blob) noexcept;

}  // namespace everycore
