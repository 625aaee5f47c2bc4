// count, any, all: how many elements are not zero (NaN is not), and whether any is or is not.
#pragma once

#include "kernels/math/reduce-inl.h"

namespace everycore::EC_ISA {
namespace {

// The signed integer as wide as an element, which a lane of a comparison is.
template <int bytes>
struct MaskLane {
  using type = int64_t;
};
template <>
struct MaskLane<4> {
  using type = int32_t;
};
template <>
struct MaskLane<2> {
  using type = int16_t;
};
template <>
struct MaskLane<1> {
  using type = int8_t;
};

template <class T>
EC_INLINE uint64_t countOfBlock(const T* x, int64_t length) {
  using L = typename MaskLane<sizeof(T)>::type;
  return joinBlock<Sum, uint64_t, L>(
      length,
      // A lane of a true comparison is -1.
      [=](int64_t i) EC_INLINE_LAMBDA { return -(V<L>)(load<T>(x + i) != V<T>{}); },
      [=](int64_t i) EC_INLINE_LAMBDA { return static_cast<L>(x[i] != 0); });
}

// Views: x (one contiguous axis), out. A unit is a block.
template <class T>
void countBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  uint64_t* const partial = static_cast<uint64_t*>(call.shared);
  eachBlock(call, range, [&](int64_t block, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    partial[block] = countOfBlock<T>(x + begin, length);
  });
}

// Views: x, out: a byte that is 0 before. It becomes 1 where there is an element that is zero
// (`zero`) or is not; whoever sees it set need not look any further.
template <class T, bool zero>
void findBlocks(const Call& call, Range range, void*) noexcept {
  const T* const x = call.views[0].as<const T>();
  uint8_t* const found = call.views[1].as<uint8_t>();
  eachBlock(call, range, [&](int64_t, int64_t begin, int64_t length) EC_INLINE_LAMBDA {
    if (__atomic_load_n(found, __ATOMIC_RELAXED) != 0) return;
    const uint64_t count = countOfBlock<T>(x + begin, length);
    const uint64_t sought = zero ? static_cast<uint64_t>(length) - count : count;
    if (sought != 0) __atomic_store_n(found, uint8_t{1}, __ATOMIC_RELAXED);
  });
}

#define EC_COUNTS(T, dtype)                                                      \
  {"reduce count", Dtype::dtype, {countBlocks<T>, joinPartials<uint64_t, Sum>}}, \
      {"reduce any", Dtype::dtype, {findBlocks<T, false>}},                      \
      {"reduce all", Dtype::dtype, {findBlocks<T, true>}},

}  // namespace
}  // namespace everycore::EC_ISA
