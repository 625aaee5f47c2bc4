/** `everycore/math`: kernels over numbers, number arrays, typed arrays and matrices. */
import { binary, unary } from './kernels/elementwise';
import { sumKernel } from './kernels/reduce';

export const square = unary('square', 'x · x', (x) => x * x, { int32: (x) => Math.imul(x, x) });

export const add = binary('add', 'a + b', (a, b) => a + b);

export const sum = sumKernel('the sum of all elements');

export type { BinaryKernel, OutOption, UnaryKernel } from './kernels/elementwise';
export type { ReduceKernel } from './kernels/reduce';
