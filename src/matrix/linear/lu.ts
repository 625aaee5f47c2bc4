/** LU and what follows from it: solve, inverse, det, slogdet; and Cholesky. */
import { NotPositiveDefiniteError, rangeError, SingularMatrixError, typeError } from '../../errors';
import type { Call, Phase, TypedArray, View } from '../../kernels/call';
import { vectorView } from '../../kernels/operands';
import type { Matrix } from '../matrix';
import { checkSameDtype, commonCount, type MatrixInput, MatrixOperand, type NestedNumbers } from '../operands';
import type { MatrixStack, MatrixStackLike } from '../stack';
import { choleskyInPlace, luInPlace, solveLu } from './lu-reference';
import {
  blockWidth,
  columnOperand,
  floatOperand,
  linearCall,
  matrixKernel,
  matrixOf,
  sameKind,
  squareOperand,
  typed,
  updateBytes,
  working,
} from './work';

/** A kernel from a square matrix to a matrix, and from a stack to a stack. */
export interface SquareKernel {
  <T extends TypedArray>(a: MatrixInput<T>): Matrix<T>;
  (a: NestedNumbers): Matrix;
  <T extends TypedArray>(a: MatrixStackLike<T>): MatrixStack<T>;
  readonly kernelName: string;
}

export interface SolveKernel {
  <T extends TypedArray>(a: MatrixInput<T>, b: MatrixInput<T>): Matrix<T>;
  <T extends TypedArray>(a: MatrixInput<T>, b: T): T;
  (a: NestedNumbers, b: NestedNumbers): Matrix;
  (a: NestedNumbers | MatrixInput<Float64Array>, b: readonly number[]): number[];
  <T extends TypedArray>(a: MatrixStackLike<T>, b: MatrixStackLike<T> | MatrixInput<T>): MatrixStack<T>;
  readonly kernelName: string;
}

export interface DetKernel {
  (a: MatrixInput | NestedNumbers): number;
  <T extends TypedArray>(a: MatrixStackLike<T>): T;
  readonly kernelName: string;
}

export interface SlogdetKernel {
  (a: MatrixInput | NestedNumbers): { sign: number; logAbsDet: number };
  readonly kernelName: string;
}

export interface LuKernel {
  <T extends TypedArray>(a: MatrixInput<T>): { l: Matrix<T>; u: Matrix<T>; p: Int32Array };
  (a: NestedNumbers): { l: Matrix; u: Matrix; p: Int32Array };
  readonly kernelName: string;
}

/** Nanoseconds of n³ multiply-adds in blocked code. */
const cubeNs = (n: number, factor: number) => 100 + (factor * n ** 3) / 20;

/** The LU of every matrix of a stack, and where each is singular. */
class Factors {
  readonly lu: Float64Array;
  readonly p: Int32Array;
  /** The first column without a pivot, -1 if each has one. */
  readonly info: Int32Array;

  constructor(readonly a: MatrixOperand) {
    const [count, rows] = a.shape;
    this.lu = working(a);
    this.p = new Int32Array(count * rows);
    this.info = new Int32Array(count);
  }

  reference(): void {
    const [count, rows, cols] = this.a.shape;
    for (let m = 0; m < count; m++) {
      this.info[m] = luInPlace(this.lu.subarray(m * rows * cols, (m + 1) * rows * cols), rows, cols, this.p.subarray(m * rows, (m + 1) * rows));
    }
  }

  call(finish: () => unknown): Call {
    const { views, params, scratchBytes } = this;
    return { kernel: 'lu', views, params, phases: this.phases(), scratchBytes, reference: () => this.reference(), finish };
  }

  get views(): View[] {
    return [this.lu, this.p, this.info].map(vectorView);
  }

  get params(): number[] {
    return [this.a.shape[1], this.a.shape[2]];
  }

  get scratchBytes(): number {
    return updateBytes(this.a.shape[2], this.a.shape[1]);
  }

  /** A unit is a matrix, or of a single one a block of columns, which builds on the ones before. */
  phases(): Phase[] {
    const [count, rows, cols] = this.a.shape;
    if (count * rows * cols === 0) return [];
    const ns = cubeNs(Math.max(rows, cols), 1 / 3);
    const blocks = Math.ceil(Math.min(rows, cols) / blockWidth);
    return [count === 1 ? { units: blocks, grain: 1, cost: ns / blocks, inOrder: true } : { units: count, grain: 1, cost: ns }];
  }

