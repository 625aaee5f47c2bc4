/**
 * unsharp: Pillow's UnsharpMask, bit by bit: what an image differs from its blur by is added to it. The
 * blur is Pillow's, an approximation of a gaussian by three extended box blurs along the rows and three
 * down the columns (Gwosdek et al., "Theoretical Foundations of Gaussian Convolution by Extended Box
 * Filtering", 2011). All channels alike.
 */
import { rangeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { type Image, imageView } from './image';
import { imageArgument, numberOption, resultImage } from './options';
import { roundUp, sampleGrain, scratchBytes } from './tile';
import { ringRows } from './window';

export interface UnsharpOptions {
  /** Standard deviation of the blur in pixels, 0 to 500; default 2. */
  radius?: number;
  /** How much of the difference is added, in whole percent, 0 to 10000; default 150. */
  percent?: number;
  /** Differences up to this, 0 to 255, are left alone; default 3. */
  threshold?: number;
}

export interface ParsedUnsharp {
  readonly percent: number;
  readonly threshold: number;
  readonly box: Box;
}

/** A box of 2 · radius + 1 whole pixels and two outermost ones of less weight; weights are 2^24ths. */
interface Box {
  readonly radius: number;
  readonly weight: number;
  readonly edgeWeight: number;
}

export function parseUnsharp(options?: unknown): ParsedUnsharp {
  checkOptions('unsharp', options, ['radius', 'percent', 'threshold']);
  const given = (options ?? {}) as UnsharpOptions;
  const radius = numberOption('unsharp', 'radius', given.radius, { max: 500 }) ?? 2;
  if (radius < 0) throw rangeError('radius of unsharp must be a number from 0 to 500', radius);
  const whole = (name: 'percent' | 'threshold', max: number, fallback: number): number => {
    const value = numberOption('unsharp', name, given[name], { max }) ?? fallback;
    if (Number.isInteger(value) && value >= 0) return value;
    throw rangeError(`${name} of unsharp must be a whole number from 0 to ${max}`, value);
  };
  return Object.freeze({ percent: whole('percent', 10000, 150), threshold: whole('threshold', 255, 3), box: boxOf(radius) });
}

/** Pillow computes this in floats, each step rounded. */
function boxOf(sigma: number): Box {
  const f = Math.fround;
  const variance = f(f(f(sigma) * f(sigma)) / 3);
  const length = f(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((length - 1) / 2);
  const above = f((2 * whole + 1) * f(f(whole * (whole + 1)) - f(3 * variance)));
  const part = f(above / f(6 * f(variance - (whole + 1) * (whole + 1))));
  const size = f(whole + part);
  const radius = Math.trunc(size);
  const weight = Math.trunc(f(2 ** 24 / f(f(size * 2) + 1)));
  return { radius, weight, edgeWeight: Math.floor((2 ** 24 - (2 * radius + 1) * weight) / 2) };
}

/** Strips are wide, so that the memory's next lines are guessed, and few rows of them fill half a core's second cache. */
const stripSamples = 4096;

/** Rows of a strip's part: few enough for every core to get some, and many times those that the passes make again around them. */
function bandOf(height: number, strips: number, radius: number): number {
  return Math.max(16 * (radius + 1), Math.min(256, Math.ceil((height * strips) / 32)));
}

/** Phase 0: units are rows; phase 1: strips of columns, band by band. `out` must lie apart from the image. */
export function unsharpCall({ percent, threshold, box }: ParsedUnsharp, args: readonly unknown[], out?: unknown): Call<Image> {
  const image = imageArgument('unsharp', args, ['u8']);
  const { width, height, channels } = image;
  const result = resultImage('unsharp', { width, height, channels, dtype: 'u8' }, out, image);
  const source = imageView(image);
  const target = imageView(result);
  const samples = width * channels;
  const stride = roundUp(samples, sampleGrain);
  const around = stride + 2 * (box.radius + 1) * channels + 2 * sampleGrain;
  const sum = box.radius <= 63 ? 2 : 4;
  const ring = stripSamples * ringRows(2 * box.radius + 3);
  const strip = sum * stripSamples;
  const strips = Math.ceil(samples / stripSamples);
  const bandRows = bandOf(height, strips, box.radius);
  return {
    kernel: 'unsharp',
    views: [source, target],
    params: [box.radius, box.weight, box.edgeWeight, percent, threshold, stripSamples, bandRows],
    phases: [
      { units: height, grain: 1, cost: 100 + samples * 0.5 },
      { units: strips * Math.ceil(height / bandRows), grain: 1, cost: bandRows * Math.min(stripSamples, samples) * 0.7 },
    ],
    sharedBytes: stride * height,
    scratchBytes: Math.max(scratchBytes(around, around, sum * around, sum * stride), scratchBytes(strip, strip, strip, ring, ring, stripSamples)),
    reference: () => unsharpReference(source, target, percent, threshold, box),
    finish: () => result as Image,
  };
}

function unsharpReference(source: View, target: View, percent: number, threshold: number, box: Box): void {
  const [height, width, channels] = source.shape;
  const from = source.data as Uint8Array;
  const to = target.data as Uint8Array;
  const samples = width * channels;
  const blurred = new Uint8Array(samples * height);
  for (let y = 0; y < height; y++) {
    const row = source.offset + y * source.stride[0];
    blurred.set(from.subarray(row, row + samples), y * samples);
    for (let c = 0; c < channels; c++) blurLine(blurred, y * samples + c, width, channels, box);
  }
  for (let i = 0; i < samples; i++) blurLine(blurred, i, height, samples, box);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < samples; i++) {
      const pixel = from[source.offset + y * source.stride[0] + i];
      const difference = pixel - blurred[y * samples + i];
      const sharp = Math.min(Math.max(pixel + Math.trunc((difference * percent) / 100), 0), 255);
      to[target.offset + y * target.stride[0] + i] = Math.abs(difference) > threshold ? sharp : pixel;
    }
  }
}

/** Three box blurs of `count` samples that lie `step` apart; the ends are repeated outwards. */
function blurLine(data: Uint8Array, begin: number, count: number, step: number, { radius, weight, edgeWeight }: Box): void {
  const line = new Uint8Array(count);
  const at = (i: number): number => line[Math.min(Math.max(i, 0), count - 1)];
  for (let pass = 0; pass < 3; pass++) {
    for (let i = 0; i < count; i++) line[i] = data[begin + i * step];
    let sum = 0;
    for (let t = -radius; t < radius; t++) sum += at(t);
    for (let i = 0; i < count; i++) {
      sum += at(i + radius);
      const edges = at(i - radius - 1) + at(i + radius + 1);
      data[begin + i * step] = Math.floor((sum * weight + edges * edgeWeight + 2 ** 23) / 2 ** 24);
      sum -= at(i - radius);
    }
  }
}
