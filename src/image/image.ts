/** The class `Image`: a typed array with a shape over it, rows of interleaved channels. It hides no state. */
import { describe, rangeError, typeError } from '../errors';
import type { TypedArray, View } from '../kernels/call';
import { checkMemory, constructorOf, type Dtype, dtypeOf, isTypedArray } from '../kernels/dtype';
import type { ImageInfo } from './codec/codec';
import type { EncodeOptions } from './codec/encode-options';
import type { EncodeFormat } from './codec/format';
import type { DecodeOptions, ImageSource } from './codec/options';

/** What an image can be made of. */
export type Pixels = Uint8Array | Uint16Array | Int16Array | Float32Array;

export type Channels = 1 | 2 | 3 | 4;

/** The shape of an Image without its methods: what kernels look at, so that images of another copy of the library serve as well. */
export interface ImageLike<T extends Pixels = Pixels> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly stride: number;
}

/** Pixels with their size, as most libraries hold them: ImageData, pngjs, jimp's `bitmap`. */
export interface RawImage<T> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  /** Counted from the length of the data when left out. */
  readonly channels?: number;
  /** Elements from one row to the next; `width × channels` when left out. */
  readonly stride?: number;
}

/** What sharp's `toBuffer({ resolveWithObject: true })` answers for raw pixels. */
export interface SharpOutput {
  readonly data: Uint8Array;
  readonly info: { readonly width: number; readonly height: number; readonly channels: number; readonly depth?: string };
}

const pixelDtypes: readonly Dtype[] = ['u8', 'u16', 'i16', 'f32'];
const pixelNames = 'a Uint8Array, Uint16Array, Int16Array or Float32Array';
const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * Pixels in rows, channels interleaved: 1 is gray, 2 gray and alpha, 3 RGB, 4 RGBA, with straight alpha.
 * Element `c` of the pixel at (x, y) is `data[y * stride + x * channels + c]`.
 */
export class Image<T extends Pixels = Uint8Array> implements ImageLike<T> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** Elements from one row to the next; more than `width × channels` in a view. */
  readonly stride: number;

  /** Wraps without a copy. `Image.from` and `Image.alloc` are the usual ways. */
  constructor(data: T, width: number, height: number, channels: number, stride?: number) {
    this.data = data;
    this.width = width;
    this.height = height;
    this.channels = channels as Channels;
    this.stride = stride ?? width * channels;
    checkLayout(this, stride === undefined);
  }

  /** True for images of this and of every other copy of the library. */
  static isImage(value: unknown): value is ImageLike {
    if (value instanceof Image) return true;
    if (typeof value !== 'object' || value === null) return false;
    const { data, width, height, channels, stride } = value as Record<string, unknown>;
    return isTypedArray(data) && [width, height, channels, stride].every((each) => typeof each === 'number');
  }

  /**
   * Wraps pixels that are there already, without a copy: `{ data, width, height, channels }`, what sharp
   * answers (`{ data, info }`), an ImageData, a PNG of pngjs. Buffers and clamped arrays become
   * Uint8Arrays over the same memory.
   */
  static from(source: SharpOutput | RawImage<Uint8Array | Uint8ClampedArray>): Image;
  static from<T extends Pixels>(source: RawImage<T>): Image<T>;
  static from(source: unknown): Image<Pixels> {
    if (typeof source !== 'object' || source === null) {
      throw typeError('Image.from takes an object with data, width, height and channels', source);
    }
    const { info } = source as Partial<SharpOutput>;
    const { data, width, height, channels, stride } = (
      info === undefined ? source : { ...info, data: (source as SharpOutput).data, stride: undefined }
    ) as RawImage<unknown>;
    const pixels = asPixels(data, info?.depth);
    return new Image(pixels, width, height, channels ?? pixels.length / (width * height), stride);
  }

  /** A new image of zeros: black, and transparent where there is alpha. */
  static alloc(width: number, height: number, channels: number, dtype?: 'u8'): Image<Uint8Array>;
  static alloc(width: number, height: number, channels: number, dtype: 'u16'): Image<Uint16Array>;
  static alloc(width: number, height: number, channels: number, dtype: 'f32'): Image<Float32Array>;
  static alloc(width: number, height: number, channels: number, dtype: 'u8' | 'u16' | 'f32' = 'u8'): Image<Pixels> {
    if (!['u8', 'u16', 'f32'].includes(dtype)) throw typeError("the dtype of an Image must be 'u8', 'u16' or 'f32'", dtype);
    checkSize(width, height, channels);
    let data: TypedArray;
    try {
      data = new (constructorOf(dtype))(width * height * channels);
    } catch (cause) {
      const error = rangeError(`an Image of ${width}×${height}×${channels} does not fit into memory`);
      throw Object.assign(error, { cause });
    }
    return new Image(data as Pixels, width, height, channels);
  }

  /**
   * Reads an image from a path, a URL or the bytes of a file. Channels are as in the file (palettes become
   * RGB), samples u8, or u16 where the file has 16 bits.
   * @throws ImageDecodeError, PixelLimitError, CodecMissingError; the file is named in each.
   */
  static async open<T extends Uint8Array | Uint16Array = Uint8Array>(source: ImageSource, options?: DecodeOptions): Promise<Image<T>> {
    return (await import('./codec/index.js')).openImage<T>(source, options);
  }

  /** Reads format, size and more of an image from a path, a URL or bytes, without its pixels. */
  static async probe(source: ImageSource, options?: DecodeOptions): Promise<ImageInfo> {
    return (await import('./codec/index.js')).probeImage(source, options);
  }

  /** A part of this image that shares its memory. */
  view(x: number, y: number, width: number, height: number): Image<T> {
    checkSpan('x', x, 'width', width, this.width);
    checkSpan('y', y, 'height', height, this.height);
    const begin = y * this.stride + x * this.channels;
    const end = begin + (height - 1) * this.stride + width * this.channels;
    return new Image(this.data.subarray(begin, end) as T, width, height, this.channels, this.stride);
  }

  /** The same pixels in memory of their own, without gaps. */
  copy(): Image<T> {
    checkMemory(this.data, 'the data of an Image');
    const row = this.width * this.channels;
    const data = new (constructorOf(dtypeOf(this.data)))(row * this.height) as T;
    for (let y = 0; y < this.height; y++) {
      data.set(this.data.subarray(y * this.stride, y * this.stride + row), y * row);
    }
    return new Image(data, this.width, this.height, this.channels);
  }

  /** The bytes of an image file. @throws TypeError for pixels the format can't hold, CodecMissingError. */
  async encode<F extends EncodeFormat>(format: F, options?: EncodeOptions<F>): Promise<Uint8Array> {
    return (await import('./codec/index.js')).encodeImage(this, format, options);
  }

  /** Writes an image file, whole or not at all; the name's extension decides the format. */
  async save(path: string | URL, options?: EncodeOptions): Promise<void> {
    await (await import('./codec/index.js')).saveImage(this, path, options);
  }

  /** What console.log shows: never the pixels. */
  [inspect](): string {
    const channels = this.channels === 1 ? '1 channel' : `${this.channels} channels`;
    const stride = this.stride === this.width * this.channels ? '' : `, stride ${this.stride}`;
    return `Image { ${this.width} × ${this.height}, ${channels}, ${dtypeOf(this.data)}${stride} }`;
  }
}

