/** `norm`: of matrices and vectors. */
import { typeError } from '../errors';
import { compute } from '../executors/inline';
import type { Call } from '../kernels/call';
import { isTypedArray } from '../kernels/dtype';
import { vectorView } from '../kernels/operands';
import { spectralNorm } from './linear/svd';
import { floatOperand, matrixKernel } from './linear/work';
import type { MatrixInput, MatrixOperand, NestedNumbers } from './operands';
import { immediate, vectorOperand } from './products';

/** 'fro': root of the sum of squares; '1': largest column sum; 'inf': largest row sum; '2': largest singular value; 'max': largest element. */
export type NormKind = 'fro' | '1' | 'inf' | '2' | 'max';

export interface NormKernel {
  (a: MatrixInput | NestedNumbers | Float64Array | Float32Array | readonly number[], kind?: NormKind): number;
  readonly kernelName: string;
}

const normKinds: readonly NormKind[] = ['fro', '1', 'inf', '2', 'max'];

/** `norm(a, kind)`: of a matrix, 'fro' if nothing else is said; of a vector, '2'. */
export const norm = matrixKernel<NormKernel>('norm', "A norm: 'fro', '1', 'inf', '2' or 'max'.", 2, [], ([value, given]) => {
  const vector = isTypedArray(value) || (Array.isArray(value) && !Array.isArray(value[0])) ? vectorOperand(value, 'the argument of norm') : undefined;
  const a = vector ?? floatOperand(value, 'the argument of norm');
  const kind = (given ?? 'fro') as NormKind;
  if (!normKinds.includes(kind)) throw typeError(`the kind of norm must be one of ${normKinds.join(', ')}`, given);
  if (kind === '2' && vector === undefined) return spectralNorm(a);
  switch (kind) {
    case '1':
      return linesCall(a.transposed(), 'sizes', largestOf);
    case 'inf':
      return linesCall(a, 'sizes', largestOf);
    case 'max':
      return linesCall(straight(a), 'largest', largestOf);
    default:
      // A vector is one column: its Euclidean length is its Frobenius norm.
      return linesCall(straight(a), 'squares', (sums) => frobenius(a, sums));
  }
});

/** What is added up of every line, as native/kernels/linear/norm-inl.h numbers it. */
const measures = ['squares', 'sizes', 'largest'] as const;

/** Lines that are one unit, as in native/kernels/linear/norm-inl.h. */
const normLines = 16;

/** A number of every line of a, and what `finish` makes of them. */
function linesCall(a: MatrixOperand, measure: (typeof measures)[number], finish: (lines: Float64Array) => number): Call<number> {
  const [, lines, length] = a.shape;
  if (lines * length === 0) return immediate('norm', () => 0) as Call<number>;
  const out = new Float64Array(lines);
  return {
    kernel: 'matrixNorm',
    views: [a, vectorView(out)],
    params: [measures.indexOf(measure)],
    phases: [{ units: Math.ceil(lines / normLines), grain: 1, cost: normLines * (5 + length * 0.4) }],
    reference: () => measureLines(a, measure, out),
    finish: () => finish(out),
  };
}

/** Rows as lines, or columns where their elements lie side by side. */
function straight(a: MatrixOperand): MatrixOperand {
  return a.stride[2] !== 1 && a.stride[1] === 1 ? a.transposed() : a;
}

function measureLines(
  { data, offset, shape: [, lines, length], stride }: MatrixOperand,
  measure: (typeof measures)[number],
  out: Float64Array,
): void {
  for (let i = 0; i < lines; i++) {
    let result = 0;
    for (let k = 0; k < length; k++) {
      const size = Math.abs(data[offset + i * stride[1] + k * stride[2]] as number);
      if (measure === 'largest') result = Math.max(result, size);
      else result += measure === 'squares' ? size * size : size;
    }
    out[i] = result;
  }
}

function largestOf(lines: Float64Array): number {
  let largest = 0;
  for (const each of lines) largest = Math.max(largest, each);
  return largest;
}

/** Sums of squares below this have lost what was small beside others. */
const squaresMin = 2 ** -900;

/** The root of the sums of squares; where they have overflowed or vanished, over numbers scaled by a power of two. */
function frobenius(a: MatrixOperand, sums: Float64Array): number {
  let sum = 0;
  for (const each of sums) sum += each;
  if (Number.isNaN(sum) || (sum >= squaresMin && sum < Infinity)) return Math.sqrt(sum);
  const call = linesCall(straight(a), 'largest', largestOf);
  compute(call);
  const largest = call.finish();
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  const factor = 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  const [, rows, cols] = a.shape;
  let scaled = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) scaled += ((a.data[a.offset + i * a.stride[1] + j * a.stride[2]] as number) * factor) ** 2;
  }
  return Math.sqrt(scaled) / factor;
}
