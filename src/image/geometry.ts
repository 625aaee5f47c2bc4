/** Kernels that move whole pixels: crop, pad, flip, flop, rotate90, transposeImage, autoOrient. Nothing is computed, so all dtypes serve. */
import { rangeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type Border, type BorderOptions, borderedRow, borderPixel, borders, type ParsedBorder, parseBorder } from './border';
import { type ImageFactory, imageKernel, type SamePixelsKernel } from './declare';
import { type Image, imageView, type Pixels } from './image';
import { imageArgument, resultImage, wholeOption } from './options';

const dtypes = ['u8', 'u16', 'f32'] as const;
const family = 'geometry';
const sideMax = 2 ** 24;

/** Nanoseconds to move a byte, and to begin a row. */
const byteNs = 0.1;
const rowNs = 20;

export interface CropOptions {
  /** Column and row of the first pixel; default 0. */
  x?: number;
  y?: number;
  width: number;
  height: number;
}

interface Window extends ParsedBorder {
  /** Where the window begins and how large it is; pad knows only how much is added on each side. */
  readonly place: (width: number, height: number) => { x: number; y: number; width: number; height: number };
}

function parseCrop(options?: unknown): Window {
  const name = 'crop';
  checkOptions(name, options, ['x', 'y', 'width', 'height']);
  const given = (options ?? {}) as Partial<CropOptions>;
  const x = wholeOption(name, 'x', given.x, 0, sideMax, 0);
  const y = wholeOption(name, 'y', given.y, 0, sideMax, 0);
  const width = wholeOption(name, 'width', given.width, 1, sideMax);
  const height = wholeOption(name, 'height', given.height, 1, sideMax);
  const place = (fullWidth: number, fullHeight: number) => {
    if (x + width > fullWidth || y + height > fullHeight) {
      throw rangeError(`${name} must lie inside the image of ${fullWidth}×${fullHeight}, got ${width}×${height} at (${x}, ${y})`);
    }
    return { x, y, width, height };
  };
  return { ...parseBorder(name, {}), place };
}

export interface PadOptions extends BorderOptions {
  /** Pixels to add; default 0. */
  left?: number;
  top?: number;
  right?: number;
  bottom?: number;
}

function parsePad(options?: unknown): Window {
  const name = 'pad';
  checkOptions(name, options, ['left', 'top', 'right', 'bottom', 'border', 'borderValue']);
  const given = (options ?? {}) as PadOptions;
  const [left, top, right, bottom] = (['left', 'top', 'right', 'bottom'] as const).map((side) => wholeOption(name, side, given[side], 0, sideMax, 0));
  return {
    ...parseBorder(name, given),
    place: (width, height) => ({ x: -left, y: -top, width: width + left + right, height: height + top + bottom }),
  };
}

function windowCall(name: string, options: Window, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const image = imageArgument(name, args, dtypes);
  const { channels } = image;
  const dtype = dtypeOf(image.data);
  const { x, y, width, height } = options.place(image.width, image.height);
  const result = resultImage(name, { width, height, channels, dtype }, out, image);
  const pixel = borderPixel(name, options, channels, dtype);
  const source = imageView(image);
  const target = imageView(result);
  return {
    kernel: 'pad',
    views: [source, target],
    params: [borders.indexOf(options.border), x, y, ...[...pixel, 0, 0, 0].slice(0, 4)],
    phases: [{ units: height, grain: 1, cost: rowNs + width * channels * image.data.BYTES_PER_ELEMENT * byteNs }],
    // A part of the image reads its own rows alone.
    rowsFrom: y >= 0 && y + height <= image.height ? y : undefined,
    reference: () => windowReference(source, target, options.border, pixel, x, y),
    finish: () => result,
  };
}

function windowReference(source: View, target: View, border: Border, pixel: readonly number[], x: number, y: number): void {
  const [height, width, channels] = target.shape;
  // Floats hold every byte, word and float.
  const row = new Float32Array(width * channels);
  for (let i = 0; i < height; i++) {
    borderedRow(source, border, pixel, y + i, x, width, row);
    (target.data as Float32Array).set(row, target.offset + i * target.stride[0]);
  }
}

/** How an image is laid: columns become rows, or not; read from its right end; from its bottom end. */
interface Orientation {
  readonly transposed: boolean;
  readonly fromRight: boolean;
  readonly fromBottom: boolean;
}

/** The orientations 1 to 8 of EXIF, as the steps that undo them. */
const orientations: readonly Orientation[] = [
  [false, false, false],
  [false, true, false],
  [false, true, true],
  [false, false, true],
  [true, false, false],
  [true, false, true],
  [true, true, true],
  [true, true, false],
].map(([transposed, fromRight, fromBottom]) => Object.freeze({ transposed, fromRight, fromBottom }));

