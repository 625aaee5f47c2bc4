/** Orthogonal factorisations and what follows from them: svd, lstsq, pinv. */
import { rangeError } from '../../errors';
import { compute } from '../../executors/inline';
import type { Call, TypedArray } from '../../kernels/call';
import { ProductCall } from '../matmul';
import type { Matrix } from '../matrix';
import { checkSameDtype, type MatrixInput, MatrixOperand, type NestedNumbers } from '../operands';
import { turned } from './householder';
import { type FullOption, fullOf, qrCall } from './qr';
import { svdOfSquare } from './svd-reference';
import { columnOperand, floatOperand, linearCall, matrixKernel, matrixOf, typed, working } from './work';

export interface SvdKernel {
  <T extends TypedArray>(a: MatrixInput<T>, options?: FullOption): { u: Matrix<T>; s: T; v: Matrix<T> };
  (a: NestedNumbers, options?: FullOption): { u: Matrix; s: Float64Array; v: Matrix };
  readonly kernelName: string;
}

export interface LstsqKernel {
  <T extends TypedArray>(a: MatrixInput<T>, b: MatrixInput<T>): Matrix<T>;
  <T extends TypedArray>(a: MatrixInput<T>, b: T): T;
  (a: NestedNumbers, b: NestedNumbers): Matrix;
  (a: NestedNumbers | MatrixInput<Float64Array>, b: readonly number[]): number[];
  readonly kernelName: string;
}

export interface PinvKernel {
  <T extends TypedArray>(a: MatrixInput<T>): Matrix<T>;
  (a: NestedNumbers): Matrix;
  readonly kernelName: string;
}

/** The product of two matrices that lie row by row. */
function product(a: Float64Array, [m, k]: readonly [number, number], b: Float64Array, n: number): Float64Array {
  const call = new ProductCall(rowByRow(a, m, k), rowByRow(b, k, n), 1, 0, undefined);
  compute(call);
  return call.views[2].data as Float64Array;
}

function rowByRow(data: Float64Array, rows: number, cols: number): MatrixOperand {
  return new MatrixOperand(data, 0, [1, rows, cols], [0, cols, 1], false);
}

/** The singular values and vectors of one matrix: of the square R of a QR, tall or turned to be tall. */
class Singular {
  readonly rows: number;
  readonly cols: number;
  readonly #wide: boolean;
  readonly #square: Float64Array;
  readonly #q: Float64Array | undefined;
  readonly #left: Float64Array;
  readonly #right: Float64Array;
  readonly s: Float64Array;

  constructor(
    readonly a: MatrixOperand,
    readonly full: boolean,
  ) {
    this.#wide = a.shape[1] < a.shape[2];
    const tall = this.#wide ? a.transposed() : a;
    [, this.rows, this.cols] = tall.shape;
    const { rows, cols } = this;
    let square = working(tall);
    if (rows > cols && cols > 0) {
      const width = full ? rows : cols;
      const q = new Float64Array(rows * width);
      const r = square;
      compute(qrCall(r, rows, cols, q, width, () => undefined));
      square = r.slice(0, cols * cols);
      this.#q = q;
    }
    this.#square = square;
    this.#left = new Float64Array(cols * cols);
    this.#right = new Float64Array(cols * cols);
    this.s = new Float64Array(cols);
  }

