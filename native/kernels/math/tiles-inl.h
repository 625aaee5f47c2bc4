// The driver of all elementwise kernels. A range counts elements of the output in row-major order;
// it is walked in runs along the last axis, and a run in stretches that a kernel's own loop does at
// once: contiguous inputs (or one repeated element) in, contiguous results out. What lies otherwise
// - strides, dtypes that compute in f64, results that go past the caches - passes through tiles
// that stay in the first-level cache.
#pragma once

#include "kernels/math/elements.h"
#include "kernels/math/stream-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr int64_t tileLength = 512;

// The inputs of a stretch; `step` is 1 for elements side by side, 0 for one element repeated.
struct Inputs {
  const void* at[maxInputs];
  int64_t step[maxInputs];
  const double* params;

  template <class T>
  const T* as(int i) const {
    return static_cast<const T*>(at[i]);
  }
};
using Stretch = void (*)(const Inputs& in, void* out, int64_t count);

template <class T>
void gatherElements(const void* from, int64_t stride, void* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    static_cast<T*>(to)[i] = static_cast<const T*>(from)[i * stride];
}
template <class T>
void scatterElements(const void* from, void* to, int64_t stride, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    static_cast<T*>(to)[i * stride] = static_cast<const T*>(from)[i];
}
template <class T>
void toDoubles(const void* from, int64_t stride, double* to, int64_t count) {
  const T* const at = static_cast<const T*>(from);
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<double>(at[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<double>(at[i * stride]);
  }
}
template <class T>
void fromDoubles(const double* from, void* to, int64_t count) {
  using S = typename Element<T>::Stored;
  for (int64_t i = 0; i < count; ++i) static_cast<S*>(to)[i] = StoreDouble<T>::run(from[i]);
}

inline void gather(int bytes, const void* from, int64_t stride, void* to, int64_t count) {
  switch (bytes) {
    case 1:
      return gatherElements<uint8_t>(from, stride, to, count);
    case 2:
      return gatherElements<uint16_t>(from, stride, to, count);
    case 4:
      return gatherElements<uint32_t>(from, stride, to, count);
    default:
      return gatherElements<uint64_t>(from, stride, to, count);
  }
}
inline void scatter(int bytes, const void* from, void* to, int64_t stride, int64_t count) {
  switch (bytes) {
    case 1:
      return scatterElements<uint8_t>(from, to, stride, count);
    case 2:
      return scatterElements<uint16_t>(from, to, stride, count);
    case 4:
      return scatterElements<uint32_t>(from, to, stride, count);
    default:
      return scatterElements<uint64_t>(from, to, stride, count);
  }
}
inline void widen(Dtype dtype, const void* from, int64_t stride, double* to, int64_t count) {
  switch (dtype) {
    case Dtype::i8:
      return toDoubles<int8_t>(from, stride, to, count);
    case Dtype::u8:
    case Dtype::u8c:
      return toDoubles<uint8_t>(from, stride, to, count);
    case Dtype::i16:
      return toDoubles<int16_t>(from, stride, to, count);
    case Dtype::u16:
      return toDoubles<uint16_t>(from, stride, to, count);
    case Dtype::i32:
      return toDoubles<int32_t>(from, stride, to, count);
    case Dtype::u32:
      return toDoubles<uint32_t>(from, stride, to, count);
    case Dtype::f32:
      return toDoubles<float>(from, stride, to, count);
    default:
      return toDoubles<double>(from, stride, to, count);
  }
}
inline void narrow(Dtype dtype, const double* from, void* to, int64_t count) {
  switch (dtype) {
    case Dtype::i8:
      return fromDoubles<int8_t>(from, to, count);
    case Dtype::u8:
      return fromDoubles<uint8_t>(from, to, count);
    case Dtype::u8c:
      return fromDoubles<Clamped8>(from, to, count);
    case Dtype::i16:
      return fromDoubles<int16_t>(from, to, count);
    case Dtype::u16:
      return fromDoubles<uint16_t>(from, to, count);
    case Dtype::i32:
      return fromDoubles<int32_t>(from, to, count);
    case Dtype::u32:
      return fromDoubles<uint32_t>(from, to, count);
    case Dtype::f32:
      return fromDoubles<float>(from, to, count);
    default:
      return fromDoubles<double>(from, to, count);
  }
}

// Elements as a vector of doubles, and back.
template <class T>
EC_INLINE V<double> widened(const T* from) {
  if constexpr (__is_same(T, double)) {
    return load<double>(from);
  } else {
#if EC_LEVEL == EC_ISA_avx512
    return (V<double>)_mm512_cvtps_pd(_mm256_loadu_ps(from));
#elif EC_LEVEL == EC_ISA_avx2
    return (V<double>)_mm256_cvtps_pd(_mm_loadu_ps(from));
#else
    V<double> wide;
    for (int i = 0; i < lanes<double>; ++i) wide[i] = static_cast<double>(from[i]);
    return wide;
#endif
  }
}
template <class T>
EC_INLINE void narrowed(V<double> value, T* to) {
  if constexpr (__is_same(T, double)) {
    store<double>(to, value);
  } else {
    typedef T Half __attribute__((vector_size(lanes<double> * sizeof(T))));
    const Half part = __builtin_convertvector(value, Half);
    memcpy(to, &part, sizeof part);
  }
}

struct Place {
  char* at;
  int64_t stride;
  int bytes;
  Dtype dtype;
  bool tiled;
};

inline Place placeOf(const View& view, int64_t plane, int64_t row, int64_t column, bool inDoubles) {
  const int bytes = dtypeBytes(view.dtype);
  char* const at =
      view.as<char>() +
      (plane * view.stride[0] + row * view.stride[1] + column * view.stride[2]) * bytes;
  const bool converted = inDoubles && view.dtype != Dtype::f64;
  return {at, view.stride[2], bytes, view.dtype,
          converted || (view.stride[2] != 1 && view.stride[2] != 0)};
}

// Does `length` elements along the last axis.
inline void doRun(const Place* in, int inputs, Place out, int64_t length, Stretch stretch,
                  bool inDoubles, bool stream, const double* params) {
  alignas(64) double tiles[maxInputs][tileLength];
  alignas(64) double result[tileLength];
  Inputs from{};
  from.params = params;
  bool tiled = out.tiled || stream || out.stride == 0;
  for (int i = 0; i < inputs; ++i) {
    from.at[i] = in[i].at;
    from.step[i] = in[i].stride;
    if (!in[i].tiled) continue;
    if (in[i].stride == 0) {  // one element, converted once
      widen(in[i].dtype, in[i].at, 0, tiles[i], 1);
      from.at[i] = tiles[i];
    } else {
      from.step[i] = 1;
      tiled = true;
    }
  }
  if (!tiled) return stretch(from, out.at, length);
  for (int64_t begin = 0, count; begin < length; begin += count) {
    char* const to = out.at + begin * out.stride * out.bytes;
    count = stream ? streamTile(to, out.bytes, tileLength, length - begin)
                   : minOf(tileLength, length - begin);
    for (int i = 0; i < inputs; ++i) {
      if (in[i].stride == 0) continue;
      const char* const at = in[i].at + begin * in[i].stride * in[i].bytes;
      from.at[i] = in[i].tiled ? static_cast<const void*>(tiles[i]) : at;
      if (!in[i].tiled) continue;
      if (inDoubles) {
        widen(in[i].dtype, at, in[i].stride, tiles[i], count);
      } else {
        gather(in[i].bytes, at, in[i].stride, tiles[i], count);
      }
    }
    const bool direct = out.stride == 1 && !out.tiled && !stream;
    stretch(from, direct ? static_cast<void*>(to) : result, count);
    if (direct) continue;
    if (inDoubles && out.dtype != Dtype::f64)
      narrow(out.dtype, result, out.stride == 1 && !stream ? static_cast<void*>(to) : result,
             count);
    if (out.stride != 1) {
      scatter(out.bytes, result, to, out.stride, count);
    } else if (stream) {
      Ahead ahead;
      for (int i = 0; i < inputs; ++i) {
        if (in[i].stride != 1 || in[i].bytes != out.bytes) continue;
        ahead.at[ahead.count++] = in[i].at + (begin + count) * out.bytes;
      }
      streamOut(reinterpret_cast<const char*>(result), to, count * out.bytes, ahead);
    }
  }
}

// Views: the inputs, then out. `inDoubles` kernels compute in f64 whatever the dtypes are.
__attribute__((noinline)) inline void elementwise(const Call& call, Range range, int inputs,
                                                  Stretch stretch, bool inDoubles, bool busy) {
  const View& out = call.views[inputs];
  const int64_t columns = out.shape[2];
  const int64_t rows = out.shape[1];
  bool stream = !busy && out.stride[2] == 1 &&
                out.shape[0] * rows * columns * dtypeBytes(out.dtype) >= streamBytesMin;
  // In place, the lines are in the cache anyway.
  for (int i = 0; i < inputs; ++i) stream = stream && call.views[i].data != out.data;
  for (int64_t index = range.begin; index < range.end;) {
    const int64_t column = index % columns;
    const int64_t line = index / columns;
    const int64_t length = minOf(columns - column, range.end - index);
    Place in[maxInputs];
    for (int i = 0; i < inputs; ++i)
      in[i] = placeOf(call.views[i], line / rows, line % rows, column, inDoubles);
    doRun(in, inputs, placeOf(out, line / rows, line % rows, column, inDoubles), length, stretch,
          inDoubles, stream, call.params);
    index += length;
  }
  if (stream) streamFence();
}

// Whether a stretch computes for longer than memory takes to store its results: those go through
// the caches, which fetch and store meanwhile; past them it would wait for each tile.
template <Stretch stretch>
constexpr bool computesLong = false;

template <int inputs, Stretch stretch, bool inDoubles>
void elementwiseKernel(const Call& call, Range range, void*) noexcept {
  elementwise(call, range, inputs, stretch, inDoubles, computesLong<stretch>);
}

// The loops of kernels that compute in their own dtype: T in, R out, F::run on the compute type.
// Element i reads and writes only place i, so that `out` may be an input.
template <class T, class R, class F>
void unaryStretch(const Inputs& in, void* to, int64_t count) {
  using C = typename Element<T>::Compute;
  const auto* const x = in.as<typename Element<T>::Stored>(0);
  auto* const out = static_cast<typename Element<R>::Stored*>(to);
  const int64_t step = in.step[0];
  if (step == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] = Element<R>::narrow(F::template run<C>(static_cast<C>(x[i])));
  } else {
    const auto value = Element<R>::narrow(F::template run<C>(static_cast<C>(x[0])));
    for (int64_t i = 0; i < count; ++i) out[i] = value;
  }
}

