/**
 * The plan of a product, a pure function of its sizes: how C is cut into tiles and the sum over k into
 * blocks and slices. None of it depends on the number of threads, so the bits of the answer don't
 * either; on the CPU level only what units are said to cost. native/kernels/matrix/matmul-plan-inl.h reads it.
 */
import type { Phase } from '../kernels/call';
import { nativeState } from '../native';

export interface ProductSizes {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly bytesPerElement: number;
  /** The columns of B lie side by side in memory. */
  readonly straightB: boolean;
  /** The columns of C lie side by side in memory. */
  readonly straightC: boolean;
}

/** As `enum class Packing` in C++. */
const packing = { none: 0, own: 1, shared: 2 } as const;

export interface ProductPlan {
  /** packing, tileRows, tileColumns, blockDepth, sliceBlocks: what follows alpha and beta in the params. */
  readonly params: readonly number[];
  /** The params of A·B: with alpha 1 and beta 0 in front. */
  readonly plainParams: readonly number[];
  readonly phases: readonly Phase[];
  readonly sharedBytes: number;
  readonly scratchBytes: number;
}

/** Bytes that packed panels and pieces of scratch begin on multiples of. */
const packedBytes = 192;
/** Panels of A have this many rows, or a part of it. As `packedRowsStep` in C++. */
const panelRows = 24;
/** With fewer rows or columns than this, what is packed would be used too few times. */
const thinMax = 12;

/** Multiply-adds that a thread does in a nanosecond, for numbers of 8 bytes; twice as many of 4. */
const multipliesPerNs = 25;
/** By how much more with AVX-512, in what units are said to cost; a processor whose AVX-512 is as fast as AVX2 loses little by it. */
const wideSpeed = 2;
/** What a tile costs before it computes anything. */
const tileNs = 20;
/** The same for a matrix of a stack, and how many bytes of its operands and result go by in a nanosecond. */
const stackedNs = 4;
const stackedBytesPerNs = 60;
/** A tile should take about this long if there are few: short enough to be handed out evenly. */
const tileNsWanted = 250_000;
/** And never longer than this, for the sake of cancelling, unless k is very long. */
const tileNsMax = 4_000_000;
/** From this many tiles on, they are even enough for any number of threads that one machine has. */
const tilesWanted = 32;
/** Up to this many multiply-adds, packing costs more than it saves. */
const directMultipliesMax = 100 ** 3;
/** Elements of the sum over k between two visits to C. */
const blockDepthMax = 512;
/** What one block of a tile reads again and again of A stays in the second-level cache. */
const blockBytesMax = 480 << 10;
const tileRowsMin = 96;
const tileRowsMax = 240;
const tileColumnsMax = 264;
/** Nanoseconds to pack one element. */
const packNs = 0.5;
/** A sum over k shorter than this many elements is not cut into slices. */
const sliceDepthMin = 4096;

/** The plan made last: products of one size often come in thousands. */
let last: { sizes: ProductSizes; plan: ProductPlan } | undefined;

export function planProduct(sizes: ProductSizes): ProductPlan {
  if (last !== undefined && sameSizes(last.sizes, sizes)) return last.plan;
  const made = makePlan(sizes);
  const plan = { ...made, plainParams: [1, 0, ...made.params] };
  last = { sizes, plan };
  return plan;
}

function sameSizes(a: ProductSizes, b: ProductSizes): boolean {
  return (
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.depth === b.depth &&
    a.count === b.count &&
    a.bytesPerElement === b.bytesPerElement &&
    a.straightB === b.straightB &&
    a.straightC === b.straightC
  );
}

type Made = Omit<ProductPlan, 'plainParams'>;

function makePlan(sizes: ProductSizes): Made {
  const { count, rows, columns, depth } = sizes;
  const multiplies = rows * columns * depth;
  // Few rows would use what is packed of B only a few times; few columns, of A.
  const thin = Math.min(rows, columns) <= thinMax;
  if (multiplies <= directMultipliesMax || thin) {
    return rows * columns * depth * (sizes.bytesPerElement / 8) <= tileNsWanted * multipliesPerNs
      ? wholeMatrices(sizes, count)
      : tilesWithoutPacking(sizes);
  }
  return packedTiles(sizes);
}

/** What a unit is said to cost, which says who runs it and nothing of what it computes. */
function costNs(sizes: ProductSizes, multiplies: number): number {
  return multiplyNs(sizes, nativeState().isa.startsWith('avx512') ? multiplies / wideSpeed : multiplies);
}

function multiplyNs(sizes: ProductSizes, multiplies: number): number {
  return tileNs + (multiplies * sizes.bytesPerElement) / 8 / multipliesPerNs;
}

/** Of a stack, whose matrices are read and written once. */
function stackedProductNs(sizes: ProductSizes): number {
  const { rows, columns, depth, bytesPerElement } = sizes;
  const elements = rows * depth + depth * columns + rows * columns;
  return costNs(sizes, rows * columns * depth) - tileNs + stackedNs + (elements * bytesPerElement) / stackedBytesPerNs;
}

/** Small matrices are one tile each. */
function wholeMatrices(sizes: ProductSizes, count: number): Made {
  const { rows, columns, depth } = sizes;
  const blockDepth = Math.max(depth, 1);
  return {
    params: [packing.none, rows, columns, blockDepth, 1],
    phases: [{ units: count, grain: 1, cost: count > 1 ? stackedProductNs(sizes) : costNs(sizes, rows * columns * depth) }],
    sharedBytes: 0,
    scratchBytes: scratchFor(sizes, packing.none, rows, columns, blockDepth),
  };
}