  /** The determinant of matrix m as mantissa · 2^exponent, which neither overflows nor underflows. */
  determinant(m: number): { mantissa: number; exponent: number } {
    const n = this.a.shape[1];
    let mantissa = oddPermutation(this.p.subarray(m * n, (m + 1) * n)) ? -1 : 1;
    let exponent = 0;
    for (let i = 0; i < n; i++) {
      mantissa *= this.lu[m * n * n + i * (n + 1)];
      if (mantissa === 0 || !Number.isFinite(mantissa)) return { mantissa: mantissa === 0 ? 0 : mantissa, exponent: 0 };
      const shift = Math.floor(Math.log2(Math.abs(mantissa)));
      // In two halves: 2^shift alone can be beyond the largest number.
      const half = shift >> 1;
      mantissa = mantissa / 2 ** half / 2 ** (shift - half);
      exponent += shift;
    }
    return { mantissa, exponent };
  }
}

function oddPermutation(p: Int32Array): boolean {
  const seen = new Uint8Array(p.length);
  let odd = false;
  for (let i = 0; i < p.length; i++) {
    for (let j = p[i]; !seen[i] && j !== i; j = p[j]) {
      seen[j] = 1;
      odd = !odd;
    }
  }
  return odd;
}

/** mantissa · 2^exponent, in steps that don't overflow before the answer does. */
function scaled({ mantissa, exponent }: { mantissa: number; exponent: number }): number {
  let value = mantissa;
  for (let left = exponent; left !== 0 && value !== 0 && Number.isFinite(value); ) {
    const step = Math.max(-1000, Math.min(1000, left));
    value *= 2 ** step;
    left -= step;
  }
  return value;
}

/** `lu(a)`: A[p[i], :] = (L·U)[i, :], with partial pivoting. a is m × n; l is m × min(m, n), u min(m, n) × n. */
export const lu = matrixKernel<LuKernel>('lu', 'L, U and the order p of the rows, A[p[i], :] = (L·U)[i, :].', 1, [], ([value]) => {
  const factors = new Factors(floatOperand(value, 'the argument of lu'));
  const [, rows, cols] = factors.a.shape;
  return factors.call(() => {
    const inner = Math.min(rows, cols);
    const [l, u] = [new Float64Array(rows * inner), new Float64Array(inner * cols)];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < Math.min(i, inner); j++) l[i * inner + j] = factors.lu[i * cols + j];
      if (i >= inner) continue;
      l[i * inner + i] = 1;
      for (let j = i; j < cols; j++) u[i * cols + j] = factors.lu[i * cols + j];
    }
    const { dtype } = factors.a;
    // Nothing to do has been nothing done: an empty matrix keeps its order.
    if (inner === 0) factors.reference();
    return { l: matrixOf(l, rows, inner, dtype), u: matrixOf(u, inner, cols, dtype), p: factors.p };
  });
});

/** `det(a)`: the determinant of a square matrix, or those of a stack; 0 for a singular one, 1 for 0×0. */
export const det = matrixKernel<DetKernel>('det', 'The determinant.', 1, [], ([value]) => {
  const factors = new Factors(squareOperand(value, 'the argument of det', true));
  const { stacked, dtype, shape } = factors.a;
  return factors.call(() => {
    if (!stacked) return scaled(factors.determinant(0));
    return typed(
      Float64Array.from({ length: shape[0] }, (_, m) => scaled(factors.determinant(m))),
      dtype,
    );
  });
});

/** `slogdet(a)`: sign and logarithm of the determinant's size; { 0, -Infinity } for a singular matrix. */
export const slogdet = matrixKernel<SlogdetKernel>('slogdet', 'Sign and logarithm of the determinant.', 1, [], ([value]) => {
  const factors = new Factors(squareOperand(value, 'the argument of slogdet'));
  return factors.call(() => {
    const { mantissa, exponent } = factors.determinant(0);
    return { sign: Math.sign(mantissa), logAbsDet: Math.log(Math.abs(mantissa)) + exponent * Math.LN2 };
  });
});

/**
 * `solve(a, b)`: X of A·X = B for a square A; b is a matrix, a vector, or stacks go with stacks.
 * @throws SingularMatrixError
 */
