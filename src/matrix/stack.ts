/** Stacks: many matrices of one shape in one typed array, for kernels that compute them all in one call. */
import { describe, rangeError, typeError } from '../errors';
import type { TypedArray } from '../kernels/call';
import { checkMemory, constructorOf, dtypeOf, isTypedArray } from '../kernels/dtype';
import { checkCount, Matrix } from './matrix';

/** The shape of a stack without its methods. */
export interface MatrixStackLike<T extends TypedArray = TypedArray> {
  readonly data: T;
  readonly count: number;
  readonly rows: number;
  readonly cols: number;
  readonly offset: number;
  readonly stride: number;
  readonly rowStride: number;
  readonly colStride: number;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** `count` matrices: element (i, j) of matrix m is `data[offset + m * stride + i * rowStride + j * colStride]`. */
export class MatrixStack<T extends TypedArray = Float64Array> implements MatrixStackLike<T> {
  readonly data: T;
  readonly count: number;
  readonly rows: number;
  readonly cols: number;
  readonly offset: number;
  /** Elements from one matrix to the next. */
  readonly stride: number;
  readonly rowStride: number;
  readonly colStride: number;

  /** Wraps without a copy. `Matrix.stack` is the usual way. */
  constructor(data: T, count: number, rows: number, cols: number, offset = 0, stride = rows * cols, rowStride: number = cols, colStride = 1) {
    if (!isTypedArray(data)) throw typeError('the data of a stack must be a typed array', data);
    checkMemory(data, 'the data of a stack');
    checkCount('count', count, 'a stack');
    if (!Number.isSafeInteger(stride)) throw rangeError('stride of a stack must be a whole number', stride);
    // The first and the last matrix must lie inside the data; then all do.
    for (const at of count === 0 ? [] : [0, count - 1]) new Matrix(data, rows, cols, offset + at * stride, rowStride, colStride);
    this.data = data;
    this.count = count;
    this.rows = rows;
    this.cols = cols;
    this.offset = offset;
    this.stride = stride;
    this.rowStride = rowStride;
    this.colStride = colStride;
  }

  /** True for stacks of this and of every other copy of the library. */
  static isStack(value: unknown): value is MatrixStack<TypedArray> {
    if (value instanceof MatrixStack) return true;
    if (typeof value !== 'object' || value === null) return false;
    const { data, count, rows, cols, offset, stride, rowStride, colStride } = value as Record<string, unknown>;
    return isTypedArray(data) && [count, rows, cols, offset, stride, rowStride, colStride].every((each) => typeof each === 'number');
  }

  /** Matrix number `i`: a view. */
  at(i: number): Matrix<T> {
    if (!(Number.isInteger(i) && i >= 0 && i < this.count)) throw rangeError(`i must be a whole number from 0 to ${this.count - 1}`, i);
    return new Matrix(this.data, this.rows, this.cols, this.offset + i * this.stride, this.rowStride, this.colStride);
  }

  /** Rows and columns of every matrix change places: a view. */
  transpose(): MatrixStack<T> {
    return new MatrixStack(this.data, this.count, this.cols, this.rows, this.offset, this.stride, this.colStride, this.rowStride);
  }

  /** The same numbers in memory of their own, matrix after matrix, row by row. */
  copy(): MatrixStack<T> {
    checkMemory(this.data, 'the data of a stack');
    const size = this.rows * this.cols;
    const data = new (constructorOf(dtypeOf(this.data)))(this.count * size) as T;
    for (let i = 0; i < this.count; i++) data.set(this.at(i).copy().data as never, i * size);
    return new MatrixStack(data, this.count, this.rows, this.cols);
  }

  *[Symbol.iterator](): Generator<Matrix<T>, void> {
    for (let i = 0; i < this.count; i++) yield this.at(i);
  }

  /** What console.log shows. */
  [inspect](): string {
    return `MatrixStack ${this.count} of ${this.rows}×${this.cols} ${dtypeOf(this.data)}`;
  }
}

/** `count` matrices of `rows × cols` that lie one behind the other, row by row, without a copy. */
export function stackOf<T extends TypedArray>(data: T, count: number, rows: number, cols: number): MatrixStack<T> {
  const stack = new MatrixStack(data, count, rows, cols);
  const expected = count * rows * cols;
  if (data.length !== expected) {
    throw rangeError(`Matrix.stack(data, ${count}, ${rows}, ${cols}) takes ${expected} elements, got ${describe(data)}`);
  }
  return stack;
}
