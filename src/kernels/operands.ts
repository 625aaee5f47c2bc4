/**
 * What users give to elementwise and reducing kernels - numbers, number arrays, typed arrays, matrices -
 * as views, and what comes back in the same clothes.
 */
import { describe, rangeError, typeError } from '../errors';
import { Matrix } from '../matrix/matrix';
import type { TypedArray, View } from './call';
import { checkMemory, constructorOf, type Dtype, dtypeIfArray, dtypeOf, isTypedArray, overlap, type TypedArrayConstructor } from './dtype';
import { allocate } from './memory';

export type Operand =
  | { readonly kind: 'number'; readonly value: number | bigint }
  | { readonly kind: 'list'; readonly dtype: Dtype; readonly view: View }
  | { readonly kind: 'array'; readonly dtype: Dtype; readonly view: View }
  | { readonly kind: 'matrix'; readonly dtype: Dtype; readonly view: View };

/** @throws TypeError for anything that is not made of numbers, naming the index in a list. */
export function operand(value: unknown, name: string): Operand {
  if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'number', value };
  const dtype = dtypeIfArray(value);
  if (dtype !== undefined) {
    checkMemory(value as TypedArray, name);
    return { kind: 'array', dtype, view: vectorView(value as TypedArray) };
  }
  if (Array.isArray(value)) return { kind: 'list', dtype: 'f64', view: vectorView(fromList(value, name)) };
  if (Matrix.isMatrix(value)) {
    checkMemory(value.data, name);
    return { kind: 'matrix', dtype: dtypeOf(value.data), view: matrixView(value) };
  }
  throw typeError(`${name} must be a number, an array of numbers, a typed array or a Matrix`, value);
}

function fromList(list: readonly unknown[], name: string): Float64Array {
  const data = allocate(Float64Array, list.length);
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (typeof value !== 'number') {
      throw typeError(`${name} must hold numbers, got ${i in list ? describe(value) : 'a hole'} at index ${i}`);
    }
    data[i] = value;
  }
  return data;
}

/** The values of a list result, as a plain array. */
export function toList(data: TypedArray): number[] {
  const { length } = data;
  const list = new Array<number>(length);
  // A fraction makes it an array of doubles from the start: one that comes later makes V8 copy all before it.
  if (length > 0) list[0] = 0.5;
  for (let i = 0; i < length; i++) list[i] = data[i] as number;
  return list;
}

export function vectorView(data: TypedArray): View {
  return { data, offset: 0, shape: [data.length], stride: [1] };
}

/** A matrix without gaps is one long vector to an elementwise kernel. */
export function matrixView(matrix: Matrix<TypedArray>): View {
  const { data, offset, rows, cols, rowStride, colStride } = matrix;
  return { data, offset, shape: [rows, cols], stride: [rowStride, colStride] };
}

export function sizeOf({ shape }: View): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

let shared = new ArrayBuffer(4096);
let sharedUsed = 0;

/** Room for one number, 0 as yet. A typed array of one element is given memory only when C++ asks for it, which takes longer than a small sum. */
export function single<T extends TypedArray>(type: TypedArrayConstructor<T>): T {
  if (sharedUsed === shared.byteLength) {
    shared = new ArrayBuffer(shared.byteLength);
    sharedUsed = 0;
  }
  const room = new type(shared, sharedUsed, 1);
  sharedUsed += 8;
  return room;
}

/** A number as a view that repeats it. @throws TypeError when number and array don't mix. */
export function scalarView(value: number | bigint, dtype: Dtype, name: string): View {
  const big = dtype === 'i64' || dtype === 'u64';
  if (big !== (typeof value === 'bigint')) {
    throw typeError(`${name} must be a ${big ? 'bigint' : 'number'} to go with ${dtype}`, value);
  }
  const data = single(constructorOf(dtype));
  data[0] = value as never;
  return { data, offset: 0, shape: [1], stride: [0] };
}

/** A result of the given shape: fresh, or what the caller gave as `out`. */
export function resultView(kernel: string, like: Operand & { view: View }, dtype: Dtype, shape: readonly number[], out: unknown): View {
  if (out === undefined) {
    const size = shape.reduce((product, length) => product * length, 1);
    return { data: allocate(constructorOf(dtype), size), offset: 0, shape, stride: contiguous(shape) };
  }
  if (like.kind === 'matrix') {
    if (!Matrix.isMatrix(out)) throw typeError(`out of ${kernel} must be a Matrix`, out);
    checkMemory(out.data, 'out');
    checkDtype(kernel, dtypeOf(out.data), dtype);
    if (out.rows !== shape[0] || out.cols !== shape[1]) {
      throw rangeError(`out of ${kernel} must be ${shape[0]}×${shape[1]}, got ${out.rows}×${out.cols}`);
    }
    return matrixView(out);
  }
  if (!isTypedArray(out)) throw typeError(`out of ${kernel} must be a typed array`, out);
  checkMemory(out, 'out');
  checkDtype(kernel, dtypeOf(out), dtype);
  if (out.length !== shape[0]) throw rangeError(`out of ${kernel} must have ${shape[0]} elements, got ${out.length}`);
  return vectorView(out);
}

function checkDtype(kernel: string, got: Dtype, expected: Dtype): void {
  if (got === expected) return;
  throw typeError(`out of ${kernel} must be a ${constructorOf(expected).name}, got a ${constructorOf(got).name}`);
}

export function contiguous(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= shape[axis];
  }
  return stride;
}

/** An elementwise kernel may write onto its input exactly, never beside it. */
export function checkAlias(kernel: string, input: View, out: View): void {
  if (!overlap(input.data, out.data) || reach(input).end <= reach(out).begin || reach(out).end <= reach(input).begin) return;
  const same =
    reach(input).begin === reach(out).begin &&
    input.shape.length === out.shape.length &&
    input.stride.every((stride, axis) => stride === out.stride[axis] || input.shape[axis] === 1);
  if (!same) throw rangeError(`out of ${kernel} must be the input itself or lie apart from it, got one that overlaps it partly`);
}

/** The bytes of its buffer that a view touches, from the first to behind the last. */
function reach(view: View): { begin: number; end: number } {
  const size = view.data.BYTES_PER_ELEMENT;
  let low = view.offset;
  let high = view.offset;
  for (let axis = 0; axis < view.shape.length; axis++) {
    const span = (view.shape[axis] - 1) * view.stride[axis];
    if (span < 0) low += span;
    else high += span;
  }
  return { begin: view.data.byteOffset + low * size, end: view.data.byteOffset + (high + 1) * size };
}