template <class T, class R, class F>
void binaryStretch(const Inputs& in, void* to, int64_t count) {
  using C = typename Element<T>::Compute;
  const auto* const a = in.as<typename Element<T>::Stored>(0);
  const auto* const b = in.as<typename Element<T>::Stored>(1);
  auto* const out = static_cast<typename Element<R>::Stored*>(to);
  if (in.step[0] == 1 && in.step[1] == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] = Element<R>::narrow(F::template run<C>(static_cast<C>(a[i]), static_cast<C>(b[i])));
  } else if (in.step[0] == 1) {
    const C scalar = static_cast<C>(b[0]);
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] = Element<R>::narrow(F::template run<C>(static_cast<C>(a[i]), scalar));
  } else {
    const C scalar = static_cast<C>(a[0]);
    const int64_t step = in.step[1];
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i)
      out[i] = Element<R>::narrow(F::template run<C>(scalar, static_cast<C>(b[i * step])));
  }
}

#define EC_ROW(name, inputs, T, dtype, stretch, R, F) \
  {name, Dtype::dtype, {elementwiseKernel<inputs, stretch<T, R, F>, false>}},
// Rows whose result has the dtype of the input.
#define EC_SAME_INTEGERS(name, inputs, stretch, F)          \
  EC_ROW(name, inputs, int8_t, i8, stretch, int8_t, F)      \
  EC_ROW(name, inputs, uint8_t, u8, stretch, uint8_t, F)    \
  EC_ROW(name, inputs, Clamped8, u8c, stretch, Clamped8, F) \
  EC_ROW(name, inputs, int16_t, i16, stretch, int16_t, F)   \
  EC_ROW(name, inputs, uint16_t, u16, stretch, uint16_t, F) \
  EC_ROW(name, inputs, int32_t, i32, stretch, int32_t, F)   \
  EC_ROW(name, inputs, uint32_t, u32, stretch, uint32_t, F) \
  EC_ROW(name, inputs, int64_t, i64, stretch, int64_t, F)   \
  EC_ROW(name, inputs, uint64_t, u64, stretch, uint64_t, F)
