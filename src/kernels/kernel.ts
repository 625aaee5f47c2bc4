/**
 * What a kernel is: a function with a declaration. Called, it runs here and now; a Pool reads the
 * declaration and runs the same call on its threads.
 */

import { typeError } from '../errors';
import { runHere } from '../executors/inline';
import type { Call } from './call';
import type { Dtype } from './dtype';

/** A kernel: call it, or give it to a Pool. */
export interface Kernel<A extends unknown[] = never[], R = unknown> {
  (...args: A): R;
  readonly kernelName: string;
}

export type Entry = 'math' | 'matrix' | 'image';

export interface Declaration<R = unknown> {
  readonly name: string;
  readonly entry: Entry;
  readonly family: string;
  readonly dtypes: readonly Dtype[];
  /** One sentence: what it answers. */
  readonly summary: string;
  /** True when an array of numbers is one argument to it, not a batch of items. */
  readonly elementwise: boolean;
  /** Checks the arguments and settles everything; throws the error a user is to see. */
  call(args: readonly unknown[], out: unknown): Call<R>;
  /** Lists of arguments that are so alike that one call serves all; undefined where they are not, or one is wrong. */
  together?(items: readonly unknown[]): Together | undefined;
}

/** A batch as one call, whose units are the items. */
export interface Together {
  readonly call: Call;
  answers(): unknown[];
}

/** Shared between copies of the library, so that kernels of one work with the pools of another. */
const DECLARATION = Symbol.for('everycore.kernel.declaration');

/** A row of `kernels()`. */
export interface KernelInfo {
  name: string;
  entry: Entry;
  family: string;
  dtypes: Dtype[];
  summary: string;
}

const registered = new Map<string, KernelInfo>();

/** Lists a kernel for `kernels()`, also one that is made by a call. */
export function register({ name, entry, family, dtypes, summary }: Omit<Declaration, 'call' | 'elementwise'>): void {
  registered.set(`${entry}/${name}`, { name, entry, family, dtypes: [...dtypes], summary });
}

export function registeredKernels(): KernelInfo[] {
  return [...registered.values()];
}

/** Makes the function that users hold. `operands` counts the arguments before an options object. */
export function kernel<K extends Kernel<never[], unknown>>(declaration: Declaration, operands: number): K {
  const direct = (...args: unknown[]): unknown => {
    const [rest, out] = splitOut(declaration.name, args, operands);
    return runHere(declaration.call(rest, out));
  };
  Object.defineProperties(direct, {
    name: { value: declaration.name },
    kernelName: { value: declaration.name, enumerable: true },
    family: { value: declaration.family },
    [DECLARATION]: { value: declaration },
  });
  return direct as unknown as K;
}

/** The declaration behind a kernel, or undefined for ordinary functions. */
export function declarationOf(fn: unknown): Declaration | undefined {
  return typeof fn === 'function' ? (fn as { [DECLARATION]?: Declaration })[DECLARATION] : undefined;
}

/** Takes `out` out of the options that come last in a direct call. */
function splitOut(name: string, args: unknown[], operands: number): [args: unknown[], out: unknown] {
  const options = args[operands];
  if (options === undefined) return [args, undefined];
  const takes = `${name} takes ${operands === 1 ? '1 argument' : `${operands} arguments`} and an options object`;
  // Array.prototype.map passes index and array too.
  if (args.length > operands + 1) throw typeError(`${takes}, got ${args.length} arguments (in Array.map, write x => kernel(x))`);
  if (typeof options !== 'object' || options === null) throw typeError(`${takes}: the options`, options);
  if (!('out' in options)) return [args, undefined];
  const kept = args.slice(0, operands);
  if (Object.keys(options).length === 1) return [kept, options.out];
  const { out, ...rest } = options;
  kept.push(rest);
  return [kept, out];
}

/** Throws for option names that a kernel does not have. */
export function checkOptions(name: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw typeError(`the options of ${name} must be an object`, options);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw typeError(
      known.length > 0
        ? `${name} has the options ${known.join(', ')}, got ${JSON.stringify(key)}`
        : `${name} has no options, got ${JSON.stringify(key)}`,
    );
  }
}
