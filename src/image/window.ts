/** What windowed kernels have in common: their calls, and images with what a window needs around them. */
import { typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { type Dtype, dtypeOf } from '../kernels/dtype';
import { type Border, borderedRow, borderPixel, borders, type ParsedBorder } from './border';
import { type Image, type ImageLike, imageView, type Pixels } from './image';
import { imageArgument, resultImage } from './options';
import { bandsOf, roundUp, sampleGrain, scratchBytes, type Tiling, tiling } from './tile';

/** Borders that users cannot choose. */
export const replicate: ParsedBorder = { border: 'replicate', borderValue: 0 };
export const reflect101: ParsedBorder = { border: 'reflect101', borderValue: 0 };

/** Samples of rows in scratch: of a tile, and of a tile with `around` pixels beside it. */
export interface RowSamples {
  readonly channels: number;
  /** Of the image. */
  readonly dtype: Dtype;
  /** Of a row of a tile. */
  readonly tile: number;
  /** `SourceRows::sourceSamples` in C++. */
  around(pixels: number): number;
}

export interface WindowKernel {
  /** The name that users know. */
  readonly name: string;
  /** The native kernel. */
  readonly kernel: string;
  readonly args: readonly unknown[];
  readonly out: unknown;
  readonly border: ParsedBorder;
  /** Of the images that it takes; default u8 alone. */
  readonly dtypes?: readonly Dtype[];
  /** Of the result; default that of the image. */
  readonly dtype?: Dtype;
  /** Rows that the window needs above and below a tile together. */
  readonly around: number;
  /** Nanoseconds a sample, roughly. */
  readonly ns: number;
  /** Rows of the result that are made at a time; default 2. */
  readonly rows?: number;
  /** How the image is cut, where the usual way does not fit. */
  tiles?(width: number, height: number, channels: number): Tiling;
  readonly views?: readonly View[];
  readonly params?: readonly number[];
  /** Bytes of the pieces of scratch, in the order in which the native kernel takes them. */
  scratch(samples: RowSamples): number[];
  reference(source: View, target: View, pixel: readonly number[]): void;
}

/** Units are tiles. `out` must lie apart from the image. `WindowArguments` reads it in C++. */
export function windowCall(kernel: WindowKernel): Call<Image<Pixels>> {
  const image = imageArgument(kernel.name, kernel.args, kernel.dtypes ?? ['u8']);
  const { width, height, channels } = image;
  const dtype = dtypeOf(image.data);
  const result = resultImage(kernel.name, { width, height, channels, dtype: kernel.dtype ?? dtype }, kernel.out, image);
  const pixel = borderPixel(kernel.name, kernel.border, channels, dtype);
  const tiles = kernel.tiles?.(width, height, channels) ?? tiling(width, height, channels, kernel.around, kernel.ns, kernel.rows);
  const source = imageView(image);
  const target = imageView(result);
  const tile = roundUp(tiles.width * channels, sampleGrain);
  const around = (pixels: number): number => roundUp(tile + pixels * channels, sampleGrain) + sampleGrain;
  return {
    kernel: kernel.kernel,
    views: [source, ...(kernel.views ?? []), target],
    params: [...[borders.indexOf(kernel.border.border), tiles.width, tiles.height], ...[...pixel, 0, 0, 0].slice(0, 4), ...(kernel.params ?? [])],
    phases: [{ units: tiles.count, grain: 1, cost: tiles.cost }],
    bands: bandsOf(tiles, width, kernel.around, kernel.border.border),
    scratchBytes: scratchBytes(...kernel.scratch({ channels, dtype, tile, around })),
    reference: () => kernel.reference(source, target, pixel),
    finish: () => result,
  };
}

/** Throws unless the image has one channel. */
export function oneChannel(kernel: string, args: readonly unknown[]): ImageLike {
  const image = imageArgument(kernel, args, ['u8']);
  if (image.channels === 1) return image;
  throw typeError(`${kernel} takes an Image of 1 channel, got one of ${image.channels}`);
}

/** Rows of a ring, see `ringRows` in C++. */
export function ringRows(rows: number): number {
  return 2 ** Math.ceil(Math.log2(rows));
}

/** An image with what a window needs around it, without gaps. */
export interface Bordered {
  readonly data: Int32Array | Float32Array;
  /** Samples from one row to the next. */
  readonly stride: number;
}

export interface Reach {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How far a window of the given size reaches; its anchor is floor(size / 2). */
export function reachOf(columns: number, rows: number): Reach {
  const left = Math.floor(columns / 2);
  const top = Math.floor(rows / 2);
  return { left, top, right: columns - 1 - left, bottom: rows - 1 - top };
}

export function bordered(source: View, border: Border, pixel: readonly number[], { left, top, right, bottom }: Reach): Bordered {
  const [height, width, channels] = source.shape;
  const stride = (left + width + right) * channels;
  const type = dtypeOfView(source) === 'f32' ? Float32Array : Int32Array;
  const data = new type(stride * (top + height + bottom));
  for (let y = -top; y < height + bottom; y++) {
    borderedRow(source, border, pixel, y, -left, left + width + right, data.subarray((y + top) * stride, (y + top + 1) * stride));
  }
  return { data, stride };
}

/** Writes every sample of the result. `value` gets the number of the sample in its row, and the row. */
export function eachSample(target: View, value: (i: number, y: number) => number): void {
  const [height, width, channels] = target.shape;
  const to = target.data as Uint8Array;
  for (let y = 0; y < height; y++) {
    const row = target.offset + y * target.stride[0];
    for (let i = 0; i < width * channels; i++) to[row + i] = value(i, y);
  }
}

export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** A number as an element of the dtype: rounded half to even and saturated, floats as they are. What is no number is the lowest. */
export function saturated(x: number, dtype: Dtype): number {
  if (dtype === 'f32') return x;
  const [low, high] = dtype === 'i16' ? [-32768, 32767] : [0, dtype === 'u16' ? 65535 : 255];
  return x > low ? roundHalfEven(Math.min(x, high)) : low;
}

export function dtypeOfView({ data }: View): Dtype {
  return dtypeOf(data);
}
