/** Singular values and what follows from them: svd, pinv, lstsq. */
import { rangeError } from '../../errors';
import { compute } from '../../executors/inline';
import type { Call, TypedArray } from '../../kernels/call';
import { vectorView } from '../../kernels/operands';
import { ProductCall } from '../matmul';
import type { Matrix } from '../matrix';
import { checkSameDtype, type MatrixInput, MatrixOperand, type NestedNumbers } from '../operands';
import { type FullOption, fullOf, qrCall } from './qr';
import { svdOfSquare } from './svd-reference';
import {
  blockWidth,
  columnOperand,
  floatOperand,
  formColumns,
  matrixKernel,
  matrixOf,
  reflectorSize,
  rotateRows,
  rotationRoom,
  typed,
  working,
} from './work';

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

function product(a: MatrixOperand, b: MatrixOperand): MatrixOperand {
  const call = new ProductCall(a, b, 1, 0, undefined);
  compute(call);
  return call.views[2];
}

function rowByRow(data: Float64Array, rows: number, cols: number): MatrixOperand {
  return new MatrixOperand(data, 0, [1, rows, cols], [0, cols, 1], false);
}

/** The singular values and vectors of n × n numbers a, which are used up. */
export function svdCall<R>(
  a: Float64Array,
  n: number,
  room: ReturnType<typeof rotationRoom>,
  finish: (s: Float64Array, u: Float64Array, v: Float64Array) => R,
): Call<R> {
  const s = new Float64Array(n);
  const [u, v] = [new Float64Array(n * n), new Float64Array(n * n)];
  const blocks = Math.ceil(n / blockWidth);
  const strips = 2 * Math.ceil(n / formColumns);
  const pieces = 2 * Math.ceil(n / rotateRows);
  return {
    kernel: 'svd',
    views: [a, s, u, v].map(vectorView),
    params: [n, room.pairs, room.runs],
    phases:
      n === 0
        ? []
        : [
            { units: blocks, grain: 1, cost: (500 + n ** 3 / 8) / blocks, inOrder: true },
            { units: strips, grain: 1, cost: (1000 + n ** 3 / 8) / strips },
            { units: n, grain: 1, cost: 25 * n, inOrder: true },
            { units: pieces, grain: 1, cost: (1000 + n ** 3 / 4) / pieces },
          ],
    sharedBytes: 8 * (4 + 7 * n + reflectorSize(n, n) + reflectorSize(n - 1, n) + 2 * room.doubles),
    scratchBytes: room.scratchBytes,
    reference: () => svdOfSquare(a, n, s, u, v),
    finish: () => finish(s, u, v),
  };
}

/** The singular values and vectors of one matrix: of the square R of a QR, tall or turned to be tall. */
class Singular {
  readonly rows: number;
  readonly cols: number;
  readonly #wide: boolean;
  readonly #square: Float64Array;
  readonly #q: Float64Array | undefined;
  #left: Float64Array = new Float64Array(0);
  #right: Float64Array = new Float64Array(0);
  s: Float64Array = new Float64Array(0);

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
  }

  call(finish: () => unknown): Call {
    return svdCall(this.#square, this.cols, rotationRoom(this.cols), (s, u, v) => {
      [this.s, this.#left, this.#right] = [s, u, v];
      return finish();
    });
  }

  /** U and V of A, as columns, in f64. */
  vectors(): { u: Float64Array; v: Float64Array; uCols: number; vCols: number } {
    const { rows, cols } = this;
    const width = this.full ? rows : cols;
    const long = this.#long(width);
    const short = this.#right;
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
    const left = rowByRow(this.#left, cols, cols);
    if (width === cols) return product(rowByRow(this.#q, rows, cols), left).data as Float64Array;
    const head = new MatrixOperand(this.#q, 0, [1, rows, cols], [0, width, 1], false);
    const rotated = product(head, left).data as Float64Array;
    for (let i = 0; i < rows; i++) this.#q.set(rotated.subarray(i * cols, (i + 1) * cols), i * width);
    return this.#q;
  }

  /** V·diag(1/s)·Uᵀ·B without the values that are nothing but rounding. B has `cols` columns; without one it is the identity. */
  pseudoSolution(b?: Float64Array, cols = 0): Float64Array {
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
    const across = rowByRow(u, m, s.length).transposed();
    const right = b === undefined ? across : product(across, rowByRow(b, m, cols));
    return product(rowByRow(scaled, n, s.length), right).data as Float64Array;
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
  return singular.call(() => matrixOf(singular.pseudoSolution(), a.shape[2], a.shape[1], a.dtype));
});

/** `lstsq(a, b)`: the x of least |A·x - b|, the shortest one where there are several; b is a matrix or a vector. */
export const lstsq = matrixKernel<LstsqKernel>('lstsq', 'The x of least |A·x - b|.', 2, [], ([first, second]) => {
  const a = floatOperand(first, 'the first argument of lstsq');
  const vector = columnOperand(second, 'the second argument of lstsq');
  const b = vector ?? floatOperand(second, 'the second argument of lstsq');
  checkSameDtype('lstsq', a, b);
  if (a.shape[1] !== b.shape[1]) throw rangeError(`lstsq takes as many rows in the second argument as in the first, got ${a.size} and ${b.size}`);
  const n = a.shape[2];
  const cols = b.shape[2];
  const singular = new Singular(a, false);
  const right = working(b);
  return singular.call(() => {
    const x = singular.pseudoSolution(right, cols);
    if (vector === undefined) return matrixOf(x, n, cols, a.dtype);
    return Array.isArray(second) ? Array.from(x) : typed(x, a.dtype);
  });
});

/** The largest singular value. */
export function spectralNorm(a: MatrixOperand): Call {
  const singular = new Singular(a, false);
  return singular.call(() => singular.s[0] ?? 0);
}
