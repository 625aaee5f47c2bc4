/**
 * bilateral: a mean of the pixels near by and of like colour, as OpenCV's bilateralFilter. Tomasi, Manduchi:
 * Bilateral filtering for gray and color images, 1998. All channels count for the likeness.
 */
import { typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import type { Image } from './image';
import { imageArgument, numberOption, roundHalfEven, wholeOption } from './options';
import { roundUp, sampleGrain } from './tile';
import { bordered, reachOf, reflect101, ringRows, windowCall } from './window';

const name = 'bilateral';

export interface BilateralOptions {
  /** Of the round window in pixels, 1 to 255; an even one counts as the odd one above it. */
  diameter: number;
  /** How far apart colours, the differences of all channels together, may be. */
  sigmaColor: number;
  /** How far apart pixels may be. */
  sigmaSpace: number;
}

interface ParsedBilateral {
  readonly radius: number;
  readonly sigmaColor: number;
  /** Weights of the pixels of the window, row by row; 0 outside the circle. */
  readonly space: Float32Array;
}

export function parseBilateral(options?: unknown): ParsedBilateral {
  checkOptions(name, options, ['diameter', 'sigmaColor', 'sigmaSpace']);
  const given = (options ?? {}) as Partial<BilateralOptions>;
  const sigma = (key: 'sigmaColor' | 'sigmaSpace'): number => {
    const value = numberOption(name, key, given[key], { above: 0 });
    if (value === undefined) throw typeError(`${key} of ${name} must be a number`, value);
    return value;
  };
  const [sigmaColor, sigmaSpace] = [sigma('sigmaColor'), sigma('sigmaSpace')];
  const radius = Math.max(1, wholeOption(name, 'diameter', given.diameter, 1, 255) >> 1);
  const size = 2 * radius + 1;
  const space = Float32Array.from({ length: size * size }, (_, i) => {
    const far = (Math.floor(i / size) - radius) ** 2 + ((i % size) - radius) ** 2;
    return far > radius * radius ? 0 : Math.exp(-far / (2 * sigmaSpace * sigmaSpace));
  });
  return { radius, sigmaColor, space };
}

/** Nanoseconds a pixel of the window and sample, an estimate. */
const ns = 0.3;

export function bilateralCall({ radius, sigmaColor, space }: ParsedBilateral, args: readonly unknown[], out?: unknown): Call<Image> {
  const { channels } = imageArgument(name, args, ['u8']);
  const likeness = Float32Array.from({ length: 255 * channels + 1 }, (_, far) => Math.exp((-far * far) / (2 * sigmaColor * sigmaColor)));
  const size = 2 * radius + 1;
  return windowCall({
    ...{ name, kernel: name, args, out, border: reflect101, around: size - 1, ns: 2 + ns * size * size },
    views: [vector(likeness), vector(space)],
    params: [radius],
    scratch({ around, tile }) {
      const plane = roundUp(Math.floor(tile / channels), sampleGrain) + roundUp(size, sampleGrain);
      return [around(size - 1), ringRows(size) * plane * channels, 16 * size * size];
    },
    reference: (source, target) => bilateralReference(source, target, radius, likeness, space),
  }) as Call<Image>;
}

function vector(data: Float32Array): View {
  return { data, offset: 0, shape: [data.length], stride: [1] };
}

/** Floats, in the order of native/kernels/image/bilateral-inl.h. */
function bilateralReference(source: View, target: View, radius: number, likeness: Float32Array, space: Float32Array): void {
  const [height, width, channels] = source.shape;
  const size = 2 * radius + 1;
  const { data, stride } = bordered(source, 'reflect101', [], reachOf(size, size));
  const sums = new Float32Array(channels + 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const centre = (y + radius) * stride + (x + radius) * channels;
      sums.fill(0);
      for (let k = 0; k < size * size; k++) {
        if (space[k] === 0) continue;
        const at = (y + Math.floor(k / size)) * stride + (x + (k % size)) * channels;
        let far = 0;
        for (let c = 0; c < channels; c++) far += Math.abs(data[at + c] - data[centre + c]);
        const weight = Math.fround(space[k] * likeness[far]);
        sums[channels] += weight;
        for (let c = 0; c < channels; c++) sums[c] += Math.fround(weight * data[at + c]);
      }
      const to = target.offset + y * target.stride[0] + x * channels;
      for (let c = 0; c < channels; c++) target.data[to + c] = roundHalfEven(Math.fround(sums[c] / sums[channels]));
    }
  }
}
