/**
 * rotate, affine, perspective, remap: each pixel of the result is looked up at a place of the image, which
 * may lie between its pixels. Pixel centres are at whole numbers, as OpenCV has them. Computed in
 * doubles and rounded half to even; floats are kept as they come out.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkMemory, type Dtype, dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type Border, type BorderOptions, borderIndex, borderPixel, borders, type ParsedBorder, parseBorder } from './border';
import { imageKernel, type SamePixelsKernel } from './declare';
import { orientCall, turned } from './geometry';
import { type Image, type ImageLike, imageView, type Pixels } from './image';
import { finiteOption, imageArgument, resultImage, wholeOption, wordOption } from './options';
import { type PixelOption, parsePixel } from './pixel';
import { saturated } from './window';

/** The order is that of `Filter` in native/kernels/image/warp-inl.h. */
const filters = ['nearest', 'bilinear', 'bicubic'] as const;
type Filter = (typeof filters)[number];

export interface WarpOptions extends BorderOptions {
  /** Of the result; default: those of the image. */
  width?: number;
  height?: number;
  /** Default 'bilinear'. 'bicubic' has OpenCV's a = -0.75. */
  filter?: Filter;
}

export interface AffineOptions extends WarpOptions {
  /** [a, b, c, d, e, f]: pixel (x, y) of the result is looked up at (a·x + b·y + c, d·x + e·y + f), as with OpenCV's WARP_INVERSE_MAP. */
  matrix: readonly number[];
}

export interface PerspectiveOptions extends WarpOptions {
  /** Nine numbers, row by row: (x, y, 1) of the result leads to (u, v, w), which is looked up at (u / w, v / w). */
  matrix: readonly number[];
}

export interface RemapOptions extends WarpOptions {
  /** Where each pixel of the result is looked up: width × height numbers, row by row. */
  mapX: Float32Array;
  mapY: Float32Array;
  width: number;
  height: number;
}

export interface RotateOptions {
  /** Degrees clockwise; multiples of 90 move pixels and compute nothing. */
  angle: number;
  /** What the corners show: a number or one per channel; default 0. */
  background?: PixelOption;
}

interface ParsedWarp extends ParsedBorder {
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly filter: Filter;
}

const sideMax = 2 ** 24;
const shared = ['width', 'height', 'filter', 'border', 'borderValue'];

function parseWarp(name: string, options: unknown, own: readonly string[]): ParsedWarp {
  checkOptions(name, options, [...own, ...shared]);
  const given = (options ?? {}) as WarpOptions;
  const side = (option: 'width' | 'height') => (given[option] === undefined ? undefined : wholeOption(name, option, given[option], 1, sideMax));
  return {
    ...parseBorder(name, given),
    width: side('width'),
    height: side('height'),
    filter: wordOption(name, 'filter', given.filter, filters, 'bilinear'),
  };
}

function matrixOption(name: string, value: unknown, length: number): number[] {
  if (!Array.isArray(value)) throw typeError(`matrix of ${name} must be an array of ${length} numbers`, value);
  if (value.length !== length) throw rangeError(`matrix of ${name} must have ${length} numbers, got ${value.length}`);
  return value.map((each) => finiteOption(name, 'each number of the matrix', each));
}

/** Answers where pixel (x, y) of the result is looked up. */
type Place = (x: number, y: number) => readonly [u: number, v: number];

/** Nanoseconds that a pixel takes, of bytes and of wider numbers. */
const pixelNs: Readonly<Record<Filter, number>> = { nearest: 3, bilinear: 4, bicubic: 8 };
const widePixelNs: Readonly<Record<Filter, number>> = { nearest: 10, bilinear: 15, bicubic: 60 };

interface Places {
  readonly kernel: 'affine' | 'perspective' | 'remap';
  readonly maps: readonly View[];
  readonly numbers: readonly number[];
  readonly place: Place;
}

