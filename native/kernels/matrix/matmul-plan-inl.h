// The plan of a product, as src/matrix/matmul-plan.ts makes it: C is cut into tiles, the sum over k
// into blocks (which stay in a cache while they are used) and, where C is small and k long, into
// slices that are summed apart and added up in their order. Nothing in it depends on the CPU level.
//
// Views: a [count, rows, depth], b [count, depth, columns], c [count, rows, columns]; count is 1
// for a single product, a stack's stride may be 0 to repeat one matrix. Params: alpha, beta,
// packing, tileRows, tileColumns, blockDepth, sliceBlocks.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {

// none: micro-kernels read the operands where they are. own: each tile packs what it needs of both.
// shared: both are packed by a phase of its own for all tiles; single products only.
enum class Packing { none, own, shared };

// If operands are packed, tileColumns in bytes and tileRows are multiples of these, and by that of
// the panels of every level; packed panels and pieces of scratch begin on such multiples.
constexpr int64_t packedBytes = 192;
constexpr int64_t packedRowsStep = 24;

template <class T>
constexpr int64_t roundUpPacked(int64_t elements) {
  constexpr int64_t step = packedBytes / sizeof(T);
  return (elements + step - 1) / step * step;
}

constexpr int64_t roundUpRows(int64_t rows) {
  return (rows + packedRowsStep - 1) / packedRowsStep * packedRowsStep;
}

// Small products are one piece of everything, and a division takes as long as one of those.
EC_INLINE int64_t piecesOf(int64_t total, int64_t piece) {
  return total <= piece ? 1 : (total + piece - 1) / piece;
}

// Params are numbers of JavaScript; those of integer products are whole and below 2^31.
template <class T>
T fromParam(double value) {
  return static_cast<T>(value);
}
template <>
inline uint32_t fromParam<uint32_t>(double value) {
  return static_cast<uint32_t>(static_cast<int32_t>(value));
}

template <class T>
struct Stack {
  T* data;
  int64_t next;
  int64_t row;
  int64_t column;

  explicit Stack(const View& view)
      : data(view.as<T>()), next(view.stride[0]), row(view.stride[1]), column(view.stride[2]) {}

  T* at(int64_t matrix, int64_t i, int64_t j) const {
    return data + matrix * next + i * row + j * column;
  }
};

// What one unit of the tile phase computes.
struct Tile {
  int64_t matrix;
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
  int64_t slice;
};

template <class T>
struct Plan {
  Stack<T> a;
  Stack<T> b;
  Stack<T> c;
  int64_t count;
  int64_t rows;
  int64_t columns;
  int64_t depth;
  T alpha;
  T beta;
  Packing packing;
  int64_t tileRows;
  int64_t tileColumns;
  int64_t blockDepth;
  int64_t sliceDepth;
  int64_t rowTiles;
  int64_t columnTiles;
  int64_t slices;
  T* packedB;
  T* packedA;
  T* partials;  // the sums of the slices, if there are several: [slice, count, rows, columns]

  explicit Plan(const Call& call)
      : a(call.views[0]),
        b(call.views[1]),
        c(call.views[2]),
        count(call.views[2].shape[0]),
        rows(call.views[2].shape[1]),
        columns(call.views[2].shape[2]),
        depth(call.views[0].shape[2]),
        alpha(fromParam<T>(call.params[0])),
        beta(fromParam<T>(call.params[1])),
        packing(static_cast<Packing>(static_cast<int>(call.params[2]))),
        tileRows(static_cast<int64_t>(call.params[3])),
        tileColumns(static_cast<int64_t>(call.params[4])),
        blockDepth(static_cast<int64_t>(call.params[5])),
        sliceDepth(blockDepth * static_cast<int64_t>(call.params[6])),
        rowTiles(piecesOf(rows, tileRows)),
        columnTiles(piecesOf(columns, tileColumns)),
        slices(piecesOf(depth, sliceDepth)),
        packedB(static_cast<T*>(call.shared)),
        packedA(packedB + (packing == Packing::shared ? roundUpPacked<T>(columns) * depth : 0)),
        partials(packedA + (packing == Packing::shared ? roundUpRows(rows) * depth : 0)) {}

  // Where the panels of one strip of columns of B, or rows of A, and one block of depth begin.
  T* packedBAt(int64_t column, int64_t columnsHere, int64_t firstDepth) const {
    return packedB + column * depth + firstDepth * roundUpPacked<T>(columnsHere);
  }
  T* packedAAt(int64_t row, int64_t rowsHere, int64_t firstDepth) const {
    return packedA + row * depth + firstDepth * roundUpRows(rowsHere);
  }

  T* partialAt(const Tile& tile) const {
    return partials + ((tile.slice * count + tile.matrix) * rows + tile.row) * columns +
           tile.column;
  }

  // Rows go fastest: tiles that use the same panels of B are neighbours.
  Tile tileOf(int64_t unit) const {
    Tile tile;
    tile.row = unit % rowTiles * tileRows;
    unit /= rowTiles;
    tile.slice = unit % slices;
    unit /= slices;
    tile.column = unit % columnTiles * tileColumns;
    tile.matrix = unit / columnTiles;
    tile.rows = minOf(tileRows, rows - tile.row);
    tile.columns = minOf(tileColumns, columns - tile.column);
    return tile;
  }
};

}  // namespace
}  // namespace everycore::EC_ISA
