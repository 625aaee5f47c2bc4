/**
 * What point kernels come to: a tone, which is a small formula on the samples of one channel. Of bytes it is a
 * table of 256; of words and floats it is computed, sample by sample, in doubles that are rounded once;
 * where that takes long, words go by a table of 65536. Alpha stays.
 */
import { rangeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { vectorView } from '../kernels/operands';
import { type Image, type ImageLike, imageView, type Pixels } from './image';
import { imageArgument, resultImage } from './options';
import { saturated } from './window';

/** dtypes whose samples have tones. */
export type ToneDtype = 'u8' | 'u16' | 'f32';

/** The sample that is white: 1 of floats, else the greatest of the dtype. */
export const whiteOf: Readonly<Record<ToneDtype, number>> = { u8: 255, u16: 65535, f32: 1 };

/** Native operations in the order of `tones` in native/kernels/image/tones-inl.h; 'mask' is always a table. */
const operations = ['affine', 'curve', 'fold', 'step', 'mask'] as const;

export type Tone =
  /** (x - from) · a + b; a and b hold one number for all colours, or one for each. */
  | { readonly operation: 'affine'; readonly from: number; readonly a: readonly number[]; readonly b: readonly number[] }
  /** ((x - black) / span, from 0 to top)^exponent · scale + offset. */
  | {
      readonly operation: 'curve';
      readonly black: number;
      readonly span: number;
      readonly top: number;
      readonly exponent: number;
      readonly scale: number;
      readonly offset: number;
    }
  /** x below the threshold, else white - x. */
  | { readonly operation: 'fold'; readonly threshold: number; readonly white: number }
  /** One number above a value, else another. */
  | { readonly operation: 'step'; readonly value: number; readonly above: number; readonly below: number }
  /** The bits of x that are set in the mask. */
  | { readonly operation: 'mask'; readonly mask: number };

type Formula = (x: number) => number;

/** The formula of a tone: one for all colours, or one for each. */
function formulasOf(tone: Tone): Formula[] {
  switch (tone.operation) {
    case 'affine': {
      const { from, a, b } = tone;
      return Array.from({ length: Math.max(a.length, b.length) }, (_, c) => {
        const [factor, summand] = [a[c % a.length], b[c % b.length]];
        return (x) => (x - from) * factor + summand;
      });
    }
    case 'curve': {
      const { black, span, top, exponent, scale, offset } = tone;
      return [(x) => Math.min(top, Math.max(0, (x - black) / span)) ** exponent * scale + offset];
    }
    case 'fold':
      return [(x) => (x < tone.threshold ? x : tone.white - x)];
    case 'step':
      return [(x) => (x > tone.value ? tone.above : tone.below)];
    case 'mask':
      return [(x) => x & tone.mask];
  }
}

/** One table for all colours, or one for each: 256 bytes or 65536 words. */
export type Tables = readonly (Uint8Array | Uint16Array)[];

function tablesOf(tone: Tone, dtype: 'u8' | 'u16'): Tables {
  const length = whiteOf[dtype] + 1;
  return formulasOf(tone).map((formula) => {
    const table = dtype === 'u8' ? new Uint8Array(length) : new Uint16Array(length);
    for (let x = 0; x < length; x++) table[x] = saturated(formula(x), dtype);
    return table;
  });
}

/** What a kernel with certain options makes of images, whatever their dtype. */
export class PointOperation {
  private readonly tones = new Map<ToneDtype, Tone>();
  private readonly tables = new Map<ToneDtype, Tables>();

  constructor(
    private readonly name: string,
    private readonly dtypes: readonly ToneDtype[],
    private readonly toneFor: (dtype: ToneDtype) => Tone,
  ) {}

  /** `out` may be the image itself. @throws what is wrong with the options for the image's dtype. */
  call(args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
    const image = imageArgument(this.name, args, this.dtypes);
    const dtype = dtypeOf(image.data) as ToneDtype;
    const tone = kept(this.tones, dtype, () => this.toneFor(dtype));
    if (dtype === 'u8' && tone.operation === 'step') return stepCall(this.name, tone, image, out);
    if (dtype === 'f32' || (dtype === 'u16' && !betterByTable(tone))) return toneCall(this.name, tone, image, out);
    const tables = kept(this.tables, dtype, () => tablesOf(tone, dtype));
    checkColors(this.name, 'number', tables.length, image.channels);
    return lutCall(this.name, tables, image, out);
  }
}

/** Powers take as long as a hundred sums, and rounded to words they have to be exact. */
function betterByTable(tone: Tone): boolean {
  return tone.operation === 'mask' || (tone.operation === 'curve' && tone.exponent !== 1);
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** How many channels are colours: all but alpha. */
function colorsOf(channels: number): number {
  return channels % 2 === 0 ? channels - 1 : channels;
}

/** Throws unless there is one for all colours of an image, or one for each. */
export function checkColors(name: string, what: string, count: number, channels: number): void {
  const colors = colorsOf(channels);
  if (count === 1 || count === colors) return;
  throw rangeError(`${name} must have one ${what} or one per colour channel (${colors}), got ${count}`);
}

/** The image's samples by tables of its dtype. Units are rows. `out` may be the image itself. */
export function lutCall(name: string, tables: Tables, image: ImageLike, out?: unknown): Call<Image<Pixels>> {
  const { width, height, channels } = image;
  const dtype = dtypeOf(image.data) as 'u8' | 'u16';
  const result = resultImage(name, { width, height, channels, dtype }, out, image, true);
  const [source, target] = [imageView(image), imageView(result)];
  const shared = tables.length === 1 || channels < 3;
  const hasAlpha = channels % 2 === 0;
  const all = dtype === 'u8' ? byteTables(tables, channels) : wordTables(tables);
  return {
    kernel: 'lut',
    views: [source, vectorView(all), target],
    params: dtype === 'u8' ? [shared ? 1 : 0, hasAlpha ? channels : 0] : [],
    phases: [{ units: height, grain: 1, cost: 30 + width * channels * (dtype === 'u16' ? 0.7 : shared ? 0.15 : 0.5) }],
    rowsFrom: 0,
    reference: () => eachColor(source, target, (x, c) => tables[c % tables.length][x]),
    finish: () => result,
  };
}

/** A table for every channel; of alpha, which stays, too. */
function byteTables(tables: Tables, channels: number): Uint8Array {
  const colors = colorsOf(channels);
  const all = new Uint8Array(256 * channels);
  for (let c = 0; c < channels; c++) all.set(c < colors ? tables[c % tables.length] : every, 256 * c);
  return all;
}

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** A table for every colour, unless one serves for all. */
function wordTables(tables: Tables): Uint16Array {
  if (tables.length === 1) return tables[0] as Uint16Array;
  const all = new Uint16Array(65536 * tables.length);
  tables.forEach((table, c) => all.set(table, 65536 * c));
  return all;
}

/** Words and floats by their formula. Units are rows. */
function toneCall(name: string, tone: Tone, image: ImageLike, out: unknown): Call<Image<Pixels>> {
  const { width, height, channels } = image;
  const dtype = dtypeOf(image.data);
  const formulas = formulasOf(tone);
  checkColors(name, 'number', formulas.length, channels);
  const result = resultImage(name, { width, height, channels, dtype }, out, image, true);
  const [source, target] = [imageView(image), imageView(result)];
  const power = tone.operation === 'curve' && tone.exponent !== 1;
  return {
    kernel: 'tones',
    views: [source, target],
    params: [operations.indexOf(tone.operation), ...numbersOf(tone)],
    phases: [{ units: height, grain: 1, cost: 30 + width * channels * (power ? 3 : 0.4) }],
    rowsFrom: 0,
    reference: () => eachColor(source, target, (x, c) => saturated(formulas[c % formulas.length](x), dtype)),
    finish: () => result,
  };
}

/** Bytes compared with one value, which is faster than a table. Units are rows. */
function stepCall(name: string, tone: Tone & { readonly operation: 'step' }, image: ImageLike, out: unknown): Call<Image<Pixels>> {
  const { width, height, channels } = image;
  const result = resultImage(name, { width, height, channels, dtype: 'u8' }, out, image, true);
  const [source, target] = [imageView(image), imageView(result)];
  const [step] = formulasOf(tone);
  return {
    kernel: 'threshold',
    views: [source, target],
    params: [Math.min(Math.max(Math.floor(tone.value), -1), 255), tone.above, tone.below],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.04 }],
    rowsFrom: 0,
    reference: () => eachColor(source, target, step),
    finish: () => result,
  };
}

/** The numbers of a tone in the order in which the native operation reads them. */
function numbersOf(tone: Tone): number[] {
  switch (tone.operation) {
    case 'affine': {
      const four = (list: readonly number[]) => [0, 1, 2, 3].map((c) => list[c % list.length]);
      return [tone.from, ...four(tone.a), ...four(tone.b)];
    }
    case 'curve':
      return [tone.black, tone.span, tone.top, tone.exponent, tone.scale, tone.offset];
    case 'fold':
      return [tone.threshold, tone.white];
    case 'step':
      return [tone.value, tone.above, tone.below];
    case 'mask':
      return [tone.mask];
  }
}

/** Writes what becomes of each sample that is no alpha, and alpha as it is. */
function eachColor(source: View, target: View, becomes: (x: number, color: number) => number): void {
  const [height, width, channels] = source.shape;
  const colors = colorsOf(channels);
  const [from, to] = [source.data as Pixels, target.data as Pixels];
  for (let y = 0; y < height; y++) {
    const row = source.offset + y * source.stride[0];
    const at = target.offset + y * target.stride[0];
    for (let i = 0; i < width * channels; i++) {
      const c = i % channels;
      to[at + i] = c < colors ? becomes(from[row + i], c) : from[row + i];
    }
  }
}
