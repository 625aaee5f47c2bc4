// Objects of libvips that are given back when they go out of scope, and functions of ours that they
// call.
#pragma once

#include <memory>

#include "codec/vips.h"

namespace everycore {

struct Unref {
  void operator()(void* object) const { vips()->g_object_unref(object); }
};
// libvips' cache of operations outlives an image: it is to keep no decoder's buffers with them.
struct UnrefImage {
  void operator()(VipsImage* image) const {
    vips()->image_minimise_all(image);
    vips()->g_object_unref(image);
  }
};
using Owned = std::unique_ptr<VipsImage, UnrefImage>;
using OwnedRegion = std::unique_ptr<VipsRegion, Unref>;

// A function of ours that an object of libvips calls, until this goes: the object may live longer,
// in libvips' cache of operations.
class Signal {
 public:
  template <class F>
  Signal(void* object, const char* name, F* callback, void* data)
      : object_(object),
        handler_(vips()->g_signal_connect_data(object, name, reinterpret_cast<void (*)()>(callback),
                                               data, nullptr, 0)) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal() { vips()->g_signal_handler_disconnect(object_, handler_); }

 private:
  void* object_;
  unsigned long handler_;
};

}  // namespace everycore
