/** The transpose in TypeScript, in squares that stay in the cache. */
import type { MatrixOperand } from './operands';

const side = 32;

export function transposeReference(a: MatrixOperand, out: MatrixOperand): void {
  const [count, rows, cols] = a.shape;
  const [next, down, right] = a.stride;
  for (let m = 0; m < count; m++) {
    for (let i0 = 0; i0 < rows; i0 += side) {
      for (let j0 = 0; j0 < cols; j0 += side) {
        for (let j = j0; j < Math.min(j0 + side, cols); j++) {
          let to = out.offset + m * out.stride[0] + j * out.stride[1] + i0 * out.stride[2];
          let from = a.offset + m * next + i0 * down + j * right;
          for (let i = i0; i < Math.min(i0 + side, rows); i++, from += down, to += out.stride[2]) out.data[to] = a.data[from] as never;
        }
      }
    }
  }
}
