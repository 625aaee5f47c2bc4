/** sobel, scharr, laplacian and sobelMagnitude: OpenCV's derivatives, border reflect101. All channels alike. */
import { rangeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type ConvolveCall, separable, type Weights, windowed } from './convolve';
import type { Image, Pixels } from './image';
import { imageArgument, wordOption } from './options';
import { bordered, dtypeOfView, eachSample, reachOf, reflect101, ringRows, saturated, windowCall } from './window';

/** What a derivative is stored as: whole numbers of 16 bits (default for u8), floats (for u16 and f32), or bytes, saturated. */
export type DerivativeDtype = 's16' | 'f32' | 'u8';

export interface ScharrOptions {
  /** Order of the derivative along the rows, 0 or 1. Without `dx` and `dy`: 1 and 0. */
  dx?: number;
  /** Down the columns, 0 or 1. One of the two is 1. */
  dy?: number;
  dtype?: DerivativeDtype;
}

export interface SobelOptions extends ScharrOptions {
  /** Width and height of the window: 1, 3 (default), 5 or 7. `dx` and `dy` may be 0, 1 or 2. */
  size?: number;
}

export interface LaplacianOptions {
  /** Width and height of the window: 1 (default), 3, 5 or 7. */
  size?: number;
  dtype?: DerivativeDtype;
}

export interface ParsedDerivative {
  readonly dx: number;
  readonly dy: number;
  readonly size: number;
  readonly dtype: 'i16' | 'f32' | 'u8' | undefined;
}

const dtypes: Readonly<Record<DerivativeDtype, 'i16' | 'f32' | 'u8'>> = { s16: 'i16', f32: 'f32', u8: 'u8' };

