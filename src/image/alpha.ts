/** Colours and their alpha: premultiply, unpremultiply, flatten; two images in one: composite, blend. Bytes. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { type ImageFactory, type ImageKernel, imageKernel } from './declare';
import { Image, type ImageLike, imageView } from './image';
import { byteOf, finiteOption, imageArgument, resultImage, wholeOption, wordOption } from './options';
import { type PixelOption, parsePixel, pixelOf } from './pixel';

const dtypes = ['u8'] as const;

/** product / 255, rounded, of products up to 255². */
function by255(product: number): number {
  const raised = product + 128;
  return (raised + (raised >> 8)) >> 8;
}

/** Runs over the rows of views of one width. */
function eachRow(target: View, row: (y: number, to: number) => void): void {
  for (let y = 0; y < target.shape[0]; y++) row(y, target.offset + y * target.stride[0]);
}

const rowAt = ({ offset, stride }: View, y: number): number => offset + y * stride[0];
const bytesOf = ({ data }: View): Uint8Array => data as Uint8Array;

/** A kernel of one image with alpha; of one without it is a copy. */
function alphaCall(name: string, args: readonly unknown[], out: unknown, color: (color: number, alpha: number) => number): Call<Image> {
  const image = imageArgument(name, args, dtypes);
  const { width, height, channels } = image;
  const result = resultImage(name, { width, height, channels, dtype: 'u8' }, out, image, true) as Image;
  if (channels % 2 === 1) return copyCall(image, result);
  const [source, target] = [imageView(image), imageView(result)];
  // In place a pixel's alpha is written last, as it is.
  const reference = () =>
    eachRow(target, (y, to) => {
      const from = rowAt(source, y);
      for (let i = 0; i < width * channels; i++) {
        const alpha = bytesOf(source)[from + i - (i % channels) + channels - 1];
        const isAlpha = i % channels === channels - 1;
        bytesOf(target)[to + i] = isAlpha ? alpha : color(bytesOf(source)[from + i], alpha);
      }
    });
  return {
    kernel: name,
    views: [source, target],
    params: [],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.2 }],
    rowsFrom: 0,
    reference,
    finish: () => result,
  };
}

/** The image as it is: one of the eight ways to lay it. */
function copyCall(image: ImageLike, result: Image): Call<Image> {
  const [source, target] = [imageView(image), imageView(result)];
  const { width, height, channels } = result;
  return {
    kernel: 'orient',
    views: [source, target],
    params: [0, 0, 0],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.1 }],
    reference: () =>
      eachRow(target, (y, to) => bytesOf(target).set(bytesOf(source).subarray(rowAt(source, y), rowAt(source, y) + width * channels), to)),
    finish: () => result,
  };
}

export const premultiply: () => ImageKernel = imageKernel({
  ...{ name: 'premultiply', family: 'alpha', dtypes },
  summary: 'Colours multiplied with their alpha, as Pillow rounds it.',
  parse: (options?: unknown) => checkOptions('premultiply', options, []),
  call: (_, args, out) => alphaCall('premultiply', args, out, (color, alpha) => by255(color * alpha)),
});

export const unpremultiply: () => ImageKernel = imageKernel({
  ...{ name: 'unpremultiply', family: 'alpha', dtypes },
  summary: 'Colours divided by their alpha, as Pillow rounds it.',
  parse: (options?: unknown) => checkOptions('unpremultiply', options, []),
  call: (_, args, out) =>
    alphaCall('unpremultiply', args, out, (color, alpha) => (alpha === 0 ? color : Math.min(255, Math.trunc((255 * color) / alpha)))),
});

export interface FlattenOptions {
  /** What shows where the image is transparent: a number or one per colour channel; default 0, black. */
  background?: PixelOption;
}

export const flatten: ImageFactory<ImageKernel, FlattenOptions> = imageKernel({
  ...{ name: 'flatten', family: 'alpha', dtypes },
  summary: 'The image on a background, without alpha.',
  parse: (options?: unknown) => {
    checkOptions('flatten', options, ['background']);
    return parsePixel('flatten', 'background', (options as FlattenOptions | undefined)?.background);
  },
  call: (option, args, out) => flattenCall(option, args, out),
});

