// Products of any shape straight from the operands, without packing: small ones, and the edges of
// large ones. C is cut into register blocks of about equal size, so that no block is a small rest.
#pragma once

#include "kernels/matrix/gemm-micro-inl.h"

namespace everycore::EC_ISA {
namespace {

// Cuts `total` into the fewest pieces of at most `most`, as even as can be.
struct EvenPieces {
  int64_t left;
  int64_t pieces;

  EvenPieces(int64_t total, int64_t most)
      : left(total), pieces(total <= most ? 1 : (total + most - 1) / most) {}

  int64_t next() {
    const int64_t piece = pieces == 1 ? left : (left + pieces - 1) / pieces;
    left -= piece;
    --pieces;
    return piece;
  }
};

// One column of blocks, `kernels` by their rows.
template <class T, class Pick>
void columnOfBlocks(Block<T> block, int64_t rows, int64_t most, int64_t live, Pick pick) {
  const T* const a = block.a;
  T* const c = block.c;
  int64_t i = 0;
  for (EvenPieces pieces(rows, most); pieces.left > 0;) {
    const int64_t height = pieces.next();
    block.a = a + i * block.aRow;
    block.c = c + i * block.cRow;
    pick(static_cast<int>(height))(block, live);
    i += height;
  }
}

// Columns that one vector narrower than the widest holds. One that is full needs no mask, whose
// loads and stores cost more.
template <class T, int Bytes>
void narrowColumn(const Block<T>& block, int64_t rows, int64_t live) {
  const MicroKernel<T>* kernels = singleKernels<T, Bytes, false>.at;
  if constexpr (Bytes < EC_VECTOR_BYTES) {
    if (live == laneCount<T, Bytes>) kernels = singleKernels<T, Bytes, true>.at;
  }
  columnOfBlocks(block, rows, rowsMax, live, [kernels](int height) { return kernels[height - 1]; });
}

// Vectors that a block of so many rows should be wide: many for few rows, where nothing else keeps
// the multipliers busy; else what makes the block most square.
constexpr int64_t blockVectors(int64_t rows) {
  constexpr int64_t usual = accumulators == 24 ? 3 : 2;
  if (rows * usual >= accumulators) return usual;
  return minOf<int64_t>(accumulators / rows, vectorsMax);
}

// C = alpha·A·B + beta·C for rows × columns products of equal shape, as many as block.count says.
template <class T>
void multiplyDirect(Block<T> block, int64_t rows, int64_t columns) {
  constexpr int64_t width = lanes<T>;
  for (EvenPieces pieces(columns / width, blockVectors(rows)); pieces.left > 0;) {
    const int64_t vectors = pieces.next();
    columnOfBlocks(block, rows, minOf<int64_t>(accumulators / vectors, rowsMax), width,
                   [vectors](int height) { return wholeKernels<T>.at[height - 1][vectors - 1]; });
    block.b += vectors * width;
    block.c += vectors * width;
  }
  const int64_t rest = columns % width;
  if (rest == 0) return;
    // The rest takes the narrowest vector that holds it: narrow ones cost less, and two fit a
    // cycle.
#if EC_LEVEL == EC_ISA_avx512
  if (rest * static_cast<int64_t>(sizeof(T)) > 32) return narrowColumn<T, 64>(block, rows, rest);
#endif
#if EC_LEVEL >= EC_ISA_avx2
  if (rest * static_cast<int64_t>(sizeof(T)) > 16) return narrowColumn<T, 32>(block, rows, rest);
#endif
  narrowColumn<T, 16>(block, rows, rest);
}

}  // namespace
}  // namespace everycore::EC_ISA
