/**
 * The family of reductions: blocks of the input give partial results, which are combined pairwise in
 * the order of their index. The tree is the same for every CPU level, thread count and cutting, so the
 * bits of the answer are too. native/kernels/math/reduce-inl.h has the same blocks and lanes.
 */

import { typeError } from '../errors';
import type { Matrix } from '../matrix/matrix';
import { type AxisOption, axisCall, axisOf, compacted } from './axis';
import type { Call, TypedArray, View } from './call';
import { constructorOf, type Dtype, dtypes } from './dtype';
import { checkOptions, kernel, register } from './kernel';
import { operand, sizeOf } from './operands';

/** Sums and products of lines: those of integers are f64. */
export type TotalsOf<T extends TypedArray> = T extends Float32Array | BigInt64Array | BigUint64Array ? T : Float64Array;

/** A kernel that makes one number of all elements. */
export interface ReduceKernel {
  (x: readonly number[]): number;
  (x: BigInt64Array | BigUint64Array): bigint;
  (x: Exclude<TypedArray, BigInt64Array | BigUint64Array>): number;
  (x: Matrix<Exclude<TypedArray, BigInt64Array | BigUint64Array>>): number;
  <T extends TypedArray>(x: Matrix<T>, options: Required<AxisOption>): TotalsOf<T>;
  readonly kernelName: string;
  readonly family: 'reduce';
}

const blockLength = 4096;
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
      return axisCall('sum', x.view, axis, dtype, (line) => totalOf(line, x.dtype));
    }
    return sumCall(compacted(x.view), x.dtype);
  };
  return kernel({ ...declaration, call }, 1) as unknown as ReduceKernel;
}

/** The sum of a vector as a call, native where there is a binary. */
export function sumCall(view: View, dtype: Dtype): Call<number | bigint> {
  const size = sizeOf(view);
  const total = dtype === 'f32' || dtype === 'f64' ? new Float64Array(1) : new BigInt64Array(1);
  const blocks = Math.ceil(size / blockLength);
  const bytes = constructorOf(dtype).BYTES_PER_ELEMENT * blockLength;
  return {
    kernel: 'sum',
    views: [view, { data: total, offset: 0, shape: [1], stride: [1] }],
    params: [],
    phases:
      size === 0
        ? []
        : [
            { units: blocks, grain: 1, cost: bytes * nsPerByte },
            { units: 1, grain: 1, cost: blocks },
          ],
    sharedBytes: blocks * 8,
    reference: () => {
      total[0] = (total instanceof Float64Array ? sumFloats(view) : sumIntegers(view)) as never;
    },
    finish: () => answer(total[0], dtype),
  };
}

/** The sum of a vector, here and now: the bits of the kernel. */
export function totalOf(view: View, dtype: Dtype): number | bigint {
  return answer(dtype === 'f32' || dtype === 'f64' ? sumFloats(view) : sumIntegers(view), dtype);
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

/** The fixed tree over `term(0)` to `term(size - 1)`: 64 lanes a block, lanes halved pairwise, blocks pairwise. */
export function tree(size: number, start: number, combine: (a: number, b: number) => number, term: (i: number) => number): number {
  const partials: number[] = [];
  const lanes = new Float64Array(laneCount);
  for (let begin = 0; begin < size; begin += blockLength) {
    const end = Math.min(begin + blockLength, size);
    lanes.fill(start);
    for (let i = begin; i < end; i++) lanes[(i - begin) % laneCount] = combine(lanes[(i - begin) % laneCount], term(i));
    for (let half = laneCount / 2; half >= 1; half /= 2) {
      for (let lane = 0; lane < half; lane++) lanes[lane] = combine(lanes[lane], lanes[lane + half]);
    }
    partials.push(lanes[0]);
  }
  for (let half = 1; half < partials.length; half *= 2) {
    for (let i = 0; i + half < partials.length; i += 2 * half) partials[i] = combine(partials[i], partials[i + half]);
  }
  return partials.length > 0 ? partials[0] : start;
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
