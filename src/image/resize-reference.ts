/** resize in plain TypeScript: along the rows first, then down the columns. */
import type { View } from '../kernels/call';
import { byteOfLight, byteTables, lightOf, srgbOf, wordTable } from './light';
import type { Geometry, ResizeMethod } from './resize';
import { type Axis, type Window, wholeWeights } from './resize-weights';

interface Resizing {
  readonly method: ResizeMethod;
  readonly source: View;
  readonly target: View;
  readonly axes: { readonly x: Axis; readonly y: Axis };
  readonly geometry: Geometry;
  readonly background: readonly number[];
  /** Fraction bits that each pass takes away; floats have none. */
  readonly shifts: readonly [number, number];
}

export function resizeReference({ method, source, target, axes, geometry, background, shifts }: Resizing): void {
  const [height, width, channels] = source.shape;
  const whole = method === 'resize' || method === 'resizeFast';
  const { decode, encode } = pixelsOf(method, source, channels);
  const weigh = whole ? weighWhole : weighFloats;
  const columns = axes.x.windows.map((window) => (whole ? { ...window, weights: wholeWeights(window, axes.x.bits) } : window));
  const rows = axes.y.windows.map((window) => (whole ? { ...window, weights: wholeWeights(window, axes.y.bits) } : window));
  const { x } = geometry;
  const length = x.count * channels;
  // Between the passes bytes are rounded to bytes, as in Pillow; 'fast' keeps words, floats stay as they are.
  const between =
    method === 'resize'
      ? new Uint8ClampedArray(height * length)
      : method === 'resizeFast'
        ? new Int16Array(height * length)
        : new Float32Array(height * length);
  const limit = method === 'resizeFast' ? clampWord : (value: number) => value;
  const pixels = whole ? new Int32Array(width * channels) : new Float32Array(width * channels);
  for (let row = 0; row < height; row++) {
    decode(source.offset + row * source.stride[0], width, pixels);
    for (let i = 0; i < x.count; i++) {
      for (let c = 0; c < channels; c++) between[row * length + i * channels + c] = limit(weigh(pixels, columns[i], c, channels, shifts[0]));
    }
  }
  const line = new Float64Array(length);
  eachRow(target, geometry, background, (row, to) => {
    for (let at = 0; at < length; at++) line[at] = weigh(between, rows[row], at, length, shifts[1]);
    encode(line, x.count, target.data as Uint8Array, to);
  });
}

export function nearestReference(
  source: View,
  target: View,
  columns: Int32Array,
  rows: Int32Array,
  geometry: Geometry,
  background: readonly number[],
): void {
  const channels = source.shape[2];
  eachRow(target, geometry, background, (row, to) => {
    const from = source.offset + rows[row] * source.stride[0];
    for (let i = 0; i < columns.length; i++) {
      for (let c = 0; c < channels; c++) target.data[to++] = source.data[from + columns[i] * channels + c] as never;
    }
  });
}

/** Fills every row of the result with background, then has the picture's part of it written from index `to` on. */
function eachRow(target: View, { x, y }: Geometry, background: readonly number[], write: (row: number, to: number) => void): void {
  const channels = target.shape[2];
  for (let row = 0; row < y.size; row++) {
    const begin = target.offset + row * target.stride[0];
    for (let i = 0; i < x.size * channels; i++) target.data[begin + i] = background[i % channels] as never;
    if (row >= y.at && row < y.at + y.count) write(row - y.at, begin + x.at * channels);
  }
}

type Weigh = (samples: ArrayLike<number>, window: Window, at: number, step: number, shift: number) => number;

const weighWhole: Weigh = (samples, { first, weights }, at, step, shift) => {
  let sum = 2 ** (shift - 1);
  for (let k = 0; k < weights.length; k++) sum += weights[k] * samples[at + (first + k) * step];
  return Math.floor(sum / 2 ** shift);
};

