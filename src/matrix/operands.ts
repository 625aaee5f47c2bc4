/**
 * What users give to matrix kernels - a Matrix, a stack, an `ndarray`, nested arrays - as views with the
 * three axes [count, rows, columns], and what comes back: a Matrix for matrices, a stack for stacks.
 */
import { describe, rangeError, typeError } from '../errors';
import type { TypedArray, View } from '../kernels/call';
import { checkMemory, constructorOf, type Dtype, dtypeOf, isTypedArray } from '../kernels/dtype';
import { allocate } from '../kernels/memory';
import { Matrix, type MatrixLike } from './matrix';
import { MatrixStack } from './stack';

/** A matrix as the `ndarray` package has it: two axes, strides in elements. */
export interface NdarrayLike<T extends TypedArray = TypedArray> {
  readonly data: T;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset?: number;
}

/** What stands for a matrix in an argument. Rows of numbers are f64. */
export type MatrixInput<T extends TypedArray = TypedArray> = MatrixLike<T> | NdarrayLike<T>;
export type NestedNumbers = readonly (readonly number[])[];

type Triple = readonly [number, number, number];

/** The triple used last is used again: matrices of one size come in thousands, and garbage costs more than a look. */
class LastTriple {
  #last: Triple = [0, 0, 0];

  of(first: number, second: number, third: number): Triple {
    const last = this.#last;
    if (last[0] === first && last[1] === second && last[2] === third) return last;
    this.#last = [first, second, third];
    return this.#last;
  }
}

const shapes = new LastTriple();
const strides = new LastTriple();

/** A matrix or a stack of matrices; a single matrix has the count 1. */
export class MatrixOperand implements View {
  constructor(
    readonly data: TypedArray,
    readonly offset: number,
    /** [count, rows, columns] */
    readonly shape: Triple,
    /** Elements to the next matrix, row and column. */
    readonly stride: Triple,
    readonly stacked: boolean,
  ) {}

  get dtype(): Dtype {
    return dtypeOf(this.data);
  }

  transposed(): MatrixOperand {
    const { shape, stride } = this;
    return new MatrixOperand(
      this.data,
      this.offset,
      shapes.of(shape[0], shape[2], shape[1]),
      strides.of(stride[0], stride[2], stride[1]),
      this.stacked,
    );
  }

  /** The same matrix `count` times. */
  repeated(count: number): MatrixOperand {
    const { shape, stride } = this;
    if (shape[0] === count) return this;
    return new MatrixOperand(this.data, this.offset, [count, shape[1], shape[2]], [0, stride[1], stride[2]], true);
  }

  /** Sizes as an error says them: `2×3`, or `10 of 2×3`. */
  get size(): string {
    const [count, rows, cols] = this.shape;
    return this.stacked ? `${count} of ${rows}×${cols}` : `${rows}×${cols}`;
  }
}

/** @throws TypeError for what is no matrix of numbers. `name` is for the sentence: 'the first argument of matmul'. */
export function matrixOperand(value: unknown, name: string): MatrixOperand {
  if (value instanceof Matrix) {
    // Everything else about its memory was settled when it was made.
    if (value.data.length === 0) checkMemory(value.data, name);
    return ofMatrix(value);
  }
  if (Array.isArray(value)) return ofMatrix(ofRows(value, name));
  if (MatrixStack.isStack(value)) {
    checkMemory(value.data, name);
    const { data, offset, count, rows, cols, stride, rowStride, colStride } = value;
    return new MatrixOperand(data, offset, [count, rows, cols], [stride, rowStride, colStride], true);
  }
  if (Matrix.isMatrix(value)) return ofMatrix(new Matrix(value.data, value.rows, value.cols, value.offset, value.rowStride, value.colStride));
  if (isNdarray(value)) return ofMatrix(ofNdarray(value, name));
  throw typeError(`${name} must be a Matrix, a stack of matrices, an ndarray or an array of rows`, value);
}

function ofMatrix({ data, offset, rows, cols, rowStride, colStride }: MatrixLike): MatrixOperand {
  return new MatrixOperand(data, offset, shapes.of(1, rows, cols), strides.of(0, rowStride, colStride), false);
}

function ofRows(rows: readonly unknown[], name: string): Matrix {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!Array.isArray(row) && !isTypedArray(row)) {
      throw typeError(`${name} must be a Matrix or an array of rows, got ${i in rows ? describe(row) : 'a hole'} at index ${i}`);
    }
  }
  return Matrix.from(rows as readonly ArrayLike<number>[]);
}

function isNdarray(value: unknown): value is NdarrayLike {
  if (typeof value !== 'object' || value === null) return false;
  const { data, shape, stride } = value as Record<string, unknown>;
  return isTypedArray(data) && Array.isArray(shape) && Array.isArray(stride);
}

function ofNdarray({ data, shape, stride, offset = 0 }: NdarrayLike, name: string): Matrix<TypedArray> {
  if (shape.length !== 2 || stride.length !== 2) throw rangeError(`${name} must be an ndarray of two axes, got one of ${shape.length}`);
  return new Matrix(data, shape[0], shape[1], offset, stride[0], stride[1]);
}

/** Throws unless the dtype is one the kernel computes in. */
export function checkMatrixDtype(operand: MatrixOperand, name: string, dtypes: readonly Dtype[]): void {
  if (dtypes.includes(operand.dtype)) return;
  const names = dtypes.map((dtype) => constructorOf(dtype).name);
  throw typeError(`${name} must be made of ${names.join(' or ')}`, operand.data);
}

