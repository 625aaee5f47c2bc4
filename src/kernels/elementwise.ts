/**
 * The families of elementwise kernels: `unary(name, f)` maps f over one operand, `binary(name, f)` over
 * two. The function is the meaning: documentation, test oracle, and what runs where no binary loads.
 */
import { rangeError, typeError } from '../errors';
import { Matrix } from '../matrix/matrix';
import type { Call, TypedArray, View } from './call';
import { constructorOf, type Dtype, dtypes } from './dtype';
import { checkOptions, type Kernel, kernel, register } from './kernel';
import { checkAlias, contiguous, type Operand, operand, resultView, scalarView, sizeOf, toList } from './operands';

/** Options of a direct call. */
export interface OutOption<T> {
  /** Where the result goes: same type and shape as the result; may be the input itself. */
  out?: T;
}

/** A kernel that maps over one operand and answers the same kind of thing. */
export interface UnaryKernel {
  (x: number): number;
  (x: bigint): bigint;
  (x: readonly number[]): number[];
  <T extends TypedArray>(x: T, options?: OutOption<T>): T;
  <T extends TypedArray>(x: Matrix<T>, options?: OutOption<Matrix<T>>): Matrix<T>;
  readonly kernelName: string;
  readonly family: 'unary';
}

/** A kernel that maps over two operands: array with array, array with number, matrices by NumPy's broadcasting. */
export interface BinaryKernel {
  (a: number, b: number): number;
  (a: bigint, b: bigint): bigint;
  (a: readonly number[], b: readonly number[] | number): number[];
  (a: number, b: readonly number[]): number[];
  <T extends TypedArray>(a: T, b: T | number | bigint, options?: OutOption<T>): T;
  <T extends TypedArray>(a: number | bigint, b: T, options?: OutOption<T>): T;
  <T extends TypedArray>(a: Matrix<T>, b: Matrix<T> | number, options?: OutOption<Matrix<T>>): Matrix<T>;
  <T extends TypedArray>(a: number, b: Matrix<T>, options?: OutOption<Matrix<T>>): Matrix<T>;
  readonly kernelName: string;
  readonly family: 'binary';
}

export interface ElementwiseOptions {
  /** Exact meaning for i32 and u32, where f would leave the integers that a double holds. */
  int32?: (...values: number[]) => number;
}

// biome-ignore lint/suspicious/noExplicitAny: the same arrow serves numbers and bigints
type Scalar = (...values: any[]) => any;

/** Declares `out[i] = f(x[i])` for every dtype. Its C++ line stands in native/kernels/math/elementwise.inc. */
export function unary(name: string, summary: string, f: (x: number) => number, options: ElementwiseOptions = {}): UnaryKernel {
  return elementwise(name, 'unary', summary, 1, f, options) as unknown as UnaryKernel;
}

/** Declares `out[i] = f(a[i], b[i])` for every dtype. */
export function binary(name: string, summary: string, f: (a: number, b: number) => number, options: ElementwiseOptions = {}): BinaryKernel {
  return elementwise(name, 'binary', summary, 2, f, options) as unknown as BinaryKernel;
}

function elementwise(name: string, family: string, summary: string, arity: 1 | 2, f: Scalar, options: ElementwiseOptions): Kernel<never[]> {
  const declaration = { name, entry: 'math' as const, family, dtypes, summary, elementwise: arity === 1 };
  register(declaration);
  const call = (args: readonly unknown[], out: unknown): Call => {
    checkOptions(name, args[arity], []);
    const operands = operandNames[arity].map((which, i) => operand(args[i], `${which} of ${name}`));
    return elementwiseCall(name, operands, out, f, options);
  };
  return kernel({ ...declaration, call }, arity);
}

const operandNames = { 1: ['the argument'], 2: ['the first argument', 'the second argument'] } as const;

function elementwiseCall(name: string, operands: readonly Operand[], out: unknown, f: Scalar, options: ElementwiseOptions): Call {
  const leader = leaderOf(operands);
  if (leader === undefined) return numberCall(name, operands, out, f);
  const { dtype } = leader;
  for (const other of operands) {
    if (other.kind === 'number' || other.dtype === dtype) continue;
    const [a, b] = operands.map((each) => (each.kind === 'number' ? each.value : constructorOf(each.dtype).name));
    throw typeError(`both arguments of ${name} must have one dtype, got ${a} and ${b}`);
  }
  const shape = broadcastShape(name, operands);
  const result = resultView(name, leader, dtype, shape, out);
  const inputs = operands.map((each, i) =>
    each.kind === 'number' ? scalarView(each.value, dtype, `${operandNames[2][i]} of ${name}`) : broadcast(each.view, shape),
  );
  if (out !== undefined) {
    for (const input of inputs) checkAlias(name, input, result);
  }
  const views = flatten([...inputs, result]);
  const scalar = (dtype === 'i32' || dtype === 'u32') && options.int32 ? options.int32 : f;
  return {
    kernel: name,
    views,
    params: [],
    phases: phasesFor(sizeOf(result), views, dtype),
    reference: () => mapReference(views, scalar),
    finish: () => dressed(leader, result, out),
  };
}

