/**
 * resize: an image in another size. Bytes come out as Pillow's `Image.resize` with antialiasing makes
 * them; 16-bit numbers and floats are computed in floats, of which nothing is rounded in between.
 * Colours are weighed by their alpha (bytes; not by the nearest pixel).
 */
import { rangeError, typeError } from '../errors';
import type { Call, TypedArray, View } from '../kernels/call';
import { type Dtype, dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { vectorView as vector } from '../kernels/operands';
import { nativeState } from '../native';
import { type Image, imageView, type Pixels } from './image';
import { byteTables, wordTable } from './light';
import { imageArgument, resultImage, wordOption } from './options';
import { type PixelOption, parsePixel, pixelOf } from './pixel';
import { nearestReference, resizeReference } from './resize-reference';
import { type Axis, fittingBits, floatAxis, nearestOf, quadAxis, type ResizeFilter, wholeAxis, windowsOf } from './resize-weights';
import { roundUp, sampleGrain, scratchBytes } from './tile';

export interface ResizeOptions {
  /** Pixels; one of the two suffices, the other follows from the image's proportions. */
  width?: number;
  height?: number;
  /**
   * How both together are meant: 'fill' stretches, 'inside' and 'outside' keep the proportions (the larger
   * picture that fits into the box, the smaller one that covers it), 'cover' (default) cuts off what
   * sticks out, 'contain' puts background around.
   */
  fit?: 'fill' | 'inside' | 'outside' | 'cover' | 'contain';
  /** Which part 'cover' keeps, where 'contain' puts the picture; default 'centre'. */
  position?: 'centre' | 'top' | 'right' | 'bottom' | 'left';
  /** What 'contain' puts around: a number or one per channel; default 0. */
  background?: PixelOption;
  /** Default 'lanczos3'. */
  filter?: ResizeFilter;
  /** True: sRGB to linear light, resized, and back. */
  linear?: boolean;
  /** 'exact' (default): Pillow's bytes. 'fast': bytes within 2 of exact arithmetic, in up to a third less time without AVX-512, and no sooner with it. */
  precision?: 'exact' | 'fast';
}

export interface ParsedResize extends Required<Omit<ResizeOptions, 'width' | 'height'>> {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

const name = 'resize';
const sideMax = 2 ** 24;

export function parseResize(options?: unknown): ParsedResize {
  checkOptions(name, options, ['width', 'height', 'fit', 'position', 'background', 'filter', 'linear', 'precision']);
  const given = (options ?? {}) as ResizeOptions;
  const width = sideOption('width', given.width);
  const height = sideOption('height', given.height);
  if (width === undefined && height === undefined) throw typeError(`${name} needs width or height, got neither`);
  if (given.linear !== undefined && typeof given.linear !== 'boolean') throw typeError(`linear of ${name} must be true or false`, given.linear);
  return Object.freeze({
    width,
    height,
    fit: wordOption(name, 'fit', given.fit, ['fill', 'inside', 'outside', 'cover', 'contain'], 'cover'),
    position: wordOption(name, 'position', given.position, ['centre', 'top', 'right', 'bottom', 'left'], 'centre'),
    background: parsePixel(name, 'background', given.background),
    filter: wordOption(name, 'filter', given.filter, ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos3'], 'lanczos3'),
    linear: given.linear ?? false,
    precision: wordOption(name, 'precision', given.precision, ['exact', 'fast'], 'exact'),
  });
}

function sideOption(side: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const expected = `${side} of ${name} must be a whole number from 1 to ${sideMax}`;
  if (typeof value !== 'number') throw typeError(expected, value);
  if (!Number.isInteger(value) || value < 1 || value > sideMax) throw rangeError(expected, value);
  return value;
}

/** One axis of the geometry: the image goes from `from` to `to` pixels, of which [begin, begin + count) lie at `at` in a result of `size`. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly begin: number;
  readonly count: number;
  readonly at: number;
  readonly size: number;
}

export interface Geometry {
  readonly x: Span;
  readonly y: Span;
}

/** Where the pixels of an image of the given size go. */
export function resizeGeometry(options: ParsedResize, width: number, height: number): Geometry {
  const { fit, position } = options;
  const across = options.width === undefined ? undefined : options.width / width;
  const down = options.height === undefined ? undefined : options.height / height;
  const scaled = (side: number, scale: number) => Math.max(1, Math.floor(side * scale + 0.5));
  if (across === undefined || down === undefined || fit === 'fill') {
    const scale = (across ?? down) as number;
    return { x: whole(width, options.width ?? scaled(width, scale)), y: whole(height, options.height ?? scaled(height, scale)) };
  }
  const scale = fit === 'inside' || fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
  const to = [
    across === scale ? (options.width as number) : scaled(width, scale),
    down === scale ? (options.height as number) : scaled(height, scale),
  ];
  if (fit === 'inside' || fit === 'outside') return { x: whole(width, to[0]), y: whole(height, to[1]) };
  const x = placed(width, to[0], options.width as number, position === 'left' ? 0 : position === 'right' ? 1 : 0.5);
  return { x, y: placed(height, to[1], options.height as number, position === 'top' ? 0 : position === 'bottom' ? 1 : 0.5) };
}

function whole(from: number, to: number): Span {
  return { from, to, begin: 0, count: to, at: 0, size: to };
}

/** Cut off on both sides, or with background on both, at the given share before. */
function placed(from: number, to: number, size: number, share: number): Span {
  const begin = Math.floor(Math.max(0, to - size) * share);
  const at = Math.floor(Math.max(0, size - to) * share);
  return { from, to, begin, count: Math.min(to, size), at, size };
}

/** Nanoseconds: one group of samples along a row, one down a column, one pixel copied. Measured on a Zen 4; `quads` on a Zen 5. */
const groupNs = {
  quads: [0.035, 0.015],
  resize: [0.09, 0.03],
  resizeFast: [0.06, 0.02],
  resizeFloat: [0.2, 0.06],
  resizeLinear: [0.25, 0.08],
} as const;
const copyNs = 0.6;

/** Units are rows: of the image along the rows, then of the result down the columns. `out` must lie apart from the image. */
export function resizeCall(options: ParsedResize, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const image = imageArgument(name, args, ['u8', 'u16', 'f32']);
  const { width, height, channels } = image;
  const dtype = dtypeOf(image.data);
  const { x, y } = resizeGeometry(options, width, height);
  const result = resultImage(name, { width: x.size, height: y.size, channels, dtype }, out, image);
  const background = pixelOf(name, 'background', options.background, channels, dtype);
  const padded = [...background, 0, 0, 0].slice(0, 4);
  const source = imageView(image);
  const target = imageView(result);
  const finish = () => result;
  // The same size is a copy, whatever the filter.
  if (options.filter === 'nearest' || (x.to === x.from && y.to === y.from)) {
    const columns = nearestOf(x.from, x.to, x.begin, x.count);
    const rows = nearestOf(y.from, y.to, y.begin, y.count);
    return {
      kernel: 'resizeNearest',
      views: [source, vector(columns), vector(rows), target],
      params: [x.at, y.at, ...padded],
      phases: [{ units: y.size, grain: 1, cost: 20 + x.size * copyNs }],
      // A copy reads one row after the other.
      rowsFrom: y.to === y.from && y.count === y.size ? y.begin : undefined,
      reference: () => nearestReference(source, target, columns, rows, { x, y }, background),
      finish,
    };
  }
  const method = methodOf(options, dtype);
  const axes = { x: axisOf(options, method, x, 0), y: axisOf(options, method, y, 1) };
  const { quads } = axes.x;
  const rows = rowsOf(axes.y, height);
  const shared = roundUp(x.count * channels, sampleGrain);
  const window = 2 * axes.x.groupsMax + 32;
  const [along, down] = groupNs[quads && channels > 2 && nativeState().isa === 'avx512vnni' ? 'quads' : method];
  return {
    kernel: method,
    views: [
      source,
      spans(axes.x),
      weights(axes.x),
      spans(axes.y),
      weights(axes.y),
      ...(quads ? [spans(quads), weights(quads)] : tablesOf(method, dtype)),
      target,
    ],
    params: [x.at, y.at, rows.first, rows.count, window, ...shifts(method, axes), ...padded],
    phases: [
      { units: rows.count, grain: 16, cost: 50 + x.count * channels * axes.x.groupsMax * along },
      { units: y.size, grain: 1, cost: 50 + x.count * channels * (axes.y.groupsMax * down + 0.2) },
    ],
    rowsFrom: rows.first,
    rolling: () => ({ rowBytes: shared * sampleBytes[method], needs: needsOf(axes.y, y, rows) }),
    sharedBytes: rows.count * shared * sampleBytes[method],
    // Vectors are up to 64 bytes; the second phase of floats needs a row of sums.
    scratchBytes: Math.max(scratchBytes(64 * 16 * channels, 64 * window * channels), 4 * shared),
    reference: () => resizeReference({ method, source, target, axes, geometry: { x, y }, background, shifts: shifts(method, axes) }),
    finish,
  };
}

/** Names of the native kernels. */
export type ResizeMethod = 'resize' | 'resizeFast' | 'resizeFloat' | 'resizeLinear';

/** Bytes of a sample between the passes. */
const sampleBytes: Readonly<Record<ResizeMethod, number>> = { resize: 1, resizeFast: 2, resizeFloat: 4, resizeLinear: 4 };

function methodOf({ linear, precision }: ParsedResize, dtype: Dtype): ResizeMethod {
  if (linear) return 'resizeLinear';
  if (dtype !== 'u8') return 'resizeFloat';
  return precision === 'fast' ? 'resizeFast' : 'resize';
}

/** Pillow's fraction bits. */
const exactBits = 22;
/** Fraction bits of the samples between the passes of 'fast'. */
const fastBits = 6;

/** `quads`: the same for the CPU level that multiplies four bytes at once; along rows only. */
type ResizeAxis = Axis & { readonly quads?: Pick<Axis, 'spans' | 'weights' | 'stride'> };

/** Axes of the last images' sizes: batches are of one size, and weights take longer than a small image. */
const axes = new Map<string, ResizeAxis>();
const axesMax = 16;

function axisOf({ filter }: ParsedResize, method: ResizeMethod, { from, to, begin, count }: Span, which: number): ResizeAxis {
  const key = [filter, method, from, to, begin, count, which].join();
  let axis = axes.get(key);
  if (axis === undefined) {
    const windows = windowsOf(filter as Exclude<ResizeFilter, 'nearest'>, from, to, begin, count);
    if (method === 'resize') axis = { ...wholeAxis(windows, exactBits, 2), quads: which === 0 ? quadAxis(windows, exactBits) : undefined };
    else if (method === 'resizeFast') axis = wholeAxis(windows, fittingBits(windows), 1);
    else axis = floatAxis(windows);
    if (axes.size === axesMax) axes.delete(axes.keys().next().value as string);
    axes.set(key, axis);
  }
  return axis;
}

function shifts(method: ResizeMethod, { x, y }: { x: Axis; y: Axis }): [number, number] {
  return method === 'resizeFast' ? [x.bits - fastBits, y.bits + fastBits] : [x.bits, y.bits];
}

/** The rows of the image that the result is made of. */
function rowsOf({ windows, group }: Axis, height: number): { first: number; count: number } {
  const begin = windows.reduce((min, { first }) => Math.min(min, first), height);
  const end = windows.reduce((max, window) => Math.max(max, window.first + window.weights.length), 0);
  const first = begin - (begin % group);
  return { first, count: Math.min(roundUp(end, group), height) - first };
}

/** The rows between the passes that each row of the result is made of; background needs none. */
function needsOf({ spans: groups, group }: Axis, { count, at, size }: Span, rows: { first: number; count: number }): Int32Array {
  const needs = new Int32Array(2 * size);
  for (let y = 0, end = 0; y < size; y++) {
    if (y >= at && y < at + count) end = Math.max(end, Math.min(group * (groups[3 * (y - at)] + groups[3 * (y - at) + 1]) - rows.first, rows.count));
    needs[2 * y + 1] = end;
  }
  for (let y = size - 1, begin = needs[2 * size - 1]; y >= 0; y--) {
    if (y >= at && y < at + count) begin = Math.min(begin, Math.max(group * groups[3 * (y - at)] - rows.first, 0));
    needs[2 * y] = Math.min(begin, needs[2 * y + 1]);
  }
  return needs;
}

function spans({ spans: data }: Pick<Axis, 'spans'>): View {
  return { data, offset: 0, shape: [data.length / 3, 3], stride: [3, 1] };
}

function weights({ weights: data, stride }: Pick<Axis, 'weights' | 'stride'>): View {
  return { data, offset: 0, shape: [data.length / stride, stride], stride: [stride, 1] };
}

/** In linear light only: what numbers mean. */
function tablesOf(method: ResizeMethod, dtype: Dtype): View[] {
  if (method !== 'resizeLinear' || dtype === 'f32') return [];
  const { light, dark, least } = byteTables();
  const tables: TypedArray[] = dtype === 'u8' ? [light, dark, least] : [wordTable(), dark, least];
  return tables.map(vector);
}
