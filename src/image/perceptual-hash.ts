/** perceptualHash: 64 bits that stay much the same when a picture is resized, recompressed or brightened. */

import { typeError } from '../errors';
import { runHere } from '../executors/inline';
import type { Call } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { grayscaleCall, parseGrayscale } from './grayscale';
import type { Image } from './image';
import { imageArgument, wordOption } from './options';
import { type ParsedResize, parseResize, resizeCall } from './resize';

const name = 'perceptualHash';
const kinds = ['average', 'difference', 'phash'] as const;
type Kind = (typeof kinds)[number];

export interface PerceptualHashOptions {
  /**
   * 'average': which of 8×8 pixels are above their mean. 'difference': which are above their right neighbour.
   * 'phash', the default: which of the 8×8 lowest frequencies of 32×32 pixels are above their median.
   */
  kind?: Kind;
}

interface ParsedHash {
  readonly resize: ParsedResize;
  bits(gray: ArrayLike<number>): boolean[];
}

const small = (width: number, height: number): ParsedResize => parseResize({ width, height, fit: 'fill', filter: 'bilinear' });

/** cosines[k][x], the basis of the type II transform over 32 pixels. */
const cosines = Array.from({ length: 8 }, (_, k) => Array.from({ length: 32 }, (_, x) => Math.cos((Math.PI * k * (2 * x + 1)) / 64)));

function averageBits(gray: ArrayLike<number>): boolean[] {
  const values = Array.from(gray);
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value * 64 > sum);
}

function differenceBits(gray: ArrayLike<number>): boolean[] {
  return Array.from({ length: 64 }, (_, i) => {
    const at = (i >> 3) * 9 + (i & 7);
    return gray[at] > gray[at + 1];
  });
}

function frequencyBits(gray: ArrayLike<number>): boolean[] {
  const rows = Array.from({ length: 32 }, (_, y) => cosines.map((basis) => basis.reduce((sum, c, x) => sum + c * gray[y * 32 + x], 0)));
  const values = cosines.flatMap((basis) => Array.from({ length: 8 }, (_, k) => basis.reduce((sum, c, y) => sum + c * rows[y][k], 0)));
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => value > (sorted[31] + sorted[32]) / 2);
}

const parsed: Readonly<Record<Kind, ParsedHash>> = {
  average: { resize: small(8, 8), bits: averageBits },
  difference: { resize: small(9, 8), bits: differenceBits },
  phash: { resize: small(32, 32), bits: frequencyBits },
};

export function parsePerceptualHash(options?: unknown): ParsedHash {
  checkOptions(name, options, ['kind']);
  return parsed[wordOption(name, 'kind', (options as PerceptualHashOptions | undefined)?.kind, kinds, 'phash')];
}

/** The call is that of the resize, which is nearly all the work; the few pixels left are hashed at its end. */
export function perceptualHashCall({ resize, bits }: ParsedHash, args: readonly unknown[], out?: unknown): Call<string> {
  if (out !== undefined) throw typeError(`${name} takes no out`, out);
  const resized = resizeCall(resize, [imageArgument(name, args, ['u8'])]);
  return {
    ...resized,
    finish: () => {
      const { data, channels } = runHere(grayscaleCall(parseGrayscale(), [resized.finish() as Image]));
      return hexadecimal(bits(data.filter((_, i) => i % channels === 0)));
    },
  };
}

function hexadecimal(bits: readonly boolean[]): string {
  return Array.from({ length: 16 }, (_, digit) =>
    bits
      .slice(digit * 4, digit * 4 + 4)
      .reduce((value, bit) => value * 2 + Number(bit), 0)
      .toString(16),
  ).join('');
}
