/** `everycore/matrix`: Matrix and the matrix kernels. */
export { type DotKernel, dot } from './kernels/statistics';
export { type Metric, type PairwiseDistancesKernel, pairwiseDistances } from './matrix/distances';
export { type EighKernel, eigh } from './matrix/linear/eigh';
export {
  cholesky,
  type DetKernel,
  det,
  inverse,
  type LuKernel,
  lu,
  type SlogdetKernel,
  type SolveKernel,
  type SquareKernel,
  slogdet,
  solve,
} from './matrix/linear/lu';
export { type FullOption, type QrKernel, qr } from './matrix/linear/qr';
export {
  type LstsqKernel,
  lstsq,
  type PinvKernel,
  pinv,
  type SvdKernel,
  svd,
} from './matrix/linear/svd';
export { type MatmulKernel, type MatmulOptions, matmul, type ProductOptions } from './matrix/matmul';
export { Matrix, type MatrixLike } from './matrix/matrix';
export { type NormKernel, type NormKind, norm } from './matrix/norm';
export type { MatrixInput, NdarrayLike, NestedNumbers } from './matrix/operands';
export {
  gram,
  type MatrixPowerKernel,
  type MatrixToMatrixKernel,
  type MatvecKernel,
  matrixPower,
  matvec,
  type OuterKernel,
  outer,
  type TraceKernel,
  trace,
} from './matrix/products';
export { MatrixStack, type MatrixStackLike } from './matrix/stack';
export { type TransposeKernel, transpose } from './matrix/transpose';
