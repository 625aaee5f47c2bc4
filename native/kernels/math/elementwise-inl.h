// The families of elementwise kernels: out[i] = f(a[i]) and out[i] = f(a[i], b[i]). A range counts
// elements of the output in row-major order; it is walked in runs along the last axis, and a run is
// done in whole vectors with one partial vector at its end.
#pragma once

#include "kernels/math/elements.h"

namespace everycore::EC_ISA {
namespace {

// Results larger than this are stored past the caches: half of a usual last-level cache; what is
// larger would have been pushed out before anybody reads it.
constexpr int64_t streamBytesMin = int64_t{16} << 20;

template <class T>
struct Operand {
  T* at;
  int64_t stride;
};

// `count` lanes from a strided place; a whole vector when count is the vector's length.
template <class T>
EC_INLINE V<T> loadLanes(Operand<T> from, int64_t index, int64_t count) {
  if (from.stride == 1) {
    return count == lanes<T> ? load<T>(from.at + index) : loadPart<T>(from.at + index, count);
  }
  if (from.stride == 0) return broadcast<T>(*from.at);
  V<T> value{};
  for (int64_t i = 0; i < count; ++i) value[i] = from.at[(index + i) * from.stride];
  return value;
}

template <class T>
EC_INLINE void storeLanes(Operand<T> to, int64_t index, V<T> value, int64_t count) {
  if (to.stride == 1) {
    if (count == lanes<T>) {
      store<T>(to.at + index, value);
    } else {
      storePart<T>(to.at + index, value, count);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) to.at[(index + i) * to.stride] = value[i];
}

// compute(index, count) gives `count` results as a vector. The loops are cut so that the streaming
// stores are aligned and the main loop has no condition in it.
template <class T, class Compute>
EC_INLINE void storeRun(Operand<T> out, int64_t length, bool stream, Compute compute) {
  constexpr int64_t step = lanes<T>;
  int64_t i = 0;
  if (stream && out.stride == 1) {
    const uintptr_t misaligned = reinterpret_cast<uintptr_t>(out.at) % EC_VECTOR_BYTES;
    const int64_t head = misaligned == 0 ? 0 : static_cast<int64_t>((EC_VECTOR_BYTES - misaligned) / sizeof(T));
    if (head > 0 && head < length) {
      storeLanes<T>(out, 0, compute(0, head), head);
      i = head;
    }
    for (; i + 4 * step <= length; i += 4 * step) {
      storeStream<T>(out.at + i, compute(i, step));
      storeStream<T>(out.at + i + step, compute(i + step, step));
      storeStream<T>(out.at + i + 2 * step, compute(i + 2 * step, step));
      storeStream<T>(out.at + i + 3 * step, compute(i + 3 * step, step));
    }
    streamFence();
  } else if (out.stride == 1) {
    for (; i + 2 * step <= length; i += 2 * step) {
      // Both results before both stores: `out` may be an input.
      const V<T> first = compute(i, step);
      const V<T> second = compute(i + step, step);
      store<T>(out.at + i, first);
      store<T>(out.at + i + step, second);
    }
  }
  for (; i < length; i += step) {
    const int64_t count = minOf(step, length - i);
    storeLanes<T>(out, i, compute(i, count), count);
  }
}

template <class T>
EC_INLINE Operand<T> operandAt(const View& view, int64_t plane, int64_t row, int64_t column) {
  T* const data = view.as<T>() + plane * view.stride[0] + row * view.stride[1] + column * view.stride[2];
  return {data, view.stride[2]};
}

// body(plane, row, column, length) for every run of the range along the last axis of `out`.
template <class Body>
EC_INLINE void forEachRun(const View& out, Range range, Body body) {
  const int64_t columns = out.shape[2];
  const int64_t rows = out.shape[1];
  for (int64_t index = range.begin; index < range.end;) {
    const int64_t column = index % columns;
    const int64_t line = index / columns;
    const int64_t length = minOf(columns - column, range.end - index);
    body(line / rows, line % rows, column, length);
    index += length;
  }
}

EC_INLINE bool streams(const View& out, const View* inputs, int count) {
  const int64_t bytes = out.shape[0] * out.shape[1] * out.shape[2] * dtypeBytes(out.dtype);
  if (bytes < streamBytesMin) return false;
  // In place, the lines are in the cache anyway.
  for (int i = 0; i < count; ++i) {
    if (inputs[i].data == out.data) return false;
  }
  return true;
}

template <class T, class F>
void unaryKernel(const Call& call, Range range, void*) noexcept {
  using E = Arithmetic<T>;
  using S = typename E::Stored;
  const View& x = call.views[0];
  const View& out = call.views[1];
  const bool stream = streams(out, &x, 1);
  forEachRun(out, range, [&](int64_t plane, int64_t row, int64_t column, int64_t length) {
    const Operand<S> from = operandAt<S>(x, plane, row, column);
    const Operand<S> to = operandAt<S>(out, plane, row, column);
    if (from.stride == 1) {
      storeRun<S>(to, length, stream, [&](int64_t i, int64_t count) EC_INLINE_LAMBDA {
        return E::narrow(F()(E::widen(loadLanes<S>({from.at, 1}, i, count))));
      });
    } else {
      storeRun<S>(to, length, false, [&](int64_t i, int64_t count) EC_INLINE_LAMBDA {
        return E::narrow(F()(E::widen(loadLanes<S>(from, i, count))));
      });
    }
  });
}

template <class T, class F>
void binaryKernel(const Call& call, Range range, void*) noexcept {
  using E = Arithmetic<T>;
  using S = typename E::Stored;
  const View& x = call.views[0];
  const View& y = call.views[1];
  const View& out = call.views[2];
  const bool stream = streams(out, &x, 2);
  forEachRun(out, range, [&](int64_t plane, int64_t row, int64_t column, int64_t length) {
    const Operand<S> a = operandAt<S>(x, plane, row, column);
    const Operand<S> b = operandAt<S>(y, plane, row, column);
    const Operand<S> to = operandAt<S>(out, plane, row, column);
    const auto run = [&](auto first, auto second, bool streaming) EC_INLINE_LAMBDA {
      storeRun<S>(to, length, streaming, [&](int64_t i, int64_t count) EC_INLINE_LAMBDA {
        return E::narrow(F()(E::widen(first(i, count)), E::widen(second(i, count))));
      });
    };
    const auto contiguous = [](Operand<S> from) {
      return [from](int64_t i, int64_t count) EC_INLINE_LAMBDA { return loadLanes<S>({from.at, 1}, i, count); };
    };
    const auto scalar = [](Operand<S> from) {
      return [value = broadcast<S>(*from.at)](int64_t, int64_t) EC_INLINE_LAMBDA { return value; };
    };
    const auto strided = [](Operand<S> from) {
      return [from](int64_t i, int64_t count) EC_INLINE_LAMBDA { return loadLanes<S>(from, i, count); };
    };
    if (a.stride == 1 && b.stride == 1) {
      run(contiguous(a), contiguous(b), stream);
    } else if (a.stride == 1 && b.stride == 0) {
      run(contiguous(a), scalar(b), stream);
    } else if (a.stride == 0 && b.stride == 1) {
      run(scalar(a), contiguous(b), stream);
    } else {
      run(strided(a), strided(b), false);
    }
  });
}

// Each line of the lists becomes a function object, then a row of the table for every dtype.
#define UNARY(name, expression)               \
  struct Unary_##name {                       \
    template <class X>                        \
    EC_INLINE X operator()(X x) const {       \
      return expression;                      \
    }                                         \
  };
#define BINARY(name, expression)              \
  struct Binary_##name {                      \
    template <class X>                        \
    EC_INLINE X operator()(X a, X b) const {  \
      return expression;                      \
    }                                         \
  };
#include "kernels/math/elementwise.inc"
#undef UNARY
#undef BINARY

#define EC_EVERY_DTYPE(name, kernel, F)                            \
  {name, Dtype::f64, {kernel<double, F>}},                         \
  {name, Dtype::f32, {kernel<float, F>}},                          \
  {name, Dtype::i8, {kernel<int8_t, F>}},                          \
  {name, Dtype::u8, {kernel<uint8_t, F>}},                         \
  {name, Dtype::u8c, {kernel<Clamped8, F>}},                       \
  {name, Dtype::i16, {kernel<int16_t, F>}},                        \
  {name, Dtype::u16, {kernel<uint16_t, F>}},                       \
  {name, Dtype::i32, {kernel<int32_t, F>}},                        \
  {name, Dtype::u32, {kernel<uint32_t, F>}},                       \
  {name, Dtype::i64, {kernel<int64_t, F>}},                        \
  {name, Dtype::u64, {kernel<uint64_t, F>}},

}  // namespace
}  // namespace everycore::EC_ISA
