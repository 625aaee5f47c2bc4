/** stats: mean, standard deviation, least and greatest sample of each channel, all channels alike. */
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { vectorView } from '../kernels/operands';
import { bandsOf, countingCall, highestValue, noOut } from './histogram';
import { imageView } from './image';
import { imageArgument } from './options';

/** Where a sample is NaN, all four are. */
export interface ChannelStats {
  mean: number;
  /** Of the population. */
  std: number;
  min: number;
  max: number;
}

const dtypes = ['u8', 'u16', 'f32'] as const;

export function statsCall(_: undefined, args: readonly unknown[], out?: unknown): Call<ChannelStats[]> {
  const bytes = dtypeOf(imageArgument('stats', args, dtypes).data) === 'u8';
  return bytes ? countingCall('stats', args, out, (counts, pixels) => counts.map((each) => statsOf(each, pixels))) : wideCall(args, out);
}

/** Sums of whole numbers are exact. */
function statsOf(counts: Uint32Array, pixels: number): ChannelStats {
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / pixels;
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / pixels;
  return { mean, std: Math.sqrt(variance), min: counts.findIndex((count) => count > 0), max: highestValue(counts) };
}

/** What is known of so many pixels of a channel. */
interface Moments {
  readonly pixels: number;
  readonly mean: number;
  /** The sum of squares of what the samples are apart from their mean. */
  readonly squares: number;
  readonly min: number;
  readonly max: number;
}

/** Numbers that a band leaves for each channel. */
const perChannel = 5;

/** Of words and floats: units are bands of rows, put together in their order. */
function wideCall(args: readonly unknown[], out: unknown): Call<ChannelStats[]> {
  noOut('stats', out);
  const image = imageArgument('stats', args, dtypes);
  const { width, height, channels } = image;
  const bands = bandsOf(height);
  const found = new Float64Array(bands.count * channels * perChannel);
  const source = imageView(image);
  const momentsAt = (band: number, c: number): Moments => {
    const [pixels, mean, squares, min, max] = found.subarray((band * channels + c) * perChannel);
    return { pixels, mean, squares, min, max };
  };
  return {
    kernel: 'stats',
    views: [source, vectorView(found)],
    params: [bands.rows],
    phases: [{ units: bands.count, grain: 1, cost: 1000 + bands.rows * width * channels }],
    reference: () => {
      for (let band = 0; band < bands.count; band++) {
        for (let c = 0; c < channels; c++) {
          const { pixels, mean, squares, min, max } = momentsOf(source, band * bands.rows, (band + 1) * bands.rows, c);
          found.set([pixels, mean, squares, min, max], (band * channels + c) * perChannel);
        }
      }
    },
    finish: () =>
      Array.from({ length: channels }, (_, c) => {
        const each = Array.from({ length: bands.count }, (_band, band) => momentsAt(band, c));
        const { pixels, mean, squares, min, max } = each.reduce(together);
        return { mean, std: Math.sqrt(squares / pixels), min, max };
      }),
  };
}

/** Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979. */
function together(a: Moments, b: Moments): Moments {
  const pixels = a.pixels + b.pixels;
  const step = b.mean - a.mean;
  return {
    pixels,
    mean: a.mean + step * (b.pixels / pixels),
    squares: a.squares + b.squares + step * step * ((a.pixels * b.pixels) / pixels),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/** Of one channel in some rows. */
function momentsOf({ data, offset, shape: [height, width, channels], stride }: View, begin: number, end: number, c: number): Moments {
  const samples: number[] = [];
  for (let y = begin; y < Math.min(end, height); y++) {
    for (let x = 0; x < width; x++) samples.push(data[offset + y * stride[0] + x * channels + c] as number);
  }
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  return {
    pixels: samples.length,
    mean,
    squares: samples.reduce((sum, x) => sum + (x - mean) ** 2, 0),
    min: samples.reduce((a, b) => Math.min(a, b)),
    max: samples.reduce((a, b) => Math.max(a, b)),
  };
}
