// fused(k1, k2, …): a chain of elementwise kernels in one pass over memory. Each tile goes through
// all steps while it is in the first-level cache; the steps are the ordinary kernels, so the bits
// are those of the chain.
#pragma once

#include "kernels/math/tiles-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr int64_t fusedTile = 1024;

inline View tileView(void* data, Dtype dtype, int64_t count) {
  return {data, {1, 1, count}, {0, 0, 1}, dtype};
}

// Views: x, out. Parameters: the number of steps, then for each step its kernel's number, the
// dtype of its result, how many parameters, and they.
inline void fusedTileRun(const Call& call, View x, View out, int64_t count) {
  alignas(64) char buffers[2][fusedTile * 8];
  const double* at = call.params;
  const int steps = static_cast<int>(*at++);
  View value = x;
  for (int step = 0; step < steps; ++step) {
    const KernelEntry* const kernel = kernelByNumber(at[0]);
    const Dtype dtype = static_cast<Dtype>(static_cast<int>(at[1]));
    const uint32_t params = static_cast<uint32_t>(at[2]);
    at += 3;
    const View views[2] = {value,
                           step == steps - 1 ? out : tileView(buffers[step % 2], dtype, count)};
    kernel->phases[0]({views, at, nullptr, 2, params}, {0, count}, nullptr);
    at += params;
    value = views[1];
  }
}

inline void fusedKernel(const Call& call, Range range, void*) noexcept {
  const View& x = call.views[0];
  const View& out = call.views[1];
  const int64_t columns = out.shape[2];
  const bool stream =
      out.stride[2] == 1 && x.data != out.data &&
      out.shape[0] * out.shape[1] * columns * dtypeBytes(out.dtype) >= streamBytesMin;
  for (int64_t index = range.begin, count; index < range.end; index += count) {
    const int64_t column = index % columns;
    const int64_t line = index / columns;
    const auto at = [&](const View& view) {
      const int64_t offset = line / out.shape[1] * view.stride[0] +
                             line % out.shape[1] * view.stride[1] + column * view.stride[2];
      return view.as<char>() + offset * dtypeBytes(view.dtype);
    };
    const auto part = [&](const View& view) {
      return View{at(view), {1, 1, count}, {0, 0, view.stride[2]}, view.dtype};
    };
    const int64_t left = minOf(columns - column, range.end - index);
    const int bytes = dtypeBytes(out.dtype);
    if (stream) {
      alignas(64) char result[fusedTile * 8];
      count = streamTile(at(out), bytes, fusedTile, left);
      fusedTileRun(call, part(x), tileView(result, out.dtype, count), count);
      Ahead ahead;
      if (x.stride[2] == 1 && dtypeBytes(x.dtype) == bytes) {
        ahead.at[ahead.count++] = at(x) + count * bytes;
      }
      streamOut(result, at(out), count * bytes, ahead);
    } else {
      count = minOf(fusedTile, left);
      fusedTileRun(call, part(x), part(out), count);
    }
  }
  if (stream) streamFence();
}

#define EC_FUSED(dtype) {"fused", Dtype::dtype, {fusedKernel}},
#define EC_KERNELS_FUSED \
  EC_FUSED(f64)          \
  EC_FUSED(f32)          \
  EC_FUSED(i8)           \
  EC_FUSED(u8)           \
  EC_FUSED(u8c) EC_FUSED(i16) EC_FUSED(u16) EC_FUSED(i32) EC_FUSED(u32) EC_FUSED(i64) EC_FUSED(u64)

}  // namespace
}  // namespace everycore::EC_ISA
