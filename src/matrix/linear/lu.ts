/** LU and what follows from it: solve, inverse, det, slogdet; and Cholesky. */
import { NotPositiveDefiniteError, rangeError, SingularMatrixError, typeError } from '../../errors';
import type { Call, Phase, TypedArray, View } from '../../kernels/call';
import { allocate } from '../../kernels/memory';
import { vectorView } from '../../kernels/operands';
import type { Matrix } from '../matrix';
import { checkSameDtype, commonCount, type MatrixInput, type MatrixOperand, type NestedNumbers } from '../operands';
import { immediate } from '../products';
import type { MatrixStack, MatrixStackLike } from '../stack';
import { choleskyInPlace, luInPlace, solveLu } from './lu-reference';
import {
  blockBytes,
  blockPhase,
  blocksOf,
  blockWidth,
  columnOperand,
  floatOperand,
  inDoubles,
  matrixKernel,
  matrixOf,
  panelsBytes,
  sameKind,
  squareOperand,
  typed,
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
  /** Filled by the call of `call`; where others only go on from it, it never leaves native memory. */
  lu: Float64Array = new Float64Array(0);
  readonly p: Int32Array;
  /** The first column without a pivot, -1 if each has one. */
  readonly info: Int32Array;
  /** What is done of each block of columns; then which rows were interchanged. Of the native kernel alone. */
  readonly steps: Int32Array;

  constructor(readonly a: MatrixOperand) {
    const [count, rows, cols] = a.shape;
    this.p = new Int32Array(count * rows);
    this.info = new Int32Array(count);
    this.steps = new Int32Array(blocksOf(cols) + count * Math.min(rows, cols));
  }

  reference(): void {
    const [count, rows, cols] = this.a.shape;
    this.lu = working(this.a);
    for (let m = 0; m < count; m++) {
      this.info[m] = luInPlace(this.lu.subarray(m * rows * cols, (m + 1) * rows * cols), rows, cols, this.p.subarray(m * rows, (m + 1) * rows));
    }
  }

  call(finish: () => unknown): Call {
    const { params, panelsBytes: sharedBytes, scratchBytes } = this;
    const [count, rows, cols] = this.a.shape;
    this.lu = allocate(Float64Array, count * rows * cols);
    const views = [...this.views, vectorView(this.lu)];
    return { kernel: 'lu', views, params, phases: this.phases(), sharedBytes, scratchBytes, reference: () => this.reference(), finish };
  }

  /** X of A·X = B for every matrix. */
  solve(b: (m: number) => Float64Array, x: Float64Array, cols: number): void {
    this.reference();
    const [count, n] = this.a.shape;
    for (let m = 0; m < count; m++) {
      const [lu, p] = [this.lu.subarray(m * n * n, (m + 1) * n * n), this.p.subarray(m * n, (m + 1) * n)];
      solveLu(lu, n, p, b(m), x.subarray(m * n * cols, (m + 1) * n * cols), cols);
    }
  }

  /** A call that factors, then solves for so many columns in strips. */
  solving(
    kernel: string,
    arrays: readonly Float64Array[],
    cols: number,
    phases: readonly Phase[],
    reference: () => void,
    answer: () => unknown,
  ): Call {
    const n = this.a.shape[1];
    const finish = () => {
      const m = this.info.findIndex((column) => column >= 0);
      if (m >= 0) throw singular(kernel, this.info[m], this.a.stacked ? m : -1);
      return answer();
    };
    return {
      kernel,
      views: [...this.views, ...arrays.map(vectorView)],
      params: [n, n, cols],
      phases: [...this.phases(), ...phases],
      sharedBytes: this.panelsBytes + this.info.length * n * n * 8,
      scratchBytes: Math.max(this.scratchBytes, n * solveStrip * 8),
      reference,
      finish,
    };
  }

  get views(): View[] {
    return [inDoubles(this.a), ...[this.p, this.info, this.steps].map(vectorView)];
  }

  get params(): number[] {
    return [this.a.shape[1], this.a.shape[2]];
  }

  /** A single matrix is worked on by several threads, each of a stack by one. */
  get panelsBytes(): number {
    const [count, rows, cols] = this.a.shape;
    return count === 1 && cols > blockWidth ? panelsBytes(rows) : 0;
  }

  get scratchBytes(): number {
    const [, rows] = this.a.shape;
    return blockBytes(rows) + (this.panelsBytes > 0 ? 0 : panelsBytes(rows));
  }

  phases(): Phase[] {
    const [count, rows, cols] = this.a.shape;
    if (count * rows * cols === 0) return [];
    return [blockPhase(count, Math.min(rows, cols), cols, cubeNs(Math.max(rows, cols), 1 / 3))];
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
  return solveCall(a, b, (x, like) => {
    if (vector === undefined) return sameKind(x, like, a.shape[1], b.shape[2]);
    return Array.isArray(second) ? Array.from(x) : typed(x, a.dtype);
  });
});

/** `inverse(a)`: the inverse of a square matrix, or those of a stack. @throws SingularMatrixError */
export const inverse = matrixKernel<SquareKernel>('inverse', 'The inverse of a square matrix.', 1, [], ([value]) => {
  const a = squareOperand(value, 'the argument of inverse', true);
  const [count, n] = a.shape;
  const factors = new Factors(a);
  const x = allocate(Float64Array, count * n * n);
  const answer = () => sameKind(x, a, n, n);
  if (x.length === 0) return immediate('inverse', answer);
  const strips = Math.ceil(n / solveStrip);
  const solving = { units: count * strips, grain: 1, cost: cubeNs(n, 2 / 3) / strips };
  const ordering = { units: count * n, grain: 1, cost: 10 + n };
  const reference = () => {
    const identity = new Float64Array(n * n);
    for (let i = 0; i < n; i++) identity[i * (n + 1)] = 1;
    factors.solve(() => identity, x, n);
  };
  return factors.solving('inverse', [x], n, [solving, ordering], reference, answer);
});

/** Columns of X that are one unit, as in native/kernels/linear/solve-inl.h. */
const solveStrip = 120;

function solveCall(a: MatrixOperand, b: MatrixOperand, answer: (x: Float64Array, like: MatrixOperand) => unknown): Call {
  const count = commonCount('solve', a, b);
  const [n, cols] = [a.shape[1], b.shape[2]];
  const factors = new Factors(a.repeated(count));
  const right = working(b.repeated(count));
  const x = allocate(Float64Array, right.length);
  const finish = () => answer(x, a.stacked || !b.stacked ? a : b);
  if (x.length === 0) return immediate('solve', finish);
  const strips = Math.ceil(cols / solveStrip);
  const solving = { units: count * strips, grain: 1, cost: 20 + (n * n * cols) / 20 / strips };
  const reference = () => factors.solve((m) => right.subarray(m * n * cols, (m + 1) * n * cols), x, cols);
  return factors.solving('solve', [right, x], cols, [solving], reference, finish);
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
  const sharedBytes = count === 1 && n > blockWidth ? panelsBytes(n) : 0;
  return {
    kernel: 'cholesky',
    views: [l, info, new Int32Array(blocksOf(n))].map(vectorView),
    params: [n],
    phases: count * n === 0 ? [] : [blockPhase(count, n, n, cubeNs(n, 1 / 6))],
    sharedBytes,
    scratchBytes: blockBytes() + (sharedBytes > 0 ? 0 : panelsBytes(n)),
    reference,
    finish,
  };
});
