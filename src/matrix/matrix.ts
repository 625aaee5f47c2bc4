/** The class `Matrix`: a typed array with two axes over it. Views share memory and cost nothing. */
import { describe, rangeError, typeError } from '../errors';
import type { TypedArray } from '../kernels/call';
import type { RandomOptions } from '../kernels/create';
import { checkMemory, constructorOf, type Dtype, dtypeOf, isTypedArray, numberDtypes } from '../kernels/dtype';
import type { ArrayOf } from '../kernels/types';
import type { MatrixStack } from './stack';

/** The shape of a Matrix without its methods: what kernels look at, so that matrices of another copy of the library serve as well. */
export interface MatrixLike<T extends TypedArray = TypedArray> {
  readonly data: T;
  readonly rows: number;
  readonly cols: number;
  readonly offset: number;
  readonly rowStride: number;
  readonly colStride: number;
}

type NumberDtype = Exclude<Dtype, 'i64' | 'u64'>;
type ElementOf<T extends TypedArray> = T extends BigInt64Array | BigUint64Array ? bigint : number;

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Rows and columns over a typed array: element (i, j) is `data[offset + i * rowStride + j * colStride]`. */
export class Matrix<T extends TypedArray = Float64Array> implements MatrixLike<T> {
  readonly data: T;
  readonly rows: number;
  readonly cols: number;
  readonly offset: number;
  /** Elements from one row to the next. */
  readonly rowStride: number;
  /** Elements from one column to the next. */
  readonly colStride: number;

  /** Wraps without a copy. `Matrix.from` and `Matrix.of` are the usual ways. */
  constructor(data: T, rows: number, cols: number, offset = 0, rowStride: number = cols, colStride = 1) {
    if (!isTypedArray(data)) throw typeError('the data of a Matrix must be a typed array', data);
    checkMemory(data, 'the data of a Matrix');
    checkCount('rows', rows);
    checkCount('cols', cols);
    checkWhole('offset', offset);
    checkWhole('rowStride', rowStride);
    checkWhole('colStride', colStride);
    if (rows > 0 && cols > 0) {
      const down = (rows - 1) * rowStride;
      const right = (cols - 1) * colStride;
      const low = offset + Math.min(down, 0) + Math.min(right, 0);
      const high = offset + Math.max(down, 0) + Math.max(right, 0);
      if (!(low >= 0 && high < data.length)) {
        throw rangeError(`a Matrix of ${rows}×${cols} must lie inside its data, got ${describe(data)}`);
      }
    }
    this.data = data;
    this.rows = rows;
    this.cols = cols;
    this.offset = offset;
    this.rowStride = rowStride;
    this.colStride = colStride;
  }

  /** True for matrices of this and of every other copy of the library. */
  static isMatrix(value: unknown): value is Matrix<TypedArray> {
    if (value instanceof Matrix) return true;
    if (typeof value !== 'object' || value === null) return false;
    const { data, rows, cols, offset, rowStride, colStride, count } = value as Record<string, unknown>;
    const numbers = [rows, cols, offset, rowStride, colStride].every((each) => typeof each === 'number');
    return numbers && count === undefined && isTypedArray(data);
  }

  /** A matrix of the given rows, which must have one length. */
  static from(rows: readonly ArrayLike<number>[]): Matrix<Float64Array>;
  static from<D extends NumberDtype>(rows: readonly ArrayLike<number>[], dtype: D): Matrix<ArrayOf[D]>;
  static from(rows: readonly ArrayLike<number>[], dtype: NumberDtype = 'f64'): Matrix<TypedArray> {
    if (!Array.isArray(rows)) throw typeError('Matrix.from takes an array of rows', rows);
    const cols = rows.length === 0 ? 0 : rows[0]?.length;
    const matrix = Matrix.zeros(rows.length, cols, dtype) as Matrix<Float64Array>;
    rows.forEach((row, i) => {
      if (row?.length !== cols) throw rangeError(`the rows of Matrix.from must have one length, ${cols} in row 0, got ${describe(row)} in row ${i}`);
      for (let j = 0; j < cols; j++) {
        if (typeof row[j] !== 'number') throw typeError(`Matrix.from takes numbers, at row ${i}, column ${j}`, row[j]);
        matrix.data[i * cols + j] = row[j];
      }
    });
    return matrix;
  }

