// blend and composite of words and floats: the formulas of alpha-inl.h in doubles, rounded once. A
// unit is a row.
#pragma once

#include "kernels/image/alpha-inl.h"

namespace everycore::EC_ISA {
namespace {
namespace alpha_ {

template <class T>
constexpr double white = sizeof(T) == 2 ? 65535 : 1;

EC_INLINE void storeSample(float* to, double value) { *to = static_cast<float>(value); }
// Half to even and saturated.
EC_INLINE void storeSample(uint16_t* to, double value) {
  value = value > 0 ? value : 0;
  value = value < 65535 ? value : 65535;
  *to = static_cast<uint16_t>(static_cast<int32_t>((value + 0x1.8p52) - 0x1.8p52));
}

// Views: two images of one size, result. Params: the share of the second.
template <class T>
void blendWide(const Call& call, Range range, void*) noexcept {
  const View& a = call.views[0];
  const View& b = call.views[1];
  const View& result = call.views[2];
  const double share = call.params[0];
  for (int64_t y = range.begin; y < range.end; ++y) {
    const T* below = a.as<const T>() + y * a.stride[0];
    const T* above = b.as<const T>() + y * b.stride[0];
    T* to = result.as<T>() + y * result.stride[0];
    for (int64_t i = 0; i < result.shape[1] * result.shape[2]; ++i) {
      const double from = below[i];
      storeSample(to + i, from + (above[i] - from) * share);
    }
  }
}

// As `mixed`, but what is no number stays so.
EC_INLINE double mixedWide(Mode mode, double below, double above) {
  if (mode == Mode::darken) return below < above || below != below ? below : above;
  if (mode == Mode::lighten) return below > above || below != below ? below : above;
  return mixed(mode, below, above);
}

template <class T, Mode mode>
void mixRow(const Layer& base, const Layer& over, double opacity, const T* below, const T* above,
            T* to, int64_t pixels) {
  for (int64_t x = 0; x < pixels; ++x) {
    const double a = base.hasAlpha ? below[base.colors] / white<T> : 1;
    const double b = (over.hasAlpha ? above[over.colors] / white<T> : 1) * opacity;
    double alpha = a + b - a * b;
    if (mode == Mode::add) alpha = a + b < 1 ? a + b : 1;
    for (int64_t c = 0; c < base.colors; ++c) {
      const double under = below[c] / white<T>, top = above[over.colors == 1 ? 0 : c] / white<T>;
      const double sum = mode == Mode::add ? b * top + a * under
                                           : b * (1 - a) * top + a * (1 - b) * under +
                                                 a * b * mixedWide(mode, under, top);
      storeSample(to + c, alpha == 0 ? 0 : sum / alpha * white<T>);
    }
    if (base.hasAlpha) storeSample(to + base.colors, alpha * white<T>);
    below += base.channels;
    above += over.channels;
    to += base.channels;
  }
}

template <class T>
auto rowMixer(Mode mode) {
  switch (mode) {
    case Mode::multiply:
      return mixRow<T, Mode::multiply>;
    case Mode::screen:
      return mixRow<T, Mode::screen>;
    case Mode::overlay:
      return mixRow<T, Mode::overlay>;
    case Mode::darken:
      return mixRow<T, Mode::darken>;
    case Mode::lighten:
      return mixRow<T, Mode::lighten>;
    case Mode::add:
      return mixRow<T, Mode::add>;
    case Mode::difference:
      return mixRow<T, Mode::difference>;
    default:
      return mixRow<T, Mode::over>;
  }
}

// Views and params as `composite`.
template <class T>
void compositeWide(const Call& call, Range range, void*) noexcept {
  const Layer base(call.views[0]), over(call.views[1]);
  const auto mix = rowMixer<T>(static_cast<Mode>(static_cast<int>(call.params[2])));
  compositeRows<T>(call, range, base, over,
                   [&](const T* under, const T* above, T* to, int64_t count) {
                     mix(base, over, call.params[3], under, above, to, count);
                   });
}

}  // namespace alpha_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_ALPHA_WIDE                                       \
  {"blend", Dtype::u16, {alpha_::blendWide<uint16_t>}},             \
      {"blend", Dtype::f32, {alpha_::blendWide<float>}},            \
      {"composite", Dtype::u16, {alpha_::compositeWide<uint16_t>}}, \
      {"composite", Dtype::f32, {alpha_::compositeWide<float>}},
