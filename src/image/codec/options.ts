/** Options of reading: their types, defaults and checks; and what of a damaged file is accepted. */
import { ImageDecodeError, PixelLimitError, rangeError, typeError } from '../../errors';
import { checkOptions } from '../../kernels/kernel';

/** Where an image comes from: a path, a `file:`, `data:`, `http:` or `https:` URL, or the bytes of a file. */
export type ImageSource = string | URL | Uint8Array;

/** What ends the reading: with 'none' nothing does, and the answer is what could be read. */
export type FailOn = 'none' | 'truncated' | 'error' | 'warning';

export interface DecodeOptions {
  /** The most pixels (width × height) an image may have; the header decides. Default 268 402 689 (16383²). */
  limitPixels?: number;
  /** The mildest damage that is an error; default 'error', which stands for truncated files too. */
  failOn?: FailOn;
  /** Turn the picture as its EXIF orientation says; default true. */
  autoOrient?: boolean;
}

export type CheckedDecodeOptions = Readonly<Required<DecodeOptions>>;

export const defaultLimitPixels = 16383 ** 2;

const failOns: readonly FailOn[] = ['none', 'truncated', 'error', 'warning'];

export function checkDecodeOptions(given: unknown, name = 'Image.open'): CheckedDecodeOptions {
  checkOptions(name, given, ['limitPixels', 'failOn', 'autoOrient']);
  const { limitPixels = defaultLimitPixels, failOn = 'error', autoOrient = true } = (given ?? {}) as DecodeOptions;
  if (typeof limitPixels !== 'number') throw typeError(`limitPixels of ${name} must be a number of pixels`, limitPixels);
  if (!(limitPixels >= 1)) throw rangeError(`limitPixels of ${name} must be at least 1`, limitPixels);
  if (!failOns.includes(failOn)) throw typeError(`failOn of ${name} must be one of ${failOns.join(', ')}`, failOn);
  if (typeof autoOrient !== 'boolean') throw typeError(`autoOrient of ${name} must be true or false`, autoOrient);
  return Object.freeze({ limitPixels, failOn, autoOrient });
}

/** Throws for an image with more pixels than allowed. */
export function checkPixels(width: number, height: number, { limitPixels }: { readonly limitPixels: number }): void {
  if (width * height <= limitPixels) return;
  throw new PixelLimitError(`the image has ${width} × ${height} pixels, more than limitPixels (${limitPixels}) allows`);
}

/** Throws unless the options accept this kind of damage. */
export function damage(kind: Exclude<FailOn, 'none'>, message: string, { failOn }: CheckedDecodeOptions): void {
  // 'truncated' is the gravest and comes first in the list: every level but 'none' refuses it.
  if (failOns.indexOf(failOn) >= failOns.indexOf(kind)) throw new ImageDecodeError(message);
}
