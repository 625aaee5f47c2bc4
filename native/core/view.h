// A view: where numbers lie in memory, and of which type. It owns nothing.
#pragma once

#include <stdint.h>

namespace everycore {

// The order is that of Node-API's napi_typedarray_type, so the boundary converts by a cast.
enum class Dtype : uint8_t { i8, u8, u8c, i16, u16, i32, u32, f32, f64, i64, u64 };

constexpr int dtypeCount = 11;

constexpr int dtypeBytes(Dtype dtype) {
  constexpr int bytes[dtypeCount] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  return bytes[static_cast<int>(dtype)];
}

// What the axes mean is the family's business: a vector is [n], a matrix [rows, columns], a stack
// of matrices [count, rows, columns], an image [height, width, channels]. Unused axes have
// length 1. Strides are in elements; 0 repeats an element (a scalar given where an array could be).
struct View {
  void* data;
  int64_t shape[3];
  int64_t stride[3];
  Dtype dtype;

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

}  // namespace everycore
