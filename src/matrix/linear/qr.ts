/** QR by Householder reflectors. */
import { typeError } from '../../errors';
import type { Call, TypedArray } from '../../kernels/call';
import { vectorView } from '../../kernels/operands';
import type { Matrix } from '../matrix';
import type { MatrixInput, NestedNumbers } from '../operands';
import { qrInPlace } from './qr-reference';
import { blockWidth, floatOperand, formColumns, matrixKernel, matrixOf, reflectBytes, reflectorSize, working } from './work';

export interface FullOption {
  /** All of the orthogonal matrices, not only the columns that matter. */
  full?: boolean;
}

export interface QrKernel {
  <T extends TypedArray>(a: MatrixInput<T>, options?: FullOption): { q: Matrix<T>; r: Matrix<T> };
  (a: NestedNumbers, options?: FullOption): { q: Matrix; r: Matrix };
  readonly kernelName: string;
}

export function fullOf(name: string, { full = false }: Record<string, unknown>): boolean {
  if (typeof full !== 'boolean') throw typeError(`full of ${name} must be true or false`, full);
  return full;
}

/** The QR of `rows × cols` numbers r, in place; `width` columns of Q go to q. */
export function qrCall<R>(r: Float64Array, rows: number, cols: number, q: Float64Array, width: number, finish: () => R): Call<R> {
  const steps = Math.min(rows, cols);
  const blocks = Math.ceil(steps / blockWidth);
  const strips = Math.ceil(width / formColumns);
  // A multiply-add takes about 1/20 ns in the products that most of the work is.
  const factorNs = 500 + (rows * cols * steps) / 10;
  const formNs = 500 + (rows * width * steps) / 10;
  return {
    kernel: 'qr',
    views: [r, q].map(vectorView),
    params: [rows, cols, width],
    phases:
      steps === 0
        ? []
        : [
            { units: blocks, grain: 1, cost: factorNs / blocks, inOrder: true },
            { units: strips, grain: 1, cost: formNs / strips },
          ],
    sharedBytes: 8 * (1 + reflectorSize(steps, rows)),
    scratchBytes: reflectBytes,
    reference: () => qrInPlace(r, rows, cols, q, width),
    finish,
  };
}

/** `qr(a)`: Q with orthonormal columns and an upper triangular R; thin, `{ full: true }` for a square Q. */
export const qr = matrixKernel<QrKernel>('qr', 'Q with orthonormal columns and upper triangular R, A = Q·R.', 1, ['full'], ([value], options) => {
  const a = floatOperand(value, 'the argument of qr');
  const [, rows, cols] = a.shape;
  const width = fullOf('qr', options) ? rows : Math.min(rows, cols);
  const r = working(a);
  const q = new Float64Array(rows * width);
  return qrCall(r, rows, cols, q, width, () => {
    if (rows * cols === 0) qrInPlace(r, rows, cols, q, width);
    return { q: matrixOf(q, rows, width, a.dtype), r: matrixOf(r.slice(0, width * cols), width, cols, a.dtype) };
  });
});
