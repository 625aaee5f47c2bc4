/** `everycore/matrix`: Matrix and the matrix kernels. */
export {
  cholesky, det, type DetKernel, inverse, lu, type LuKernel, slogdet, type SlogdetKernel, solve, type SolveKernel, type SquareKernel,
} from './matrix/linear/lu';
export {
  eigh, type EighKernel, type FullOption, lstsq, type LstsqKernel, pinv, type PinvKernel, qr, type QrKernel, svd, type SvdKernel,
} from './matrix/linear/spectral';
export { type MatmulKernel, type MatmulOptions, matmul, type ProductOptions } from './matrix/matmul';
export { Matrix, type MatrixLike } from './matrix/matrix';
export type { MatrixInput, NdarrayLike, NestedNumbers } from './matrix/operands';
export {
  gram, type MatrixPowerKernel, matrixPower, type MatrixToMatrixKernel, type MatvecKernel, matvec, type Metric, norm, type NormKernel,
  type NormKind, outer, type OuterKernel, pairwiseDistances, type PairwiseDistancesKernel, trace, type TraceKernel, transpose, type TransposeKernel,
} from './matrix/products';
export { MatrixStack, type MatrixStackLike } from './matrix/stack';
