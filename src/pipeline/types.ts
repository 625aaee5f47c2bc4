/** The types of pipelines: every image kernel is a method, and the answer's type follows from the last step. */
import type { AvifOptions, EncodeOptionsOf, GifOptions, JpegOptions, PngOptions, TiffOptions, WebpOptions } from '../image/codec/encode-options';
import type { Image, ImageLike } from '../image/image';
import type { NameFunction, PipelineData, PipelineOptions, Step } from './data';
import type { PipelineSource } from './decode';
import type { FileResult } from './files';

type Exported = typeof import('../image');

// biome-ignore lint/suspicious/noExplicitAny: matches functions of every kind
type AnyFunction = (...args: any[]) => any;

/** The kernels of `everycore/image` that take one image, by name. */
type KernelName = {
  [K in Exclude<keyof Exported, 'pipeline' | 'Image'>]: Exported[K] extends (...args: never[]) => infer R
    ? R extends { readonly kernelName: string }
      ? K
      : never
    : never;
}[Exclude<keyof Exported, 'pipeline' | 'Image'>];

type Made<K extends KernelName> = Exported[K] extends (...args: never[]) => infer R ? (R extends AnyFunction ? ReturnType<R> : never) : never;

/** Images stay images, whatever their samples are. */
type Answer<R> = R extends ImageLike ? Image : R;

type KernelMethods = {
  readonly [K in KernelName]: Exported[K] extends AnyFunction ? (...args: Parameters<Exported[K]>) => Pipeline<Answer<Made<K>>> : never;
};

/** What a pipeline answers for each item. */
export type PipelineResult<P> = P extends Pipeline<infer R> ? R : never;

/**
 * Steps from a path, a URL, bytes or an Image to what the last one makes. Immutable: each method answers a
 * new pipeline. Called, it runs here; given to a Pool, it runs over many files on all cores.
 */
export interface PipelineCore<R> {
  (source: PipelineSource): Promise<R>;
  readonly options: PipelineOptions;
  readonly steps: readonly Step[];
  readonly kernelName: 'pipeline';

  png(options?: PngOptions): Pipeline<Uint8Array>;
  jpeg(options?: JpegOptions): Pipeline<Uint8Array>;
  webp(options?: WebpOptions): Pipeline<Uint8Array>;
  avif(options?: AvifOptions): Pipeline<Uint8Array>;
  tiff(options?: TiffOptions): Pipeline<Uint8Array>;
  gif(options?: GifOptions): Pipeline<Uint8Array>;
  pgm(): Pipeline<Uint8Array>;
  ppm(): Pipeline<Uint8Array>;
  pam(): Pipeline<Uint8Array>;
  /** Writes a file, whole or not at all. Without an encoder before it the name's extension decides the format. */
  toFile(name: string | NameFunction, options?: EncodeOptionsOf[keyof EncodeOptionsOf]): Pipeline<FileResult>;
  /** Writes into a folder, which is made: the source's base name (its number, for bytes and Images) and the format's extension. */
  toDir(folder: string, options?: EncodeOptionsOf[keyof EncodeOptionsOf]): Pipeline<FileResult>;
  /** The image itself; what a pipeline without a sink answers too. */
  raw(): Pipeline<Image>;
  /** Several outputs of what there is so far, which is decoded and computed once. */
  tee<T extends Readonly<Record<string, Pipeline<unknown>>>>(branches: T): Pipeline<{ [K in keyof T]: PipelineResult<T[K]> }>;
  /** A step of one's own: a kernel, or a function, which runs on the JavaScript thread. */
  custom<T>(step: (image: Image) => T | Promise<T>): Pipeline<Answer<T>>;

  /** The plan: decoding, kernels and sink, a line each. */
  explain(): string;
  /** What JSON can hold of it; `pipeline.from` takes it back. @throws TypeError with a function among the steps. */
  toJSON(): PipelineData;
}

export type Pipeline<R = Image> = PipelineCore<R> & KernelMethods;
