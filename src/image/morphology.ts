/**
 * erode, dilate and morphology: the lowest and highest pixel of a window and what is made of the two, as
 * OpenCV's. What lies outside the image does not count. All channels alike.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { windowSize } from './box-blur';
import { windowOption } from './convolve';
import type { Image } from './image';
import { numberOption, wordOption } from './options';
import type { Tiling } from './tile';
import { replicate, windowCall } from './window';

export interface ErodeOptions {
  /** Width and height of the window, 1 to 2047; default 3. */
  size?: number;
  /** Instead of `size`: rows of 0 and 1, at most 255×255, not mirrored; the anchor is (floor(columns / 2), floor(rows / 2)). */
  kernel?: readonly (readonly number[])[];
  /** How often the window is applied, one time after the other; default 1. */
  iterations?: number;
}

export interface MorphologyOptions extends ErodeOptions {
  /**
   * `open`: erode, then dilate. `close`: dilate, then erode. `gradient`: dilated less eroded. `tophat`: the
   * image less its opening. `blackhat`: the closing less the image.
   */
  op: 'open' | 'close' | 'gradient' | 'tophat' | 'blackhat';
}

/** The order is that of `Operation` in C++. */
const operations = ['erode', 'dilate', 'open', 'close', 'gradient', 'tophat', 'blackhat'] as const;
type Operation = (typeof operations)[number];

export interface ParsedMorphology {
  readonly name: 'erode' | 'dilate' | 'morphology';
  readonly operation: Operation;
  readonly iterations: number;
  readonly columns: number;
  readonly rows: number;
  /** The anchor: what of the window lies left of and above a pixel. */
  readonly left: number;
  readonly top: number;
  /** Undefined: all ones. */
  readonly mask: Uint8Array | undefined;
}

/** Pixels that all passes together may reach. */
const reachMax = 2046;

function parse(name: ParsedMorphology['name'], operation: Operation, given: ErodeOptions): ParsedMorphology {
  const iterations = numberOption(name, 'iterations', given.iterations, { above: 0, max: 1000 }) ?? 1;
  if (!Number.isInteger(iterations)) throw rangeError(`iterations of ${name} must be a whole number from 1 to 1000`, iterations);
  if (given.size !== undefined && given.kernel !== undefined) throw typeError(`${name} takes size or kernel, got both`);
  let window: Pick<ParsedMorphology, 'columns' | 'rows' | 'mask'>;
  if (given.kernel === undefined) {
    const size = given.size === undefined ? 3 : windowSize(name, given.size, 1, reachMax + 1);
    window = { columns: size, rows: size, mask: undefined };
  } else {
    const { data, columns, rows } = windowOption(name, given.kernel);
    if (data.some((value) => value !== 0 && value !== 1)) throw rangeError(`kernel of ${name} must hold 0 and 1`);
    if (!data.includes(1)) throw rangeError(`kernel of ${name} must hold a 1`);
    window = { columns, rows, mask: data.includes(0) ? Uint8Array.from(data) : undefined };
  }
  const reach = (Math.max(window.columns, window.rows) - 1) * iterations;
  if (reach > reachMax) throw rangeError(`${name} must reach over no more than ${reachMax} pixels, got ${reach}`);
  const left = Math.floor(window.columns / 2);
  const top = Math.floor(window.rows / 2);
  if (window.mask !== undefined) return Object.freeze({ name, operation, iterations, ...window, left, top });
  // Rectangles one after the other are one larger rectangle.
  const [columns, rows] = [window.columns, window.rows].map((size) => (size - 1) * iterations + 1);
  return Object.freeze({ name, operation, iterations: 1, columns, rows, left: left * iterations, top: top * iterations, mask: undefined });
}

export function parseErode(options?: unknown): ParsedMorphology {
  checkOptions('erode', options, ['size', 'kernel', 'iterations']);
  return parse('erode', 'erode', (options ?? {}) as ErodeOptions);
}

export function parseDilate(options?: unknown): ParsedMorphology {
  checkOptions('dilate', options, ['size', 'kernel', 'iterations']);
  return parse('dilate', 'dilate', (options ?? {}) as ErodeOptions);
}

export function parseMorphology(options?: unknown): ParsedMorphology {
  checkOptions('morphology', options, ['op', 'size', 'kernel', 'iterations']);
  const given = (options ?? {}) as Partial<MorphologyOptions>;
  const words = operations.slice(2) as MorphologyOptions['op'][];
  if (given.op === undefined) throw typeError(`morphology needs op: ${words.join(', ')}; got none`);
  return parse('morphology', wordOption('morphology', 'op', given.op, words, 'open'), given);
}

