/** Eigenvalues and vectors of symmetric matrices. */
import type { Call, TypedArray } from '../../kernels/call';
import { vectorView } from '../../kernels/operands';
import type { Matrix } from '../matrix';
import type { MatrixInput, NestedNumbers } from '../operands';
import { eighInPlace } from './eigh-reference';
import { blockWidth, formColumns, matrixKernel, matrixOf, reflectorSize, rotateRows, rotationRoom, squareOperand, typed, working } from './work';

export interface EighKernel {
  <T extends TypedArray>(a: MatrixInput<T>): { values: T; vectors: Matrix<T> };
  (a: NestedNumbers): { values: Float64Array; vectors: Matrix };
  readonly kernelName: string;
}

/** The values and vectors of n × n numbers a, which are used up. */
export function eighCall<R>(
  a: Float64Array,
  n: number,
  room: ReturnType<typeof rotationRoom>,
  finish: (values: Float64Array, vectors: Float64Array) => R,
): Call<R> {
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  const blocks = Math.ceil(n / blockWidth);
  const strips = Math.ceil(n / formColumns);
  const pieces = Math.ceil(n / rotateRows);
  return {
    kernel: 'eigh',
    views: [a, values, vectors].map(vectorView),
    params: [n, room.pairs, room.runs],
    phases:
      n === 0
        ? []
        : [
            { units: blocks, grain: 1, cost: (500 + n ** 3 / 20) / blocks, inOrder: true },
            { units: strips, grain: 1, cost: (500 + n ** 3 / 15) / strips },
            { units: n, grain: 1, cost: 15 * n, inOrder: true },
            { units: pieces, grain: 1, cost: (500 + n ** 3 / 8) / pieces },
          ],
    sharedBytes: 8 * (2 + 5 * n + reflectorSize(n - 1, n) + room.doubles),
    scratchBytes: room.scratchBytes,
    reference: () => eighInPlace(a, n, values, vectors),
    finish: () => finish(values, vectors),
  };
}

/** `eigh(a)`: eigenvalues, ascending, and orthonormal eigenvectors, as columns, of a symmetric matrix, whose lower triangle is read. */
export const eigh = matrixKernel<EighKernel>('eigh', 'Eigenvalues and vectors of a symmetric matrix.', 1, [], ([value]) => {
  const a = squareOperand(value, 'the argument of eigh');
  const n = a.shape[1];
  return eighCall(working(a), n, rotationRoom(n), (values, vectors) => ({
    values: typed(values, a.dtype),
    vectors: matrixOf(vectors, n, n, a.dtype),
  }));
});
