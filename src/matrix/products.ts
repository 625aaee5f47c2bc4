/** Kernels that are products in other clothes: matvec, outer, gram, matrixPower; and trace. */
import { rangeError, typeError } from '../errors';
import { compute } from '../executors/inline';
import type { Call, TypedArray } from '../kernels/call';
import type { Dtype } from '../kernels/dtype';
import type { Signed } from '../kernels/signature';
import { columnOperand, matrixKernel, squareOperand } from './linear/work';
import { ProductCall } from './matmul';
import { Matrix } from './matrix';
import { checkMatrixDtype, checkSameDtype, type MatrixInput, type MatrixOperand, matrixOperand, type NestedNumbers, wrapped } from './operands';
import type { MatrixToMatrixSignature, MatvecSignature, OuterSignature } from './signatures';

export interface MatvecKernel extends Signed<MatvecSignature> {
  <T extends TypedArray>(a: MatrixInput<T>, x: T): T;
  (a: NestedNumbers | MatrixInput<Float64Array>, x: readonly number[]): number[];
  readonly kernelName: string;
}

export interface OuterKernel extends Signed<OuterSignature> {
  <T extends TypedArray>(x: T, y: T): Matrix<T>;
  (x: readonly number[], y: readonly number[]): Matrix;
  readonly kernelName: string;
}

export interface MatrixToMatrixKernel extends Signed<MatrixToMatrixSignature> {
  <T extends TypedArray>(a: MatrixInput<T>): Matrix<T>;
  (a: NestedNumbers): Matrix;
  readonly kernelName: string;
}

export interface MatrixPowerKernel extends Signed<MatrixToMatrixSignature<[n: number]>> {
  <T extends TypedArray>(a: MatrixInput<T>, n: number): Matrix<T>;
  (a: NestedNumbers, n: number): Matrix;
  readonly kernelName: string;
}

export interface TraceKernel {
  (a: MatrixInput | NestedNumbers): number;
  readonly kernelName: string;
}

const productDtypes: readonly Dtype[] = ['f64', 'f32', 'i32'];

/** A product with another ending. */
function productCall(a: MatrixOperand, b: MatrixOperand, finish: (c: MatrixOperand) => unknown): Call {
  const call = new ProductCall(a, b, 1, 0, undefined);
  const { kernel, views, params, phases, sharedBytes, scratchBytes } = call;
  return { kernel, views, params, phases, sharedBytes, scratchBytes, reference: () => call.reference(), finish: () => finish(views[2]) };
}

function productOperand(value: unknown, name: string): MatrixOperand {
  const operand = matrixOperand(value, name);
  checkMatrixDtype(operand, name, productDtypes);
  if (operand.stacked) throw typeError(`${name} must be one matrix`, value);
  return operand;
}

export function vectorOperand(value: unknown, name: string): MatrixOperand {
  const operand = columnOperand(value, name) ?? (Array.isArray(value) && value.length === 0 ? columnOperand(new Float64Array(0), name) : undefined);
  if (operand === undefined) throw typeError(`${name} must be a typed array or an array of numbers`, value);
  checkMatrixDtype(operand, name, productDtypes);
  return operand;
}

/** `matvec(a, x)`: A·x for an m × n matrix and a vector of n; answers one of m. */
export const matvec = matrixKernel<MatvecKernel>(
  'matvec',
  'The product of a matrix and a vector.',
  2,
  [],
  ([first, second]) => {
    const a = productOperand(first, 'the first argument of matvec');
    const x = vectorOperand(second, 'the second argument of matvec');
    checkSameDtype('matvec', a, x);
    if (a.shape[2] !== x.shape[1])
      throw rangeError(`matvec takes a vector as long as the matrix has columns, got ${a.size} and ${x.shape[1]} elements`);
    return productCall(a, x, ({ data }) => (Array.isArray(second) ? Array.from(data as Float64Array) : data));
  },
  productDtypes,
);

/** `outer(x, y)`: the matrix of all products x[i]·y[j]. */
export const outer = matrixKernel<OuterKernel>(
  'outer',
  'The matrix of all products of two vectors.',
  2,
  [],
  ([first, second]) => {
    const x = vectorOperand(first, 'the first argument of outer');
    const y = vectorOperand(second, 'the second argument of outer');
    checkSameDtype('outer', x, y);
    return productCall(x, y.transposed(), wrapped);
  },
  productDtypes,
);

/** `gram(a)`: Aᵀ·A, n × n and symmetric for an m × n matrix. */
export const gram = matrixKernel<MatrixToMatrixKernel>(
  'gram',
  'Aᵀ·A.',
  1,
  [],
  ([value]) => {
    const a = productOperand(value, 'the argument of gram');
    return productCall(a.transposed(), a, wrapped);
  },
  productDtypes,
);

/** `matrixPower(a, n)`: A·A·…·A, n times; n = 0 is the identity. By squaring. */
export const matrixPower = matrixKernel<MatrixPowerKernel>(
  'matrixPower',
  'A square matrix to a whole power.',
  2,
  [],
  ([value, n]) => {
    const a = productOperand(value, 'the first argument of matrixPower');
    if (a.shape[1] !== a.shape[2]) throw rangeError(`the first argument of matrixPower must be square, got ${a.size}`);
    if (typeof n !== 'number') throw typeError('n of matrixPower must be a whole number', n);
    if (!Number.isSafeInteger(n) || n < 0) throw rangeError('n of matrixPower must be a whole number from 0 up', n);
    const size = a.shape[1];
    if (n === 0) return immediate('matrixPower', () => Matrix.identity(size, a.dtype));
    if (n === 1) return immediate('matrixPower', () => new Matrix(a.data, size, size, a.offset, a.stride[1], a.stride[2]).copy());
    let result: MatrixOperand | undefined;
    const reference = () => {
      let base = a;
      for (let left = n; left > 0; left = Math.floor(left / 2)) {
        if (left % 2 === 1) result = result === undefined ? base : productOf(result, base);
        if (left > 1) base = productOf(base, base);
      }
    };
    return {
      kernel: 'matrixPower',
      views: [a],
      params: [],
      phases: size === 0 ? [] : [{ units: 1, grain: 1, cost: Math.log2(n) * size ** 3 * 0.05 }],
      reference,
      finish: () => (result === undefined ? Matrix.zeros(0, 0, a.dtype) : wrapped(result)),
    };
  },
  productDtypes,
);

function productOf(a: MatrixOperand, b: MatrixOperand): MatrixOperand {
  const call = new ProductCall(a, b, 1, 0, undefined);
  compute(call);
  return call.views[2];
}

/** `trace(a)`: the sum of the diagonal of a square matrix. */
export const trace = matrixKernel<TraceKernel>('trace', 'The sum of the diagonal.', 1, [], ([value]) => {
  const { data, offset, shape, stride } = squareOperand(value, 'the argument of trace');
  return immediate('trace', () => {
    let sum = 0;
    for (let i = 0; i < shape[1]; i++) sum += data[offset + i * (stride[1] + stride[2])] as number;
    return sum;
  });
});

/** A call that is its answer. */
export function immediate(kernel: string, finish: () => unknown): Call {
  return { kernel, views: [], params: [], phases: [], reference: () => undefined, finish };
}
