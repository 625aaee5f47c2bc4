/**
 * gaussianBlur: of bytes bit by bit what OpenCV's GaussianBlur answers, of words within 1, of floats within 1e-5 of
 * it. Words are summed as floats and rounded once. All channels alike, alpha too.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type Border, type BorderOptions, borderedRow, borderPixel, borders, type ParsedBorder, parseBorder } from './border';
import { type Image, imageView, type Pixels } from './image';
import { imageArgument, numberOption, resultImage } from './options';
import { bandsOf, roundUp, sampleGrain, scratchBytes, tiling } from './tile';
import { roundHalfEven, saturated } from './window';

export interface GaussianBlurOptions extends BorderOptions {
  /** Standard deviation along the rows, in pixels; above 0. Needed unless `size` is given. */
  sigma?: number;
  /** Down the columns; default `sigma`. */
  sigmaY?: number;
  /** Width and height of the window: odd. Default: OpenCV's choice for sigma. Alone it stands for the sigma that OpenCV takes for it. */
  size?: number;
}

/** Weights of a window along the rows and down the columns, ready for a kernel. */
interface Weights {
  readonly x: Uint16Array | Float32Array;
  readonly y: Uint16Array | Float32Array;
}

type Depth = 'u8' | 'u16' | 'f32';

export interface ParsedGaussianBlur extends ParsedBorder {
  readonly weights: Readonly<Record<Depth, Weights>>;
}

const sigmaMax = 1000;
const sizeMax = 8191;

export function parseGaussianBlur(options?: unknown): ParsedGaussianBlur {
  const name = 'gaussianBlur';
  checkOptions(name, options, ['sigma', 'sigmaY', 'size', 'border', 'borderValue']);
  const given = (options ?? {}) as GaussianBlurOptions;
  const sigma = numberOption(name, 'sigma', given.sigma, { above: 0, max: sigmaMax });
  const sigmaY = numberOption(name, 'sigmaY', given.sigmaY, { above: 0, max: sigmaMax }) ?? sigma;
  const size = numberOption(name, 'size', given.size, { above: 0, max: sizeMax });
  if (size !== undefined && size % 2 !== 1) throw rangeError(`size of ${name} must be an odd whole number`, size);
  if (sigma === undefined && size === undefined) throw typeError(`${name} needs sigma or size, got neither`);
  const floats = { x: Float32Array.from(windowOf(sigma, size, 8)), y: Float32Array.from(windowOf(sigmaY, size, 8)) };
  const bytes = { x: byteWeights(windowOf(sigma, size, 6)), y: byteWeights(windowOf(sigmaY, size, 6)) };
  const weights = Object.freeze({ u8: bytes, u16: floats, f32: floats });
  return Object.freeze({ ...parseBorder(name, given), weights });
}

/** OpenCV's windows for sizes without a sigma. */
const smallWindows: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  3: [1 / 4, 1 / 2, 1 / 4],
  5: [1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16],
  7: [1 / 32, 7 / 64, 7 / 32, 9 / 32, 7 / 32, 7 / 64, 1 / 32],
  9: [4 / 256, 13 / 256, 30 / 256, 51 / 256, 60 / 256, 51 / 256, 30 / 256, 13 / 256, 4 / 256],
};

/** The weights of OpenCV's getGaussianKernel; they add up to 1. `reach`: sigmas that a window is wide when no size is given. */
function windowOf(sigma: number | undefined, size: number | undefined, reach: number): number[] {
  const length = size ?? roundHalfEven((sigma as number) * reach + 1) | 1;
  if (sigma === undefined && length in smallWindows) return [...smallWindows[length]];
  const deviation = sigma ?? 0.15 * length + 0.35;
  const half = (length - 1) / 2;
  const exponent = -0.5 / (deviation * deviation);
  const values = Array.from({ length }, (_, i) => Math.exp(exponent * (i - half) ** 2));
  const sum = 2 * values.slice(0, half).reduce((a, b) => a + b, 0) + 1;
  return values.map((value) => value / sum);
}

/**
 * Weights as whole 256ths that add up to 256, as OpenCV's bit-exact blur has them: what rounding takes
 * from a weight goes to the next one towards the centre, which gets the rest. Zeros at the ends fall away.
 */
function byteWeights(window: readonly number[]): Uint16Array {
  const weights = new Uint16Array(window.length);
  const half = (window.length - 1) / 2;
  let error = 0;
  let rest = 256;
  for (let i = 0; i < half; i++) {
    const exact = window[i] * 256 + error;
    const weight = roundHalfEven(exact);
    error = exact - weight;
    weights[i] = weights[window.length - 1 - i] = weight;
    rest -= 2 * weight;
  }
  weights[half] = rest;
  let zeros = 0;
  while (zeros < half && weights[zeros] === 0) zeros++;
  return weights.slice(zeros, window.length - zeros);
}

/** Nanoseconds a sample: moving it, and one tap along both axes. Measured on a Zen 4. */
const nsPerSample = { u8: { move: 0.2, tap: 0.023 }, u16: { move: 0.7, tap: 0.08 }, f32: { move: 0.6, tap: 0.08 } };

