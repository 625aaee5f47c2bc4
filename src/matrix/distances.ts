/** `pairwiseDistances`: of every row of one matrix from every row of another. */
import { rangeError, typeError } from '../errors';
import type { TypedArray } from '../kernels/call';
import { constructorOf, dtypeOf } from '../kernels/dtype';
import { allocate } from '../kernels/memory';
import { vectorView } from '../kernels/operands';
import { floatOperand, matrixKernel } from './linear/work';
import { Matrix } from './matrix';
import { checkSameDtype, type MatrixInput, type MatrixOperand, type NestedNumbers } from './operands';

export type Metric = 'euclidean' | 'sqeuclidean' | 'manhattan' | 'cosine';

export interface PairwiseDistancesKernel {
  <T extends TypedArray>(a: MatrixInput<T>, b: MatrixInput<T>, options?: { metric?: Metric }): Matrix<T>;
  (a: NestedNumbers, b: NestedNumbers, options?: { metric?: Metric }): Matrix;
  readonly kernelName: string;
}

/** Their places are their numbers in native/kernels/linear/distances-inl.h. */
const metrics: readonly Metric[] = ['euclidean', 'sqeuclidean', 'manhattan', 'cosine'];

/** Rows of B in one unit of the packing, and rows of A in one of what follows, as in native/kernels/linear/distances-inl.h. */
const panelColumns = 16;
const stripRows = 32;

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
    const out = allocate(constructorOf(dtypeOf(a.data)), rows * cols);
    const reference = () => distances(a, b, metric as Metric, out as Float64Array);
    const panels = Math.ceil(cols / panelColumns);
    const strips = Math.ceil(rows / stripRows);
    return {
      kernel: 'pairwiseDistances',
      views: [a, b, vectorView(out)],
      params: [metrics.indexOf(metric as Metric)],
      phases:
        rows * cols * depth === 0
          ? []
          : [
              { units: panels, grain: 1, cost: panelColumns * (depth + 5) },
              { units: strips, grain: 1, cost: stripRows * (depth + cols * (2 + depth / 8)) },
            ],
      sharedBytes: 8 * panels * panelColumns * (depth + 1),
      scratchBytes: 8 * stripRows * (depth + 1),
      reference,
      finish: () => {
        if (depth === 0) reference();
        return new Matrix(out, rows, cols);
      },
    };
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
