// Results too large for the caches go past them: a tile is computed in the first-level cache, then
// copied out by stores that fetch nothing.
#pragma once

#include "kernels/math/elements.h"
#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// Of a kernel that goes element by element.
constexpr int maxInputs = 3;

constexpr int64_t lineBytes = 64;

// Bytes from `at` to the next cache line.
inline int64_t bytesToLine(const void* at) {
  return static_cast<int64_t>((0 - reinterpret_cast<uintptr_t>(at)) % lineBytes);
}

// Elements of the tile that goes to `to`. A line that is stored partly past the caches and partly
// through them is dear, so all tiles but the first begin on one.
inline int64_t streamTile(const char* to, int bytes, int64_t tile, int64_t left) {
  const int64_t lead = bytesToLine(to) / bytes;
  return minOf(lead > 0 ? lead : tile, left);
}

// What the next tile will read, as far as it is as wide as the result.
struct Ahead {
  const char* at[maxInputs];
  int count = 0;
};

// Copies a finished tile. Meanwhile the next one's inputs are fetched: else memory would only ever
// be read or be written.
inline void streamOut(const char* from, char* to, int64_t bytes, const Ahead& ahead) {
  int64_t i = minOf(bytesToLine(to), bytes);
  memcpy(to, from, static_cast<size_t>(i));
  for (; i + lineBytes <= bytes; i += lineBytes) {
    for (int input = 0; input < ahead.count; ++input) __builtin_prefetch(ahead.at[input] + i);
    for (int64_t part = i; part < i + lineBytes; part += EC_VECTOR_BYTES) {
      storeStream<char>(to + part, load<char>(from + part));
    }
  }
  memcpy(to + i, from + i, static_cast<size_t>(bytes - i));
}

}  // namespace
}  // namespace everycore::EC_ISA
