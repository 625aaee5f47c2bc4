/** What lies beyond the edges of an image. native/kernels/image/border-inl.h says the same in C++. */
import type { View } from '../kernels/call';
import type { Dtype } from '../kernels/dtype';
import { wordOption } from './options';
import { type PixelOption, parsePixel, pixelOf } from './pixel';

/** For pixels a b c d: `reflect101` c b │ a b c d │ c b, `replicate` a a │ a b c d │ d d, `reflect` b a │ a b c d │ d c, `wrap` c d │ a b c d │ a b. */
export type Border = 'reflect101' | 'replicate' | 'reflect' | 'wrap' | 'constant';

export interface BorderOptions {
  /** Which pixels stand in for those outside; default 'reflect101', as OpenCV. */
  border?: Border;
  /** The pixel of the 'constant' border: a number, or one per channel. Default 0. */
  borderValue?: PixelOption;
}

/** The order is that of `Border` in C++. */
export const borders: readonly Border[] = ['reflect101', 'replicate', 'reflect', 'wrap', 'constant'];

export interface ParsedBorder {
  readonly border: Border;
  readonly borderValue: PixelOption;
}

export function parseBorder(kernel: string, options: { readonly border?: unknown; readonly borderValue?: unknown }): ParsedBorder {
  const border = wordOption(kernel, 'border', options.border, borders, 'reflect101');
  return { border, borderValue: parsePixel(kernel, 'borderValue', options.borderValue) };
}

/** The border's pixel, as numbers of the dtype. */
export function borderPixel(kernel: string, { borderValue }: ParsedBorder, channels: number, dtype: Dtype): number[] {
  return pixelOf(kernel, 'borderValue', borderValue, channels, dtype);
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
