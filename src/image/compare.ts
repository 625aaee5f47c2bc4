/** absdiff, psnr and ssim: two images of one size, all channels alike. Bytes. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { type Image, type ImageLike, imageView } from './image';
import { imageArgument, resultImage, wordOption } from './options';

const sizeOf = ({ width, height, channels }: ImageLike): string => `${width}×${height}×${channels}`;

/** The two images of one size that a kernel is called with. */
function imagePair(kernel: string, args: readonly unknown[]): [a: ImageLike, b: ImageLike] {
  if (args.length > 2 && args[2] !== undefined) throw typeError(`${kernel} takes two Images`, args[2]);
  const [a, b] = [args[0], args[1]].map((each) => imageArgument(kernel, [each], ['u8']));
  if (sizeOf(a) !== sizeOf(b)) throw rangeError(`the images of ${kernel} must have one size, got ${sizeOf(a)} and ${sizeOf(b)}`);
  return [a, b];
}

const rowAt = ({ offset, stride }: View, y: number): number => offset + y * stride[0];
const bytesOf = ({ data }: View): Uint8Array => data as Uint8Array;

export function absdiffCall(_: undefined, args: readonly unknown[], out?: unknown): Call<Image> {
  const name = 'absdiff';
  const [a, b] = imagePair(name, args);
  const { width, height, channels } = a;
  const shape = { width, height, channels, dtype: 'u8' } as const;
  const result = resultImage(name, shape, out, a, true) as Image;
  resultImage(name, shape, result, b, true);
  const [first, second, target] = [imageView(a), imageView(b), imageView(result)];
  return {
    kernel: name,
    views: [first, second, target],
    params: [],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.1 }],
    reference: () => {
      for (let y = 0; y < height; y++) {
        for (let i = 0; i < width * channels; i++) {
          bytesOf(target)[rowAt(target, y) + i] = Math.abs(bytesOf(first)[rowAt(first, y) + i] - bytesOf(second)[rowAt(second, y) + i]);
        }
      }
    },
    finish: () => result,
  };
}

function noOut(name: string, out: unknown): void {
  if (out !== undefined) throw typeError(`${name} takes no out`, out);
}

/** Sums of squared differences, a row each: whole numbers, so that their sum is exact. */
export function psnrCall(_: undefined, args: readonly unknown[], out?: unknown): Call<number> {
  noOut('psnr', out);
  const [a, b] = imagePair('psnr', args);
  const { width, height, channels } = a;
  const [first, second] = [imageView(a), imageView(b)];
  const sums = new Float64Array(height);
  return {
    kernel: 'psnr',
    views: [first, second, { data: sums, offset: 0, shape: [height], stride: [1] }],
    params: [],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.15 }],
    reference: () => {
      for (let y = 0; y < height; y++) {
        let sum = 0;
        for (let i = 0; i < width * channels; i++) sum += (bytesOf(first)[rowAt(first, y) + i] - bytesOf(second)[rowAt(second, y) + i]) ** 2;
        sums[y] = sum;
      }
    },
    finish: () => 10 * Math.log10((255 * 255 * width * height * channels) / sums.reduce((sum, row) => sum + row, 0)),
  };
}

export interface SsimOptions {
  /** 'uniform', the default: 7×7 pixels alike, covariances of a sample. 'gaussian': 11×11, sigma 1.5, as Wang et al. */
  window?: 'uniform' | 'gaussian';
}

/** Weights of a row or column of the window; what sums become means with, and covariances by. */
export interface SsimWindow {
  readonly weights: readonly number[];
  readonly scale: number;
  readonly covariance: number;
}

const gauss = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const gaussSum = gauss.reduce((a, b) => a + b);
const windows: Readonly<Record<'uniform' | 'gaussian', SsimWindow>> = {
  uniform: { weights: new Array<number>(7).fill(1), scale: 1 / 49, covariance: 49 / 48 },
  gaussian: { weights: gauss.map((weight) => weight / gaussSum), scale: 1, covariance: 1 },
};

export function parseSsim(options?: unknown): SsimWindow {
  checkOptions('ssim', options, ['window']);
  return windows[wordOption('ssim', 'window', (options as SsimOptions | undefined)?.window, ['uniform', 'gaussian'], 'uniform')];
}

/** Sums of the index over each row of the interior, [row][channel]: added up in one order, however the rows were cut. */
export function ssimCall({ weights, scale, covariance }: SsimWindow, args: readonly unknown[], out?: unknown): Call<number> {
  noOut('ssim', out);
  const [a, b] = imagePair('ssim', args);
  const { width, height, channels } = a;
  const size = weights.length;
  if (width < size || height < size) throw rangeError(`the images of ssim must be at least ${size}×${size}, got ${sizeOf(a)}`);
  const [first, second] = [imageView(a), imageView(b)];
  const rows = height - size + 1;
  const sums = new Float64Array(rows);
  return {
    kernel: 'ssim',
    views: [first, second, { data: sums, offset: 0, shape: [rows], stride: [1] }],
    params: [scale, covariance, ...weights],
    phases: [{ units: rows, grain: 1, cost: 50 + width * channels * size * 2 }],
    scratchBytes: 5 * width * channels * 8,
    reference: () => ssimReference(first, second, { weights, scale, covariance }, sums),
    finish: () => sums.reduce((sum, row) => sum + row, 0) / (rows * (width - size + 1) * channels),
  };
}

/** The additions stand in the order of native/kernels/image/compare-inl.h. */
function ssimReference(a: View, b: View, { weights, scale, covariance }: SsimWindow, sums: Float64Array): void {
  const [, width, channels] = a.shape;
  const samples = width * channels;
  const size = weights.length;
  const columns = Array.from({ length: 5 }, () => new Float64Array(samples));
  for (let y = 0; y < sums.length; y++) {
    for (const column of columns) column.fill(0);
    for (let t = 0; t < size; t++) {
      for (let i = 0; i < samples; i++) {
        const p = bytesOf(a)[rowAt(a, y + t) + i];
        const q = bytesOf(b)[rowAt(b, y + t) + i];
        const products = [p, q, p * p, q * q, p * q];
        for (let k = 0; k < 5; k++) columns[k][i] += weights[t] * products[k];
      }
    }
    let sum = 0;
    for (let i = 0; i + (size - 1) * channels < samples; i++) {
      const [p, q, pp, qq, pq] = columns.map((column) => {
        let mean = 0;
        for (let t = 0; t < size; t++) mean += weights[t] * column[i + t * channels];
        return mean * scale;
      });
      sum += similarity(p, q, covariance * (pp - p * p), covariance * (qq - q * q), covariance * (pq - p * q));
    }
    sums[y] = sum;
  }
}

/** The structural similarity of two windows, by their means, variances and covariance. */
function similarity(p: number, q: number, pp: number, qq: number, pq: number): number {
  const [c1, c2] = [6.5025, 58.5225];
  return ((2 * p * q + c1) * (2 * pq + c2)) / ((p * p + q * q + c1) * (pp + qq + c2));
}
