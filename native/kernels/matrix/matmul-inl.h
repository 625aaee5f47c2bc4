// The kernel "matmul": the phases of a planned product. Small and thin products are computed where
// they lie; large ones after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication" (2008): panels of B and A are packed so that every level of the caches is read in
// straight lines.
#pragma once

#include "kernels/matrix/gemm-direct-inl.h"
#include "kernels/matrix/gemm-panels-inl.h"
#include "kernels/matrix/matmul-plan-inl.h"

namespace everycore::EC_ISA {
namespace {

// Phase "pack". A unit is one strip of columns of B, or behind those of rows of A, over one block
// of depth.
template <class T>
void packShared(const Plan<T>& plan, Range range) {
  const int64_t blocks = piecesOf(plan.depth, plan.blockDepth);
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    const int64_t p = unit % blocks * plan.blockDepth;
    const int64_t depth = minOf(plan.blockDepth, plan.depth - p);
    const int64_t strip = unit / blocks;
    if (strip < plan.columnTiles) {
      const int64_t j = strip * plan.tileColumns;
      const int64_t columns = minOf(plan.tileColumns, plan.columns - j);
      const Strided<T> from{plan.b.at(0, p, j), plan.b.column, plan.b.row};
      packColumns<T>(from, columns, depth, plan.packedBAt(j, columns, p));
    } else {
      const int64_t i = (strip - plan.columnTiles) * plan.tileRows;
      const int64_t rows = minOf(plan.tileRows, plan.rows - i);
      const Strided<T> from{plan.a.at(0, i, p), plan.a.row, plan.a.column};
      packRows<T>(from, rows, depth, plan.packedAAt(i, rows, p));
    }
  }
}

// The memory of one thread: a tile of C whose columns lie apart, what is packed of B, and of A.
template <class T>
struct TileScratch {
  T* c;
  T* b;
  T* a;

  TileScratch(const Plan<T>& plan, void* scratch) {
    c = static_cast<T*>(scratch);
    b = c + (plan.c.column == 1 ? 0 : roundUpPacked<T>(plan.tileRows * plan.tileColumns));
    const bool ownB =
        plan.packing == Packing::own || (plan.packing == Packing::none && plan.b.column != 1);
    a = b + (ownB ? roundUpPacked<T>(plan.tileColumns * plan.blockDepth) : 0);
  }
};

// One block of depth of a tile, whose C, alpha and beta `block` has.
template <class T>
void multiplyBlock(const Plan<T>& plan, const Tile& tile, Block<T> block, int64_t p,
                   TileScratch<T> scratch) {
  const T* const a = plan.a.at(tile.matrix, tile.row, p);
  const T* const b = plan.b.at(tile.matrix, p, tile.column);
  const Strided<T> columnsOfB{b, plan.b.column, plan.b.row};
  if (plan.packing == Packing::none) {
    block.a = a;
    block.aRow = plan.a.row;
    block.aDepth = plan.a.column;
    block.b = b;
    block.bDepth = plan.b.row;
    if (plan.b.column != 1) {
      copyPanel(columnsOfB, tile.columns, block.depth, scratch.b, tile.columns);
      block.b = scratch.b;
      block.bDepth = tile.columns;
    }
    multiplyDirect<T>(block, tile.rows, tile.columns);
    return;
  }
  const T* packedA = scratch.a;
  const T* packedB = scratch.b;
  if (plan.packing == Packing::shared) {
    packedA = plan.packedAAt(tile.row, tile.rows, p);
    packedB = plan.packedBAt(tile.column, tile.columns, p);
  } else {
    packRows<T>({a, plan.a.row, plan.a.column}, tile.rows, block.depth, scratch.a);
    packColumns<T>(columnsOfB, tile.columns, block.depth, scratch.b);
  }
  multiplyPacked<T>(block, tile.rows, tile.columns, packedA, packedB);
}

template <class T>
void multiplyTile(const Plan<T>& plan, const Tile& tile, TileScratch<T> scratch) {
  Block<T> block{};
  block.count = 1;
  block.c = plan.c.at(tile.matrix, tile.row, tile.column);
  block.cRow = plan.c.row;
  block.alpha = plan.alpha;
  block.beta = plan.beta;
  const bool apart = plan.slices == 1 && plan.c.column != 1;
  if (plan.slices > 1 || apart) {
    block.c = apart ? scratch.c : plan.partialAt(tile);
    block.cRow = apart ? tile.columns : plan.columns;
    block.alpha = 1;
    block.beta = 0;
  }
  const int64_t begin = tile.slice * plan.sliceDepth;
  const int64_t end = minOf(begin + plan.sliceDepth, plan.depth);
  // A product over no depth at all still has to write C.
  for (int64_t p = begin; p == begin || p < end; p += plan.blockDepth) {
    block.depth = minOf(plan.blockDepth, end - p);
    multiplyBlock(plan, tile, block, p, scratch);
    block.beta = 1;
  }
  if (!apart) return;
  for (int64_t i = 0; i < tile.rows; ++i) {
    for (int64_t j = 0; j < tile.columns; ++j) {
      T* const to = plan.c.at(tile.matrix, tile.row + i, tile.column + j);
      const T sum = plan.alpha * scratch.c[i * tile.columns + j];
      *to = plan.beta == 0 ? sum : sum + plan.beta * *to;
    }
  }
}

// Matrices of a stack on their way from memory while those before them are computed.
template <class T>
void expectMatrices(const Stack<T>& stack, int64_t first, int64_t count, int64_t size) {
  if (stack.next != size) return;
  const T* const begin = stack.at(first, 0, 0);
  for (int64_t i = 0; i < count * size; i += 64 / static_cast<int64_t>(sizeof(T))) {
    __builtin_prefetch(begin + i, 0, 2);
  }
}

// A stack of small products: a group of matrices that fits the first-level cache is gone through
// once for every register block, so that choosing a kernel costs next to nothing a product.
template <class T>
void multiplyStack(const Plan<T>& plan, Range range) {
  int64_t group = range.end - range.begin;
  if (group > 1) {
    const int64_t elements =
        plan.rows * plan.depth + plan.depth * plan.columns + plan.rows * plan.columns;
    group = maxOf<int64_t>(1, 16384 / static_cast<int64_t>(sizeof(T)) / elements);
  }
  for (int64_t matrix = range.begin; matrix < range.end; matrix += group) {
    const Block<T> block{plan.a.at(matrix, 0, 0),
                         plan.a.row,
                         plan.a.column,
                         plan.b.at(matrix, 0, 0),
                         plan.b.row,
                         plan.c.at(matrix, 0, 0),
                         plan.c.row,
                         plan.depth,
                         plan.alpha,
                         plan.beta,
                         minOf(group, range.end - matrix),
                         plan.a.next,
                         plan.b.next,
                         plan.c.next};
    const int64_t behind = matrix + block.count;
    const int64_t count = minOf(group, range.end - behind);
    expectMatrices(plan.a, behind, count, plan.rows * plan.depth);
    expectMatrices(plan.b, behind, count, plan.depth * plan.columns);
    expectMatrices(plan.c, behind, count, plan.rows * plan.columns);
    multiplyDirect<T>(block, plan.rows, plan.columns);
  }
}

// Phase "tiles". A unit is a slice of a tile.
template <class T>
void multiplyTiles(const Plan<T>& plan, Range range, void* scratch) {
  const bool wholeMatrices = plan.rowTiles == 1 && plan.columnTiles == 1 && plan.slices == 1;
  if (plan.packing == Packing::none && wholeMatrices && plan.b.column == 1 && plan.c.column == 1) {
    multiplyStack(plan, range);
    return;
  }
  const TileScratch<T> memory(plan, scratch);
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    multiplyTile(plan, plan.tileOf(unit), memory);
  }
}