/** Long thin products: cut along their length, and along k if only that is long. */
function tilesWithoutPacking(sizes: ProductSizes): Made {
  const { rows, columns, depth, bytesPerElement } = sizes;
  const wanted = (tileNsWanted * multipliesPerNs * 8) / bytesPerElement;
  const blockDepth = evenly(depth, 4096, 1);
  const blocks = Math.ceil(depth / blockDepth);
  let tileRows = rows;
  let tileColumns = columns;
  let sliceBlocks = blocks;
  if (rows >= columns) tileRows = evenly(rows, Math.max(panelRows, wanted / (columns * depth)), panelRows);
  else tileColumns = evenly(columns, Math.max(packedBytes, wanted / (rows * depth)), packedBytes / bytesPerElement);
  const few = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns) * sizes.count < 16;
  if (few && depth >= 2 * sliceDepthMin) {
    tileRows = rows;
    tileColumns = columns;
    const perBlock = rows * columns * blockDepth;
    sliceBlocks = Math.max(Math.ceil(blocks / 64), Math.min(blocks, Math.ceil(wanted / perBlock)));
  }
  return tiled(sizes, packing.none, tileRows, tileColumns, blockDepth, sliceBlocks);
}

/**
 * Large products, after Goto and van de Geijn: panels of A and B are packed so that caches are read in
 * straight lines. A single product packs both once for all tiles, a stack tile by tile.
 */
function packedTiles(sizes: ProductSizes): Made {
  const { count, rows, columns, depth, bytesPerElement } = sizes;
  const step = packedBytes / bytesPerElement;
  const blockDepth = evenly(depth, blockDepthMax, 8);
  const blocks = Math.ceil(depth / blockDepth);
  let tileRows = evenly(rows, Math.min(blockBytesMax / (blockDepth * bytesPerElement), tileRowsMax), panelRows);
  let tileColumns = evenly(columns, tileColumnsMax, step);
  const tooLong = () => multiplyNs(sizes, tileRows * tileColumns * depth) > tileNsMax;
  const tooFew = () => Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns) * count < tilesWanted;
  while (count === 1 && (tooLong() || tooFew())) {
    const [tall, wide] = [tileRows > tileRowsMin, tileColumns > tileRowsMin];
    if (tall && (tileRows >= tileColumns || !wide)) tileRows = evenly(rows, tileRows / 2, panelRows);
    else if (wide) tileColumns = evenly(columns, tileColumns / 2, step);
    else break;
  }
  const tiles = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns) * count;
  const sliced = tiles < 16 && depth >= 2 * sliceDepthMin;
  const sliceBlocks = sliced ? Math.ceil(blocks / Math.ceil(depth / sliceDepthMin)) : blocks;
  return tiled(sizes, count === 1 ? packing.shared : packing.own, tileRows, tileColumns, blockDepth, sliceBlocks);
}

function tiled(sizes: ProductSizes, kind: number, tileRows: number, tileColumns: number, blockDepth: number, sliceBlocks: number): Made {
  const { count, rows, columns, depth, bytesPerElement } = sizes;
  const rowTiles = Math.ceil(rows / tileRows);
  const columnTiles = Math.ceil(columns / tileColumns);
  const blocks = Math.ceil(depth / blockDepth);
  const slices = Math.ceil(blocks / sliceBlocks);
  const tileDepth = Math.min(depth, sliceBlocks * blockDepth);
  const phases: Phase[] = [
    {
      units: rowTiles * columnTiles * slices * count,
      grain: 1,
      cost: costNs(sizes, Math.min(rows, tileRows) * Math.min(columns, tileColumns) * tileDepth),
    },
  ];
  let shared = slices > 1 ? slices * count * rows * columns : 0;
  if (kind === packing.shared) {
    const strips = rowTiles + columnTiles;
    phases.unshift({ units: blocks * strips, grain: 1, cost: (((rows + columns) * depth) / (blocks * strips)) * packNs });
    shared += (roundUp(rows, panelRows) + roundUp(columns, packedBytes / bytesPerElement)) * depth;
  }
  if (slices > 1) phases.push({ units: count * rows, grain: 1, cost: slices * columns * packNs });
  return {
    params: [kind, tileRows, tileColumns, blockDepth, sliceBlocks],
    phases,
    sharedBytes: shared * bytesPerElement,
    scratchBytes: scratchFor(sizes, kind, tileRows, tileColumns, blockDepth),
  };
}

/** The memory of one thread, as `TileScratch` in C++ lays it out. */
function scratchFor(sizes: ProductSizes, kind: number, tileRows: number, tileColumns: number, blockDepth: number): number {
  const step = packedBytes / sizes.bytesPerElement;
  const c = sizes.straightC ? 0 : roundUp(tileRows * tileColumns, step);
  const ownB = kind === packing.own || (kind === packing.none && !sizes.straightB);
  const b = ownB ? roundUp(tileColumns * blockDepth, step) : 0;
  const a = kind !== packing.own ? 0 : roundUp(tileRows, panelRows) * blockDepth;
  return (c + b + a) * sizes.bytesPerElement;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The length of even pieces of `total`, each about `wanted` at most and a multiple of `step`. */
function evenly(total: number, wanted: number, step: number): number {
  const pieces = Math.max(1, Math.ceil(total / roundUp(Math.max(wanted, 1), step)));
  return roundUp(total / pieces, step);
}