const oriented = (number: number): Orientation => orientations[number - 1];

/** So many quarter turns clockwise, 0 to 3. */
export const turned = (turns: number): Orientation => oriented([1, 6, 3, 8][turns]);

/** Units are rows of the result. */
export function orientCall(
  name: string,
  { transposed, fromRight, fromBottom }: Orientation,
  args: readonly unknown[],
  out?: unknown,
): Call<Image<Pixels>> {
  const image = imageArgument(name, args, dtypes);
  const { channels } = image;
  const [width, height] = transposed ? [image.height, image.width] : [image.width, image.height];
  const result = resultImage(name, { width, height, channels, dtype: dtypeOf(image.data) }, out, image);
  const source = imageView(image);
  const target = imageView(result);
  const pixelNs = fromRight || transposed ? 0.5 : 0.3;
  return {
    kernel: 'orient',
    views: [source, target],
    params: [transposed, fromRight, fromBottom].map(Number),
    phases: [{ units: height, grain: transposed ? 64 : 1, cost: rowNs + width * pixelNs }],
    reference: () => orientReference(source, target, { transposed, fromRight, fromBottom }),
    finish: () => result,
  };
}

function orientReference(source: View, target: View, { transposed, fromRight, fromBottom }: Orientation): void {
  const [sourceHeight, sourceWidth] = source.shape;
  const [height, width, channels] = target.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = transposed ? y : x;
      const row = transposed ? x : y;
      const from =
        source.offset +
        (fromBottom ? sourceHeight - 1 - row : row) * source.stride[0] +
        (fromRight ? sourceWidth - 1 - column : column) * source.stride[1];
      const to = target.offset + y * target.stride[0] + x * target.stride[1];
      for (let c = 0; c < channels; c++) target.data[to + c] = source.data[from + c];
    }
  }
}

export interface Rotate90Options {
  /** Quarter turns clockwise, 1 to 3; default 1. */
  turns?: number;
}

export interface AutoOrientOptions {
  /** EXIF's number, 1 to 8, of how the camera was held; the result is upright. Default 1: nothing to do. */
  orientation?: number;
}

/** Declares a kernel of the eight orientations. */
function orientKernel<F extends (...args: never[]) => unknown>(name: string, summary: string, parse: (options?: unknown) => Orientation): F {
  return imageKernel<Orientation, F>({ name, family, dtypes, summary, parse, call: (parsed, args, out) => orientCall(name, parsed, args, out) });
}

/** A factory without options. */
function always(name: string, number: number): (options?: unknown) => Orientation {
  return (options) => {
    checkOptions(name, options, []);
    return oriented(number);
  };
}

export const crop: (options: CropOptions) => SamePixelsKernel = imageKernel({
  ...{ name: 'crop', family, dtypes, parse: parseCrop },
  summary: 'A rectangle of the image.',
  call: (parsed, args, out) => windowCall('crop', parsed, args, out),
});

export const pad: ImageFactory<SamePixelsKernel, PadOptions> = imageKernel({
  ...{ name: 'pad', family, dtypes, parse: parsePad },
  summary: 'The image with a border around it.',
  call: (parsed, args, out) => windowCall('pad', parsed, args, out),
});

export const flip: () => SamePixelsKernel = orientKernel('flip', 'The image upside down: top and bottom change places.', always('flip', 4));

export const flop: () => SamePixelsKernel = orientKernel('flop', 'The image in a mirror: left and right change places.', always('flop', 2));

export const rotate90: ImageFactory<SamePixelsKernel, Rotate90Options> = orientKernel(
  'rotate90',
  'The image in quarter turns clockwise.',
  (options) => {
    checkOptions('rotate90', options, ['turns']);
    const turns = wholeOption('rotate90', 'turns', (options as Rotate90Options | undefined)?.turns, 1, 3, 1);
    return turned(turns);
  },
);

export const transposeImage: () => SamePixelsKernel = orientKernel('transposeImage', 'Columns become rows.', always('transposeImage', 5));

export const autoOrient: ImageFactory<SamePixelsKernel, AutoOrientOptions> = orientKernel(
  'autoOrient',
  'The image upright, by the orientation number of EXIF.',
  (options) => {
    checkOptions('autoOrient', options, ['orientation']);
    return oriented(wholeOption('autoOrient', 'orientation', (options as AutoOrientOptions | undefined)?.orientation, 1, 8, 1));
  },
);
