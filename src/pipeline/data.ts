/** What a pipeline is made of: plain data, and its form in JSON. */
import { typeError } from '../errors';
import type { ImageFormat } from '../image/codec/format';
import type { FailOn } from '../image/codec/options';
import { Image, type ImageLike } from '../image/image';
import { isTypedArray } from '../kernels/dtype';
import type { Kernel } from '../kernels/kernel';

export interface PipelineOptions {
  /** The most pixels an image may have; the header decides. Default 268 402 689 (16383²). */
  limitPixels?: number;
  /** The mildest damage that is an error; default 'error'. */
  failOn?: FailOn;
  /** Turn pictures as their EXIF orientation says; default true. */
  autoOrient?: boolean;
  /** 'return' puts the error of an item in its place; default 'throw'. */
  onError?: 'throw' | 'return';
  /**
   * Read a JPEG at a half, a quarter or an eighth of its size when a resize that comes first makes it smaller
   * anyway. `true` (default) leaves the resize a factor of two or more, as Pillow's thumbnail does, `'fast'`
   * takes what the file offers, as sharp does. With `false` the answer is, to the byte, that of the kernels
   * over the whole picture.
   */
  shrinkOnLoad?: boolean | 'fast';
}

/** How a file is named: by a name, or by a function of the source and its position. */
export type NameFunction = (source: unknown, index: number) => string;

export type CustomStep = Kernel<never[], unknown> | ((image: Image) => unknown);

/** One step. Each has exactly one of these keys besides `options`. */
export type Step =
  | { readonly kernel: string; readonly options?: unknown }
  | { readonly custom: CustomStep }
  | { readonly encode: Exclude<ImageFormat, 'pbm'>; readonly options?: object }
  | { readonly toFile: string | NameFunction; readonly options?: object }
  | { readonly toDir: string; readonly options?: object }
  | { readonly raw: true }
  | { readonly tee: Readonly<Record<string, PipelineData>> };

/** What a pipeline is, without its methods. */
export interface PipelineData {
  readonly options: PipelineOptions;
  readonly steps: readonly Step[];
}

/** The name of a step in errors and explanations. */
export function stepName(step: Step): string {
  if ('kernel' in step) return step.kernel;
  if ('encode' in step) return step.encode;
  if ('custom' in step) return (step.custom as { kernelName?: string }).kernelName ?? (step.custom.name || 'custom');
  return Object.keys(step)[0];
}

/** A copy that nobody can change: objects and arrays are copied and frozen; pixels, numbers and functions are as they are. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isTypedArray(value)) return value;
  if (Image.isImage(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T;
  const entries = Object.entries(value).map(([key, each]) => [key, frozen(each)]);
  return Object.freeze(Object.fromEntries(entries)) as T;
}

/** Marks what JSON has no word for. */
const tag = '$everycore';

/** Data as JSON can hold it. @throws TypeError for a function, which JSON can't. */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'function') {
    throw typeError('a pipeline with a function in it (custom, toFile) cannot be stored as JSON, got', value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return { [tag]: 'number', value: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (isTypedArray(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return { [tag]: value.constructor.name, bytes };
  }
  if (Image.isImage(value)) {
    const { data, width, height, channels, stride } = value;
    return { [tag]: 'Image', data: toPlain(data), width, height, channels, stride };
  }
  if (Array.isArray(value)) return value.map(toPlain);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toPlain(each)]));
}

const arrays = { Uint8Array, Uint8ClampedArray, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array };

/** What `toPlain` was given. */
export function fromPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isTypedArray(value)) return value;
  if (Array.isArray(value)) return value.map(fromPlain);
  const fields = value as Record<string, unknown>;
  const kind = fields[tag];
  if (kind === 'number') return Number(fields.value);
  if (kind === 'Image') {
    const { data, width, height, channels, stride } = fields as unknown as ImageLike;
    return new Image(fromPlain(data) as Uint8Array, width, height, channels, stride);
  }
  if (typeof kind === 'string' && kind in arrays) {
    const bytes = Uint8Array.from(Buffer.from(fields.bytes as string, 'base64'));
    return new arrays[kind as keyof typeof arrays](bytes.buffer);
  }
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, fromPlain(each)]));
}