  /** Wraps `rows × cols` numbers that lie row by row, without a copy. */
  static of<T extends TypedArray>(data: T, rows: number, cols: number): Matrix<T> {
    const matrix = new Matrix(data, rows, cols);
    if (data.length !== rows * cols) throw rangeError(`Matrix.of(data, ${rows}, ${cols}) takes ${rows * cols} elements`, data);
    return matrix;
  }

  /** `count` matrices that lie one behind the other, without a copy: kernels compute them all in one call. */
  static stack<T extends TypedArray>(data: T, count: number, rows: number, cols: number): MatrixStack<T> {
    // A stack makes matrices and Matrix makes stacks: one of the two has to look the other up late.
    const { stackOf } = require('./stack') as typeof import('./stack');
    return stackOf(data, count, rows, cols);
  }

  static zeros(rows: number, cols: number): Matrix<Float64Array>;
  static zeros<D extends Dtype>(rows: number, cols: number, dtype: D): Matrix<ArrayOf[D]>;
  static zeros(rows: number, cols: number, dtype: Dtype = 'f64'): Matrix<TypedArray> {
    checkCount('rows', rows);
    checkCount('cols', cols);
    return new Matrix(new (constructorOf(checkedDtype(dtype)))(rows * cols), rows, cols);
  }

  static ones(rows: number, cols: number): Matrix<Float64Array>;
  static ones<D extends Dtype>(rows: number, cols: number, dtype: D): Matrix<ArrayOf[D]>;
  static ones(rows: number, cols: number, dtype: Dtype = 'f64'): Matrix<TypedArray> {
    const matrix = Matrix.zeros(rows, cols, dtype);
    matrix.data.fill((dtype === 'i64' || dtype === 'u64' ? 1n : 1) as never);
    return matrix;
  }

  /** Random numbers: see `random` of everycore/math for the options. */
  static random(rows: number, cols: number): Matrix<Float64Array>;
  static random<D extends 'f64' | 'f32' = 'f64'>(rows: number, cols: number, options: RandomOptions<D>): Matrix<ArrayOf[D]>;
  static random(rows: number, cols: number, options: RandomOptions = {}): Matrix<TypedArray> {
    checkCount('rows', rows);
    checkCount('cols', cols);
    const { random } = require('../kernels/create') as typeof import('../kernels/create');
    return new Matrix<TypedArray>(random(rows * cols, options), rows, cols);
  }

  /** Ones on the diagonal of `n × n` zeros. */
  static identity(n: number): Matrix<Float64Array>;
  static identity<D extends Dtype>(n: number, dtype: D): Matrix<ArrayOf[D]>;
  static identity(n: number, dtype: Dtype = 'f64'): Matrix<TypedArray> {
    const matrix = Matrix.zeros(n, n, dtype);
    for (let i = 0; i < n; i++) matrix.data[i * (n + 1)] = (dtype === 'i64' || dtype === 'u64' ? 1n : 1) as never;
    return matrix;
  }

