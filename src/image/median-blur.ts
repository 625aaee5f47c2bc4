/** medianBlur: the median of a square window, as OpenCV's; the edges are repeated outwards. All channels alike. */
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { windowSize } from './box-blur';
import type { Image } from './image';
import { bordered, reachOf, replicate, ringRows, windowCall } from './window';

export interface MedianBlurOptions {
  /** Width and height of the window: odd, 1 to 255. */
  size: number;
}

export type ParsedMedianBlur = Readonly<MedianBlurOptions>;

export function parseMedianBlur(options?: unknown): ParsedMedianBlur {
  checkOptions('medianBlur', options, ['size']);
  return Object.freeze({ size: windowSize('medianBlur', (options as Partial<MedianBlurOptions> | undefined)?.size, 1, 255, true) });
}

/** Nanoseconds a sample, where networks find the median. Measured with AVX-512 and AVX2, in between. */
const networkNs: Readonly<Record<number, number>> = { 3: 0.07, 5: 0.2, 7: 0.45, 9: 0.7, 11: 0.85, 13: 1.5, 15: 1.8 };
const histogramNs = 8;

/** Rows of results that networks make at a time: `Strips` and `Columns` in C++. */
const networkRows: Readonly<Record<number, number>> = { 3: 4, 5: 8, 7: 4, 9: 4, 11: 4, 13: 4, 15: 8 };

export function medianBlurCall({ size }: ParsedMedianBlur, args: readonly unknown[], out?: unknown): Call<Image> {
  const network = size in networkNs;
  return windowCall({
    ...{ name: 'medianBlur', kernel: 'medianBlur', args, out, border: replicate },
    ...{ around: size - 1, ns: networkNs[size] ?? histogramNs, rows: networkRows[size], params: [size] },
    scratch({ around, tile, channels }) {
      if (network) return size < 7 ? [] : [columnBytes(size)];
      const columns = tile / channels + size - 1;
      return [around(size - 1) * ringRows(size + 1), 16 * columns, 256 * columns];
    },
    reference: (source, target) => medianReference(source, target, size),
  }) as Call<Image>;
}

/** Scratch of `Columns`: blocks of sorted rows, and lists of candidates. */
function columnBytes(size: number): number {
  const tall = networkRows[size];
  const levels = 1 + Math.log2(tall);
  const blocks = Math.ceil((size + 1) / tall) + 1;
  return 64 * (blocks * levels * tall * size + 2 * size * size);
}

/** A histogram of the window, which moves along each row. */
function medianReference(source: View, target: View, size: number): void {
  const [height, width, channels] = source.shape;
  const { data, stride } = bordered(source, 'replicate', [], reachOf(size, size));
  const to = target.data as Uint8Array;
  const counts = new Uint32Array(256);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      const column = (x: number, change: number): void => {
        for (let t = 0; t < size; t++) counts[data[(y + t) * stride + x * channels + c]] += change;
      };
      counts.fill(0);
      for (let x = 0; x < size - 1; x++) column(x, 1);
      for (let x = 0; x < width; x++) {
        column(x + size - 1, 1);
        let value = 0;
        for (let below = counts[0]; below <= (size * size - 1) / 2; below += counts[++value]);
        to[target.offset + y * target.stride[0] + x * channels + c] = value;
        column(x, -1);
      }
    }
  }
}