export const solve = matrixKernel<SolveKernel>('solve', 'X of A·X = B.', 2, [], ([first, second]) => {
  const a = squareOperand(first, 'the first argument of solve', true);
  const vector = columnOperand(second, 'the second argument of solve');
  const b = vector ?? floatOperand(second, 'the second argument of solve', true);
  checkSameDtype('solve', a, b);
  if (a.shape[2] !== b.shape[1]) throw rangeError(`solve takes as many rows in the second argument as in the first, got ${a.size} and ${b.size}`);
  if (vector !== undefined && a.stacked) throw typeError('the second argument of solve must be a matrix or a stack to go with a stack', second);
  return solveCall('solve', a, b, (x, like) => {
    if (vector === undefined) return sameKind(x, like, a.shape[1], b.shape[2]);
    return Array.isArray(second) ? Array.from(x) : typed(x, a.dtype);
  });
});

/** `inverse(a)`: the inverse of a square matrix, or those of a stack. @throws SingularMatrixError */
export const inverse = matrixKernel<SquareKernel>('inverse', 'The inverse of a square matrix.', 1, [], ([value]) => {
  const a = squareOperand(value, 'the argument of inverse', true);
  const n = a.shape[1];
  const ones = new Float64Array(n * n);
  for (let i = 0; i < n; i++) ones[i * (n + 1)] = 1;
  const identity = new MatrixOperand(ones, 0, [1, n, n], [0, n, 1], false);
  return solveCall('inverse', a, identity, (x, like) => sameKind(x, like, n, n));
});

/** Columns of X that are one unit, as in native/kernels/linear/lu-inl.h. */
const solveStrip = 120;

function solveCall(name: string, a: MatrixOperand, b: MatrixOperand, answer: (x: Float64Array, like: MatrixOperand) => unknown): Call {
  const count = commonCount(name, a, b);
  const n = a.shape[1];
  const cols = b.shape[2];
  const factors = new Factors(a.repeated(count));
  const right = working(b.repeated(count));
  const x = new Float64Array(right.length);
  const part = (data: Float64Array, m: number) => data.subarray(m * n * cols, (m + 1) * n * cols);
  const reference = () => {
    factors.reference();
    for (let m = 0; m < count; m++) {
      const [lu, p] = [factors.lu.subarray(m * n * n, (m + 1) * n * n), factors.p.subarray(m * n, (m + 1) * n)];
      solveLu(lu, n, p, part(right, m), part(x, m), cols);
    }
  };
  const finish = () => {
    const m = factors.info.findIndex((column) => column >= 0);
    if (m >= 0) throw singular(name, factors.info[m], a.stacked ? m : -1);
    return answer(x, a.stacked || !b.stacked ? a : b);
  };
  if (n * cols === 0) factors.info.fill(-1);
  const strips = Math.ceil(cols / solveStrip);
  const solving = { units: count * strips, grain: 1, cost: 20 + (n * n * cols) / 20 / strips };
  return {
    kernel: 'solve',
    views: [...factors.views, ...[right, x].map(vectorView)],
    params: [n, n, cols],
    phases: count * n * cols === 0 ? [] : [...factors.phases(), solving],
    scratchBytes: updateBytes(Math.max(n, solveStrip), n),
    reference,
    finish,
  };
}

function singular(name: string, column: number, matrix: number): SingularMatrixError {
  const which = matrix < 0 ? 'the matrix' : `matrix ${matrix} of the stack`;
  return new SingularMatrixError(`${name} takes matrices that have an inverse, but ${which} is singular: no pivot in column ${column}`);
}

/**
 * `cholesky(a)`: the lower triangular L of A = L·Lᵀ for a symmetric positive definite A, whose lower triangle is read.
 * @throws NotPositiveDefiniteError naming the first leading minor that is not positive.
 */
export const cholesky = matrixKernel<SquareKernel>('cholesky', 'The lower triangular L of A = L·Lᵀ.', 1, [], ([value]) => {
  const a = squareOperand(value, 'the argument of cholesky', true);
  const [count, n] = a.shape;
  const l = working(a);
  const info = new Int32Array(count);
  const reference = () => {
    for (let m = 0; m < count; m++) info[m] = choleskyInPlace(l.subarray(m * n * n, (m + 1) * n * n), n);
  };
  const finish = () => {
    const m = info.findIndex((minor) => minor > 0);
    if (m < 0) return sameKind(l, a, n, n);
    const which = a.stacked ? `matrix ${m} of the stack` : 'the matrix';
    throw new NotPositiveDefiniteError(
      `cholesky takes positive definite matrices, but the leading minor ${info[m]} of ${which} is not positive`,
      info[m],
    );
  };
  return linearCall('cholesky', [l, info], [n], [n === 0 ? 0 : count, cubeNs(n, 1 / 6)], reference, finish, updateBytes(n));
});