/** The memory of an image as kernels see it: [height, width, channels]. */
export function imageView({ data, width, height, channels, stride }: ImageLike): View {
  return { data, offset: 0, shape: [height, width, channels], stride: [stride, channels, 1] };
}

/** Throws unless the fields fit each other and the memory. `exact`: nothing may be left over. */
export function checkLayout(image: ImageLike, exact = false): void {
  const { data, width, height, channels, stride } = image;
  if (!isTypedArray(data) || !pixelDtypes.includes(dtypeOf(data))) {
    throw typeError(`the data of an Image must be ${pixelNames}`, data);
  }
  checkMemory(data, 'the data of an Image');
  checkSize(width, height, channels);
  if (!Number.isSafeInteger(stride) || stride < width * channels) {
    throw rangeError(`the stride of an Image must be a whole number from width × channels (${width * channels}) up`, stride);
  }
  const length = (height - 1) * stride + width * channels;
  if (data.length === length || (data.length > length && !exact)) return;
  const size = exact ? `${width}×${height}×${channels}` : `${width}×${height}×${channels} with stride ${stride}`;
  throw rangeError(`the data of an Image of ${size} must have ${length} elements, got ${data.length}`);
}

function checkSize(width: number, height: number, channels: number): void {
  checkCount('width', width);
  checkCount('height', height);
  if (![1, 2, 3, 4].includes(channels)) throw rangeError('the channels of an Image must be 1, 2, 3 or 4', channels);
  if (!Number.isSafeInteger(width * height * channels)) {
    throw rangeError(`the size of an Image must be a count that memory can have, got ${width}×${height}×${channels}`);
  }
}

function checkCount(name: string, value: number): void {
  if (typeof value !== 'number') throw typeError(`the ${name} of an Image must be a whole number from 1 up`, value);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw rangeError(`the ${name} of an Image must be a whole number from 1 up`, value);
  }
}

function checkSpan(start: string, at: number, extent: string, length: number, size: number): void {
  if (Number.isSafeInteger(at) && at >= 0 && Number.isSafeInteger(length) && length >= 1 && at + length <= size) return;
  throw rangeError(`${start} and ${extent} of a view must be whole numbers inside the image's ${size}, got ${describe(at)} and ${describe(length)}`);
}

/** Sharp hands over bytes whatever the pixels are; `depth` names what they are. */
const sharpTypes: Record<string, Dtype> = { ushort: 'u16', float: 'f32' };

function asPixels(data: unknown, depth: string | undefined): Pixels {
  if (!isTypedArray(data)) throw typeError(`the data of an Image must be ${pixelNames}`, data);
  const dtype = dtypeOf(data);
  if (dtype !== 'u8' && dtype !== 'u8c') return data as Pixels;
  const type = constructorOf(sharpTypes[depth ?? ''] ?? 'u8');
  if (data.constructor === type) return data as Pixels;
  const { buffer, byteOffset, byteLength } = data;
  // Only here a copy is made: wide numbers at an odd address, where no typed array can lie.
  if (byteOffset % type.BYTES_PER_ELEMENT !== 0) return asPixels(Uint8Array.from(data as Uint8Array), depth);
  return new type(buffer, byteOffset, byteLength / type.BYTES_PER_ELEMENT) as Pixels;
}
