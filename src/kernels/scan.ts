/**
 * The family of scans: cumsum, cumprod and diff. Blocks of fixed length are scanned by themselves and joined to
 * what came before them, so the bits are the same for every CPU level, thread count and cutting (Blelloch, "Prefix
 * sums and their applications", 1990). native/kernels/math/scan-inl.h has the same blocks.
 */
import { rangeError, typeError } from '../errors';
import type { Call, TypedArray, View } from './call';
import { type Dtype, dtypes, overlap, sameMemory } from './dtype';
import { checkOptions, kernel, register } from './kernel';
import { type Operand, operand, resultView, toList } from './operands';
import type { Given, Signature, Signed } from './signature';
import type { OutOption } from './types';

/** A kernel that makes an array of an array, of the same dtype: lists give lists. */
export interface ScanKernel<F extends string = 'scan'> extends Signed<VectorSignature<'values'>> {
  (x: readonly number[]): number[];
  <T extends TypedArray>(x: T, options?: OutOption<T>): T;
  readonly kernelName: string;
  readonly family: F;
}

/** The indices that belong to X: a list for a list, else unsigned 32-bit ones. */
export type IndicesOf<X> = X extends readonly number[] ? number[] : Uint32Array;
/** Elements of X, dressed like X. */
export type ValuesOf<X> = X extends readonly number[] ? number[] : X;
export type VectorInput = readonly number[] | TypedArray;

/** Kernels of one vector, by what they answer of it. */
export interface VectorSignature<What extends 'values' | 'indices' | 'both'> extends Signature {
  readonly takes: readonly [x: VectorInput];
  readonly answer: VectorAnswer<Given<this['given'], 0>>[What];
}

interface VectorAnswer<X> {
  values: ValuesOf<X>;
  indices: IndicesOf<X>;
  both: { values: ValuesOf<X>; indices: IndicesOf<X> };
}

export type Vector = Extract<Operand, { kind: 'list' | 'array' }>;

/** @throws TypeError for anything but a list or a typed array. */
export function vector(value: unknown, name: string): Vector {
  const x = Array.isArray(value) || ArrayBuffer.isView(value) ? operand(value, name) : undefined;
  if (x?.kind === 'list' || x?.kind === 'array') return x;
  throw typeError(`${name} must be an array of numbers or a typed array`, value);
}

const blockLength = 528;
/** Blocks that one thread scans side by side; an addition waits for the one before it. */
const blockGroup = 8;
/** Blocks that stay in the cache from taking their totals to being scanned. */
const tileBlocks = 32;
const nsPerElement = 0.7;

// biome-ignore lint/suspicious/noExplicitAny: the same arrow serves numbers and bigints
type Join = (a: any, b: any) => any;

interface Scan {
  readonly identity: number | bigint;
  readonly join: Join;
}

function additions(dtype: Dtype): Scan {
  if (dtype === 'i64' || dtype === 'u64') return { identity: 0n, join: (a: bigint, b: bigint) => BigInt.asUintN(64, a + b) };
  // −0 + x is x for every x.
  if (dtype === 'f32' || dtype === 'f64') return { identity: -0, join: (a: number, b: number) => a + b };
  if (dtype === 'u8c') return { identity: 0, join: (a: number, b: number) => Math.min(a + b, 255) };
  return { identity: 0, join: (a: number, b: number) => (a + b) | 0 };
}

function multiplications(dtype: Dtype): Scan {
  if (dtype === 'i64' || dtype === 'u64') return { identity: 1n, join: (a: bigint, b: bigint) => BigInt.asUintN(64, a * b) };
  if (dtype === 'f32' || dtype === 'f64') return { identity: 1, join: (a: number, b: number) => a * b };
  if (dtype === 'u8c') return { identity: 1, join: (a: number, b: number) => Math.min(a * b, 255) };
  return { identity: 1, join: Math.imul };
}

/** The sums of the first 1, 2, 3 … elements: f32 adds up in f64 and rounds each, integers wrap (u8c saturates). */
export const cumsum = scan('cumsum', 'the sums of the first 1, 2, 3 … elements', additions);
/** The products of the first 1, 2, 3 … elements, as cumsum. */
export const cumprod = scan('cumprod', 'the products of the first 1, 2, 3 … elements', multiplications);

