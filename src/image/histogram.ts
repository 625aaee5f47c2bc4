/** histogram and integral: what an image measures, all channels alike. */

import { typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { allocate } from '../kernels/memory';
import { imageView } from './image';
import { imageArgument } from './options';

export interface Integral {
  /** Element `c` of (x, y) is the sum of channel c over all pixels left of x and above y. */
  data: Int32Array | Float64Array;
  /** One more than the image's. */
  width: number;
  height: number;
  channels: number;
}

/** How an image is cut into bands of rows that are counted apart. */
export interface Bands {
  readonly rows: number;
  readonly count: number;
}

export function bandsOf(height: number): Bands {
  const rows = Math.ceil(height / Math.min(height, 32));
  return { rows, count: Math.ceil(height / rows) };
}

/** Tables of all pairs of bytes: see native/kernels/image/byte-counts-inl.h. */
export function countingScratch(channels: number): number {
  return Math.max(channels, 2) * 65536 * 4;
}

/** How often each value occurs in each channel: [channel][value]. */
export function countsOf({ data, offset, shape: [height, width, channels], stride }: View): Uint32Array {
  const counts = new Uint32Array(256 * channels);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * channels; i++) counts[(i % channels) * 256 + (data[offset + y * stride[0] + i] as number)]++;
  }
  return counts;
}

/** Nanoseconds that counting a byte takes, about. */
export const countNs = 0.15;

export function parseNothing(name: string): (options?: unknown) => undefined {
  return (options) => checkOptions(name, options, []) as undefined;
}

export function noOut(name: string, out: unknown): void {
  if (out !== undefined) throw typeError(`${name} takes no out`, out);
}

export function countingCall<R>(name: string, args: readonly unknown[], out: unknown, finish: (counts: Uint32Array[], pixels: number) => R): Call<R> {
  noOut(name, out);
  const image = imageArgument(name, args, ['u8']);
  const { width, height, channels } = image;
  const bands = bandsOf(height);
  const result = new Uint32Array(256 * channels);
  const source = imageView(image);
  return {
    kernel: 'histogram',
    views: [source, { data: result, offset: 0, shape: [result.length], stride: [1] }],
    params: [bands.rows, bands.count],
    phases: [
      { units: bands.count, grain: 1, cost: 1000 + bands.rows * width * channels * countNs },
      { units: 1, grain: 1, cost: 1000 + bands.count * channels * 20 },
    ],
    sharedBytes: bands.count * channels * 1024,
    scratchBytes: countingScratch(channels),
    reference: () => result.set(countsOf(source)),
    finish: () =>
      finish(
        Array.from({ length: channels }, (_, c) => result.subarray(c * 256, c * 256 + 256)),
        width * height,
      ),
  };
}

export function histogramCall(_: undefined, args: readonly unknown[], out?: unknown): Call<Uint32Array[]> {
  return countingCall('histogram', args, out, (counts) => counts.map((each) => each.slice()));
}

/** The highest value that occurs; -1 when none does. */
export function highestValue(counts: ArrayLike<number>): number {
  let value = 255;
  while (value >= 0 && counts[value] === 0) value--;
  return value;
}

export function integralCall(_: undefined, args: readonly unknown[], out?: unknown): Call<Integral> {
  noOut('integral', out);
  const image = imageArgument('integral', args, ['u8']);
  const { width, height, channels } = image;
  const wide = 255 * width * height > 2 ** 31 - 1;
  const size = (width + 1) * (height + 1) * channels;
  const data = wide ? allocate(Float64Array, size) : allocate(Int32Array, size);
  const bands = bandsOf(height);
  const source = imageView(image);
  const samples = width * channels;
  return {
    kernel: wide ? 'integralWide' : 'integral',
    views: [source, { data, offset: 0, shape: [height + 1, width + 1, channels], stride: [(width + 1) * channels, channels, 1] }],
    params: [bands.rows, bands.count],
    phases: [
      { units: bands.count, grain: 1, cost: 200 + bands.rows * samples * 0.1 },
      { units: 1, grain: 1, cost: 200 + bands.count * samples * 0.5 },
      { units: bands.count, grain: 1, cost: 200 + bands.rows * samples * 0.6 },
    ],
    sharedBytes: bands.count * samples * data.BYTES_PER_ELEMENT,
    reference: () => integralReference(source, data),
    finish: () => ({ data, width: width + 1, height: height + 1, channels }),
  };
}

function integralReference({ data, offset, shape: [height, width, channels], stride }: View, to: Int32Array | Float64Array): void {
  const row = (width + 1) * channels;
  to.fill(0, 0, row);
  for (let y = 0; y < height; y++) {
    const at = (y + 1) * row;
    to.fill(0, at, at + channels);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = c; i < width * channels; i += channels) {
        sum += data[offset + y * stride[0] + i] as number;
        to[at + channels + i] = to[at - row + channels + i] + sum;
      }
    }
  }
}
