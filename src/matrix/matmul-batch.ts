/**
 * Batches of small products: ten thousand calls, each with views, a plan and memory of its own, cost far
 * more than the products. Matrices of one size are copied into two stacks, which are one call.
 */
import type { Call, TypedArray } from '../kernels/call';
import { constructorOf, dtypeOf } from '../kernels/dtype';
import type { Together } from '../kernels/kernel';
import { allocate, discard } from '../kernels/memory';
import { Matrix } from './matrix';
import { MatrixOperand } from './operands';
import type { MatrixStack } from './stack';

/** Above this size of a matrix, copying it costs more than a call of its own. */
const elementsMax = 1024;
/** Results that share a buffer, which lives as long as one of them: about this many bytes. */
const bufferBytes = 1 << 16;

/** A batch of products as one call that `product` makes; undefined where they are not all alike. */
export function productsTogether(items: readonly unknown[], product: (a: MatrixOperand, b: MatrixOperand) => Call): Together | undefined {
  const [a, b] = Array.isArray(items[0]) ? items[0] : [];
  if (!(isSmall(a) && isSmall(b)) || a.cols !== b.rows || a.data.constructor !== b.data.constructor) return undefined;
  const [left, right] = [stackOf(items, 0, a), stackOf(items, 1, b)];
  if (left === undefined || right === undefined) return undefined;
  const call = product(left, right);
  const answers = () => {
    const { data } = call.finish() as MatrixStack<TypedArray>;
    const results = apart(data, a.rows, b.cols, items.length);
    // Left to the collector they would have it run every few batches.
    for (const array of [left.data, right.data, data]) discard(array.buffer as ArrayBuffer);
    return results;
  };
  return { call, answers };
}

const dtypes: readonly string[] = ['f64', 'f32', 'i32'];

function isSmall(value: unknown): value is Matrix<TypedArray> {
  return value instanceof Matrix && value.rows * value.cols <= elementsMax && value.rows * value.cols > 0 && dtypes.includes(dtypeOf(value.data));
}

/** Argument number `at` of all items as a stack, if each is as the first. */
function stackOf(items: readonly unknown[], at: number, first: Matrix<TypedArray>): MatrixOperand | undefined {
  const { rows, cols, data } = first;
  const size = rows * cols;
  const all = allocate(constructorOf(dtypeOf(data)), items.length * size) as Float64Array;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (!Array.isArray(item) || item.length !== 2) return undefined;
    const matrix: unknown = item[at];
    // Its memory may have been transferred away: then it is too short for its size.
    if (!(matrix instanceof Matrix) || matrix.rows !== rows || matrix.cols !== cols || matrix.data.length !== size) return undefined;
    if (matrix.rowStride !== cols || matrix.colStride !== 1 || matrix.data.constructor !== data.constructor) return undefined;
    all.set(matrix.data as Float64Array, i * size);
  }
  return new MatrixOperand(all, 0, [items.length, rows, cols], [size, cols, 1], true);
}

/** Matrices that lie one behind the other, as matrices of their own. */
function apart(data: TypedArray, rows: number, cols: number, count: number): Matrix<TypedArray>[] {
  const size = rows * cols;
  const Type = data.constructor as { new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray };
  const results = new Array<Matrix<TypedArray>>(count);
  const perBuffer = Math.max(1, Math.floor(bufferBytes / (size * data.BYTES_PER_ELEMENT)));
  for (let begin = 0; begin < count; begin += perBuffer) {
    const end = Math.min(begin + perBuffer, count);
    const { buffer, BYTES_PER_ELEMENT } = data.slice(begin * size, end * size);
    for (let i = begin; i < end; i++) {
      results[i] = new Matrix(new Type(buffer, (i - begin) * size * BYTES_PER_ELEMENT, size), rows, cols);
    }
  }
  return results;
}
