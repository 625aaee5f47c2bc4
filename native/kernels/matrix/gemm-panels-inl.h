// Products of packed panels: many panels of A against many of B.
#pragma once

#include "kernels/matrix/gemm-direct-inl.h"
#include "kernels/matrix/gemm-pack-inl.h"

namespace everycore::EC_ISA {
namespace {

// Packs columns of B, from one element on, into panels.
template <class T>
void packColumns(Strided<T> from, int64_t columns, int64_t depth, T* to) {
  packPanels<T, packedColumns<T>>(from, columns, depth, to);
}

// Packs rows of A, from one element on, into panels.
template <class T>
void packRows(Strided<T> from, int64_t rows, int64_t depth, T* to) {
  packPanels<T, packedRows>(from, rows, depth, to);
}

// Panels of A against panels of B; `block` has C, alpha, beta and the depth.
template <class T>
void multiplyPacked(Block<T> block, int64_t rows, int64_t columns, const T* a, const T* b) {
  constexpr int64_t panelColumns = packedColumns<T>;
  block.aRow = 1;
  block.aDepth = packedRows;
  block.bDepth = panelColumns;
  T* const c = block.c;
  for (int64_t j = 0; j < columns; j += panelColumns) {
    block.b = b + j * block.depth;
    const int64_t width = minOf(panelColumns, columns - j);
    for (int64_t i = 0; i < rows; i += packedRows) {
      block.a = a + i * block.depth;
      block.c = c + i * block.cRow + j;
      const int64_t height = minOf<int64_t>(packedRows, rows - i);
      if (height == packedRows && width == panelColumns) {
        packedKernel<T>(block, width);
      } else {
        multiplyDirect<T>(block, height, width);
      }
    }
  }
}

}  // namespace
}  // namespace everycore::EC_ISA