function parse(name: string, options: unknown, known: readonly string[], size: number, sizes: readonly number[]): ParsedDerivative {
  checkOptions(name, options, known);
  const given = (options ?? {}) as SobelOptions;
  const order = (word: 'dx' | 'dy', other: unknown): number => {
    const value = given[word] === undefined ? Number(word === 'dx' && other === undefined) : given[word];
    const max = name === 'sobel' ? 2 : 1;
    if (Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw rangeError(`${word} of ${name} must be a whole number from 0 to ${max}`, value);
  };
  const parsed = {
    dx: order('dx', given.dy),
    dy: order('dy', given.dx),
    size: given.size === undefined ? size : given.size,
    dtype: given.dtype === undefined ? undefined : dtypes[wordOption(name, 'dtype', given.dtype, ['s16', 'f32', 'u8'] as const, 's16')],
  };
  if (!sizes.includes(parsed.size)) throw rangeError(`size of ${name} must be ${sizes.slice(0, -1).join(', ')} or ${sizes.at(-1)}`, given.size);
  return parsed;
}

export function parseSobel(options?: unknown): ParsedDerivative {
  const parsed = parse('sobel', options, ['dx', 'dy', 'size', 'dtype'], 3, [1, 3, 5, 7]);
  if (parsed.dx + parsed.dy > 0) return Object.freeze(parsed);
  throw rangeError('one of dx and dy of sobel must be above 0, got 0 and 0');
}

export function parseScharr(options?: unknown): ParsedDerivative {
  const parsed = parse('scharr', options, ['dx', 'dy', 'dtype'], 3, [1, 3]);
  if (parsed.dx + parsed.dy === 1) return Object.freeze(parsed);
  throw rangeError(`one of dx and dy of scharr must be 1, the other 0, got ${parsed.dx} and ${parsed.dy}`);
}

export function parseLaplacian(options?: unknown): ParsedDerivative {
  return Object.freeze(parse('laplacian', options, ['size', 'dtype'], 1, [1, 3, 5, 7]));
}

/** Weights of a derivative of the given order: as many times (1 1) and (-1 1) as make the size. */
function derivative(order: number, size: number): number[] {
  // A window of size 1 only smooths with itself; its derivatives have three weights.
  const length = size === 1 && order > 0 ? 3 : size;
  let weights = [1];
  for (let i = 1; i < length; i++) {
    const sign = i <= order ? -1 : 1;
    weights = Array.from({ length: i + 1 }, (_, t) => sign * (weights[t] ?? 0) + (weights[t - 1] ?? 0));
  }
  return weights;
}

function derivativeCall(name: string, args: readonly unknown[], out: unknown, dtype: ParsedDerivative['dtype']): ConvolveCall {
  const bytes = dtypeOf(imageArgument(name, args, ['u8', 'u16', 'f32']).data) === 'u8';
  return { name, args, out, border: reflect101, dtype: dtype ?? (bytes ? 'i16' : 'f32') };
}

function row(weights: readonly number[]): Weights {
  return { data: Float32Array.from(weights), rows: 1, columns: weights.length };
}

export function sobelCall({ dx, dy, size, dtype }: ParsedDerivative, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  return separable(derivativeCall('sobel', args, out, dtype), row(derivative(dx, size)), row(derivative(dy, size)));
}

export function scharrCall({ dx, dy, dtype }: ParsedDerivative, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const weights = [
    [3, 10, 3],
    [-1, 0, 1],
  ];
  return separable(derivativeCall('scharr', args, out, dtype), row(weights[dx]), row(weights[dy]));
}

export function laplacianCall({ size, dtype }: ParsedDerivative, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  return windowed(derivativeCall('laplacian', args, out, dtype), laplacianWeights(size));
}

/** The sum of both second derivatives; of size 1 the four neighbours less four times the pixel. */
function laplacianWeights(size: number): Weights {
  if (size === 1) return { data: Float32Array.of(0, 1, 0, 1, -4, 1, 0, 1, 0), rows: 3, columns: 3 };
  const second = derivative(2, size);
  const smooth = derivative(0, size);
  const data = Float32Array.from({ length: size * size }, (_, i) => {
    const x = i % size;
    const y = (i - x) / size;
    return second[x] * smooth[y] + smooth[x] * second[y];
  });
  return { data, rows: size, columns: size };
}

export interface SobelMagnitudeOptions {
  /** Bytes, rounded half to even and saturated (default), or floats. */
  dtype?: 'u8' | 'f32';
}

export type ParsedSobelMagnitude = Readonly<Required<SobelMagnitudeOptions>>;

export function parseSobelMagnitude(options?: unknown): ParsedSobelMagnitude {
  const name = 'sobelMagnitude';
  checkOptions(name, options, ['dtype']);
  const { dtype } = (options ?? {}) as SobelMagnitudeOptions;
  return Object.freeze({ dtype: wordOption(name, 'dtype', dtype, ['u8', 'f32'] as const, 'u8') });
}

export function sobelMagnitudeCall({ dtype }: ParsedSobelMagnitude, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const name = 'sobelMagnitude';
  return windowCall({
    ...{ name, kernel: name, args, out, border: reflect101, dtype, around: 2, ns: 0.5 },
    scratch: ({ around }) => [2 * around(2) * ringRows(3)],
    reference: magnitudeReference,
  });
}

/** Derivatives at a sample of an image with one pixel around it: along the row, down the column. */
export function gradientAt(data: ArrayLike<number>, stride: number, channels: number, at: number): [x: number, y: number] {
  const p = (row: number, column: number): number => data[at + row * stride + column * channels];
  const x = p(0, 2) - p(0, 0) + 2 * (p(1, 2) - p(1, 0)) + p(2, 2) - p(2, 0);
  const y = p(2, 0) - p(0, 0) + 2 * (p(2, 1) - p(0, 1)) + p(2, 2) - p(0, 2);
  return [x, y];
}

function magnitudeReference(source: View, target: View): void {
  const { data, stride } = bordered(source, 'reflect101', [], reachOf(3, 3));
  const dtype = dtypeOfView(target);
  eachSample(target, (i, row) => {
    const [x, y] = gradientAt(data, stride, source.shape[2], row * stride + i);
    return saturated(Math.fround(Math.sqrt(x * x + y * y)), dtype);
  });
}