function flattenCall(option: PixelOption, args: readonly unknown[], out: unknown): Call<Image> {
  const image = imageArgument('flatten', args, dtypes);
  const { width, height } = image;
  const colors = image.channels < 3 ? 1 : 3;
  const background = pixelOf('flatten', 'background', option, colors, 'u8');
  const hasAlpha = image.channels !== colors;
  const result = resultImage('flatten', { width, height, channels: colors, dtype: 'u8' }, out, image, !hasAlpha) as Image;
  if (!hasAlpha) return copyCall(image, result);
  const [source, target] = [imageView(image), imageView(result)];
  const [from, to] = [bytesOf(source), bytesOf(target)];
  return {
    kernel: 'flatten',
    views: [source, target],
    params: background,
    phases: [{ units: height, grain: 1, cost: 20 + width * 0.8 }],
    reference: () =>
      eachRow(target, (y, at) => {
        for (let x = 0; x < width; x++) {
          const pixel = rowAt(source, y) + x * (colors + 1);
          const alpha = from[pixel + colors];
          for (let c = 0; c < colors; c++) to[at + x * colors + c] = by255(from[pixel + c] * alpha + background[c] * (255 - alpha));
        }
      }),
    finish: () => result,
  };
}

export interface BlendOptions {
  /** An image of the same size and channels. */
  over: ImageLike<Uint8Array>;
  /** The share of `over`, 0 to 1; default 0.5. */
  opacity?: number;
}

function overOption(name: string, value: unknown): ImageLike {
  if (!Image.isImage(value)) throw typeError(`over of ${name} must be an Image`, value);
  return imageArgument(name, [value], dtypes);
}

function opacityOption(name: string, value: unknown, fallback: number): number {
  const opacity = finiteOption(name, 'opacity', value, fallback);
  if (opacity < 0 || opacity > 1) throw rangeError(`opacity of ${name} must be from 0 to 1`, opacity);
  return opacity;
}

export const blend: (options: BlendOptions) => ImageKernel = imageKernel({
  ...{ name: 'blend', family: 'alpha', dtypes },
  summary: 'Two images, each by its share.',
  parse: (options?: unknown) => {
    checkOptions('blend', options, ['over', 'opacity']);
    const given = (options ?? {}) as Partial<BlendOptions>;
    return { over: overOption('blend', given.over), opacity: opacityOption('blend', given.opacity, 0.5) };
  },
  call: ({ over, opacity }, args, out) => blendCall(over, opacity, args, out),
});

function blendCall(over: ImageLike, opacity: number, args: readonly unknown[], out: unknown): Call<Image> {
  const image = imageArgument('blend', args, dtypes);
  const { width, height, channels } = image;
  const size = ({ width: w, height: h, channels: c }: ImageLike) => `${w}×${h}×${c}`;
  if (size(over) !== size(image)) throw rangeError(`over of blend must be ${size(image)} as the image, got ${size(over)}`);
  const shape = { width, height, channels, dtype: 'u8' } as const;
  const result = resultImage('blend', shape, out, image, true) as Image;
  resultImage('blend', shape, result, over, true);
  const [a, b, target] = [imageView(image), imageView(over), imageView(result)];
  return {
    kernel: 'blend',
    views: [a, b, target],
    params: [opacity],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.5 }],
    reference: () =>
      eachRow(target, (y, to) => {
        for (let i = 0; i < width * channels; i++) {
          const below = bytesOf(a)[rowAt(a, y) + i];
          bytesOf(target)[to + i] = byteOf(below + (bytesOf(b)[rowAt(b, y) + i] - below) * opacity);
        }
      }),
    finish: () => result,
  };
}

/** The order is that of `Mode` in native/kernels/image/alpha-inl.h. */
const modes = ['over', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'add', 'difference'] as const;
type Mode = (typeof modes)[number];

export interface CompositeOptions {
  /** The image to lay over the other; gray or RGB, with or without alpha. */
  over: ImageLike<Uint8Array>;
  /** Where its left upper corner lies; it may stick out. Default 0. */
  x?: number;
  y?: number;
  /** Default 'over'. The others are those of the W3C's Compositing and Blending, by sharp's words. */
  mode?: Mode;
  /** Factor of its alpha, 0 to 1; default 1. */
  opacity?: number;
}

