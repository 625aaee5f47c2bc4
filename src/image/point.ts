/**
 * Kernels that make each sample of colour another one, whatever its neighbours: linear, gamma, lut, invert,
 * brightness, contrast, levels, posterize, solarize, threshold. Alpha stays. Samples of u8 and u16 are whole
 * numbers up to white, 255 and 65535, rounded half to even and saturated; of f32 white is 1, and nothing is cut off.
 */
import { rangeError, typeError } from '../errors';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { type ImageFactory, imageKernel, type SamePixelsKernel } from './declare';
import { finiteOption, imageArgument, numberOption, wholeOption } from './options';
import { checkColors, lutCall, PointOperation, type Tables, type Tone, type ToneDtype, whiteOf } from './point-operation';

/** Declares a point kernel: its options by name, and the tone they make for a dtype. */
function pointKernel<F>(
  name: string,
  summary: string,
  known: readonly string[],
  toneOf: (given: Record<string, unknown>) => (dtype: ToneDtype) => Tone,
  dtypes: readonly ToneDtype[] = ['u8', 'u16', 'f32'],
): F {
  return imageKernel<PointOperation, never>({
    ...{ name, family: 'point', dtypes, summary },
    parse: (options) => {
      checkOptions(name, options, known);
      return new PointOperation(name, dtypes, toneOf((options ?? {}) as Record<string, unknown>));
    },
    call: (operation, args, out) => operation.call(args, out),
  }) as F;
}

/** (x - from) · a + b. */
function affine(a: readonly number[], b: readonly number[], from = 0): Tone {
  return { operation: 'affine', from, a, b };
}

export interface LinearOptions {
  /** Factor and summand, numbers or one per colour channel; default 1 and 0. */
  a?: number | readonly number[];
  b?: number | readonly number[];
}

/** a · x + b. */
export const linear: ImageFactory<SamePixelsKernel, LinearOptions> = pointKernel(
  'linear',
  'a · x + b, rounded and saturated.',
  ['a', 'b'],
  (given) => {
    const [a, b] = [numbersOf('linear', 'a', given.a, 1), numbersOf('linear', 'b', given.b, 0)];
    const count = Math.max(a.length, b.length);
    if ([a, b].some(({ length }) => length !== count && length !== 1)) {
      throw rangeError(`a and b of linear must have as many numbers, got ${a.length} and ${b.length}`);
    }
    return () => affine(a, b);
  },
);

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

/** white · (x / white)^(1 / gamma); what is below 0 counts as 0. */
export const gamma: (options: GammaOptions) => SamePixelsKernel = pointKernel(
  'gamma',
  'Brighter (above 1) or darker middle tones.',
  ['gamma'],
  (given) => {
    const exponent = 1 / positive('gamma', 'gamma', given.gamma);
    return (dtype) => {
      const white = whiteOf[dtype];
      return { operation: 'curve', black: 0, span: white, top: Number.POSITIVE_INFINITY, exponent, scale: white, offset: 0 };
    };
  },
);

function positive(kernel: string, option: string, value: unknown, fallback?: number): number {
  const number = numberOption(kernel, option, value, { above: 0 }) ?? fallback;
  if (number === undefined) throw typeError(`${option} of ${kernel} must be a number`, value);
  return number;
}

/** A table for bytes or for words. */
export type LutTable = Uint8Array | Uint16Array;

export interface LutOptions {
  /** 256 bytes (a Uint8Array, for u8) or 65536 words (a Uint16Array, for u16), or an array of such, one per colour channel. */
  table: LutTable | readonly LutTable[];
}

interface ParsedLut {
  readonly tables: Tables;
  readonly dtype: 'u8' | 'u16';
}

/** Each byte (or word) is what stands at its place in the table. */
export const lut: (options: LutOptions) => SamePixelsKernel = imageKernel<ParsedLut, never>({
  ...{ name: 'lut', family: 'point', dtypes: ['u8', 'u16'], summary: 'Each byte or word replaced by what a table says.' },
  parse: (options) => {
    checkOptions('lut', options, ['table']);
    const { table } = (options ?? {}) as Partial<LutOptions>;
    const given: readonly unknown[] = Array.isArray(table) ? table : [table];
    if (given.length === 0) throw rangeError('table of lut must be one table or one per colour channel, got none');
    const tables = given.map(tableOption);
    const [dtype] = tables.map(dtypeOf);
    if (tables.some((each) => dtypeOf(each) !== dtype)) throw typeError('the tables of lut must be of one type, got u8 and u16');
    return { tables, dtype: dtype as 'u8' | 'u16' };
  },
  call: ({ tables, dtype }, args, out) => {
    const image = imageArgument('lut', args, ['u8', 'u16']);
    const got = dtypeOf(image.data);
    if (got !== dtype) throw typeError(`lut with tables of ${dtype} takes an Image of ${dtype}, got one of ${got}`);
    checkColors('lut', 'table', tables.length, image.channels);
    return lutCall('lut', tables, image, out);
  },
}) as never;

/** A copy: what the user's becomes later does not count. */
function tableOption(table: unknown): LutTable {
  if (!(table instanceof Uint8Array || table instanceof Uint16Array)) {
    throw typeError('table of lut must be a Uint8Array, a Uint16Array or an array of one of them', table);
  }
  const length = table instanceof Uint8Array ? 256 : 65536;
  if (table.length !== length) throw rangeError(`table of lut must have ${length} numbers of ${dtypeOf(table)}, got ${table.length}`);
  return table.slice();
}

/** white - x. */
export const invert: () => SamePixelsKernel = pointKernel('invert', 'The negative.', [], () => (dtype) => affine([-1], [whiteOf[dtype]]));

