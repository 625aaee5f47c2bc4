/** Options of writing, by format; the names are sharp's. Here they are checked, whoever writes. */
import { rangeError, typeError } from '../../errors';
import { checkOptions } from '../../kernels/kernel';
import type { EncodeFormat, ImageFormat } from './format';

export interface PngOptions {
  /** 0 (fast, large) to 9 (slow, small); default 6. */
  compressionLevel?: number;
  /** Choose a filter for each row. */
  adaptiveFiltering?: boolean;
  /** Interlaced. */
  progressive?: boolean;
  /** At most 256 colours. */
  palette?: boolean;
  /** With `palette`: fewest colours that reach this quality, 1 to 100. */
  quality?: number;
  /** With `palette`: 1 (fast) to 10 (slow). */
  effort?: number;
  /** With `palette`: how much of the error is spread, 0 to 1. */
  dither?: number;
}

export interface JpegOptions {
  /** 1 to 100; default 80. */
  quality?: number;
  progressive?: boolean;
  chromaSubsampling?: '4:2:0' | '4:4:4';
  optimizeCoding?: boolean;
  /** The best that mozjpeg can do: trellis quantisation, overshoot deringing, optimised scans. */
  mozjpeg?: boolean;
  trellisQuantisation?: boolean;
  overshootDeringing?: boolean;
  optimizeScans?: boolean;
  quantisationTable?: number;
  /** What shows through where the image is transparent: red, green, blue; default black. */
  background?: readonly number[];
}

export interface WebpOptions {
  /** 1 to 100; default 80. */
  quality?: number;
  alphaQuality?: number;
  lossless?: boolean;
  nearLossless?: boolean;
  smartSubsample?: boolean;
  preset?: 'default' | 'photo' | 'picture' | 'drawing' | 'icon' | 'text';
  /** 0 (fast) to 6 (slow); default 4. */
  effort?: number;
}

export interface AvifOptions {
  /** 1 to 100; default 50. */
  quality?: number;
  lossless?: boolean;
  /** 0 (fast) to 9 (slow); default 4. */
  effort?: number;
  chromaSubsampling?: '4:2:0' | '4:4:4';
}

export interface TiffOptions {
  compression?: 'none' | 'jpeg' | 'deflate' | 'packbits' | 'lzw' | 'webp' | 'zstd';
  /** 1 to 100, of compression jpeg and webp; default 80. */
  quality?: number;
  predictor?: 'none' | 'horizontal' | 'float';
  pyramid?: boolean;
  tile?: boolean;
  tileWidth?: number;
  tileHeight?: number;
}

export interface GifOptions {
  /** 2 to 256; default 256. */
  colours?: number;
  /** 1 (fast) to 10 (slow); default 7. */
  effort?: number;
  /** 0 to 1; default 1. */
  dither?: number;
  progressive?: boolean;
}

export interface EncodeOptionsOf {
  png: PngOptions;
  jpeg: JpegOptions;
  jpg: JpegOptions;
  webp: WebpOptions;
  avif: AvifOptions;
  tiff: TiffOptions;
  tif: TiffOptions;
  gif: GifOptions;
  pgm: object;
  ppm: object;
  pam: object;
}

export type EncodeOptions<F extends EncodeFormat = EncodeFormat> = EncodeOptionsOf[F];

/** What a value of an option may be: true/false, a range of numbers, or words. */
type Rule = 'boolean' | 'colour' | { readonly words: readonly string[] } | { readonly min: number; readonly max: number; readonly whole: boolean };

const whole = (min: number, max: number): Rule => ({ min, max, whole: true });
const quality = whole(1, 100);
const subsampling: Rule = { words: ['4:2:0', '4:4:4'] };
const fraction: Rule = { min: 0, max: 1, whole: false };

const rules: Readonly<Record<Exclude<ImageFormat, 'pbm'>, Readonly<Record<string, Rule>>>> = {
  png: {
    compressionLevel: whole(0, 9),
    adaptiveFiltering: 'boolean',
    progressive: 'boolean',
    palette: 'boolean',
    quality,
    effort: whole(1, 10),
    dither: fraction,
  },
  jpeg: {
    quality,
    progressive: 'boolean',
    chromaSubsampling: subsampling,
    optimizeCoding: 'boolean',
    mozjpeg: 'boolean',
    trellisQuantisation: 'boolean',
    overshootDeringing: 'boolean',
    optimizeScans: 'boolean',
    quantisationTable: whole(0, 8),
    background: 'colour',
  },
  webp: {
    quality,
    alphaQuality: whole(0, 100),
    lossless: 'boolean',
    nearLossless: 'boolean',
    smartSubsample: 'boolean',
    preset: { words: ['default', 'photo', 'picture', 'drawing', 'icon', 'text'] },
    effort: whole(0, 6),
  },
  avif: { quality, lossless: 'boolean', effort: whole(0, 9), chromaSubsampling: subsampling },
  tiff: {
    compression: { words: ['none', 'jpeg', 'deflate', 'packbits', 'lzw', 'webp', 'zstd'] },
    quality,
    predictor: { words: ['none', 'horizontal', 'float'] },
    pyramid: 'boolean',
    tile: 'boolean',
    tileWidth: whole(16, 32768),
    tileHeight: whole(16, 32768),
  },
  gif: { colours: whole(2, 256), effort: whole(1, 10), dither: fraction, progressive: 'boolean' },
  pgm: {},
  ppm: {},
  pam: {},
};

export type EncodeValue = boolean | number | string | readonly number[];

/** The options that were given, checked, without those left undefined. */
export function checkEncodeOptions(format: Exclude<ImageFormat, 'pbm'>, given: unknown): Readonly<Record<string, EncodeValue>> {
  const known = rules[format];
  checkOptions(format, given, Object.keys(known));
  const checked: Record<string, EncodeValue> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === undefined) continue;
    checkValue(`${name} of ${format}`, value, known[name]);
    checked[name] = Array.isArray(value) ? Object.freeze([...value]) : (value as EncodeValue);
  }
  return Object.freeze(checked);
}

function checkValue(what: string, value: unknown, rule: Rule): void {
  if (rule === 'boolean') {
    if (typeof value !== 'boolean') throw typeError(`${what} must be true or false`, value);
  } else if (rule === 'colour') {
    const sound = Array.isArray(value) && value.length === 3 && value.every((each) => Number.isInteger(each) && each >= 0 && each <= 255);
    if (!sound) throw typeError(`${what} must be an array of red, green and blue, each 0 to 255`, value);
  } else if ('words' in rule) {
    if (!rule.words.includes(value as string)) throw typeError(`${what} must be one of ${rule.words.join(', ')}`, value);
  } else {
    const expected = `${what} must be a ${rule.whole ? 'whole ' : ''}number from ${rule.min} to ${rule.max}`;
    if (typeof value !== 'number') throw typeError(expected, value);
    if (!(value >= rule.min && value <= rule.max) || (rule.whole && !Number.isInteger(value))) throw rangeError(expected, value);
  }
}
