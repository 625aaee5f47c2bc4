/**
 * The family of reductions: blocks of the input give partial results, which are combined pairwise in
 * the order of their index. The tree is the same for every CPU level, thread count and cutting, so the
 * bits of the answer are too. native/kernels/math/reduce-inl.h has the same blocks and lanes.
 */

import { typeError } from '../errors';
import type { Matrix } from '../matrix/matrix';
import { type AxisOption, axisCall, axisOf, compacted } from './axis';
import type { Call, TypedArray, View } from './call';
import { type Dtype, dtypes } from './dtype';
import { checkOptions, kernel, register } from './kernel';
import { operand, single, sizeOf, vectorView } from './operands';
import type { Given, Signature, Signed } from './signature';
import type { BigArray } from './types';

/** Sums and products of lines: those of integers are f64. */
export type TotalsOf<T extends TypedArray> = T extends Float32Array | BigInt64Array | BigUint64Array ? T : Float64Array;

/** A kernel that makes one number of all elements. */
export interface ReduceKernel extends Signed<ReduceSignature> {
  (x: readonly number[]): number;
  (x: BigInt64Array | BigUint64Array): bigint;
  (x: Exclude<TypedArray, BigInt64Array | BigUint64Array>): number;
  (x: Matrix<Exclude<TypedArray, BigInt64Array | BigUint64Array>>): number;
  <T extends TypedArray>(x: Matrix<T>, options: Required<AxisOption>): TotalsOf<T>;
  readonly kernelName: string;
  readonly family: 'reduce';
}

interface ReduceSignature extends Signature {
  readonly takes: readonly [x: readonly number[] | TypedArray | Matrix<TypedArray>, options?: AxisOption];
  readonly answer: ReducedBy<this['given'], TotalsOf<ElementsOf<Given<this['given'], 0>>>, 'element'>;
}

/** The typed array that a matrix lies over. */
export type ElementsOf<X> = X extends Matrix<infer T> ? T : never;

/** One number of all (S; 'element': a bigint of bigints), or an array of one for each line along an axis. */
export type ReducedBy<A, Line, S> = A extends readonly [unknown, { readonly axis: number }]
  ? Line
  : S extends 'element'
    ? Given<A, 0> extends BigArray | Matrix<BigArray>
      ? bigint
      : number
    : S;

export const blockLength = 4096;
const laneCount = 64;
/** One thread adds about this fast from the caches. */
const nsPerByte = 0.025;

/** The sum of all elements: floats in f64, integers exactly in 64 bits. */
export function sumKernel(summary: string): ReduceKernel {
  const declaration = { name: 'sum', entry: 'math' as const, family: 'reduce', dtypes, summary, elementwise: false };
  register(declaration);
  const call = (args: readonly unknown[], out: unknown): Call => {
    checkOptions('sum', args[1], ['axis']);
    if (out !== undefined) throw typeError('sum answers a number and takes no out');
    const x = operand(args[0], 'the argument of sum');
    const axis = axisOf('sum', args[1], x);
    if (x.kind === 'number') {
      return { kernel: 'sum', views: [], params: [], phases: [], reference: () => undefined, finish: () => x.value };
    }
    if (axis !== undefined) {
      const dtype = /64|f32/.test(x.dtype) ? x.dtype : 'f64';
      return axisCall(x.view, axis, { name: 'sum', dtype, reduce: (line) => totalOf(line, x.dtype) });
    }
    return sumCall(compacted(x.view), x.dtype);
  };
  return kernel({ ...declaration, call }, 1) as unknown as ReduceKernel;
}

/** A reduction as a call: blocks leave partial results, which are joined into `total`. */
interface Reduction<R> {
  /** Name of the native kernel. */
  readonly name: string;
  readonly inputs: readonly View[];
  /** One element: the result for nothing before, the result after. */
  readonly total: TypedArray;
  /** Bytes that a block leaves; none when it writes to `total` itself. */
  readonly partialBytes?: number;
  /** Nanoseconds for an element on one thread; by default what reading it takes. */
  readonly cost?: number;
  readonly reference: () => unknown;
  readonly finish: () => R;
}