function warpCall(name: string, options: ParsedWarp, places: Places, image: ImageLike, out: unknown): Call<Image<Pixels>> {
  const { channels } = image;
  const { width = image.width, height = image.height, filter, border } = options;
  const dtype = dtypeOf(image.data);
  const result = resultImage(name, { width, height, channels, dtype }, out, image);
  const pixel = borderPixel(name, options, channels, dtype);
  const source = imageView(image);
  const target = imageView(result);
  return {
    kernel: places.kernel,
    views: [source, ...places.maps, target],
    params: [filters.indexOf(filter), borders.indexOf(border), ...[...pixel, 0, 0, 0].slice(0, 4), ...places.numbers],
    phases: [{ units: height, grain: 32, cost: 50 + width * (dtype === 'u8' ? pixelNs : widePixelNs)[filter] }],
    reference: () => warpReference(source, target, dtype, { filter, border, pixel, place: places.place }),
    finish: () => result,
  };
}

function byMatrix(m: readonly number[]): Places {
  const affine = m.length === 6;
  const place: Place = affine
    ? (x, y) => [m[0] * x + (m[1] * y + m[2]), m[3] * x + (m[4] * y + m[5])]
    : (x, y) => {
        const w = m[6] * x + (m[7] * y + m[8]);
        return [(m[0] * x + (m[1] * y + m[2])) / w, (m[3] * x + (m[4] * y + m[5])) / w];
      };
  return { kernel: affine ? 'affine' : 'perspective', maps: [], numbers: affine ? [...m, 0, 0, 1] : m, place };
}

const farAway = 2 ** 30;
const within = (v: number): number => (v > -farAway ? Math.min(v, farAway) : -farAway);

interface Lookup {
  readonly filter: Filter;
  readonly border: Border;
  readonly pixel: readonly number[];
  readonly place: Place;
}

function warpReference(source: View, target: View, dtype: Dtype, { filter, border, pixel, place }: Lookup): void {
  const [height, width, channels] = target.shape;
  const at = (x: number, y: number, c: number): number => {
    const column = borderIndex(x, source.shape[1], border);
    const row = borderIndex(y, source.shape[0], border);
    return column < 0 || row < 0 ? pixel[c] : (source.data[source.offset + row * source.stride[0] + column * channels + c] as number);
  };
  const sample = samplers[filter];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = place(x, y);
      const to = target.offset + y * target.stride[0] + x * channels;
      for (let c = 0; c < channels; c++) {
        target.data[to + c] = saturated(
          sample(within(u), within(v), (column, row) => at(column, row, c)),
          dtype,
        );
      }
    }
  }
}

type Sample = (u: number, v: number, at: (x: number, y: number) => number) => number;

const samplers: Readonly<Record<Filter, Sample>> = {
  nearest: (u, v, at) => at(Math.floor(u + 0.5), Math.floor(v + 0.5)),
  bilinear: (u, v, at) => {
    const [x, y] = [Math.floor(u), Math.floor(v)];
    const [a, b, c, d] = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
    const upper = a + (b - a) * (u - x);
    const lower = c + (d - c) * (u - x);
    return upper + (lower - upper) * (v - y);
  },
  bicubic: (u, v, at) => {
    const [x, y] = [Math.floor(u), Math.floor(v)];
    const [across, down] = [cubic(u - x), cubic(v - y)];
    let sum = 0;
    for (let i = 0; i < 4; i++) {
      let row = 0;
      for (let k = 0; k < 4; k++) row += at(x - 1 + k, y - 1 + i) * across[k];
      sum += row * down[i];
    }
    return sum;
  },
};

/** Keys' cubic: the weights of the four pixels around a place `t` behind the second one. */
function cubic(t: number): number[] {
  const a = -0.75;
  const [before, after] = [t + 1, 1 - t];
  const first = ((a * before - 5 * a) * before + 8 * a) * before - 4 * a;
  const second = ((a + 2) * t - (a + 3)) * t * t + 1;
  const third = ((a + 2) * after - (a + 3)) * after * after + 1;
  return [first, second, third, 1 - first - second - third];
}

const dtypes = ['u8', 'u16', 'f32'] as const;
const definition = { family: 'geometry', dtypes } as const;

