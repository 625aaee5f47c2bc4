/**
 * boxBlur: the mean of a square window, as OpenCV's blur; halves of whole numbers are rounded up. adaptiveThreshold: white
 * where a pixel is above the mean of its window less a number. All channels alike, alpha too.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type Border, type BorderOptions, type ParsedBorder, parseBorder } from './border';
import type { Image, Pixels } from './image';
import { imageArgument, numberOption, wordOption } from './options';
import { bordered, eachSample, oneChannel, type RowSamples, reachOf, replicate, ringRows, saturated, windowCall } from './window';

export interface BoxBlurOptions extends BorderOptions {
  /** Width and height of the window, 1 to 2047. */
  size: number;
}

export interface ParsedBoxBlur extends ParsedBorder {
  readonly size: number;
}

const sizeMax = 2047;

export function parseBoxBlur(options?: unknown): ParsedBoxBlur {
  checkOptions('boxBlur', options, ['size', 'border', 'borderValue']);
  const given = (options ?? {}) as Partial<BoxBlurOptions>;
  return Object.freeze({ ...parseBorder('boxBlur', given), size: windowSize('boxBlur', given.size, 1, sizeMax) });
}

/** The option `size`: whole, within the bounds, odd if the kernel says so. */
export function windowSize(kernel: string, size: unknown, min: number, max: number, odd = false): number {
  if (size === undefined) throw typeError(`${kernel} needs size, got none`);
  if (typeof size !== 'number') throw typeError(`size of ${kernel} must be a number`, size);
  if (Number.isInteger(size) && size >= min && size <= max && !(odd && size % 2 === 0)) return size;
  throw rangeError(`size of ${kernel} must be ${odd ? 'an odd' : 'a'} whole number from ${min} to ${max}`, size);
}

const dtypes = ['u8', 'u16', 'f32'] as const;

export function boxBlurCall(options: ParsedBoxBlur, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const { size, border } = options;
  const name = 'boxBlur';
  const bytes = dtypeOf(imageArgument(name, args, dtypes).data) === 'u8';
  return windowCall({
    ...{ name, kernel: name, args, out, border: options, dtypes },
    ...{ around: size - 1, ns: bytes ? 0.4 : 2, params: [size, 0] },
    scratch: (samples) => (bytes ? boxScratch(samples, size) : wideScratch(samples, size)),
    reference: (source, target, pixel) => eachSample(target, (bytes ? boxMeans : wideMeans)(source, size, border, pixel)),
  });
}

/** The pieces that BoxWide takes in C++. */
function wideScratch({ dtype, tile, around }: RowSamples, size: number): number[] {
  return [around(size - 1) * (dtype === 'f32' ? 4 : 2), 8 * around(size - 1), 8 * tile, 8 * tile * size];
}

/** Windows up to this size have sums that run along the rows: `Running` in C++; pixels that it reads beyond the window. */
const runningMax = 32;
const runningBeyond = 128;

function boxScratch(samples: RowSamples, size: number): number[] {
  if (size <= runningMax) {
    const row = 2 * samples.around(size + runningBeyond - 1);
    return [samples.around(size - 1) * ringRows(size + 1), row, row];
  }
  const around = samples.around(size - 1);
  const sum = size <= 257 ? 2 : 4;
  return [around, sum * around, 4 * samples.tile, sum * samples.tile * ringRows(size)];
}

/** The mean of the window around a sample. */
function boxMeans(source: View, size: number, border: Border, pixel: readonly number[]): (i: number, y: number) => number {
  const channels = source.shape[2];
  const area = size * size;
  const { data, stride } = bordered(source, border, pixel, reachOf(size, size));
  const sums = new Float64Array(stride);
  let last = -1;
  return (i, y) => {
    // Rows come in order: the sums of columns move down with them.
    for (; last < y; last++) {
      for (let t = last < 0 ? 0 : size - 1; t < size; t++) {
        const row = (y + t) * stride;
        for (let x = 0; x < stride; x++) sums[x] += data[row + x] - (t === size - 1 && y > 0 ? data[row - size * stride + x] : 0);
      }
    }
    let sum = 0;
    for (let t = 0; t < size; t++) sum += sums[i + t * channels];
    return Math.floor((sum + (area >> 1)) / area);
  };
}

/** Of words and floats, summed in doubles and never subtracted: what is not finite spreads no further than its window. */
function wideMeans(source: View, size: number, border: Border, pixel: readonly number[]): (i: number, y: number) => number {
  const channels = source.shape[2];
  const area = size * size;
  const { data, stride } = bordered(source, border, pixel, reachOf(size, size));
  const whole = !(data instanceof Float32Array);
  const columns = new Float64Array(stride);
  let row = -1;
  return (i, y) => {
    if (y !== row) {
      columns.fill(0);
      for (let t = 0; t < size; t++) for (let x = 0; x < stride; x++) columns[x] += data[(y + t) * stride + x];
      row = y;
    }
    let sum = 0;
    for (let t = 0; t < size; t++) sum += columns[i + t * channels];
    return whole ? Math.floor((sum + Math.floor(area / 2)) / area) : sum / area;
  };
}