/** Throws unless both operands have one dtype. */
export function checkSameDtype(kernel: string, a: MatrixOperand, b: MatrixOperand): void {
  if (a.data.constructor === b.data.constructor || a.dtype === b.dtype) return;
  const [first, second] = [a, b].map(({ dtype }) => constructorOf(dtype).name);
  throw typeError(`both arguments of ${kernel} must have one dtype, got ${first} and ${second}`);
}

/** How many matrices go together: stacks of one length, single matrices with every one of a stack. */
export function commonCount(kernel: string, a: MatrixOperand, b: MatrixOperand): number {
  if (a.stacked && b.stacked && a.shape[0] !== b.shape[0]) {
    throw rangeError(`both stacks of ${kernel} must have one length, got ${a.shape[0]} and ${b.shape[0]} matrices`);
  }
  return a.stacked ? a.shape[0] : b.shape[0];
}

/** Memory for a result, row by row; its contents are undefined. */
export function freshOperand(dtype: Dtype, count: number, rows: number, cols: number, stacked: boolean): MatrixOperand {
  const data = allocate(constructorOf(dtype), count * rows * cols);
  return new MatrixOperand(data, 0, shapes.of(count, rows, cols), strides.of(rows * cols, cols, 1), stacked);
}

/** What a user gave as `out`: dtype and shape must be those of the result, and no element may stand for two. */
export function outOperand(kernel: string, out: unknown, dtype: Dtype, count: number, rows: number, cols: number, stacked: boolean): MatrixOperand {
  const operand = Matrix.isMatrix(out) || MatrixStack.isStack(out) || isNdarray(out) ? matrixOperand(out, `out of ${kernel}`) : undefined;
  if (operand === undefined || operand.stacked !== stacked) {
    throw typeError(`out of ${kernel} must be ${stacked ? 'a stack of matrices' : 'a Matrix'}`, out);
  }
  if (operand.dtype !== dtype) throw typeError(`out of ${kernel} must be made of ${constructorOf(dtype).name}`, operand.data);
  const [count_, rows_, cols_] = operand.shape;
  if (count_ !== count || rows_ !== rows || cols_ !== cols) {
    const expected = stacked ? `${count} of ${rows}×${cols}` : `${rows}×${cols}`;
    throw rangeError(`out of ${kernel} must be ${expected}, got ${operand.size}`);
  }
  if (repeats(operand)) throw rangeError(`out of ${kernel} must have memory of its own for every element, got strides that repeat some`);
  return operand;
}

/** True when two positions of a view are one element: some stride is shorter than what lies inside it. */
function repeats({ shape, stride }: MatrixOperand): boolean {
  if (shape.includes(0)) return false;
  const axes = [0, 1, 2].filter((axis) => shape[axis] > 1).sort((x, y) => Math.abs(stride[x]) - Math.abs(stride[y]));
  let inside = 0;
  for (const axis of axes) {
    if (Math.abs(stride[axis]) <= inside) return true;
    inside += (shape[axis] - 1) * Math.abs(stride[axis]);
  }
  return false;
}

/** Throws when `out` shares an element with an input. */
export function checkApart(kernel: string, input: MatrixOperand, out: MatrixOperand): void {
  if (!shareElements(input, out)) return;
  throw rangeError(`out of ${kernel} must not overlap an input: give it memory of its own`);
}

/** Whether two views share memory. Parts of one matrix side by side don't, though their rows alternate. */
export function shareElements(a: MatrixOperand, b: MatrixOperand): boolean {
  if (a.data.buffer !== b.data.buffer || a.shape.includes(0) || b.shape.includes(0)) return false;
  const [reachA, reachB] = [reach(a), reach(b)];
  if (reachA.end <= reachB.begin || reachB.end <= reachA.begin) return false;
  return !sideBySide(a, b);
}

/** The bytes of its buffer between which a view lies. */
function reach({ data, offset, shape, stride }: MatrixOperand): { begin: number; end: number } {
  const size = data.BYTES_PER_ELEMENT;
  let low = offset;
  let high = offset;
  for (let axis = 0; axis < 3; axis++) {
    const span = (shape[axis] - 1) * stride[axis];
    if (span < 0) low += span;
    else high += span;
  }
  return { begin: data.byteOffset + low * size, end: data.byteOffset + (high + 1) * size };
}

/** True for two single matrices over the lines of one larger matrix, with different columns in them. */
function sideBySide(a: MatrixOperand, b: MatrixOperand): boolean {
  const size = a.data.BYTES_PER_ELEMENT;
  const apart = (b.data.byteOffset - a.data.byteOffset) / size + b.offset - a.offset;
  const [lineA, lineB] = [lines(a), lines(b)];
  if (lineA === undefined || lineB === undefined || lineA.step !== lineB.step || !Number.isInteger(apart)) return false;
  const { step } = lineA;
  const begin = ((apart % step) + step) % step;
  return begin >= lineA.length && begin + lineB.length <= step;
}

/** A matrix as lines of contiguous elements, `step` apart. */
function lines({ shape, stride }: MatrixOperand): { step: number; length: number } | undefined {
  if (shape[0] !== 1) return undefined;
  for (const [along, across] of [
    [2, 1],
    [1, 2],
  ]) {
    const contiguous = stride[along] === 1 || shape[along] === 1;
    if (contiguous && stride[across] >= shape[along]) return { step: stride[across], length: shape[along] };
  }
  return undefined;
}

/** A result as the user gets it. */
export function wrapped({ data, shape: [count, rows, cols], stacked }: MatrixOperand): Matrix<TypedArray> | MatrixStack<TypedArray> {
  return stacked ? new MatrixStack(data, count, rows, cols) : new Matrix(data, rows, cols);
}
