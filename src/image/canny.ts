/** canny: edges (Canny, "A computational approach to edge detection", 1986), bit by bit OpenCV's. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { gradientAt } from './derivatives';
import { type Image, imageView } from './image';
import { numberOption, resultImage } from './options';
import { roundUp, sampleGrain, scratchBytes } from './tile';
import { bordered, eachSample, oneChannel, reachOf } from './window';

export interface CannyOptions {
  /** Gradients above it continue an edge. */
  low: number;
  /** Gradients above it begin one. */
  high: number;
  /** The length of a gradient as sqrt(gx² + gy²) instead of |gx| + |gy|; default false. */
  l2?: boolean;
}

export interface ParsedCanny {
  readonly low: number;
  readonly high: number;
  readonly l2: boolean;
}

export function parseCanny(options?: unknown): ParsedCanny {
  checkOptions('canny', options, ['low', 'high', 'l2']);
  const given = (options ?? {}) as Partial<CannyOptions>;
  const limit = (name: 'low' | 'high'): number => {
    const value = numberOption('canny', name, given[name], {});
    if (value === undefined) throw typeError(`canny needs ${name}, got none`);
    if (value < 0) throw rangeError(`${name} of canny must be a number from 0 up`, value);
    return Math.min(value, 32767);
  };
  const { l2 = false } = given;
  if (typeof l2 !== 'boolean') throw typeError('l2 of canny must be true or false', l2);
  const [low, high] = [limit('low'), limit('high')].sort((a, b) => a - b).map((value) => Math.floor(l2 ? value * value : value));
  return Object.freeze({ low, high, l2 });
}

const bandRows = 32;

/** Phases: bands of rows, one unit that follows the edges, rows. `out` may be the image itself. */
export function cannyCall(options: ParsedCanny, args: readonly unknown[], out?: unknown): Call<Image> {
  const image = oneChannel('canny', args);
  const { width, height } = image;
  const result = resultImage('canny', { width, height, channels: 1, dtype: 'u8' }, out, image, true);
  const source = imageView(image);
  const target = imageView(result);
  const stride = roundUp(width + 2, sampleGrain);
  const padded = stride + sampleGrain;
  const marks = stride * (height + 2);
  if (marks > 2 ** 32) throw rangeError(`canny takes an Image of up to 2³² pixels, got ${width}×${height}`);
  return {
    kernel: 'canny',
    views: [source, target],
    params: [options.low, options.high, Number(options.l2), bandRows],
    phases: [
      { units: Math.ceil(height / bandRows), grain: 1, cost: (Math.min(bandRows, height) + 2) * (100 + width * 0.5) },
      { units: 1, grain: 1, cost: 1000 + width * height * 0.15 },
      { units: height, grain: 8, cost: 20 + width * 0.1 },
    ],
    sharedBytes: marks + 4 * width * height,
    scratchBytes: scratchBytes(...new Array<number>(9).fill(2 * padded), ...new Array<number>(3).fill(4 * padded)),
    reference: () => cannyReference(source, target, options),
    finish: () => result as Image,
  };
}

function cannyReference(source: View, target: View, { low, high, l2 }: ParsedCanny): void {
  const [height, width] = source.shape;
  const { data, stride: columns } = bordered(source, 'replicate', [], reachOf(3, 3));
  const stride = width + 2;
  const lengths = new Int32Array(stride * (height + 2));
  const gradients: [x: number, y: number][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [gx, gy] = gradientAt(data, columns, 1, y * columns + x);
      gradients.push([gx, gy]);
      lengths[(y + 1) * stride + x + 1] = l2 ? gx * gx + gy * gy : Math.abs(gx) + Math.abs(gy);
    }
  }
  const marks = new Uint8Array(lengths.length);
  const starts: number[] = [];
  gradients.forEach(([x, y], i) => {
    const at = (Math.floor(i / width) + 1) * stride + (i % width) + 1;
    if (lengths[at] <= low || !isCrest(lengths, at, stride, x, y)) return;
    marks[at] = lengths[at] > high ? 2 : 1;
    if (marks[at] === 2) starts.push(at);
  });
  for (let at = starts.pop(); at !== undefined; at = starts.pop()) {
    for (const step of [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1]) {
      if (marks[at + step] !== 1) continue;
      marks[at + step] = 2;
      starts.push(at + step);
    }
  }
  eachSample(target, (x, y) => (marks[(y + 1) * stride + x + 1] === 2 ? 255 : 0));
}

/** Is the length the greatest along the gradient? Its direction is told by the tangent of 22.5° in 15 bits. */
function isCrest(lengths: Int32Array, at: number, stride: number, x: number, y: number): boolean {
  const length = lengths[at];
  const flat = Math.abs(x) * 13573;
  const steep = Math.abs(y) * 32768;
  if (steep < flat) return length > lengths[at - 1] && length >= lengths[at + 1];
  if (steep > flat + Math.abs(x) * 65536) return length > lengths[at - stride] && length >= lengths[at + stride];
  const sign = (x ^ y) < 0 ? -1 : 1;
  return length > lengths[at - stride - sign] && length > lengths[at + stride + sign];
}
