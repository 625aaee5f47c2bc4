/** Colours and their alpha: premultiply, unpremultiply, flatten. Bytes. */
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { type ImageFactory, type ImageKernel, imageKernel } from './declare';
import { type Image, type ImageLike, imageView } from './image';
import { imageArgument, resultImage } from './options';
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
