/** How image kernels are declared: by a name, a parser of their options, and the call they make of one image. */
import type { Call } from '../kernels/call';
import type { Dtype } from '../kernels/dtype';
import { type Kernel, kernel, register } from '../kernels/kernel';
import type { Given, Signature, Signed } from '../kernels/signature';
import type { Image, ImageLike, Pixels } from './image';

/** A kernel over one image: call it with `out` if you like, or give it to a Pool. */
export interface ImageKernel<R = Image> extends Kernel<[image: ImageLike], R> {
  (image: ImageLike, options?: { readonly out?: R }): R;
  readonly family: string;
}

/** A kernel over two images of one size. */
export interface TwoImageKernel<R = Image> extends Kernel<[a: ImageLike, b: ImageLike], R> {
  (a: ImageLike, b: ImageLike, options?: { readonly out?: R }): R;
  readonly family: string;
}

/** An image kernel whose result has the type of the pixels it is given. */
export interface SamePixelsKernel extends Signed<SamePixelsSignature> {
  <T extends Pixels>(image: ImageLike<T>, options?: { readonly out?: Image<T> }): Image<T>;
  readonly kernelName: string;
  readonly family: string;
}

interface SamePixelsSignature extends Signature {
  readonly takes: readonly [image: ImageLike];
  readonly answer: Given<this['given'], 0> extends ImageLike<infer T> ? Image<T> : Image<Pixels>;
}

/** What makes a kernel: `gaussianBlur({ sigma: 2 })`. */
export type ImageFactory<K, O> = (options?: O) => K;

export interface ImageKernelDefinition<P> {
  readonly name: string;
  readonly family: string;
  readonly dtypes: readonly Dtype[];
  /** One sentence: what it answers. */
  readonly summary: string;
  /** How many arguments come before the options of a direct call; default 1. */
  readonly operands?: number;
  /** Checks the options, once for all calls. */
  parse(options?: unknown): P;
  /** Checks the arguments and settles everything. */
  call(parsed: P, args: readonly unknown[], out?: unknown): Call<unknown>;
}

/** Declares a kernel that is made by a call. The factory's type is that of the constant it is assigned to. */
export function imageKernel<P, F extends (...args: never[]) => unknown>(definition: ImageKernelDefinition<P>): F {
  const { name, family, dtypes, summary, operands = 1, parse, call } = definition;
  const declaration = { name, entry: 'image' as const, family, dtypes, summary, elementwise: false };
  register(declaration);
  const make = (options?: unknown) => {
    const parsed = parse(options);
    return kernel({ ...declaration, call: (args, out) => call(parsed, args, out) }, operands);
  };
  Object.defineProperty(make, 'name', { value: name });
  return make as unknown as F;
}