export function reduceCall<R>({ name, inputs, total, partialBytes = 8, cost, reference, finish }: Reduction<R>): Call<R> {
  const size = sizeOf(inputs[0]);
  const blocks = Math.ceil(size / blockLength);
  const blockPhase = { units: blocks, grain: 1, cost: blockLength * (cost ?? inputs[0].data.BYTES_PER_ELEMENT * nsPerByte) };
  const joinPhase = { units: 1, grain: 1, cost: blocks };
  return {
    kernel: name,
    views: [...inputs, vectorView(total)],
    params: [],
    phases: size === 0 ? [] : partialBytes === 0 ? [blockPhase] : [blockPhase, joinPhase],
    sharedBytes: blocks * partialBytes,
    reference: () => {
      total[0] = reference() as never;
    },
    finish,
  };
}

/** The sum of a vector as a call, native where there is a binary. */
export function sumCall(view: View, dtype: Dtype): Call<number | bigint> {
  const total = isFloat(dtype) ? single(Float64Array) : single(BigInt64Array);
  return reduceCall({
    name: 'sum',
    inputs: [view],
    total,
    reference: () => (isFloat(dtype) ? sumFloats(view) : sumIntegers(view)),
    finish: () => answer(total[0], dtype),
  });
}

export const isFloat = (dtype: Dtype): boolean => dtype === 'f32' || dtype === 'f64';

/** The sum of a vector, here and now: the bits of the kernel. */
export function totalOf(view: View, dtype: Dtype): number | bigint {
  return answer(isFloat(dtype) ? sumFloats(view) : sumIntegers(view), dtype);
}

/** A wrapping 64-bit total as what the dtype's elements are. */
export function answer(total: number | bigint, dtype: Dtype): number | bigint {
  if (typeof total === 'number' || dtype === 'i64') return total;
  return dtype === 'u64' ? BigInt.asUintN(64, total) : Number(total);
}

/** Float sums by the fixed tree. */
function sumFloats({ data, offset, shape: [size] }: View): number {
  return tree(size, 0, add, (i) => data[offset + i] as number);
}

const add = (a: number, b: number): number => a + b;

/** The fixed tree over `term(0)` to `term(size - 1)`. */
export function tree(size: number, start: number, combine: (a: number, b: number) => number, term: (i: number) => number): number {
  const partials: number[] = [];
  for (let begin = 0; begin < size; begin += blockLength) {
    partials.push(blockTree(begin, Math.min(begin + blockLength, size), start, combine, term));
  }
  return partials.length > 0 ? pairwise(partials, combine) : start;
}

/** A block of the tree: 64 lanes, halved pairwise. */
export function blockTree(begin: number, end: number, start: number, combine: (a: number, b: number) => number, term: (i: number) => number): number {
  const lanes = new Float64Array(laneCount).fill(start);
  for (let i = begin; i < end; i++) lanes[(i - begin) % laneCount] = combine(lanes[(i - begin) % laneCount], term(i));
  for (let half = laneCount / 2; half >= 1; half /= 2) {
    for (let lane = 0; lane < half; lane++) lanes[lane] = combine(lanes[lane], lanes[lane + half]);
  }
  return lanes[0];
}

/** Neighbours are combined, then neighbours of those, until one is left. */
export function pairwise<P>(partials: P[], combine: (a: P, b: P) => P): P {
  for (let half = 1; half < partials.length; half *= 2) {
    for (let i = 0; i + half < partials.length; i += 2 * half) partials[i] = combine(partials[i], partials[i + half]);
  }
  return partials[0];
}

/** Integer sums are exact in any order; bigints wrap at 64 bits. */
function sumIntegers({ data, offset, shape: [size] }: View): bigint {
  let total = 0n;
  // Plain additions stay exact for this many of the widest numbers; then a bigint takes over.
  const stretch = 1 << 20;
  for (let begin = 0; begin < size; begin += stretch) {
    const end = Math.min(begin + stretch, size);
    if (typeof data[offset] === 'bigint') {
      for (let i = begin; i < end; i++) total += data[offset + i] as bigint;
    } else {
      let part = 0;
      for (let i = begin; i < end; i++) part += data[offset + i] as number;
      total += BigInt(part);
    }
  }
  return BigInt.asIntN(64, total);
}
