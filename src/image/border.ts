/** What lies beyond the edges of an image. native/kernels/image/border-inl.h says the same in C++. */
import { rangeError, typeError } from '../errors';
import type { View } from '../kernels/call';
import type { Dtype } from '../kernels/dtype';
import { wordOption } from './options';

/** For pixels a b c d: `reflect101` c b │ a b c d │ c b, `replicate` a a │ a b c d │ d d, `reflect` b a │ a b c d │ d c, `wrap` c d │ a b c d │ a b. */
export type Border = 'reflect101' | 'replicate' | 'reflect' | 'wrap' | 'constant';

export interface BorderOptions {
  /** Which pixels stand in for those outside; default 'reflect101', as OpenCV. */
  border?: Border;
  /** The pixel of the 'constant' border: a number, or one per channel. Default 0. */
  borderValue?: number | readonly number[];
}

/** The order is that of `Border` in C++. */
export const borders: readonly Border[] = ['reflect101', 'replicate', 'reflect', 'wrap', 'constant'];

export interface ParsedBorder {
  readonly border: Border;
  readonly borderValue: number | readonly number[];
}

export function parseBorder(kernel: string, options: { readonly border?: unknown; readonly borderValue?: unknown }): ParsedBorder {
  const border = wordOption(kernel, 'border', options.border, borders, 'reflect101');
  const { borderValue = 0 } = options;
  const list = Array.isArray(borderValue) ? borderValue : [borderValue];
  for (const value of list) {
    if (typeof value !== 'number') throw typeError(`borderValue of ${kernel} must be a number or an array of numbers`, value);
    if (!Number.isFinite(value)) throw rangeError(`borderValue of ${kernel} must be finite`, value);
  }
  return { border, borderValue: Array.isArray(borderValue) ? Object.freeze([...list]) : (borderValue as number) };
}

/** The border's pixel, as numbers of the dtype. */
export function borderPixel(kernel: string, { borderValue }: ParsedBorder, channels: number, dtype: Dtype): number[] {
  if (typeof borderValue !== 'number' && borderValue.length !== channels) {
    throw rangeError(`borderValue of ${kernel} must be a number or one per channel (${channels}), got ${borderValue.length} numbers`);
  }
  const pixel = typeof borderValue === 'number' ? new Array<number>(channels).fill(borderValue) : [...borderValue];
  const max = dtype === 'u8' ? 255 : 65535;
  return pixel.map((value) => {
    const fits = dtype === 'f32' ? Number.isFinite(Math.fround(value)) : Number.isInteger(value) && value >= 0 && value <= max;
    if (fits) return dtype === 'f32' ? Math.fround(value) : value;
    const range = dtype === 'f32' ? 'finite in f32' : `whole and from 0 to ${max}`;
    throw rangeError(`borderValue of ${kernel} must be ${range} for an Image of ${dtype}`, value);
  });
}

/** A position inside [0, length) that stands in for `index`; -1 for the constant border. */
export function borderIndex(index: number, length: number, border: Border): number {
  if (index >= 0 && index < length) return index;
  switch (border) {
    case 'replicate':
      return index < 0 ? 0 : length - 1;
    case 'wrap':
      return modulo(index, length);
    case 'reflect': {
      const rest = modulo(index, 2 * length);
      return rest < length ? rest : 2 * length - 1 - rest;
    }
    case 'reflect101': {
      const rest = modulo(index, Math.max(2 * length - 2, 1));
      return rest < length ? rest : 2 * length - 2 - rest;
    }
    case 'constant':
      return -1;
  }
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}

/** Copies the pixels [x, x + count) of row y, either of which may lie outside. */
export function borderedRow(
  { data, offset, shape: [height, width, channels], stride }: View,
  border: Border,
  pixel: readonly number[],
  y: number,
  x: number,
  count: number,
  to: Int32Array | Float32Array,
): void {
  const row = borderIndex(y, height, border);
  for (let i = 0, at = 0; i < count; i++) {
    const column = row < 0 ? -1 : borderIndex(x + i, width, border);
    const from = offset + row * stride[0] + column * stride[1];
    for (let c = 0; c < channels; c++) to[at++] = column < 0 ? pixel[c] : (data[from + c] as number);
  }
}