/** Units are tiles. `out` must lie apart from the image. */
export function gaussianBlurCall(options: ParsedGaussianBlur, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const image = imageArgument('gaussianBlur', args, ['u8', 'u16', 'f32']);
  const { width, height, channels } = image;
  const dtype = dtypeOf(image.data) as Depth;
  const result = resultImage('gaussianBlur', { width, height, channels, dtype }, out, image);
  const pixel = borderPixel('gaussianBlur', options, channels, dtype);
  const weights = fitting(options, dtype, width, height);
  const { move, tap } = nsPerSample[dtype];
  const taps = (weights.x.length + weights.y.length) / 2;
  const tiles = tiling(width, height, channels, weights.y.length - 1, move + tap * taps);
  const source = imageView(image);
  const target = imageView(result);
  return {
    kernel: 'gaussianBlur',
    views: [source, vectorView(weights.x), vectorView(weights.y), target],
    params: [borders.indexOf(options.border), tiles.width, tiles.height, ...pixel, ...[0, 0, 0].slice(channels - 1)],
    phases: [{ units: tiles.count, grain: 1, cost: tiles.cost }],
    bands: bandsOf(tiles, width, weights.y.length - 1, options.border),
    scratchBytes: blurScratch[dtype](tiles.width * channels, channels, weights),
    reference: () => blurReference(source, target, weights, options.border, pixel),
    finish: () => result,
  };
}

/** As OpenCV, no window along an axis of one pixel, where every border but the constant one repeats it. */
function fitting(options: ParsedGaussianBlur, dtype: Depth, width: number, height: number): Weights {
  const { x, y } = options.weights[dtype];
  if (options.border === 'constant') return { x, y };
  const one = dtype === 'u8' ? Uint16Array.of(256) : Float32Array.of(1);
  return { x: width === 1 ? one : x, y: height === 1 ? one : y };
}

function vectorView(data: Uint16Array | Float32Array): View {
  return { data, offset: 0, shape: [data.length], stride: [1] };
}

/** The pieces that BlurU8 and BlurFloats take in C++, in the same order. */
const blurScratch: Record<Depth, (tileSamples: number, channels: number, weights: Weights) => number> = {
  u8: (tileSamples, channels, { x, y }) => {
    const samples = roundUp(tileSamples, sampleGrain);
    const around = roundUp(samples + (x.length - 1) * channels, sampleGrain);
    const pairsX = (x.length + 1) / 2;
    const pairsY = (y.length + 1) / 2;
    return scratchBytes(around + sampleGrain, 2 * around, 2 * around, 8 * pairsX, 12 * pairsY, 8 * pairsY, 4 * samples * pairsY);
  },
  u16: (tileSamples, channels, weights) => floatScratch(tileSamples, channels, weights, 2),
  f32: (tileSamples, channels, weights) => floatScratch(tileSamples, channels, weights, 0),
};

function floatScratch(tileSamples: number, channels: number, { x, y }: Weights, rawBytes: number): number {
  const samples = roundUp(tileSamples, sampleGrain);
  const around = roundUp(samples + (x.length - 1) * channels, sampleGrain);
  return scratchBytes(rawBytes * around, 4 * around, 8 * y.length, 4 * samples * y.length);
}

/** Rows first, into a ring of as many rows as the window is high, then columns. */
function blurReference(source: View, target: View, { x, y }: Weights, border: Border, pixel: readonly number[]): void {
  const [height, width, channels] = source.shape;
  const bytes = x instanceof Uint16Array;
  const dtype = dtypeOf(target.data);
  const accumulate = (bytes ? addBytes : addFloats) as (rows: Rows, weights: ArrayLike<number>, sums: Row) => void;
  const type = bytes ? Int32Array : Float32Array;
  const radiusX = (x.length - 1) / 2;
  const radiusY = (y.length - 1) / 2;
  const length = width * channels;
  const sums = new type(length);
  const around = new type((width + 2 * radiusX) * channels);
  const shifted = Array.from(x, (_, t) => around.subarray(t * channels, t * channels + length));
  const ring = Array.from(y, () => new type(length));
  const along = (row: number): void => {
    borderedRow(source, border, pixel, row, -radiusX, width + 2 * radiusX, around);
    accumulate(shifted, x, sums);
    ring[(row + radiusY) % ring.length].set(sums);
  };
  for (let row = -radiusY; row < radiusY; row++) along(row);
  for (let row = 0; row < height; row++) {
    along(row + radiusY);
    accumulate(
      ring.map((_, t) => ring[(row + t) % ring.length]),
      y,
      sums,
    );
    const to = (target.data as Uint8Array).subarray(target.offset + row * target.stride[0]);
    for (let i = 0; i < length; i++) to[i] = bytes ? (sums[i] + 32768) >> 16 : saturated(sums[i], dtype);
  }
}

type Row = Int32Array | Float32Array;
type Rows = readonly Row[];

/** Whole numbers: exact in any order. */
function addBytes(rows: readonly Int32Array[], weights: ArrayLike<number>, sums: Int32Array): void {
  sums.fill(0);
  for (let t = 0; t < rows.length; t++) {
    const row = rows[t];
    const weight = weights[t];
    for (let i = 0; i < sums.length; i++) sums[i] += Math.imul(weight, row[i]);
  }
}

/** Floats from the centre outwards, both sides of a distance together, each step rounded to f32. */
function addFloats(rows: readonly Float32Array[], weights: ArrayLike<number>, sums: Float32Array): void {
  const radius = (rows.length - 1) / 2;
  for (let i = 0; i < sums.length; i++) sums[i] = weights[radius] * rows[radius][i];
  for (let t = 1; t <= radius; t++) {
    const before = rows[radius - t];
    const after = rows[radius + t];
    const weight = weights[radius + t];
    for (let i = 0; i < sums.length; i++) sums[i] += Math.fround(Math.fround(before[i] + after[i]) * weight);
  }
}
