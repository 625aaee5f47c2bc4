/** Options that name one pixel: a background, the pixel of a constant border. */
import { rangeError, typeError } from '../errors';
import type { Dtype } from '../kernels/dtype';

/** A number for all channels, or one per channel. */
export type PixelOption = number | readonly number[];

export function parsePixel(kernel: string, option: string, value: unknown = 0): PixelOption {
  const list = Array.isArray(value) ? value : [value];
  for (const each of list) {
    if (typeof each !== 'number') throw typeError(`${option} of ${kernel} must be a number or an array of numbers`, each);
    if (!Number.isFinite(each)) throw rangeError(`${option} of ${kernel} must be finite`, each);
  }
  return Array.isArray(value) ? Object.freeze([...list]) : (value as number);
}

/** The pixel as numbers of the dtype, one per channel. */
export function pixelOf(kernel: string, option: string, value: PixelOption, channels: number, dtype: Dtype): number[] {
  if (typeof value !== 'number' && value.length !== channels) {
    throw rangeError(`${option} of ${kernel} must be a number or one per channel (${channels}), got ${value.length} numbers`);
  }
  const pixel = typeof value === 'number' ? new Array<number>(channels).fill(value) : [...value];
  const max = dtype === 'u8' ? 255 : 65535;
  return pixel.map((each) => {
    const fits = dtype === 'f32' ? Number.isFinite(Math.fround(each)) : Number.isInteger(each) && each >= 0 && each <= max;
    if (fits) return dtype === 'f32' ? Math.fround(each) : each;
    const range = dtype === 'f32' ? 'finite in f32' : `whole and from 0 to ${max}`;
    throw rangeError(`${option} of ${kernel} must be ${range} for an Image of ${dtype}`, each);
  });
}