/** Every product and every sum rounded to f32. */
const weighFloats: Weigh = (samples, { first, weights }, at, step) => {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) sum = Math.fround(sum + Math.fround(Math.fround(weights[k]) * samples[at + (first + k) * step]));
  return sum;
};

function clampWord(value: number): number {
  return Math.min(Math.max(value, -32768), 32767);
}

interface PixelsOf {
  decode(from: number, pixels: number, to: Int32Array | Float32Array): void;
  encode(from: Float64Array, pixels: number, to: Uint8Array, at: number): void;
}

/** How samples become what is weighed, and come back. */
function pixelsOf(method: ResizeMethod, { data }: View, channels: number): PixelsOf {
  const from = data as Uint8Array;
  if (method === 'resize' || method === 'resizeFast') return wholePixels(from, channels);
  if (method === 'resizeLinear' && data instanceof Uint8Array) return lightPixels(from, channels);
  const max = data instanceof Uint16Array ? 65535 : 0;
  // Alpha has no light.
  const colors = method !== 'resizeLinear' ? 0 : channels % 2 === 0 ? channels - 1 : channels;
  const table = max > 0 && colors > 0 ? wordTable() : undefined;
  return {
    decode: (begin, pixels, to) => {
      for (let i = 0; i < pixels * channels; i++) {
        const value = from[begin + i];
        to[i] = i % channels < colors ? (table ? table[value] : lightOf(value)) : value;
      }
    },
    encode: (sums, pixels, to, at) => {
      for (let i = 0; i < pixels * channels; i++) {
        const value = i % channels < colors ? Math.fround(srgbOf(sums[i])) * (max || 1) : sums[i];
        to[at + i] = max > 0 ? Math.trunc(Math.min(Math.max(value, 0), max) + 0.5) : value;
      }
    },
  };
}

/** Bytes, multiplied with their alpha and divided by it again as Pillow does it. */
function wholePixels(from: Uint8Array, channels: number): PixelsOf {
  const hasAlpha = channels % 2 === 0;
  return {
    decode: (begin, pixels, to) => {
      for (let i = 0; i < pixels * channels; i++) {
        const value = from[begin + i];
        const alpha = from[begin + i - (i % channels) + channels - 1];
        const product = value * alpha + 128;
        to[i] = hasAlpha && i % channels < channels - 1 ? (product + (product >> 8)) >> 8 : value;
      }
    },
    encode: (sums, pixels, to, at) => {
      const clamp = (value: number) => Math.min(Math.max(value, 0), 255);
      for (let i = 0; i < pixels * channels; i++) {
        const value = clamp(sums[i]);
        const alpha = clamp(sums[i - (i % channels) + channels - 1]);
        const divide = hasAlpha && i % channels < channels - 1 && alpha > 0;
        to[at + i] = divide ? Math.min(255, Math.trunc((255 * value) / alpha)) : value;
      }
    },
  };
}

/** Bytes in linear light, in floats. */
function lightPixels(from: Uint8Array, channels: number): PixelsOf {
  const tables = byteTables();
  const hasAlpha = channels % 2 === 0;
  const colors = hasAlpha ? channels - 1 : channels;
  return {
    decode: (begin, pixels, to) => {
      for (let i = 0; i < pixels * channels; i++) {
        const alpha = from[begin + i - (i % channels) + channels - 1];
        if (i % channels >= colors) to[i] = alpha;
        else to[i] = hasAlpha ? Math.fround(tables.light[from[begin + i]] * alpha) : tables.light[from[begin + i]];
      }
    },
    encode: (sums, pixels, to, at) => {
      for (let i = 0; i < pixels * channels; i++) {
        const sum = sums[i - (i % channels) + channels - 1];
        const alpha = Math.trunc(Math.min(Math.max(sum, 0), 255) + 0.5);
        if (i % channels >= colors) to[at + i] = alpha;
        else to[at + i] = byteOfLight(tables, !hasAlpha ? sums[i] : alpha === 0 ? 0 : Math.fround(sums[i] / sum));
      }
    },
  };
}