/** The operand whose kind and dtype the result has: a matrix before arrays, arrays before lists. */
function leaderOf(operands: readonly Operand[]): Exclude<Operand, { kind: 'number' }> | undefined {
  for (const kind of ['matrix', 'array', 'list'] as const) {
    for (const each of operands) if (each.kind === kind) return each;
  }
  return undefined;
}

function numberCall(name: string, operands: readonly Operand[], out: unknown, f: Scalar): Call {
  if (out !== undefined) throw typeError(`out of ${name} goes with arrays and matrices, not with numbers`);
  const values = operands.map((each) => (each as { value: number | bigint }).value);
  if (values.some((value) => typeof value !== typeof values[0])) {
    throw typeError(`both arguments of ${name} must be numbers or both bigints`);
  }
  return { kernel: name, views: [], params: [], phases: [], reference: () => undefined, finish: () => f(...values) };
}

/** NumPy's rule for matrices; vectors must have one length. */
function broadcastShape(name: string, operands: readonly Operand[]): readonly number[] {
  const shapes = operands.flatMap((each) => (each.kind === 'number' ? [] : [each.view.shape]));
  const [first, second] = shapes;
  if (second === undefined) return first;
  const fits =
    first.length === second.length &&
    first.every((n, axis) => n === second[axis] || (first.length === 2 && (n === 1 || second[axis] === 1)));
  if (!fits) {
    throw rangeError(
      `the arguments of ${name} must have shapes that go together, got ${first.join('×')} and ${second.join('×')}`,
    );
  }
  return first.map((n, axis) => (n === 1 ? second[axis] : n));
}

function broadcast(view: View, shape: readonly number[]): View {
  if (view.shape.every((n, axis) => n === shape[axis])) return view;
  return { ...view, shape, stride: view.stride.map((stride, axis) => (view.shape[axis] === shape[axis] ? stride : 0)) };
}

/** Where no view has gaps, one long axis instead of rows: longer runs for the kernel. */
function flatten(views: readonly View[]): readonly View[] {
  const out = views[views.length - 1];
  if (out.shape.length === 1) return views;
  const gapless = (view: View) =>
    view.shape.length === 1 || contiguous(out.shape).every((stride, axis) => stride === view.stride[axis]);
  const size = sizeOf(out);
  if (!views.every(gapless)) return views.map((view) => (view.shape.length === 1 ? { ...view, shape: out.shape, stride: [0, 0] } : view));
  return views.map((view) => ({ ...view, shape: [view.shape.length === 1 ? 1 : size], stride: view.shape.length === 1 ? [0] : [1] }));
}

/** Elements to a range border: whole cache lines, so that two threads never write one. */
const grain = 64;

/** Memory moved is what an elementwise kernel costs: about 50 GB/s while it stays in the caches. */
const nsPerByte = 0.02;

function phasesFor(size: number, views: readonly View[], dtype: Dtype): Call['phases'] {
  if (size === 0) return [];
  const bytes = views.length * constructorOf(dtype).BYTES_PER_ELEMENT;
  return [{ units: size, grain, cost: bytes * nsPerByte }];
}

/** The TypeScript kernel. Element by element in order, so that the result may lie on an input. */
function mapReference(views: readonly View[], f: Scalar): void {
  const out = views[views.length - 1];
  const [a, b] = views.slice(0, -1).map((view) => ({ data: view.data, ...steps(view) }));
  const to = { data: out.data, ...steps(out) };
  const columns = out.shape[out.shape.length - 1];
  const rows = sizeOf(out) / columns;
  for (let i = 0; i < rows; i++) {
    let at = to.offset + i * to.row;
    let atA = a.offset + i * a.row;
    if (b === undefined) {
      for (let j = 0; j < columns; j++, at += to.column, atA += a.column) to.data[at] = f(a.data[atA]);
      continue;
    }
    let atB = b.offset + i * b.row;
    for (let j = 0; j < columns; j++, at += to.column, atA += a.column, atB += b.column) {
      to.data[at] = f(a.data[atA], b.data[atB]);
    }
  }
}

function steps({ offset, stride }: View): { offset: number; row: number; column: number } {
  return { offset, row: stride.length > 1 ? stride[0] : 0, column: stride[stride.length - 1] };
}

/** The result in the clothes of the leading operand. */
function dressed(leader: Operand, result: View, out: unknown): unknown {
  if (out !== undefined) return out;
  if (leader.kind === 'list') return toList(result.data);
  if (leader.kind === 'matrix') return Matrix.of(result.data, result.shape[0], result.shape[1]);
  return result.data;
}

