// Elementwise kernels that answer a mask of 0 and 1: one line each in compare.inc.
#pragma once

#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

#define TEST_UNARY(name, expression)    \
  struct name##Test {                   \
    template <class C>                  \
    static EC_INLINE int32_t run(C x) { \
      return expression;                \
    }                                   \
  };
#define TEST_BINARY(name, expression)        \
  struct name##Test {                        \
    template <class C>                       \
    static EC_INLINE int32_t run(C a, C b) { \
      return expression;                     \
    }                                        \
  };
#include "kernels/math/compare.inc"
#undef TEST_UNARY
#undef TEST_BINARY

#define TEST_UNARY(name, expression) EC_MASK_NUMBERS(#name, 1, unaryStretch, name##Test)
#define TEST_BINARY(name, expression)                  \
  EC_MASK_NUMBERS(#name, 2, binaryStretch, name##Test) \
  EC_MASK_BIGINTS(#name, 2, binaryStretch, name##Test)

}  // namespace
}  // namespace everycore::EC_ISA