export interface BrightnessOptions {
  factor: number;
}

/** x · factor. */
export const brightness: (options: BrightnessOptions) => SamePixelsKernel = pointKernel(
  'brightness',
  'Every colour by a factor.',
  ['factor'],
  (given) => {
    const factor = finiteOption('brightness', 'factor', given.factor);
    return () => affine([factor], [0]);
  },
);

export interface ContrastOptions {
  factor: number;
  /** The sample that stays; default the middle: 128 of u8, 32768 of u16, 0.5 of f32. */
  pivot?: number;
}

const middleOf: Readonly<Record<ToneDtype, number>> = { u8: 128, u16: 32768, f32: 0.5 };

/** (x - pivot) · factor + pivot. */
export const contrast: (options: ContrastOptions) => SamePixelsKernel = pointKernel(
  'contrast',
  'Every colour further from a middle one, or nearer to it.',
  ['factor', 'pivot'],
  (given) => {
    const factor = finiteOption('contrast', 'factor', given.factor);
    const pivot = numberOption('contrast', 'pivot', given.pivot, {});
    return (dtype) => {
      const middle = pivot ?? middleOf[dtype];
      return affine([factor], [middle], middle);
    };
  },
);

export interface LevelsOptions {
  /** What becomes black and white; default 0 and white (255 of u8, 65535 of u16, 1 of f32). */
  inBlack?: number;
  inWhite?: number;
  /** Of what lies between; default 1. */
  gamma?: number;
  /** What black and white become; default 0 and white. */
  outBlack?: number;
  outWhite?: number;
}

/** ((x - inBlack) / (inWhite - inBlack), from 0 to 1)^(1 / gamma) · (outWhite - outBlack) + outBlack. */
export const levels: ImageFactory<SamePixelsKernel, LevelsOptions> = pointKernel(
  'levels',
  'Black, white and middle tones set anew.',
  ['inBlack', 'inWhite', 'gamma', 'outBlack', 'outWhite'],
  (given) => {
    const option = (name: 'inBlack' | 'inWhite' | 'outBlack' | 'outWhite') => numberOption('levels', name, given[name], {});
    const [black, inWhite, offset, outWhite] = [option('inBlack') ?? 0, option('inWhite'), option('outBlack') ?? 0, option('outWhite')];
    const exponent = 1 / positive('levels', 'gamma', given.gamma, 1);
    const check = (white: number) => {
      if (white <= black) throw rangeError(`inWhite of levels must be above inBlack (${black})`, white);
      return white;
    };
    if (inWhite !== undefined) check(inWhite);
    return (dtype) => ({
      operation: 'curve',
      ...{ black, span: check(inWhite ?? whiteOf[dtype]) - black, top: 1, exponent, scale: (outWhite ?? whiteOf[dtype]) - offset, offset },
    });
  },
);

export interface PosterizeOptions {
  /** Bits that are kept: 1 to 8 of u8, 1 to 16 of u16. */
  bits: number;
}

/** The top bits alone, as Pillow's. */
export const posterize: (options: PosterizeOptions) => SamePixelsKernel = pointKernel(
  'posterize',
  'Fewer tones: the top bits alone.',
  ['bits'],
  (given) => {
    const bits = wholeOption('posterize', 'bits', given.bits, 1, 16);
    return (dtype) => {
      const all = dtype === 'u8' ? 8 : 16;
      if (bits > all) throw rangeError(`bits of posterize must be a whole number from 1 to ${all} for an Image of ${dtype}`, bits);
      return { operation: 'mask', mask: 2 ** all - 2 ** (all - bits) };
    };
  },
  ['u8', 'u16'],
);

export interface SolarizeOptions {
  /** From this sample on colours are inverted; default the middle: 128 of u8, 32768 of u16, 0.5 of f32. */
  threshold?: number;
}

/** x below the threshold, else white - x, as Pillow's. */
export const solarize: ImageFactory<SamePixelsKernel, SolarizeOptions> = pointKernel('solarize', 'Bright tones inverted.', ['threshold'], (given) => {
  const threshold = numberOption('solarize', 'threshold', given.threshold, {});
  return (dtype) => ({ operation: 'fold', threshold: threshold ?? middleOf[dtype], white: whiteOf[dtype] });
});

export interface ThresholdOptions {
  /** Samples above it become `max`, the others 0. */
  value: number;
  /** Default white: 255 of u8, 65535 of u16, 1 of f32; no more than that of whole numbers, which it must be of u8 and u16. */
  max?: number;
  /** The other way round; default false. */
  invert?: boolean;
}

/** `max` where a sample is above `value`, else 0; alpha stays. As OpenCV's. */
export const threshold: (options: ThresholdOptions) => SamePixelsKernel = pointKernel(
  'threshold',
  'White where a sample is above a value.',
  ['value', 'max', 'invert'],
  (given) => {
    const value = numberOption('threshold', 'value', given.value, {});
    if (value === undefined) throw typeError('threshold needs value, got none');
    const max = numberOption('threshold', 'max', given.max, {});
    const { invert = false } = given;
    if (typeof invert !== 'boolean') throw typeError('invert of threshold must be true or false', invert);
    return (dtype) => {
      const white = max === undefined ? whiteOf[dtype] : checkedMax(max, dtype);
      return { operation: 'step', value, above: invert ? 0 : white, below: invert ? white : 0 };
    };
  },
);

function checkedMax(max: number, dtype: ToneDtype): number {
  if (dtype === 'f32' || (Number.isInteger(max) && max >= 0 && max <= whiteOf[dtype])) return max;
  throw rangeError(`max of threshold must be a whole number from 0 to ${whiteOf[dtype]} for an Image of ${dtype}`, max);
}
