// resize: an image in another size, as Pillow's Image.resize with antialiasing makes it. Phase 0
// weighs along the rows into shared memory, phase 1 down the columns; units are rows of the image,
// then of the result.
#pragma once

#include "kernels/image/resize-float-inl.h"
#include "kernels/image/resize-nearest-inl.h"
#include "kernels/image/resize-quads-inl.h"
#include "kernels/image/resize-u8-inl.h"

#if EC_QUADS
#define EC_RESIZE_ALONG resize_quads_::alongRows
#else
#define EC_RESIZE_ALONG resize_::alongRows<resize_::Pillow>
#endif
#define EC_RESIZE_FLOAT(name, linear, dtype, T) \
  {name, Dtype::dtype, {resize_::alongRowsFloat<T, linear>, resize_::downColumnsFloat<T, linear>}},
#define EC_RESIZE_NEAREST(dtype, T) {"resizeNearest", Dtype::dtype, {resize_::nearestRows<T>}},

#define EC_KERNELS_RESIZE                                                                      \
  {"resize", Dtype::u8, {EC_RESIZE_ALONG, resize_::downColumns<resize_::Pillow>}},             \
      {"resizeFast",                                                                           \
       Dtype::u8,                                                                              \
       {resize_::alongRows<resize_::Fast>, resize_::downColumns<resize_::Fast>}},              \
      EC_RESIZE_FLOAT("resizeFloat", false, u16, uint16_t) EC_RESIZE_FLOAT(                    \
          "resizeFloat", false, f32, float) EC_RESIZE_FLOAT("resizeLinear", true, u8, uint8_t) \
          EC_RESIZE_FLOAT("resizeLinear", true, u16, uint16_t)                                 \
              EC_RESIZE_FLOAT("resizeLinear", true, f32, float) EC_RESIZE_NEAREST(u8, uint8_t) \
                  EC_RESIZE_NEAREST(u16, uint16_t) EC_RESIZE_NEAREST(f32, float)
