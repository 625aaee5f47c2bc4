/**
 * convolve, convolveSeparable and sharpen: correlation with a window of any weights, as OpenCV's filter2D
 * and sepFilter2D. All channels alike, alpha too. Sums are f32, in the order of the weights, each step
 * rounded.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type Border, type BorderOptions, type ParsedBorder, parseBorder } from './border';
import type { Image, Pixels } from './image';
import { imageArgument, numberOption } from './options';
import { bordered, dtypeOfView, eachSample, reachOf, ringRows, saturated, windowCall } from './window';

export interface ConvolveOptions extends BorderOptions {
  /** Rows of weights, 1×1 to 255×255. The anchor is (floor(columns / 2), floor(rows / 2)). */
  kernel: readonly (readonly number[])[];
  /** The sum is divided by it; default 1. */
  divisor?: number;
  /** Added after the division; default 0. */
  offset?: number;
}

export interface ConvolveSeparableOptions extends BorderOptions {
  /** Weights along the rows, 1 to 255 of them. */
  x: readonly number[];
  /** Weights down the columns; default `x`. */
  y?: readonly number[];
}

/** A window of weights, row by row. */
export interface Weights {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

export interface ParsedConvolve extends ParsedBorder {
  readonly weights: Weights;
  readonly divisor: number;
  readonly offset: number;
}

export interface ParsedConvolveSeparable extends ParsedBorder {
  readonly x: Weights;
  readonly y: Weights;
}

const sizeMax = 255;

export function parseConvolve(options?: unknown): ParsedConvolve {
  checkOptions('convolve', options, ['kernel', 'divisor', 'offset', 'border', 'borderValue']);
  const given = (options ?? {}) as Partial<ConvolveOptions>;
  const divisor = numberOption('convolve', 'divisor', given.divisor, {}) ?? 1;
  if (Math.fround(divisor) === 0) throw rangeError('divisor of convolve must not be 0', divisor);
  const offset = numberOption('convolve', 'offset', given.offset, {}) ?? 0;
  return Object.freeze({ ...parseBorder('convolve', given), weights: windowOption('convolve', given.kernel), divisor, offset });
}

/** Rows of numbers, all of one length. */
export function windowOption(name: string, rows: unknown): Weights {
  if (!Array.isArray(rows)) throw typeError(`kernel of ${name} must be an array of rows of numbers`, rows);
  const lists = rows.map((row) => vectorOption(name, 'a row of kernel', row));
  if (lists.length < 1 || lists.length > sizeMax) {
    throw rangeError(`kernel of ${name} must have 1 to ${sizeMax} rows, got ${lists.length}`);
  }
  const columns = lists[0].length;
  if (lists.some((list) => list.length !== columns)) throw rangeError(`the rows of kernel of ${name} must be equally long`);
  return checked(name, { data: Float32Array.from(lists.flat()), rows: lists.length, columns });
}

function vectorOption(name: string, what: string, list: unknown): number[] {
  if (!Array.isArray(list)) throw typeError(`${what} of ${name} must be an array of numbers`, list);
  if (list.length < 1 || list.length > sizeMax) {
    throw rangeError(`${what} of ${name} must have 1 to ${sizeMax} numbers, got ${list.length}`);
  }
  for (const value of list) {
    if (typeof value !== 'number') throw typeError(`${what} of ${name} must be an array of numbers`, value);
    if (!Number.isFinite(value)) throw rangeError(`${what} of ${name} must hold finite numbers`, value);
  }
  return list as number[];
}

function checked(name: string, weights: Weights): Weights {
  if (Number.isFinite(Math.fround(1e4 * magnitude(weights)))) return weights;
  throw rangeError(`the weights of ${name} must have finite sums in f32`);
}

function magnitude({ data }: Weights): number {
  return data.reduce((sum, weight) => sum + Math.abs(weight), 0);
}

function whole({ data }: Weights): boolean {
  return data.every((weight) => Number.isInteger(weight));
}

export function parseConvolveSeparable(options?: unknown): ParsedConvolveSeparable {
  const name = 'convolveSeparable';
  checkOptions(name, options, ['x', 'y', 'border', 'borderValue']);
  const given = (options ?? {}) as Partial<ConvolveSeparableOptions>;
  const x = vectorOption(name, 'x', given.x);
  const y = vectorOption(name, 'y', given.y === undefined ? x : given.y);
  return Object.freeze({
    ...parseBorder(name, given),
    x: checked(name, { data: Float32Array.from(x), rows: 1, columns: x.length }),
    y: checked(name, { data: Float32Array.from(y), rows: 1, columns: y.length }),
  });
}

export interface ConvolveCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly out: unknown;
  readonly border: ParsedBorder;
  readonly dtype?: 'u8' | 'i16' | 'f32';
  readonly divisor?: number;
  readonly offset?: number;
}

/** dtypes of the images. */
const dtypes = ['u8', 'u16', 'f32'] as const;

