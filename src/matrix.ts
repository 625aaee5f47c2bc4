/** `everycore/matrix`: Matrix and the matrix kernels. */
export { Matrix, type MatrixLike } from './matrix/matrix';
import type { TypedArray } from './kernels/call';
import type { Matrix, MatrixLike } from './matrix/matrix';

export interface MatmulOptions<T extends TypedArray = Float64Array> {
  alpha?: number;
  beta?: number;
  transposeA?: boolean;
  transposeB?: boolean;
  out?: Matrix<T>;
}

export interface MatmulKernel {
  <T extends TypedArray>(a: MatrixLike<T>, b: MatrixLike<T>, options?: MatmulOptions<T>): Matrix<T>;
  readonly kernelName: string;
}