/** Units are tiles. `out` must lie apart from the image. */
export function morphologyCall(options: ParsedMorphology, args: readonly unknown[], out?: unknown): Call<Image> {
  const { name, operation, iterations, columns, rows, left, top, mask } = options;
  const passes = ['erode', 'dilate', 'gradient'].includes(operation) ? iterations : 2 * iterations;
  const data = mask ?? Uint8Array.of(1);
  let tileHeight = 0;
  return windowCall({
    ...{ name, kernel: 'morphology', args, out, border: replicate },
    ...{ around: passes * (rows - 1), ns: 0 },
    tiles(width, height, channels) {
      const tiles = morphologyTiles(width, height, channels, passes, options);
      tileHeight = tiles.height;
      return tiles;
    },
    views: [{ data, offset: 0, shape: [data.length], stride: [1] }],
    params: [operations.indexOf(operation), iterations, Number(mask === undefined), columns, rows, left, top],
    scratch({ around }) {
      const bytes = around(passes * (columns - 1)) * (tileHeight + passes * (rows - 1));
      return [bytes, bytes, bytes];
    },
    reference: (source, target) => morphologyReference(source, target, options),
  }) as Call<Image>;
}

/** Samples of a tile that stay in the cache, and how many times wider and higher than its surroundings it should be. */
const tileSamples = 64_000;
const tileTimes = 2;

function morphologyTiles(width: number, height: number, channels: number, passes: number, { columns, rows, mask }: ParsedMorphology): Tiling {
  const aroundX = passes * (columns - 1);
  const aroundY = passes * (rows - 1);
  const tileWidth = Math.min(width, Math.max(mask === undefined ? 8192 : 2048, tileTimes * aroundX));
  const tileHeight = Math.min(height, Math.max(Math.floor(tileSamples / (tileWidth * channels)), tileTimes * aroundY, 32));
  const taps = mask === undefined ? 2 * Math.log2(2 * columns * rows) : mask.reduce((a, b) => a + b, 0);
  return {
    width: tileWidth,
    height: tileHeight,
    count: Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight),
    cost: (tileWidth + aroundX) * (tileHeight + aroundY) * channels * (0.1 + 0.03 * passes * taps),
  };
}

/** A pass takes the lowest (-1) or highest (1) of the pixels that a window lists. */
type Offsets = readonly (readonly [x: number, y: number])[];

function morphologyReference(source: View, target: View, options: ParsedMorphology): void {
  const { operation, iterations, columns, rows, left, top, mask } = options;
  const list = (width: number, height: number, set: (i: number) => boolean): Offsets =>
    Array.from({ length: width * height }, (_, i) => i)
      .filter(set)
      .map((i) => [(i % width) - (width > 1 ? left : 0), Math.floor(i / width) - (height > 1 ? top : 0)]);
  const windows = mask === undefined ? [list(columns, 1, () => true), list(1, rows, () => true)] : [list(columns, rows, (i) => mask[i] === 1)];
  const [height, width, channels] = source.shape;
  const samples = width * channels;
  const pixels = new Uint8Array(samples * height);
  for (let y = 0; y < height; y++) {
    const row = source.offset + y * source.stride[0];
    pixels.set((source.data as Uint8Array).subarray(row, row + samples), y * samples);
  }
  const repeat = (from: Uint8Array, sign: -1 | 1): Uint8Array => {
    for (let i = 0; i < iterations; i++) for (const window of windows) from = extremes(from, source.shape, window, sign);
    return from;
  };
  const result: Record<Operation, () => ArrayLike<number>> = {
    erode: () => repeat(pixels, -1),
    dilate: () => repeat(pixels, 1),
    open: () => repeat(repeat(pixels, -1), 1),
    close: () => repeat(repeat(pixels, 1), -1),
    gradient: () => difference(repeat(pixels, 1), repeat(pixels, -1)),
    tophat: () => difference(pixels, result.open()),
    blackhat: () => difference(result.close(), pixels),
  };
  const values = result[operation]();
  for (let y = 0, i = 0; y < height; y++) {
    const row = target.offset + y * target.stride[0];
    for (let x = 0; x < samples; x++) target.data[row + x] = values[i++];
  }
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: a.length }, (_, i) => Math.max(a[i] - b[i], 0));
}

function extremes(from: Uint8Array, [height, width, channels]: readonly number[], offsets: Offsets, sign: -1 | 1): Uint8Array {
  const to = new Uint8Array(from.length).fill(sign < 0 ? 255 : 0);
  for (const [dx, dy] of offsets) {
    for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
      for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
        for (let c = 0; c < channels; c++) {
          const i = (y * width + x) * channels + c;
          const value = from[i + (dy * width + dx) * channels];
          if ((value - to[i]) * sign > 0) to[i] = value;
        }
      }
    }
  }
  return to;
}
