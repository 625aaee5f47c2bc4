/** Kernels that are products in other clothes: matvec, outer, gram, matrixPower; and trace, norm. */
import { rangeError, typeError } from '../errors';
import { compute } from '../executors/inline';
import type { Call, TypedArray } from '../kernels/call';
import { constructorOf, type Dtype, dtypeOf, isTypedArray } from '../kernels/dtype';
import type { Signed } from '../kernels/signature';
import { spectralNorm } from './linear/svd';
import { columnOperand, floatOperand, matrixKernel, squareOperand } from './linear/work';
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

/** 'fro': root of the sum of squares; '1': largest column sum; 'inf': largest row sum; '2': largest singular value; 'max': largest element. */
export type NormKind = 'fro' | '1' | 'inf' | '2' | 'max';

export interface NormKernel {
  (a: MatrixInput | NestedNumbers | Float64Array | Float32Array | readonly number[], kind?: NormKind): number;
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

function vectorOperand(value: unknown, name: string): MatrixOperand {
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
function immediate(kernel: string, finish: () => unknown): Call {
  return { kernel, views: [], params: [], phases: [], reference: () => undefined, finish };
}

const normKinds: readonly NormKind[] = ['fro', '1', 'inf', '2', 'max'];

/** `norm(a, kind)`: of a matrix, 'fro' if nothing else is said; of a vector, '2'. */
export const norm = matrixKernel<NormKernel>('norm', "A norm: 'fro', '1', 'inf', '2' or 'max'.", 2, [], ([value, given]) => {
  const vector = isTypedArray(value) || (Array.isArray(value) && !Array.isArray(value[0])) ? vectorOperand(value, 'the argument of norm') : undefined;
  const a = vector ?? floatOperand(value, 'the argument of norm');
  const kind = (given ?? 'fro') as NormKind;
  if (!normKinds.includes(kind)) throw typeError(`the kind of norm must be one of ${normKinds.join(', ')}`, given);
  // A vector is one column: its Euclidean length is its Frobenius norm.
  if (kind === '2' && vector === undefined) return spectralNorm(a);
  return immediate('norm', () => normOf(a, kind));
});

function normOf({ data, offset, shape: [, rows, cols], stride }: MatrixOperand, kind: NormKind): number {
  const at = (i: number, j: number) => Math.abs(data[offset + i * stride[1] + j * stride[2]] as number);
  switch (kind) {
    case '1':
      return largestSum(cols, rows, (j, i) => at(i, j));
    case 'inf':
      return largestSum(rows, cols, at);
  }
  const largest = largestSum(rows * cols, 1, (k) => at(Math.floor(k / cols), k % cols));
  if (kind === 'max' || largest === 0 || !Number.isFinite(largest)) return largest;
  // Over powers of two, so that no square overflows or vanishes.
  const factor = 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let part = 0;
    for (let j = 0; j < cols; j++) part += (at(i, j) * factor) ** 2;
    sum += part;
  }
  return Math.sqrt(sum) / factor;
}

function largestSum(lines: number, length: number, at: (line: number, k: number) => number): number {
  let largest = 0;
  for (let line = 0; line < lines; line++) {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += at(line, k);
    if (!(sum <= largest)) largest = sum;
    if (Number.isNaN(sum)) return NaN;
  }
  return largest;
}

export type Metric = 'euclidean' | 'sqeuclidean' | 'manhattan' | 'cosine';

export interface PairwiseDistancesKernel {
  <T extends TypedArray>(a: MatrixInput<T>, b: MatrixInput<T>, options?: { metric?: Metric }): Matrix<T>;
  (a: NestedNumbers, b: NestedNumbers, options?: { metric?: Metric }): Matrix;
  readonly kernelName: string;
}

const metrics: readonly Metric[] = ['euclidean', 'sqeuclidean', 'manhattan', 'cosine'];

/** `pairwiseDistances(a, b, { metric })`: the distance of every row of a from every row of b; 'euclidean' if nothing else is said. */
export const pairwiseDistances = matrixKernel<PairwiseDistancesKernel>(
  'pairwiseDistances',
  'Distances between all rows of two matrices.',
  2,
  ['metric'],
  ([first, second], { metric = 'euclidean' }) => {
    const a = floatOperand(first, 'the first argument of pairwiseDistances');
    const b = floatOperand(second, 'the second argument of pairwiseDistances');
    checkSameDtype('pairwiseDistances', a, b);
    if (!metrics.includes(metric as Metric)) throw typeError(`metric of pairwiseDistances must be one of ${metrics.join(', ')}`, metric);
    const [, rows, depth] = a.shape;
    const cols = b.shape[1];
    if (b.shape[2] !== depth) throw rangeError(`pairwiseDistances takes matrices with as many columns, got ${a.size} and ${b.size}`);
    const out = new (constructorOf(dtypeOf(a.data)))(rows * cols) as Float64Array;
    const reference = () => distances(a, b, metric as Metric, out);
    const phases = rows * cols === 0 ? [] : [{ units: rows, grain: 1, cost: cols * depth }];
    return { kernel: 'pairwiseDistances', views: [a, b], params: [], phases, reference, finish: () => new Matrix(out, rows, cols) };
  },
);

function distances(a: MatrixOperand, b: MatrixOperand, metric: Metric, out: Float64Array): void {
  const [, rows, depth] = a.shape;
  const cols = b.shape[1];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let [sum, squaresA, squaresB] = [0, 0, 0];
      for (let p = 0; p < depth; p++) {
        const x = a.data[a.offset + i * a.stride[1] + p * a.stride[2]] as number;
        const y = b.data[b.offset + j * b.stride[1] + p * b.stride[2]] as number;
        if (metric === 'cosine') {
          sum += x * y;
          squaresA += x * x;
          squaresB += y * y;
        } else {
          sum += metric === 'manhattan' ? Math.abs(x - y) : (x - y) * (x - y);
        }
      }
      if (metric === 'euclidean') sum = Math.sqrt(sum);
      else if (metric === 'cosine') sum = 1 - sum / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
      out[i * cols + j] = sum;
    }
  }
}