interface ParsedComposite extends Required<Omit<CompositeOptions, 'over'>> {
  readonly over: ImageLike;
}

const reachMax = 2 ** 24;

export const composite: (options: CompositeOptions) => ImageKernel = imageKernel({
  ...{ name: 'composite', family: 'alpha', dtypes },
  summary: 'Another image laid over this one.',
  parse: (options?: unknown): ParsedComposite => {
    const name = 'composite';
    checkOptions(name, options, ['over', 'x', 'y', 'mode', 'opacity']);
    const given = (options ?? {}) as Partial<CompositeOptions>;
    return {
      over: overOption(name, given.over),
      x: wholeOption(name, 'x', given.x, -reachMax, reachMax, 0),
      y: wholeOption(name, 'y', given.y, -reachMax, reachMax, 0),
      mode: wordOption(name, 'mode', given.mode, modes, 'over'),
      opacity: opacityOption(name, given.opacity, 1),
    };
  },
  call: (parsed, args, out) => compositeCall(parsed, args, out),
});

function compositeCall(options: ParsedComposite, args: readonly unknown[], out: unknown): Call<Image> {
  const { over, x, y, mode, opacity } = options;
  const image = imageArgument('composite', args, dtypes);
  const { width, height, channels } = image;
  if (channels < 3 && over.channels >= 3) throw typeError(`over of composite must be gray to lie over a gray Image, got ${over.channels} channels`);
  const result = resultImage('composite', { width, height, channels, dtype: 'u8' }, out, image, true) as Image;
  // Laid over itself in place, an image would be read after it was written.
  if (out !== undefined) resultImage('composite', { width, height, channels, dtype: 'u8' }, result, over);
  const [base, upper, target] = [imageView(image), imageView(over), imageView(result)];
  return {
    kernel: 'composite',
    views: [base, upper, target],
    params: [x, y, modes.indexOf(mode), opacity],
    phases: [{ units: height, grain: 1, cost: 30 + width * (mode === 'over' && opacity === 1 ? 2 : 15) }],
    reference: () => compositeReference(base, upper, target, options),
    finish: () => result,
  };
}

/** What two opaque colours, 0 to 1, make of each other. */
const mixers: Readonly<Record<Exclude<Mode, 'add'>, (below: number, above: number) => number>> = {
  over: (_, above) => above,
  multiply: (below, above) => below * above,
  screen: (below, above) => below + above - below * above,
  overlay: (below, above) => (below <= 0.5 ? 2 * below * above : 1 - 2 * (1 - below) * (1 - above)),
  darken: (below, above) => Math.min(below, above),
  lighten: (below, above) => Math.max(below, above),
  difference: (below, above) => Math.abs(above - below),
};

function compositeReference(base: View, over: View, target: View, { x: left, y: top, mode, opacity }: ParsedComposite): void {
  const [height, width, channels] = base.shape;
  const [overHeight, overWidth, overChannels] = over.shape;
  const colors = channels < 3 ? 1 : 3;
  const [below, above, to] = [bytesOf(base), bytesOf(over), bytesOf(target)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const under = rowAt(base, y) + x * channels;
      const at = rowAt(target, y) + x * channels;
      const [column, row] = [x - left, y - top];
      if (column < 0 || row < 0 || column >= overWidth || row >= overHeight) {
        for (let c = 0; c < channels; c++) to[at + c] = below[under + c];
        continue;
      }
      const upper = rowAt(over, row) + column * overChannels;
      const a = (channels > colors ? below[under + colors] : 255) / 255;
      const b = ((overChannels % 2 === 0 ? above[upper + overChannels - 1] : 255) / 255) * opacity;
      const alpha = mode === 'add' ? Math.min(1, a + b) : a + b - a * b;
      for (let c = 0; c < colors; c++) {
        const [lower, higher] = [below[under + c] / 255, above[upper + (overChannels < 3 ? 0 : c)] / 255];
        const sum = mode === 'add' ? b * higher + a * lower : b * (1 - a) * higher + a * (1 - b) * lower + a * b * mixers[mode](lower, higher);
        to[at + c] = alpha === 0 ? 0 : byteOf((sum / alpha) * 255);
      }
      if (channels > colors) to[at + colors] = byteOf(alpha * 255);
    }
  }
}