/** Words serve bytes when no sum leaves them; they are then exact, as floats are. */
function serveWords({ name, args }: ConvolveCall, sum: number, ...weights: readonly Weights[]): boolean {
  return dtypeOf(imageArgument(name, args, dtypes).data) === 'u8' && weights.every(whole) && sum * 255 <= 32767;
}

export function convolveCall(options: ParsedConvolve, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const { weights, divisor, offset } = options;
  return windowed({ name: 'convolve', args, out, border: options, divisor, offset }, weights);
}

/** sharpen: -2 around 32, sixteenths. */
export function sharpenCall(options: ParsedBorder, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const weights = { data: Float32Array.of(-2, -2, -2, -2, 32, -2, -2, -2, -2), rows: 3, columns: 3 };
  return windowed({ name: 'sharpen', args, out, border: options, divisor: 16 }, weights);
}

export function parseSharpen(options?: unknown): ParsedBorder {
  checkOptions('sharpen', options, []);
  return Object.freeze(parseBorder('sharpen', {}));
}

/** Correlation with a window of two dimensions. */
export function windowed(call: ConvolveCall, weights: Weights): Call<Image<Pixels>> {
  const { divisor = 1, offset = 0, ...rest } = call;
  const { data, rows, columns } = weights;
  const words = serveWords(call, magnitude(weights), weights);
  const { left, top } = reachOf(columns, rows);
  const taps = data.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
  return windowCall({
    ...rest,
    ...{ kernel: 'convolve', dtypes },
    around: rows - 1,
    ns: words ? 0.15 + taps * 0.012 : 0.25 + taps * 0.03,
    views: [{ data, offset: 0, shape: [rows, columns], stride: [columns, 1] }],
    params: [Number(words), left, top, divisor, offset],
    scratch: ({ around }) => [(words ? 2 : 4) * around(columns - 1) * ringRows(rows), tapBytes * rows * columns],
    reference: (source, target, pixel) => convolveReference(source, target, rest.border.border, pixel, weights, divisor, offset),
  });
}

const tapBytes = 32;

function convolveReference(
  source: View,
  target: View,
  border: Border,
  pixel: readonly number[],
  { data: weights, rows, columns }: Weights,
  divisor: number,
  offset: number,
): void {
  const channels = source.shape[2];
  const { data, stride } = bordered(source, border, pixel, reachOf(columns, rows));
  const dtype = dtypeOfView(target);
  eachSample(target, (i, y) => {
    let sum = 0;
    for (let t = 0; t < weights.length; t++) {
      if (weights[t] === 0) continue;
      const sample = data[(y + Math.floor(t / columns)) * stride + i + (t % columns) * channels];
      sum = Math.fround(sum + Math.fround(sample * weights[t]));
    }
    return saturated(Math.fround(Math.fround(sum / Math.fround(divisor)) + Math.fround(offset)), dtype);
  });
}

export function convolveSeparableCall(options: ParsedConvolveSeparable, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  return separable({ name: 'convolveSeparable', args, out, border: options }, options.x, options.y);
}

/** Correlation with x along the rows, then with y down the columns, rounded once. */
export function separable(rest: ConvolveCall, x: Weights, y: Weights): Call<Image<Pixels>> {
  const words = serveWords(rest, magnitude(x) * magnitude(y), x, y);
  const columns = x.data.length;
  const rows = y.data.length;
  const { left } = reachOf(columns, 1);
  const { top } = reachOf(1, rows);
  const size = words ? 2 : 4;
  const vector = (data: Float32Array): View => ({ data, offset: 0, shape: [data.length], stride: [1] });
  return windowCall({
    ...rest,
    ...{ kernel: 'convolveSeparable', dtypes },
    around: rows - 1,
    ns: words ? 0.2 + (rows + columns) * 0.012 : 0.4 + (rows + columns) * 0.03,
    views: [vector(x.data), vector(y.data)],
    params: [Number(words), left, top, 1, 0],
    scratch: ({ tile, around }) => [size * around(columns - 1), tapBytes * columns, tapBytes * rows, size * tile * ringRows(rows)],
    reference: (source, target, pixel) => separableReference(source, target, rest.border.border, pixel, x.data, y.data),
  });
}

function separableReference(source: View, target: View, border: Border, pixel: readonly number[], x: Float32Array, y: Float32Array): void {
  const [height, width, channels] = source.shape;
  const { data, stride } = bordered(source, border, pixel, reachOf(x.length, y.length));
  const samples = width * channels;
  const along = new Float32Array(samples * (height + y.length - 1));
  for (let row = 0, at = 0; row < height + y.length - 1; row++) {
    for (let i = 0; i < samples; i++) along[at++] = weigh(data, row * stride + i, channels, x);
  }
  const dtype = dtypeOfView(target);
  eachSample(target, (i, row) => saturated(weigh(along, row * samples + i, samples, y), dtype));
}

function weigh(data: ArrayLike<number>, at: number, step: number, weights: Float32Array): number {
  let sum = 0;
  for (let t = 0; t < weights.length; t++) {
    if (weights[t] !== 0) sum = Math.fround(sum + Math.fround(data[at + t * step] * weights[t]));
  }
  return sum;
}