// Phase "add up": the slices of each element in their order. A unit is one row of one matrix.
template <class T>
void addSlices(const Plan<T>& plan, Range range) {
  const int64_t sliceSize = plan.count * plan.rows * plan.columns;
  for (int64_t unit = range.begin; unit < range.end; ++unit) {
    T* const c = plan.c.at(unit / plan.rows, unit % plan.rows, 0);
    for (int64_t j = 0; j < plan.columns; j += lanes<T>) {
      const int64_t live = minOf<int64_t>(lanes<T>, plan.columns - j);
      const T* from = plan.partials + unit * plan.columns + j;
      V<T> sum{};
      for (int64_t slice = 0; slice < plan.slices; ++slice, from += sliceSize) {
        sum += live == lanes<T> ? load<T>(from) : loadPart<T>(from, live);
      }
      sum *= broadcast<T>(plan.alpha);
      for (int64_t lane = 0; lane < live; ++lane) {
        T* const to = c + (j + lane) * plan.c.column;
        *to = plan.beta == 0 ? sum[lane] : sum[lane] + plan.beta * *to;
      }
    }
  }
}

// The phases that a plan has, in this order: pack (if B is packed for all), tiles, add up (if there
// are slices).
template <class T, int Phase>
void matmul(const Call& call, Range range, void* scratch) noexcept {
  const Plan<T> plan(call);
  switch (Phase + (plan.packing == Packing::shared ? 0 : 1)) {
    case 0:
      return packShared(plan, range);
    case 1:
      return multiplyTiles(plan, range, scratch);
    default:
      return addSlices(plan, range);
  }
}

#define EC_MATMUL(dtype, type)                                                             \
  {                                                                                        \
    "matmul", Dtype::dtype, { matmul<type, 0>, matmul<type, 1>, matmul<type, 2>, nullptr } \
  }

// i32 is multiplied as u32: the same bits, and wrapping is defined.
#define EC_KERNELS_MATMUL EC_MATMUL(f64, double), EC_MATMUL(f32, float), EC_MATMUL(i32, uint32_t)

}  // namespace
}  // namespace everycore::EC_ISA