  call(finish: () => unknown): Call {
    const n = this.cols;
    const arrays = [this.#square, this.#left, this.s, this.#right];
    const reference = () => svdOfSquare(this.#square, n, this.#left, this.s, this.#right);
    return linearCall('svd', arrays, [n], [n === 0 ? 0 : 1, 100 + 2 * n ** 3], reference, finish);
  }

  /** U and V of A, as columns, in f64. */
  vectors(): { u: Float64Array; v: Float64Array; uCols: number; vCols: number } {
    const { rows, cols } = this;
    const width = this.full ? rows : cols;
    const long = this.#long(width);
    const short = turned(this.#right, cols, cols);
    return this.#wide ? { u: short, v: long, uCols: cols, vCols: width } : { u: long, v: short, uCols: width, vCols: cols };
  }

  /** Q times the left vectors; the rest of a full Q stays as it is. */
  #long(width: number): Float64Array {
    const { rows, cols } = this;
    if (this.#q === undefined) {
      if (width === cols) return this.#left;
      const identity = new Float64Array(rows * width);
      for (let i = 0; i < width; i++) identity[i * width + i] = 1;
      return identity;
    }
    if (width === cols) return product(this.#q, [rows, cols], this.#left, cols);
    const head = new Float64Array(rows * cols);
    for (let i = 0; i < rows; i++) head.set(this.#q.subarray(i * width, i * width + cols), i * cols);
    const rotated = product(head, [rows, cols], this.#left, cols);
    for (let i = 0; i < rows; i++) this.#q.set(rotated.subarray(i * cols, (i + 1) * cols), i * width);
    return this.#q;
  }

  /** V·diag(1/s)·Uᵀ without the values that are nothing but rounding. */
  pseudoInverse(): Float64Array {
    const { s } = this;
    const { u, v } = this.vectors();
    const [m, n] = [this.a.shape[1], this.a.shape[2]];
    const unit = this.a.dtype === 'f32' ? 2 ** -23 : 2 ** -52;
    const least = unit * Math.max(m, n) * (s[0] ?? 0);
    const scaled = new Float64Array(v.length);
    for (let j = 0; j < s.length; j++) {
      const factor = s[j] > least ? 1 / s[j] : s[j] <= least ? 0 : NaN;
      for (let i = 0; i < n; i++) scaled[i * s.length + j] = v[i * s.length + j] * factor;
    }
    return product(scaled, [n, s.length], turned(u, m, s.length), m);
  }
}

/** `svd(a)`: A = U·diag(s)·Vᵀ with s descending; thin, `{ full: true }` for square U and V. */
export const svd = matrixKernel<SvdKernel>('svd', 'Singular values and vectors, A = U·diag(s)·Vᵀ.', 1, ['full'], ([value], options) => {
  const a = floatOperand(value, 'the argument of svd');
  const singular = new Singular(a, fullOf('svd', options));
  return singular.call(() => {
    const { u, v, uCols, vCols } = singular.vectors();
    const { dtype, shape } = a;
    return { u: matrixOf(u, shape[1], uCols, dtype), s: typed(singular.s, dtype), v: matrixOf(v, shape[2], vCols, dtype) };
  });
});

/** `pinv(a)`: the Moore-Penrose inverse; singular values below u·max(m, n)·s[0] count as 0. */
export const pinv = matrixKernel<PinvKernel>('pinv', 'The pseudo-inverse.', 1, [], ([value]) => {
  const a = floatOperand(value, 'the argument of pinv');
  const singular = new Singular(a, false);
  return singular.call(() => matrixOf(singular.pseudoInverse(), a.shape[2], a.shape[1], a.dtype));
});

/** `lstsq(a, b)`: the x of least |A·x - b|, the shortest one where there are several; b is a matrix or a vector. */
export const lstsq = matrixKernel<LstsqKernel>('lstsq', 'The x of least |A·x - b|.', 2, [], ([first, second]) => {
  const a = floatOperand(first, 'the first argument of lstsq');
  const vector = columnOperand(second, 'the second argument of lstsq');
  const b = vector ?? floatOperand(second, 'the second argument of lstsq');
  checkSameDtype('lstsq', a, b);
  if (a.shape[1] !== b.shape[1]) throw rangeError(`lstsq takes as many rows in the second argument as in the first, got ${a.size} and ${b.size}`);
  const [, m, n] = a.shape;
  const cols = b.shape[2];
  const singular = new Singular(a, false);
  const right = working(b);
  return singular.call(() => {
    const x = product(singular.pseudoInverse(), [n, m], right, cols);
    if (vector === undefined) return matrixOf(x, n, cols, a.dtype);
    return Array.isArray(second) ? Array.from(x) : typed(x, a.dtype);
  });
});

/** The largest singular value. */
export function spectralNorm(a: MatrixOperand): Call {
  const singular = new Singular(a, false);
  return singular.call(() => singular.s[0] ?? 0);
}
