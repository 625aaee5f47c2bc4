/**
 * Kernels that make each byte of colour another one, whatever its neighbours: linear, gamma, lut,
 * invert, brightness, contrast, levels, posterize, solarize. Each is a table of 256 bytes (or one for
 * each colour), so a chain of them is a table too. Alpha stays. Numbers are rounded half to even.
 */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { vectorView } from '../kernels/operands';
import { type ImageFactory, type ImageKernel, imageKernel } from './declare';
import { type Image, imageView } from './image';
import { byteOf, finiteOption, imageArgument, numberOption, resultImage, wholeOption } from './options';

/** One table for all colours, or one for each. */
export type Tables = readonly Uint8Array[];

/** Units are rows. `out` may be the image itself. */
export function lutCall(name: string, tables: Tables, args: readonly unknown[], out?: unknown): Call<Image> {
  const image = imageArgument(name, args, ['u8']);
  const { width, height, channels } = image;
  const hasAlpha = channels % 2 === 0;
  const colors = hasAlpha ? channels - 1 : channels;
  const shared = tables.length === 1;
  if (!shared && tables.length !== colors) {
    throw rangeError(`${name} must have one table or one per colour channel (${colors}), got ${tables.length}`);
  }
  const result = resultImage(name, { width, height, channels, dtype: 'u8' }, out, image, true) as Image;
  const all = new Uint8Array(256 * channels);
  for (let c = 0; c < colors; c++) all.set(tables[shared ? 0 : c], 256 * c);
  if (hasAlpha) for (let i = 0; i < 256; i++) all[256 * colors + i] = i;
  const source = imageView(image);
  const target = imageView(result);
  return {
    kernel: 'lut',
    views: [source, vectorView(all), target],
    params: [shared || colors === 1 ? 1 : 0, hasAlpha ? channels : 0],
    phases: [{ units: height, grain: 1, cost: 30 + width * channels * (shared ? 0.15 : 0.5) }],
    rowsFrom: 0,
    reference: () => lutReference(source, target, all),
    finish: () => result,
  };
}

function lutReference(source: View, target: View, tables: Uint8Array): void {
  const [height, width, channels] = source.shape;
  for (let y = 0; y < height; y++) {
    const from = source.offset + y * source.stride[0];
    const to = target.offset + y * target.stride[0];
    for (let i = 0; i < width * channels; i++) target.data[to + i] = tables[256 * (i % channels) + (source.data[from + i] as number)];
  }
}

function tableOf(f: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => byteOf(f(byte)));
}

/** Declares a point kernel: its options by name, and the tables they make. */
function pointKernel<F>(name: string, summary: string, known: readonly string[], tablesOf: (given: Record<string, unknown>) => Tables): F {
  return imageKernel<Tables, never>({
    ...{ name, family: 'point', dtypes: ['u8'], summary },
    parse: (options) => {
      checkOptions(name, options, known);
      return tablesOf((options ?? {}) as Record<string, unknown>);
    },
    call: (tables, args, out) => lutCall(name, tables, args, out),
  }) as F;
}

export interface LinearOptions {
  /** Factor and summand, numbers or one per colour channel; default 1 and 0. */
  a?: number | readonly number[];
  b?: number | readonly number[];
}

/** a · x + b. */
export const linear: ImageFactory<ImageKernel, LinearOptions> = pointKernel('linear', 'a · x + b, rounded and saturated.', ['a', 'b'], (given) => {
  const [a, b] = [numbersOf('linear', 'a', given.a, 1), numbersOf('linear', 'b', given.b, 0)];
  const count = Math.max(a.length, b.length);
  if (a.length !== count && a.length !== 1) throw rangeError(`a and b of linear must have as many numbers, got ${a.length} and ${b.length}`);
  if (b.length !== count && b.length !== 1) throw rangeError(`a and b of linear must have as many numbers, got ${a.length} and ${b.length}`);
  return Array.from({ length: count }, (_, c) => tableOf((x) => a[c % a.length] * x + b[c % b.length]));
});

function numbersOf(kernel: string, option: string, value: unknown, fallback: number): number[] {
  if (!Array.isArray(value)) return [finiteOption(kernel, option, value, fallback)];
  if (value.length === 0 || value.length > 3)
    throw rangeError(`${option} of ${kernel} must be a number or one per colour channel, got ${value.length}`);
  return value.map((each) => finiteOption(kernel, `each of ${option}`, each));
}

export interface GammaOptions {
  /** Above 1 brightens. */
  gamma: number;
}

/** 255 · (x / 255)^(1 / gamma). */
export const gamma: (options: GammaOptions) => ImageKernel = pointKernel(
  'gamma',
  'Brighter (above 1) or darker middle tones.',
  ['gamma'],
  (given) => [gammaTable('gamma', given.gamma)],
);

