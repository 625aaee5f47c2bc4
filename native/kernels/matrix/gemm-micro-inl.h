// Micro-kernels: a block of C small enough to stay in registers, C = alpha·A·B + beta·C, with rows
// of A broadcast against vectors of B. Each element of C is one chain of multiply-adds in the order
// of k, so its bits depend on neither the shape nor the place of the block that it is computed in.
#pragma once

#include "kernels/matrix/lanes-inl.h"

namespace everycore::EC_ISA {
namespace {

// Accumulators that fit the registers beside vectors of B and a broadcast of A. With AVX-512 and
// NEON there are 32 registers, else 16. Fewer than 10 could not hide the latency of multiply-add.
#if EC_LEVEL == EC_ISA_avx512 || EC_LEVEL == EC_ISA_neon
constexpr int accumulators = 24;
#else
constexpr int accumulators = 12;
#endif
constexpr int rowsMax = accumulators == 24 ? 16 : 12;
constexpr int vectorsMax = 8;

// The block of the packed kernel: about square in what it loads for each multiply-add. Three
// vectors of eight rows load less than two of twelve, and eight rows are turned in whole cache
// lines.
constexpr int packedVectors = accumulators == 24 ? 3 : 2;
constexpr int packedRows = accumulators / packedVectors;
template <class T>
constexpr int packedColumns = packedVectors* lanes<T>;

constexpr int vectorsFor(int rows) {
  return minOf(accumulators / rows, vectorsMax) > 0 ? minOf(accumulators / rows, vectorsMax) : 1;
}

// The operands of a micro-kernel: `count` products of one shape, each `…Next` elements behind the
// one before. Columns of B and C are 1 element apart.
template <class T>
struct Block {
  const T* a;
  int64_t aRow;
  int64_t aDepth;
  const T* b;
  int64_t bDepth;
  T* c;
  int64_t cRow;
  int64_t depth;
  T alpha;
  T beta;  // 0: what is in C is not read
  int64_t count;
  int64_t aNext;
  int64_t bNext;
  int64_t cNext;
};

// `live` columns are computed; only kernels of one partial vector look at it.
template <class T>
using MicroKernel = void (*)(const Block<T>& block, int64_t live);

// How the elements of A and B are apart: as the block says, or as packPanel has laid them.
enum class Layout { strided, packed };

// A whole block keeps `Vectors` full vectors a row, a partial one a single vector with dead lanes.
template <class T, int Bytes, int Rows, int Vectors, bool Whole, Layout layout>
__attribute__((noinline)) void microKernel(const Block<T>& block, int64_t live) {
  static_assert(Whole || Vectors == 1);
  using Vector = Lanes<T, Bytes>;
  constexpr int width = laneCount<T, Bytes>;
  constexpr bool packed = layout == Layout::packed;
  const Live<T, Bytes> part(Whole ? width : live);
  const int64_t aRow = packed ? 1 : block.aRow;
  const int64_t aDepth = packed ? Rows : block.aDepth;
  const int64_t bDepth = packed ? Vectors * width : block.bDepth;
  const T alpha = block.alpha;
  const T beta = block.beta;

  for (int64_t item = 0; item < block.count; ++item) {
    const T* a = block.a + item * block.aNext;
    const T* b = block.b + item * block.bNext;
    T* const c = block.c + item * block.cNext;
    if constexpr (packed) {
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) {
        EC_UNROLL
        for (int j = 0; j < Vectors; ++j) __builtin_prefetch(c + i * block.cRow + j * width, 1);
      }
    }

    Vector sum[Rows][Vectors] = {};
    for (int64_t p = 0; p < block.depth; ++p) {
      Vector row[Vectors];
      EC_UNROLL
      for (int j = 0; j < Vectors; ++j) {
        row[j] = Whole ? loadLanes<T, Bytes>(b + j * width) : part.load(b);
      }
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) {
        const Vector factor = a[i * aRow] - Vector{};
        EC_UNROLL
        for (int j = 0; j < Vectors; ++j) {
          sum[i][j] = multiplyAdd<T, Bytes>(factor, row[j], sum[i][j]);
        }
      }
      a += aDepth;
      b += bDepth;
    }

    if (alpha != 1) {
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) {
        EC_UNROLL
        for (int j = 0; j < Vectors; ++j) sum[i][j] *= alpha - Vector{};
      }
    }
    if (beta != 0) {
      EC_UNROLL
      for (int i = 0; i < Rows; ++i) {
        EC_UNROLL
        for (int j = 0; j < Vectors; ++j) {
          const T* const from = c + i * block.cRow + j * width;
          const Vector old = Whole ? loadLanes<T, Bytes>(from) : part.load(from);
          sum[i][j] = multiplyAdd<T, Bytes>(beta - Vector{}, old, sum[i][j]);
        }
      }
    }
    EC_UNROLL
    for (int i = 0; i < Rows; ++i) {
      EC_UNROLL
      for (int j = 0; j < Vectors; ++j) {
        T* const to = c + i * block.cRow + j * width;
        if (Whole) {
          storeLanes<T, Bytes>(to, sum[i][j]);
        } else {
          part.store(to, sum[i][j]);
        }
      }
    }
  }
}

// Kernels for whole vectors by rows and vectors, as far as the accumulators allow, and for one
// vector of any width by rows: a whole or a partial one.
template <class T>
struct WholeKernels {
  MicroKernel<T> at[rowsMax][vectorsMax];

  template <int Rows, int Vectors>
  constexpr void fill() {
    at[Rows - 1][Vectors - 1] =
        microKernel<T, EC_VECTOR_BYTES, Rows, Vectors, true, Layout::strided>;
    if constexpr (Vectors > 1) {
      fill<Rows, Vectors - 1>();
    } else if constexpr (Rows > 1) {
      fill<Rows - 1, vectorsFor(Rows - 1)>();
    }
  }

  constexpr WholeKernels() : at{} { fill<rowsMax, vectorsFor(rowsMax)>(); }
};

template <class T, int Bytes, bool Whole>
struct SingleKernels {
  MicroKernel<T> at[rowsMax];

  template <int Rows>
  constexpr void fill() {
    at[Rows - 1] = microKernel<T, Bytes, Rows, 1, Whole, Layout::strided>;
    if constexpr (Rows > 1) fill<Rows - 1>();
  }

  constexpr SingleKernels() : at{} { fill<rowsMax>(); }
};

template <class T>
constexpr WholeKernels<T> wholeKernels{};

template <class T, int Bytes, bool Whole>
constexpr SingleKernels<T, Bytes, Whole> singleKernels{};

template <class T>
constexpr MicroKernel<T> packedKernel =
    microKernel<T, EC_VECTOR_BYTES, packedRows, packedVectors, true, Layout::packed>;

}  // namespace
}  // namespace everycore::EC_ISA
