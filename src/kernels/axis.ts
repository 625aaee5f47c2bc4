/** What all reductions share: gapless vectors to read, and reductions of a matrix along one axis, line by line. */
import { rangeError, typeError } from '../errors';
import type { Call, TypedArray, View } from './call';
import { constructorOf, type Dtype, dtypeOf } from './dtype';
import { allocate } from './memory';
import { contiguous, type Operand, vectorView } from './operands';

/** Along which axis a matrix is reduced: 0 answers one number a column, 1 one a row. */
export interface AxisOption {
  axis?: 0 | 1;
}

/** Reductions read one contiguous axis: a matrix with gaps is copied once. */
export function compacted({ data, offset, shape, stride }: View): View {
  const size = shape.reduce((product, length) => product * length, 1);
  const gapless = contiguous(shape).every((step, axis) => step === stride[axis] || shape[axis] === 1);
  if (gapless) return { data, offset, shape: [size], stride: [1] };
  const copy = allocate(constructorOf(dtypeOf(data)), size);
  for (let i = 0, at = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) copy[at++] = data[offset + i * stride[0] + j * stride[1]];
  }
  return { data: copy, offset: 0, shape: [size], stride: [1] };
}

/** The `axis` of the options, or undefined. @throws TypeError for what is no matrix, RangeError for another axis. */
export function axisOf(name: string, options: unknown, x: Operand): 0 | 1 | undefined {
  const axis = (options as { axis?: unknown } | undefined)?.axis;
  if (axis === undefined) return undefined;
  if (typeof axis !== 'number') throw typeError(`axis of ${name} must be a number`, axis);
  if (axis !== 0 && axis !== 1) throw rangeError(`axis of ${name} must be 0 or 1, got ${axis}`);
  if (x.kind !== 'matrix') throw typeError(`${name} with an axis takes a Matrix, got ${x.kind === 'number' ? 'a number' : 'a vector'}`);
  return axis;
}

/** Lines are taken by strips of this many where they are short, or their elements do not lie side by side; native/kernels/math/axis-inl.h has the same. */
const stripLines = 128;
const straightLength = 64;
/** A strip's rows, lanes and the partial results that wait for others. */
const stripBytes = 1 << 17;
/** Nanoseconds a byte on one thread. */
const nsPerByte = 0.05;

/** A reduction of every line of a matrix. */
export interface LineRule {
  /** What the native kernel is called, less what all of these are. */
  readonly name: string;
  /** The dtype of the answers. */
  readonly dtype: Dtype;
  readonly params?: readonly number[];
  /** Nanoseconds for an element on one thread; by default what reading it takes. */
  readonly cost?: number;
  readonly scratchBytes?: number;
  /** Of a gapless line. */
  readonly reduce: (line: View) => unknown;
}

/** A typed array of one answer for each column (axis 0) or row (axis 1); the shortest line of all is that of a vector. */
export function axisCall(view: View, axis: 0 | 1, { name, dtype, params = [], cost, scratchBytes = stripBytes, reduce }: LineRule): Call<TypedArray> {
  const across = 1 - axis;
  const { data, offset } = view;
  const [lines, length] = [view.shape[across], view.shape[axis]];
  const [lineStride, stride] = [view.stride[across], view.stride[axis]];
  const result = allocate(constructorOf(dtype), lines);
  const grain = stride === 1 && length >= straightLength ? 1 : stripLines;
  return {
    kernel: `reduce ${name} by axis`,
    views: [{ data, offset, shape: [lines, length], stride: [lineStride, stride] }, vectorView(result)],
    params,
    phases: lines === 0 ? [] : [{ units: lines, grain, cost: 1 + length * (cost ?? data.BYTES_PER_ELEMENT * nsPerByte) }],
    scratchBytes,
    reference: () => {
      for (let i = 0; i < lines; i++) result[i] = reduce(lineOf(view, axis, i)) as never;
    },
    finish: () => result,
  };
}

/** A copy of line `i` along an axis. */
export function lineOf({ data, offset, shape, stride }: View, axis: 0 | 1, i: number): View {
  const length = shape[axis];
  const line = allocate(constructorOf(dtypeOf(data)), length);
  const begin = offset + i * stride[1 - axis];
  for (let j = 0; j < length; j++) line[j] = data[begin + j * stride[axis]];
  return { data: line, offset: 0, shape: [length], stride: [1] };
}