#define EC_SAME_FLOATS(name, inputs, stretch, F)      \
  EC_ROW(name, inputs, float, f32, stretch, float, F) \
  EC_ROW(name, inputs, double, f64, stretch, double, F)
// Rows whose result is a mask of 0 and 1.
#define EC_MASK_NUMBERS(name, inputs, stretch, F)          \
  EC_ROW(name, inputs, int8_t, i8, stretch, uint8_t, F)    \
  EC_ROW(name, inputs, uint8_t, u8, stretch, uint8_t, F)   \
  EC_ROW(name, inputs, uint8_t, u8c, stretch, uint8_t, F)  \
  EC_ROW(name, inputs, int16_t, i16, stretch, uint8_t, F)  \
  EC_ROW(name, inputs, uint16_t, u16, stretch, uint8_t, F) \
  EC_ROW(name, inputs, int32_t, i32, stretch, uint8_t, F)  \
  EC_ROW(name, inputs, uint32_t, u32, stretch, uint8_t, F) \
  EC_ROW(name, inputs, float, f32, stretch, uint8_t, F)    \
  EC_ROW(name, inputs, double, f64, stretch, uint8_t, F)
#define EC_MASK_BIGINTS(name, inputs, stretch, F)         \
  EC_ROW(name, inputs, int64_t, i64, stretch, uint8_t, F) \
  EC_ROW(name, inputs, uint64_t, u64, stretch, uint8_t, F)