function gammaTable(kernel: string, value: unknown): Uint8Array {
  const exponent = 1 / positive(kernel, 'gamma', value);
  return tableOf((x) => 255 * (x / 255) ** exponent);
}

function positive(kernel: string, option: string, value: unknown, fallback?: number): number {
  const number = numberOption(kernel, option, value, { above: 0 }) ?? fallback;
  if (number === undefined) throw typeError(`${option} of ${kernel} must be a number`, value);
  return number;
}

export interface LutOptions {
  /** 256 bytes, or an array of such, one per colour channel. */
  table: Uint8Array | readonly Uint8Array[];
}

/** Each byte is what stands at its place in the table. */
export const lut: (options: LutOptions) => ImageKernel = pointKernel('lut', 'Each byte replaced by what a table says.', ['table'], ({ table }) => {
  const tables = Array.isArray(table) ? table : [table];
  for (const each of tables) {
    if (!(each instanceof Uint8Array)) throw typeError('table of lut must be a Uint8Array or an array of them', each);
    if (each.length !== 256) throw rangeError(`table of lut must have 256 bytes, got ${each.length}`);
  }
  if (tables.length === 0) throw rangeError('table of lut must be one table or one per colour channel, got none');
  return tables.map((each) => Uint8Array.from(each));
});

/** 255 - x. */
export const invert: () => ImageKernel = pointKernel('invert', 'The negative.', [], () => [tableOf((x) => 255 - x)]);

export interface BrightnessOptions {
  factor: number;
}

/** x · factor. */
export const brightness: (options: BrightnessOptions) => ImageKernel = pointKernel('brightness', 'Every colour by a factor.', ['factor'], (given) => {
  const factor = finiteOption('brightness', 'factor', given.factor);
  return [tableOf((x) => x * factor)];
});

export interface ContrastOptions {
  factor: number;
  /** The byte that stays; default 128. */
  pivot?: number;
}

/** (x - pivot) · factor + pivot. */
export const contrast: (options: ContrastOptions) => ImageKernel = pointKernel(
  'contrast',
  'Every colour further from a middle one, or nearer to it.',
  ['factor', 'pivot'],
  (given) => {
    const factor = finiteOption('contrast', 'factor', given.factor);
    const pivot = finiteOption('contrast', 'pivot', given.pivot, 128);
    return [tableOf((x) => (x - pivot) * factor + pivot)];
  },
);

export interface LevelsOptions {
  /** What becomes black and white; default 0 and 255. */
  inBlack?: number;
  inWhite?: number;
  /** Of what lies between; default 1. */
  gamma?: number;
  /** What black and white become; default 0 and 255. */
  outBlack?: number;
  outWhite?: number;
}

/** ((x - inBlack) / (inWhite - inBlack), from 0 to 1)^(1 / gamma) · (outWhite - outBlack) + outBlack. */
export const levels: ImageFactory<ImageKernel, LevelsOptions> = pointKernel(
  'levels',
  'Black, white and middle tones set anew.',
  ['inBlack', 'inWhite', 'gamma', 'outBlack', 'outWhite'],
  (given) => {
    const [inBlack, inWhite, outBlack, outWhite] = (['inBlack', 'inWhite', 'outBlack', 'outWhite'] as const).map((option, i) =>
      finiteOption('levels', option, given[option], i % 2 === 0 ? 0 : 255),
    );
    if (inWhite <= inBlack) throw rangeError(`inWhite of levels must be above inBlack (${inBlack})`, inWhite);
    const exponent = 1 / positive('levels', 'gamma', given.gamma, 1);
    const share = (x: number) => Math.min(1, Math.max(0, (x - inBlack) / (inWhite - inBlack)));
    return [tableOf((x) => share(x) ** exponent * (outWhite - outBlack) + outBlack)];
  },
);

export interface PosterizeOptions {
  /** Bits that are kept, 1 to 8. */
  bits: number;
}

/** The top bits alone, as Pillow's. */
export const posterize: (options: PosterizeOptions) => ImageKernel = pointKernel(
  'posterize',
  'Fewer tones: the top bits alone.',
  ['bits'],
  (given) => {
    const bits = wholeOption('posterize', 'bits', given.bits, 1, 8);
    return [tableOf((x) => x & (256 - 2 ** (8 - bits)))];
  },
);

export interface SolarizeOptions {
  /** From this byte on colours are inverted; default 128. */
  threshold?: number;
}

/** x below the threshold, else 255 - x, as Pillow's. */
export const solarize: ImageFactory<ImageKernel, SolarizeOptions> = pointKernel('solarize', 'Bright tones inverted.', ['threshold'], (given) => {
  const threshold = finiteOption('solarize', 'threshold', given.threshold, 128);
  return [tableOf((x) => (x < threshold ? x : 255 - x))];
});
