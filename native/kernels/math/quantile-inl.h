// Quantiles along an axis: the keys of a line are gathered, and sorted as far as it takes.
#pragma once

#include "kernels/math/order-inl.h"

namespace everycore::EC_ISA {
namespace {

// Linear interpolation, as `between` in src/kernels/reductions.ts.
EC_INLINE double interpolate(double a, double b, double part) {
  if (a == b || part == 0) return a;
  return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

// Views: x (lines, and their elements), out. Parameters: the two ranks that a quantile lies
// between, and how far behind the first one. A unit is a line. `scratch` has room for the keys of
// two lines.
template <class T, class O>
void quantileLines(const Call& call, Range range, void* scratch) noexcept {
  using Key = KeyOf<T>;
  using K = typename Key::Key;
  const View& x = call.views[0];
  O* const out = call.views[1].as<O>();
  const int64_t length = x.shape[2];
  const int64_t stride = x.stride[2];
  const int64_t low = static_cast<int64_t>(call.params[0]);
  const int64_t high = static_cast<int64_t>(call.params[1]);
  K* const keys = static_cast<K*>(scratch);
  for (int64_t line = range.begin; line < range.end; ++line) {
    if (length == 0) {
      out[line] = static_cast<O>(__builtin_nan(""));
      continue;
    }
    const T* const from = x.as<const T>() + line * x.stride[1];
    K last = keys[0] = Key::template of<K>(from[0]);
    for (int64_t i = 1; i < length; ++i) {
      keys[i] = Key::template of<K>(from[i * stride]);
      last = maxOf(last, keys[i]);
    }
    const K* const sorted = sortKeys(keys, keys + length, length, low, high + 1);
    const T greatest = Key::element(last);
    const double quantile =
        greatest != greatest
            ? __builtin_nan("")
            : interpolate(static_cast<double>(Key::element(sorted[low])),
                          static_cast<double>(Key::element(sorted[high])), call.params[2]);
    out[line] = static_cast<O>(quantile);
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