// Rows of a kernel that computes in f64 for every dtype whose elements are numbers; EC_WIDE is
// without f32, which then has a kernel of floats (EC_SINGLE).
#define EC_DOUBLES(name, inputs, stretch) \
  EC_WIDE(name, inputs, stretch)          \
  EC_ROW_OF(name, f32, inputs, stretch, true)
#define EC_SINGLE(name, inputs, stretch) EC_ROW_OF(name, f32, inputs, stretch, false)
#define EC_WIDE(name, inputs, stretch)        \
  EC_ROW_OF(name, f64, inputs, stretch, true) \
  EC_ROW_OF(name, i8, inputs, stretch, true)  \
  EC_ROW_OF(name, u8, inputs, stretch, true)  \
  EC_ROW_OF(name, u8c, inputs, stretch, true) \
  EC_ROW_OF(name, i16, inputs, stretch, true) \
  EC_ROW_OF(name, u16, inputs, stretch, true) \
  EC_ROW_OF(name, i32, inputs, stretch, true) \
  EC_ROW_OF(name, u32, inputs, stretch, true)
#define EC_ROW_OF(name, dtype, inputs, stretch, inDoubles) \
  {name, Dtype::dtype, {elementwiseKernel<inputs, stretch, inDoubles>}},

}  // namespace
}  // namespace everycore::EC_ISA
