/** `everycore/matrix`: Matrix and the matrix kernels. */
export { type MatmulKernel, type MatmulOptions, matmul, type ProductOptions } from './matrix/matmul';
export { Matrix, type MatrixLike } from './matrix/matrix';
export type { MatrixInput, NdarrayLike, NestedNumbers } from './matrix/operands';
export { MatrixStack, type MatrixStackLike } from './matrix/stack';
