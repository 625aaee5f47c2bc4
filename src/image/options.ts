/** What image kernels have in common: checking of arguments and options, and images for results. */
import { describe, rangeError, typeError } from '../errors';
import { checkMemory, constructorOf, type Dtype, dtypeOf } from '../kernels/dtype';
import { allocate } from '../kernels/memory';
import { checkLayout, Image, type ImageLike, type Pixels } from './image';

/** The one image that a kernel is called with. */
export function imageArgument(kernel: string, args: readonly unknown[], dtypes: readonly Dtype[]): ImageLike {
  if (args.length > 1 && args[1] !== undefined) {
    throw typeError(`${kernel} takes one Image and the option out`, args[1]);
  }
  return checkedImage(`${kernel} takes`, args[0], dtypes);
}

function checkedImage(who: string, value: unknown, dtypes: readonly Dtype[]): ImageLike {
  if (!Image.isImage(value)) throw typeError(`${who} an Image`, value);
  checkMemory(value.data, 'the data of an Image');
  const dtype = dtypeOf(value.data);
  if (!dtypes.includes(dtype)) throw typeError(`${who} an Image of ${dtypes.join(' or ')}, got one of ${dtype}`);
  checkLayout(value);
  return value;
}

export interface ResultShape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly dtype: Dtype;
}

/**
 * A result: fresh memory with undefined contents, or what the caller gave as `out`.
 * @param inPlace True when each element depends on the one in its place alone, so that `out` may be the input.
 */
export function resultImage(kernel: string, shape: ResultShape, out: unknown, input: ImageLike, inPlace = false): Image<Pixels> {
  const { width, height, channels, dtype } = shape;
  if (out === undefined) {
    return new Image(freshPixels(kernel, shape), width, height, channels);
  }
  const given = checkedImage(`out of ${kernel} must be`, out, [dtype]);
  if (given.width !== width || given.height !== height || given.channels !== channels) {
    const size = `${given.width}×${given.height}×${given.channels}`;
    throw rangeError(`out of ${kernel} must be ${width}×${height}×${channels}, got ${size}`);
  }
  if (imagesOverlap(given, input) && !(inPlace && sameImage(given, input))) {
    throw rangeError(
      inPlace
        ? `out of ${kernel} must be the image itself or lie apart from it, got one that overlaps it partly`
        : `out of ${kernel} must lie apart from the image, got one that overlaps it`,
    );
  }
  return given as Image<Pixels>;
}

function freshPixels(kernel: string, { width, height, channels, dtype }: ResultShape): Pixels {
  try {
    return allocate(constructorOf(dtype), width * height * channels) as Pixels;
  } catch {
    throw rangeError(`the result of ${kernel} must be of a size that memory can have, got ${width}×${height}×${channels}`);
  }
}

function sameImage(a: ImageLike, b: ImageLike): boolean {
  return a.data.buffer === b.data.buffer && a.data.byteOffset === b.data.byteOffset && a.stride === b.stride;
}

/** True when an element of the one is an element of the other; views side by side in one image do not overlap. */
export function imagesOverlap(a: ImageLike, b: ImageLike): boolean {
  if (a.data.buffer !== b.data.buffer) return false;
  const [beginA, endA] = reach(a);
  const [beginB, endB] = reach(b);
  if (endA <= beginB || endB <= beginA) return false;
  const stride = a.stride * a.data.BYTES_PER_ELEMENT;
  if (stride !== b.stride * b.data.BYTES_PER_ELEMENT) return true;
  // Both lie in one grid of rows: b begins `rows` and `bytes` after a, or one row later and so much less.
  const rows = Math.floor((beginB - beginA) / stride);
  const bytes = beginB - beginA - rows * stride;
  const meet = (row: number, byte: number): boolean => -b.height < row && row < a.height && -rowBytes(b) < byte && byte < rowBytes(a);
  return meet(rows, bytes) || meet(rows + 1, bytes - stride);
}

function rowBytes({ data, width, channels }: ImageLike): number {
  return width * channels * data.BYTES_PER_ELEMENT;
}

/** The bytes of its buffer that an image touches, from the first to behind the last. */
function reach(image: ImageLike): [begin: number, end: number] {
  const begin = image.data.byteOffset;
  return [begin, begin + (image.height - 1) * image.stride * image.data.BYTES_PER_ELEMENT + rowBytes(image)];
}

export interface NumberRule {
  /** Must be greater than this. */
  readonly above?: number;
  readonly max?: number;
}

/** An option that is a finite number, or undefined when it was left out. */
export function numberOption(kernel: string, name: string, value: unknown, { above, max }: NumberRule): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw typeError(`${name} of ${kernel} must be a number`, value);
  if (Number.isFinite(value) && !(above !== undefined && value <= above) && !(max !== undefined && value > max)) {
    return value;
  }
  const limits = [above === undefined ? '' : ` above ${above}`, max === undefined ? '' : ` up to ${max}`].join('');
  throw rangeError(`${name} of ${kernel} must be a finite number${limits}`, value);
}

/** An option that is one of a few words. */
export function wordOption<W extends string>(kernel: string, name: string, value: unknown, words: readonly W[], fallback: W): W {
  if (value === undefined) return fallback;
  if (words.includes(value as W)) return value as W;
  const list = words.map((word) => `'${word}'`);
  throw typeError(`${name} of ${kernel} must be ${list.slice(0, -1).join(', ')} or ${list[list.length - 1]}, got ${describe(value)}`);
}

/** An option that is a whole number from `min` to `max`; needed unless there is a fallback. */
export function wholeOption(kernel: string, name: string, value: unknown, min: number, max: number, fallback?: number): number {
  if (value === undefined && fallback !== undefined) return fallback;
  const expected = `${name} of ${kernel} must be a whole number from ${min} to ${max}`;
  if (typeof value !== 'number') throw typeError(expected, value);
  if (!Number.isInteger(value) || value < min || value > max) throw rangeError(expected, value);
  return value;
}

/** An option that is a finite number; needed unless there is a fallback. */
export function finiteOption(kernel: string, name: string, value: unknown, fallback?: number): number {
  const number = numberOption(kernel, name, value, {}) ?? fallback;
  if (number === undefined) throw typeError(`${name} of ${kernel} must be a number`, value);
  return number;
}

/** The nearest whole number; of two as near the even one. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** A byte: rounded half to even, saturated. */
export function byteOf(x: number): number {
  return Math.min(255, Math.max(0, roundHalfEven(x)));
}