function matrixKernel(name: 'affine' | 'perspective', length: number, summary: string): (options: AffineOptions) => SamePixelsKernel {
  return imageKernel({
    ...{ ...definition, name, summary },
    parse: (options?: unknown) => {
      const parsed = parseWarp(name, options, ['matrix']);
      return { ...parsed, places: byMatrix(matrixOption(name, (options as AffineOptions | undefined)?.matrix, length)) };
    },
    call: (parsed, args, out) => warpCall(name, parsed, parsed.places, imageArgument(name, args, dtypes), out),
  });
}

export const affine: (options: AffineOptions) => SamePixelsKernel = matrixKernel(
  'affine',
  6,
  'The image moved, turned, scaled and sheared by a matrix.',
);

export const perspective: (options: PerspectiveOptions) => SamePixelsKernel = matrixKernel(
  'perspective',
  9,
  'The image seen from elsewhere, by a matrix of nine numbers.',
);

export const remap: (options: RemapOptions) => SamePixelsKernel = imageKernel({
  ...{ ...definition, name: 'remap' },
  summary: 'Each pixel looked up where two maps say.',
  parse: (options?: unknown) => {
    const parsed = parseWarp('remap', options, ['mapX', 'mapY']);
    const given = (options ?? {}) as Partial<RemapOptions>;
    const width = wholeOption('remap', 'width', given.width, 1, sideMax);
    const height = wholeOption('remap', 'height', given.height, 1, sideMax);
    const [x, y] = (['mapX', 'mapY'] as const).map((option) => mapOption(option, given[option], width, height));
    const place: Place = (column, row) => [x[row * width + column], y[row * width + column]];
    const maps = [x, y].map((data) => ({ data, offset: 0, shape: [height, width], stride: [width, 1] }));
    return { ...parsed, width, height, places: { kernel: 'remap', maps, numbers: [], place } satisfies Places };
  },
  call: (parsed, args, out) => warpCall('remap', parsed, parsed.places, imageArgument('remap', args, dtypes), out),
});

function mapOption(option: string, value: unknown, width: number, height: number): Float32Array {
  if (!(value instanceof Float32Array)) throw typeError(`${option} of remap must be a Float32Array`, value);
  checkMemory(value, `${option} of remap`);
  if (value.length !== width * height) throw rangeError(`${option} of remap must have ${width * height} numbers, got ${value.length}`);
  return value;
}

/** Which source places a rotated canvas shows: centre on centre. */
function rotation(angle: number, image: ImageLike): { width: number; height: number; matrix: number[] } {
  const radians = ((angle % 360) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const size = (a: number, b: number) => Math.max(1, Math.ceil(Math.abs(a) + Math.abs(b) - 1e-6));
  const width = size(image.width * cos, image.height * sin);
  const height = size(image.width * sin, image.height * cos);
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const [centreX, centreY] = [(image.width - 1) / 2, (image.height - 1) / 2];
  return { width, height, matrix: [cos, sin, centreX - cos * x - sin * y, -sin, cos, centreY + sin * x - cos * y] };
}

export const rotate: (options: RotateOptions) => SamePixelsKernel = imageKernel({
  ...{ ...definition, name: 'rotate' },
  summary: 'The image turned clockwise by any angle, on a canvas that holds it all.',
  parse: (options?: unknown) => {
    checkOptions('rotate', options, ['angle', 'background']);
    const given = (options ?? {}) as Partial<RotateOptions>;
    return { angle: finiteOption('rotate', 'angle', given.angle), background: parsePixel('rotate', 'background', given.background) };
  },
  call: ({ angle, background }, args, out) => {
    const image = imageArgument('rotate', args, dtypes);
    if (angle % 90 === 0) return orientCall('rotate', turned((((angle / 90) % 4) + 4) % 4), args, out);
    const { width, height, matrix } = rotation(angle, image);
    const options = { width, height, filter: 'bilinear', border: 'constant', borderValue: background } as const;
    return warpCall('rotate', options, byMatrix(matrix), image, out);
  },
});
