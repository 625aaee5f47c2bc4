/** `transpose`: rows and columns change places, as a copy. `matrix.transpose()` is the view that costs nothing. */
import type { TypedArray } from '../kernels/call';
import type { Signed } from '../kernels/signature';
import { matrixKernel } from './linear/work';
import type { Matrix } from './matrix';
import { checkApart, freshOperand, type MatrixInput, type MatrixOperand, matrixOperand, type NestedNumbers, outOperand, wrapped } from './operands';
import type { TurnSignature } from './signatures';
import type { MatrixStack, MatrixStackLike } from './stack';
import { transposeReference } from './transpose-reference';

export interface TransposeKernel extends Signed<TurnSignature> {
  <T extends TypedArray>(a: MatrixStackLike<T>, options?: { out?: MatrixStack<T> }): MatrixStack<T>;
  <T extends TypedArray>(a: MatrixInput<T>, options?: { out?: Matrix<T> }): Matrix<T>;
  (a: NestedNumbers, options?: { out?: Matrix }): Matrix;
  readonly kernelName: string;
}

/** Rows of the result that are one unit, as in native/kernels/matrix/transpose-inl.h. */
const transposeRows = 64;

/** `transpose(a, { out })`: rows and columns change places, in memory of its own; of a stack, of every matrix. */
export const transpose = matrixKernel<TransposeKernel>(
  'transpose',
  'The transpose, as a copy.',
  1,
  [],
  ([value], _options, given) => {
    const a = matrixOperand(value, 'the argument of transpose');
    const [count, rows, cols] = a.shape;
    const out =
      given === undefined
        ? freshOperand(a.dtype, count, cols, rows, a.stacked)
        : outOperand('transpose', given, a.dtype, count, cols, rows, a.stacked);
    if (given !== undefined) checkApart('transpose', a, out);
    // Into memory that lies column by column the columns of A are copied as rows.
    const turned = out.stride[2] !== 1 && out.stride[1] === 1;
    const views: [MatrixOperand, MatrixOperand] = turned ? [a.transposed(), out.transposed()] : [a, out];
    const [, inner, outer] = views[0].shape;
    const phases =
      count * rows * cols === 0 ? [] : [{ units: count * Math.ceil(outer / transposeRows), grain: 1, cost: inner * transposeRows * 0.3 }];
    return { kernel: 'transpose', views, params: [], phases, reference: () => transposeReference(...views), finish: () => given ?? wrapped(out) };
  },
  ['i8', 'u8', 'u8c', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64', 'i64', 'u64'],
  { out: true },
);