export interface AdaptiveThresholdOptions {
  /** Width and height of the window: odd, 3 to 2047. */
  size: number;
  /** How much below the mean a pixel may be and still be white; default 0. */
  c?: number;
  /** How the window weighs its pixels; default 'mean'. */
  method?: 'mean' | 'gaussian';
}

export type ParsedAdaptiveThreshold = Readonly<Required<AdaptiveThresholdOptions>>;

export function parseAdaptiveThreshold(options?: unknown): ParsedAdaptiveThreshold {
  const name = 'adaptiveThreshold';
  checkOptions(name, options, ['size', 'c', 'method']);
  const given = (options ?? {}) as Partial<AdaptiveThresholdOptions>;
  return Object.freeze({
    size: windowSize(name, given.size, 3, sizeMax, true),
    c: numberOption(name, 'c', given.c, {}) ?? 0,
    method: wordOption(name, 'method', given.method, ['mean', 'gaussian'] as const, 'mean'),
  });
}

/** The difference between a pixel and its mean that is white at the least. */
function leastDifference(c: number): number {
  return Math.min(Math.max(1 - Math.ceil(c), -1000), 1000);
}

export function adaptiveThresholdCall(options: ParsedAdaptiveThreshold, args: readonly unknown[], out?: unknown): Call<Image> {
  const { size, c, method } = options;
  const name = 'adaptiveThreshold';
  oneChannel(name, args);
  const least = leastDifference(c);
  if (method === 'mean') {
    return windowCall({
      ...{ name, kernel: 'adaptiveMean', args, out, border: replicate },
      ...{ around: size - 1, ns: 0.5, params: [size, least], scratch: (samples) => boxScratch(samples, size) },
      reference(source, target, pixel) {
        const mean = boxMeans(source, size, 'replicate', pixel);
        compare(source, target, mean, least);
      },
    }) as Call<Image>;
  }
  const weights = gaussianWindow(size);
  const view = { data: weights, offset: 0, shape: [size], stride: [1] };
  return windowCall({
    ...{ name, kernel: 'adaptiveGaussian', args, out, border: replicate },
    ...{ around: size - 1, ns: 0.3 + 0.12 * size, views: [view], params: [least] },
    scratch: ({ tile, around }) => [4 * around(size - 1), around(0), 8 * size, 4 * tile * ringRows(size)],
    reference(source, target, pixel) {
      const mean = gaussianMeans(source, weights, pixel);
      compare(source, target, mean, least);
    },
  }) as Call<Image>;
}

function compare(source: View, target: View, mean: (i: number, y: number) => number, least: number): void {
  const from = source.data as Uint8Array;
  eachSample(target, (i, y) => (from[source.offset + y * source.stride[0] + i] - mean(i, y) >= least ? 255 : 0));
}

/** OpenCV's window of floats for a size without a sigma. */
export function gaussianWindow(size: number): Float32Array {
  const small: Record<number, number[]> = { 3: [0.25, 0.5, 0.25], 5: [0.0625, 0.25, 0.375, 0.25, 0.0625] };
  const seven = [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125];
  if (size <= 7) return Float32Array.from(small[size] ?? seven);
  const sigma = 0.3 * ((size - 1) * 0.5 - 1) + 0.8;
  const values = Array.from({ length: size }, (_, i) => Math.exp((-0.5 / (sigma * sigma)) * (i - (size - 1) / 2) ** 2));
  const sum = values.reduce((a, b) => a + b, 0);
  return Float32Array.from(values, (value) => value / sum);
}

/** The weighed mean of the window around a sample: floats from the centre outwards, each step rounded. */
function gaussianMeans(source: View, weights: Float32Array, pixel: readonly number[]): (i: number, y: number) => number {
  const size = weights.length;
  const radius = (size - 1) / 2;
  const { data, stride } = bordered(source, 'replicate', pixel, reachOf(size, size));
  const width = stride - size + 1;
  const weigh = (values: ArrayLike<number>, centre: number, step: number): number => {
    let sum = Math.fround(values[centre] * weights[radius]);
    for (let t = 1; t <= radius; t++) {
      const pair = Math.fround(values[centre - t * step] + values[centre + t * step]);
      sum = Math.fround(sum + Math.fround(pair * weights[radius + t]));
    }
    return sum;
  };
  const along = Float32Array.from({ length: width * (data.length / stride) }, (_, i) =>
    weigh(data, Math.floor(i / width) * stride + (i % width) + radius, 1),
  );
  return (i, y) => saturated(weigh(along, (y + radius) * width + i, width), 'u8');
}