function scan(name: string, summary: string, of: (dtype: Dtype) => Scan): ScanKernel {
  return scanKernel(name, summary, (x, out) => {
    const result = resultView(name, x, x.dtype, x.view.shape, out);
    const input = x.view.data;
    if (overlap(input, result.data) && !sameMemory(input, result.data)) {
      throw rangeError(`out of ${name} must be the input itself or lie apart from it, got one that overlaps it partly`);
    }
    const blocks = Math.ceil(input.length / blockLength);
    return {
      ...arrayCall(name, x, result, out),
      ...(sameMemory(input, result.data) ? inPlace(name, blocks) : onePass(blocks, input.BYTES_PER_ELEMENT)),
      reference: () => scanBlocks(input, result.data, of(x.dtype)),
    };
  });
}

/** Shared: the next tile, of each tile what stands behind it, of each block the total, of each tile how much is known. */
function onePass(blocks: number, elementBytes: number): Pick<Call, 'phases' | 'scratchBytes' | 'sharedBytes'> {
  const tiles = Math.ceil(blocks / tileBlocks);
  const scanning = { units: tiles, grain: 1, cost: tileBlocks * blockLength * nsPerElement };
  return {
    phases: blocks === 0 ? [] : [{ units: 1, grain: 1, cost: tiles }, scanning],
    scratchBytes: blockGroup * blockLength * elementBytes,
    sharedBytes: 8 + tiles * 8 + blocks * 8 + tiles * 4,
  };
}

/** Totals of the blocks, what stands before each, and the scan: a block that has been overwritten cannot be read again. */
function inPlace(name: string, blocks: number): Pick<Call, 'kernel' | 'phases' | 'sharedBytes'> {
  const each = { units: blocks, grain: blockGroup, cost: (blockLength * nsPerElement) / 2 };
  return {
    kernel: `${name} in place`,
    phases: blocks === 0 ? [] : [each, { units: 1, grain: 1, cost: blocks }, each],
    sharedBytes: blocks * 8,
  };
}

function scanBlocks(input: TypedArray, result: TypedArray, { identity, join }: Scan): void {
  let before = identity;
  for (let begin = 0; begin < input.length; begin += blockLength) {
    const end = Math.min(begin + blockLength, input.length);
    let within = identity;
    for (let i = begin; i < end; i++) {
      within = join(within, input[i]);
      result[i] = join(before, within) as never;
    }
    before = join(before, within);
  }
}

/** Each element less the one before it: one fewer than there are. Integers wrap (u8c saturates). */
export const diff = scanKernel('diff', 'each element less the one before it', (x, out) => {
  const input = x.view.data;
  const count = Math.max(input.length - 1, 0);
  const result = resultView('diff', x, x.dtype, [count], out);
  if (overlap(input, result.data)) throw rangeError('out of diff must lie apart from the input, got one that overlaps it');
  return {
    ...arrayCall('diff', x, result, out),
    phases: count === 0 ? [] : [{ units: count, grain: 64, cost: input.BYTES_PER_ELEMENT * 0.05 }],
    reference: () => {
      for (let i = 0; i < count; i++) result.data[i] = ((input[i + 1] as number) - (input[i] as number)) as never;
    },
  };
});

/** The parts that all calls of one array to one array have in common. */
export function arrayCall(name: string, x: Vector, result: View, out: unknown): Omit<Call, 'phases' | 'reference'> {
  const finish = () => out ?? (x.kind === 'list' ? toList(result.data) : result.data);
  return { kernel: name, views: [x.view, result], params: [], finish };
}

function scanKernel(name: string, summary: string, callOf: (x: Vector, out: unknown) => Call): ScanKernel {
  const declaration = { name, entry: 'math' as const, family: 'scan', dtypes, summary, elementwise: false };
  register(declaration);
  const call = (args: readonly unknown[], out: unknown): Call => {
    checkOptions(name, args[1], []);
    return callOf(vector(args[0], `the argument of ${name}`), out);
  };
  return kernel({ ...declaration, call }, 1) as unknown as ScanKernel;
}