  get(i: number, j: number): ElementOf<T> {
    return this.data[this.#at(i, j)] as ElementOf<T>;
  }

  set(i: number, j: number, value: ElementOf<T>): void {
    this.data[this.#at(i, j)] = value as never;
  }

  /** Row `i` as an array: a view where its elements lie side by side, else a copy. */
  row(i: number): T {
    const begin = this.#at(i, 0, this.cols === 0);
    if (this.colStride === 1 || this.cols <= 1) return this.data.subarray(begin, begin + this.cols) as T;
    const copy = new (constructorOf(dtypeOf(this.data)))(this.cols) as T;
    for (let j = 0; j < this.cols; j++) copy[j] = this.data[begin + j * this.colStride] as never;
    return copy;
  }

  /** Rows and columns change places: a view. */
  transpose(): Matrix<T> {
    return new Matrix(this.data, this.cols, this.rows, this.offset, this.colStride, this.rowStride);
  }

  /** The part from row `r0` to before `r1` and from column `c0` to before `c1`: a view. */
  slice(r0: number, r1: number, c0: number, c1: number): Matrix<T> {
    checkSpan('rows', r0, r1, this.rows);
    checkSpan('columns', c0, c1, this.cols);
    const empty = r0 === r1 || c0 === c1;
    const offset = empty ? 0 : this.offset + r0 * this.rowStride + c0 * this.colStride;
    return new Matrix(this.data, r1 - r0, c1 - c0, offset, this.rowStride, this.colStride);
  }

  /** The same numbers in memory of their own, row by row. */
  copy(): Matrix<T> {
    checkMemory(this.data, 'the data of a Matrix');
    const data = new (constructorOf(dtypeOf(this.data)))(this.rows * this.cols) as T;
    for (let i = 0, to = 0; i < this.rows; i++) {
      const from = this.offset + i * this.rowStride;
      for (let j = 0; j < this.cols; j++) data[to++] = this.data[from + j * this.colStride] as never;
    }
    return new Matrix(data, this.rows, this.cols);
  }

  toArray(): ElementOf<T>[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from({ length: this.cols }, (_, j) => this.get(i, j)));
  }

  /** True when the shapes are the same and no two elements are further apart than `tolerance`. */
  equals(other: MatrixLike, tolerance = 0): boolean {
    if (this.rows !== other.rows || this.cols !== other.cols) return false;
    for (let i = 0; i < this.rows; i++) {
      for (let j = 0; j < this.cols; j++) {
        const a = this.data[this.offset + i * this.rowStride + j * this.colStride];
        const b = other.data[other.offset + i * other.rowStride + j * other.colStride];
        if (a === b) continue;
        if (!(Math.abs(Number(a) - Number(b)) <= tolerance)) return false;
      }
    }
    return true;
  }

  /** What console.log shows: the size and the numbers, the middle left out of large ones. */
  [inspect](): string {
    const rows = shown(this.rows).map((i) =>
      i < 0
        ? '  …'
        : `  ${shown(this.cols)
            .map((j) => (j < 0 ? '…' : short(this.get(i, j))))
            .join('  ')}`,
    );
    const head = `Matrix ${this.rows}×${this.cols} ${dtypeOf(this.data)}`;
    return rows.length === 0 ? head : `${head} [\n${rows.join('\n')}\n]`;
  }

  #at(i: number, j: number, empty = false): number {
    if (!(Number.isInteger(i) && i >= 0 && i < this.rows)) throw rangeError(`row must be a whole number from 0 to ${this.rows - 1}`, i);
    if (!empty && !(Number.isInteger(j) && j >= 0 && j < this.cols)) {
      throw rangeError(`column must be a whole number from 0 to ${this.cols - 1}`, j);
    }
    return this.offset + i * this.rowStride + j * this.colStride;
  }
}

/** Positions to print; -1 stands for those left out. */
function shown(count: number): number[] {
  if (count <= 10) return Array.from({ length: count }, (_, i) => i);
  return [0, 1, 2, 3, -1, count - 3, count - 2, count - 1];
}

function short(value: number | bigint): string {
  const text = typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
  return text.padStart(9);
}

function checkedDtype(dtype: unknown): Dtype {
  if (numberDtypes.includes(dtype as Dtype) || dtype === 'i64' || dtype === 'u64') return dtype as Dtype;
  throw typeError(`the dtype of a Matrix must be one of ${[...numberDtypes, 'i64', 'u64'].join(', ')}`, dtype);
}

/** @internal */
export function checkCount(name: string, value: unknown, what = 'a Matrix'): void {
  if (typeof value !== 'number') throw typeError(`${name} of ${what} must be a whole number`, value);
  if (!Number.isSafeInteger(value) || value < 0) throw rangeError(`${name} of ${what} must be a whole number from 0 up`, value);
}

function checkWhole(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value)) throw rangeError(`${name} of a Matrix must be a whole number`, value);
}

function checkSpan(name: string, begin: number, end: number, size: number): void {
  if (Number.isInteger(begin) && Number.isInteger(end) && begin >= 0 && begin <= end && end <= size) return;
  throw rangeError(`the ${name} of a slice must go upwards between 0 and ${size}, got ${describe(begin)} to ${describe(end)}`);
}
