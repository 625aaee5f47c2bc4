/** clahe: contrast limited adaptive histogram equalization (Zuiderveld, 1994), bit by bit OpenCV's. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { borderIndex } from './border';
import { countingScratch, countNs } from './histogram';
import { type Image, imageView } from './image';
import { numberOption, resultImage } from './options';
import { scratchBytes } from './tile';
import { oneChannel, roundHalfEven } from './window';

export interface ClaheOptions {
  /** How many times more often than on average a value may occur in a tile; 0 for no limit. Default 40. */
  clipLimit?: number;
  /** Columns and rows of the grid, 1 to 256; default [8, 8]. */
  tiles?: readonly [columns: number, rows: number];
}

export interface ParsedClahe {
  readonly clipLimit: number;
  readonly columns: number;
  readonly rows: number;
}

export function parseClahe(options?: unknown): ParsedClahe {
  checkOptions('clahe', options, ['clipLimit', 'tiles']);
  const { clipLimit: limit, tiles = [8, 8] } = (options ?? {}) as ClaheOptions;
  const clipLimit = numberOption('clahe', 'clipLimit', limit, { max: 1e6 }) ?? 40;
  if (clipLimit < 0) throw rangeError('clipLimit of clahe must be a number from 0 up', clipLimit);
  if (!Array.isArray(tiles) || tiles.length !== 2) throw typeError('tiles of clahe must be [columns, rows]', tiles);
  for (const count of tiles as readonly unknown[]) {
    if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > 256) {
      throw rangeError('tiles of clahe must be whole numbers from 1 to 256', count);
    }
  }
  return Object.freeze({ clipLimit, columns: tiles[0], rows: tiles[1] });
}

/** A grid over the image, which goes on beyond its right and lower edges where tiles do not fit evenly. */
interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
  /** 0: none. */
  readonly limit: number;
}

export function claheCall({ clipLimit, columns, rows }: ParsedClahe, args: readonly unknown[], out?: unknown): Call<Image> {
  const image = oneChannel('clahe', args);
  const { width, height } = image;
  const result = resultImage('clahe', { width, height, channels: 1, dtype: 'u8' }, out, image, true);
  const even = width % columns === 0 && height % rows === 0;
  const tileWidth = even ? width / columns : Math.floor(width / columns) + 1;
  const tileHeight = even ? height / rows : Math.floor(height / rows) + 1;
  const limit = clipLimit > 0 ? Math.max(Math.trunc((clipLimit * tileWidth * tileHeight) / 256), 1) : 0;
  const grid = { columns, rows, width: tileWidth, height: tileHeight, limit };
  const source = imageView(image);
  const target = imageView(result);
  return {
    kernel: 'clahe',
    views: [source, target],
    params: [columns, rows, tileWidth, tileHeight, limit],
    phases: [
      { units: columns * rows, grain: 1, cost: 800 + tileWidth * tileHeight * countNs },
      // Each range makes tables of its own first.
      { units: height, grain: 64, cost: 50 + 0.5 * width },
    ],
    sharedBytes: columns * rows * 256,
    scratchBytes: Math.max(countingScratch(1), scratchBytes((columns + 1) * 1024, 4 * width, 4 * width)),
    reference: () => claheReference(source, target, grid),
    finish: () => result as Image,
  };
}

function claheReference(source: View, target: View, grid: Grid): void {
  const [height, width] = source.shape;
  const { columns, rows } = grid;
  const tables = Array.from({ length: columns * rows }, (_, i) => tileTable(source, grid, i % columns, Math.floor(i / columns)));
  const f = Math.fround;
  for (let y = 0; y < height; y++) {
    const [upper, lower, ya] = between(y, grid.height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right, xa] = between(x, grid.width, columns);
      const value = source.data[source.offset + y * source.stride[0] + x] as number;
      const mix = (row: number): number => f(f(tables[row * columns + left][value] * f(1 - xa)) + f(tables[row * columns + right][value] * xa));
      target.data[target.offset + y * target.stride[0] + x] = roundHalfEven(f(f(mix(upper) * f(1 - ya)) + f(mix(lower) * ya)));
    }
  }
}

/** The two tiles between whose centres a pixel lies, and the weight of the second. */
function between(at: number, size: number, tiles: number): [first: number, second: number, weight: number] {
  const place = Math.fround(Math.fround(at * Math.fround(1 / size)) - 0.5);
  const first = Math.floor(place);
  return [Math.max(first, 0), Math.min(first + 1, tiles - 1), Math.fround(place - first)];
}

function tileTable(source: View, { width, height, limit }: Grid, column: number, row: number): Uint8Array {
  const counts = new Float64Array(256);
  for (let y = row * height; y < (row + 1) * height; y++) {
    const from = source.offset + borderIndex(y, source.shape[0], 'reflect101') * source.stride[0];
    for (let x = column * width; x < (column + 1) * width; x++) {
      counts[source.data[from + borderIndex(x, source.shape[1], 'reflect101')] as number]++;
    }
  }
  if (limit > 0) clip(counts, limit);
  const scale = Math.fround(255 / (width * height));
  let sum = 0;
  return Uint8Array.from(counts, (count) => roundHalfEven(Math.min(Math.fround(Math.fround((sum += count)) * scale), 255)));
}

/** What is above the limit is dealt out evenly, the rest of it to values that lie evenly apart. */
function clip(counts: Float64Array, limit: number): void {
  let clipped = 0;
  for (let i = 0; i < 256; i++) {
    clipped += Math.max(counts[i] - limit, 0);
    counts[i] = Math.min(counts[i], limit);
  }
  let rest = clipped % 256;
  const step = Math.max(Math.floor(256 / rest), 1);
  for (let i = 0; i < 256; i++) counts[i] += Math.floor(clipped / 256);
  for (let i = 0; i < 256 && rest > 0; i += step, rest--) counts[i]++;
}
