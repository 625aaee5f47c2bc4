/**
 * Tables made of histograms: otsu, equalize and autocontrast. Alpha stays as it is.
 */
import { rangeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { bandsOf, countingScratch, countNs, countsOf, highestValue } from './histogram';
import { type Image, imageView } from './image';
import { imageArgument, numberOption, resultImage, wordOption } from './options';
import { oneChannel, roundHalfEven } from './window';

const identity = Uint8Array.from({ length: 256 }, (_, i) => i);

function isAlpha(channel: number, channels: number): boolean {
  return channels % 2 === 0 && channel === channels - 1;
}

function applyTables(source: View, target: View, tables: readonly Uint8Array[]): void {
  const [height, width, channels] = source.shape;
  for (let y = 0; y < height; y++) {
    const from = source.offset + y * source.stride[0];
    const to = target.offset + y * target.stride[0];
    for (let i = 0; i < width * channels; i++) target.data[to + i] = tables[i % channels][source.data[from + i] as number];
  }
}

export interface EqualizeOptions {
  /** OpenCV's equalizeHist of one channel (default), or Pillow's of each. */
  method?: 'cv2' | 'pillow';
}

export interface AutocontrastOptions {
  /** Percent of the darkest and of the brightest pixels that do not count, 0 to below 50; default 0. */
  cutoff?: number;
}

/** The order is that of `makeTables` in C++. */
const methods = ['otsu', 'cv2', 'pillow', 'autocontrast'] as const;

export interface ParsedTone {
  readonly name: string;
  readonly method: (typeof methods)[number];
  readonly cutoff: number;
}

export function parseOtsu(options?: unknown): ParsedTone {
  checkOptions('otsu', options, []);
  return Object.freeze({ name: 'otsu', method: 'otsu', cutoff: 0 });
}

export function parseEqualize(options?: unknown): ParsedTone {
  checkOptions('equalize', options, ['method']);
  const { method } = (options ?? {}) as EqualizeOptions;
  return Object.freeze({ name: 'equalize', method: wordOption('equalize', 'method', method, ['cv2', 'pillow'] as const, 'cv2'), cutoff: 0 });
}

export function parseAutocontrast(options?: unknown): ParsedTone {
  checkOptions('autocontrast', options, ['cutoff']);
  const { cutoff: given } = (options ?? {}) as AutocontrastOptions;
  const cutoff = numberOption('autocontrast', 'cutoff', given, {}) ?? 0;
  if (cutoff < 0 || cutoff >= 50) throw rangeError('cutoff of autocontrast must be a number from 0 to below 50', cutoff);
  return Object.freeze({ name: 'autocontrast', method: 'autocontrast', cutoff });
}

/** Phases: counting by bands of rows, the tables, rows. `out` may be the image itself. */
export function toneCall({ name, method, cutoff }: ParsedTone, args: readonly unknown[], out?: unknown): Call<Image> {
  const image = method === 'otsu' || method === 'cv2' ? oneChannel(name, args) : imageArgument(name, args, ['u8']);
  const { width, height, channels } = image;
  const result = resultImage(name, { width, height, channels, dtype: 'u8' }, out, image, true);
  const source = imageView(image);
  const target = imageView(result);
  const bands = bandsOf(height);
  return {
    kernel: 'tone',
    views: [source, target],
    params: [bands.rows, bands.count, methods.indexOf(method), cutoff],
    phases: [
      { units: bands.count, grain: 1, cost: 1000 + bands.rows * width * channels * countNs },
      { units: 1, grain: 1, cost: 2000 + bands.count * channels * 20 },
      { units: height, grain: 1, cost: 20 + width * channels * (channels < 3 ? 0.1 : 0.4) },
    ],
    sharedBytes: (bands.count * 1024 + 256) * channels,
    scratchBytes: countingScratch(channels),
    reference() {
      const counts = countsOf(source);
      const tables = Array.from({ length: channels }, (_, c) =>
        isAlpha(c, channels) ? identity : tableMakers[method](counts.subarray(c * 256, c * 256 + 256), cutoff),
      );
      applyTables(source, target, tables);
    },
    finish: () => result as Image,
  };
}

const tableMakers: Readonly<Record<ParsedTone['method'], (counts: Uint32Array, cutoff: number) => Uint8Array>> = {
  otsu(counts) {
    const threshold = otsuThreshold(counts);
    return identity.map((i) => (i > threshold ? 255 : 0));
  },
  cv2(counts) {
    const first = counts.findIndex((count) => count > 0);
    const rest = sumOf(counts) - counts[first];
    if (rest === 0) return identity;
    const scale = Math.fround(255 / rest);
    let sum = 0;
    return identity.map((i) => (i <= first ? 0 : roundHalfEven(Math.min(Math.fround(Math.fround((sum += counts[i])) * scale), 255))));
  },
  pillow(counts) {
    const step = Math.floor((sumOf(counts) - counts[highestValue(counts)]) / 255);
    if (step === 0) return identity;
    let n = Math.floor(step / 2);
    return identity.map((i) => {
      const value = Math.min(Math.floor(n / step), 255);
      n += counts[i];
      return value;
    });
  },
  autocontrast(counts, cutoff) {
    const rest = counts.slice();
    const cut = Math.floor((sumOf(counts) * cutoff) / 100);
    for (const order of [identity, identity.slice().reverse()]) {
      let left = cut;
      for (const value of order) {
        const taken = Math.min(left, rest[value]);
        rest[value] -= taken;
        left -= taken;
      }
    }
    const low = rest.findIndex((count) => count > 0);
    const high = highestValue(rest);
    if (high <= low) return identity;
    const scale = 255 / (high - low);
    return identity.map((i) => Math.trunc(Math.min(Math.max(i * scale - low * scale, 0), 255)));
  },
};

function sumOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Otsu, "A threshold selection method from gray-level histograms", 1979: the greatest variance between the classes. */
function otsuThreshold(counts: Uint32Array): number {
  const scale = 1 / sumOf(counts);
  const mean = counts.reduce((sum, count, i) => sum + i * count, 0) * scale;
  const epsilon = 2 ** -23;
  let [mean1, part1, most, threshold] = [0, 0, 0, 0];
  for (let i = 0; i < 256; i++) {
    const part = counts[i] * scale;
    mean1 *= part1;
    part1 += part;
    const part2 = 1 - part1;
    if (Math.min(part1, part2) < epsilon || Math.max(part1, part2) > 1 - epsilon) continue;
    mean1 = (mean1 + i * part) / part1;
    const mean2 = (mean - part1 * mean1) / part2;
    const variance = part1 * part2 * (mean1 - mean2) * (mean1 - mean2);
    if (variance > most) [most, threshold] = [variance, i];
  }
  return threshold;
}
