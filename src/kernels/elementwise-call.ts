/** Calls of elementwise kernels: operands to views by broadcasting, the result in the leading operand's clothes. */
import { rangeError, typeError } from '../errors';
import { Matrix } from '../matrix/matrix';
import type { Call, TypedArray, View } from './call';
import { constructorOf, type Dtype } from './dtype';
import { checkAlias, contiguous, type Operand, resultView, scalarView, sizeOf, toList } from './operands';

// biome-ignore lint/suspicious/noExplicitAny: the same arrow serves numbers and bigints
export type Scalar = (...values: any[]) => any;

/** What elementwise kernels differ in. */
export interface ElementwiseRule {
  readonly name: string;
  readonly dtypes: readonly Dtype[];
  /** The meaning for elements of a dtype; 'bigint' for lone bigints. */
  scalar(dtype: Dtype | 'bigint'): Scalar;
  resultDtype(dtype: Dtype): Dtype;
  /** True when numbers and lists answer booleans. */
  readonly mask?: boolean;
  /** Parameters of the native kernel. */
  params?(dtype: Dtype): readonly number[];
  /** The native kernel's name where it is not `name`. */
  native?(dtype: Dtype): string;
  /** Nanoseconds an element beyond moving the memory. */
  readonly cost?: number;
}

const names = [
  ['the argument'],
  ['the first argument', 'the second argument'],
  ['the first argument', 'the second argument', 'the third argument'],
] as const;

export function operandNames(arity: number): readonly string[] {
  return names[arity - 1];
}

export type ArrayOperand = Exclude<Operand, { kind: 'number' }>;

export function elementwiseCall(rule: ElementwiseRule, operands: readonly Operand[], out: unknown, extra: readonly Operand[] = []): Call {
  const { name } = rule;
  const all = extra.length === 0 ? operands : [...operands, ...extra];
  const leader = leaderOf(all);
  if (leader === undefined) return numberCall(rule, all, out);
  const typed = operands.find((each) => each.kind === 'array' || each.kind === 'matrix') ?? operands.find((each) => each.kind === 'list');
  const dtype = (typed as ArrayOperand | undefined)?.dtype ?? 'f64';
  checkDtypes(rule, operands, dtype);
  const shape = broadcastShape(name, all);
  const resultDtype = rule.resultDtype(dtype);
  // A list was copied into memory that nobody else sees: its result may lie there too.
  const inPlace = leader.kind === 'list' && out === undefined && resultDtype === leader.dtype && leader.view.shape[0] === shape[0];
  const result = inPlace ? leader.view : resultView(name, leader, resultDtype, shape, out);
  const inputs = all.map((each, i) => {
    if (each.kind === 'number') return scalarView(each.value, i < operands.length ? dtype : 'u8', `${operandNames(all.length)[i]} of ${name}`);
    return broadcast(each.view, shape);
  });
  if (out !== undefined) {
    for (const input of inputs) checkAlias(name, input, result);
  }
  const views = flatten([...inputs, result]);
  return {
    kernel: rule.native?.(dtype) ?? name,
    views,
    params: rule.params?.(dtype) ?? [],
    phases: phasesFor(sizeOf(result), views, rule.cost ?? 0),
    reference: () => mapReference(views, rule.scalar(dtype)),
    finish: () => dressed(rule, leader, result, out),
  };
}

function checkDtypes({ name, dtypes }: ElementwiseRule, operands: readonly Operand[], dtype: Dtype): void {
  for (const other of operands) {
    if (other.kind === 'number' || other.dtype === dtype) continue;
    const what = operands.map((each) => (each.kind === 'number' ? each.value : constructorOf(each.dtype).name));
    throw typeError(`the arguments of ${name} must have one dtype, got ${what.slice(0, -1).join(', ')} and ${what[what.length - 1]}`);
  }
  if (!dtypes.includes(dtype)) throw typeError(`${name} takes arrays of ${dtypes.join(', ')}, got ${dtype}`);
}

/** The operand whose clothes the result wears: a matrix before arrays, arrays before lists. */
function leaderOf(operands: readonly Operand[]): ArrayOperand | undefined {
  for (const kind of ['matrix', 'array', 'list'] as const) {
    for (const each of operands) if (each.kind === kind) return each;
  }
  return undefined;
}

function numberCall(rule: ElementwiseRule, operands: readonly Operand[], out: unknown): Call {
  const { name } = rule;
  if (out !== undefined) throw typeError(`out of ${name} goes with arrays and matrices, not with numbers`);
  const values = operands.map((each) => (each as { value: number | bigint }).value);
  const big = typeof values[0] === 'bigint';
  if (values.some((value) => typeof value !== typeof values[0])) {
    throw typeError(`the arguments of ${name} must all be numbers or all be bigints`);
  }
  if (big && !rule.dtypes.includes('i64')) throw typeError(`${name} takes numbers`, values[0]);
  const f = rule.scalar(big ? 'bigint' : 'f64');
  return { kernel: name, views: [], params: [], phases: [], reference: () => undefined, finish: () => f(...values) };
}

/** NumPy's rule for matrices; vectors must have one length. */
function broadcastShape(name: string, operands: readonly Operand[]): readonly number[] {
  let shape: readonly number[] | undefined;
  for (const each of operands) {
    if (each.kind === 'number') continue;
    shape = shape === undefined || sameShape(shape, each.view.shape) ? each.view.shape : commonShape(name, shape, each.view.shape);
  }
  return shape as readonly number[];
}

function sameShape(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first[0] === second[0] && first[1] === second[1];
}

function commonShape(name: string, first: readonly number[], second: readonly number[]): readonly number[] {
  const fits =
    first.length === second.length && first.every((n, axis) => n === second[axis] || (first.length === 2 && (n === 1 || second[axis] === 1)));
  if (!fits) {
    throw rangeError(`the arguments of ${name} must have shapes that go together, got ${first.join('×')} and ${second.join('×')}`);
  }
  return first.map((n, axis) => (n === 1 ? second[axis] : n));
}

function broadcast(view: View, shape: readonly number[]): View {
  if (sameShape(view.shape, shape)) return view;
  return { ...view, shape, stride: view.stride.map((stride, axis) => (view.shape[axis] === shape[axis] ? stride : 0)) };
}

/** Where no view has gaps, one long axis instead of rows: longer runs for the kernel. */
function flatten(views: readonly View[]): readonly View[] {
  const out = views[views.length - 1];
  if (out.shape.length === 1) return views;
  const gapless = (view: View) => view.shape.length === 1 || contiguous(out.shape).every((stride, axis) => stride === view.stride[axis]);
  const size = sizeOf(out);
  if (!views.every(gapless)) return views.map((view) => (view.shape.length === 1 ? { ...view, shape: out.shape, stride: [0, 0] } : view));
  return views.map((view) => ({ ...view, shape: [view.shape.length === 1 ? 1 : size], stride: view.shape.length === 1 ? [0] : [1] }));
}

/** Elements to a range border: whole cache lines, so that two threads never write one. */
const grain = 64;

/** Memory moved is what an elementwise kernel costs: about 50 GB/s while it stays in the caches. */
const nsPerByte = 0.02;

function phasesFor(size: number, views: readonly View[], cost: number): Call['phases'] {
  if (size === 0) return [];
  let bytes = 0;
  for (const view of views) bytes += view.data.BYTES_PER_ELEMENT;
  return [{ units: size, grain, cost: bytes * nsPerByte + cost }];
}

/** The TypeScript kernel. Element by element in order, so that the result may lie on an input. */
function mapReference(views: readonly View[], f: Scalar): void {
  const out = views[views.length - 1];
  const inputs = views.slice(0, -1).map((view) => ({ data: view.data, ...steps(view) }));
  const [a, b = a, c = a] = inputs;
  const to = { data: out.data, ...steps(out) };
  const columns = out.shape[out.shape.length - 1];
  const rows = sizeOf(out) / columns;
  for (let i = 0; i < rows; i++) {
    let at = to.offset + i * to.row;
    let atA = a.offset + i * a.row;
    let atB = b.offset + i * b.row;
    let atC = c.offset + i * c.row;
    if (inputs.length === 1) {
      for (let j = 0; j < columns; j++, at += to.column, atA += a.column) to.data[at] = f(a.data[atA]);
    } else if (inputs.length === 2) {
      for (let j = 0; j < columns; j++, at += to.column, atA += a.column, atB += b.column) to.data[at] = f(a.data[atA], b.data[atB]);
    } else {
      for (let j = 0; j < columns; j++, at += to.column, atA += a.column, atB += b.column, atC += c.column) {
        to.data[at] = f(a.data[atA], b.data[atB], c.data[atC]);
      }
    }
  }
}

function steps({ offset, stride }: View): { offset: number; row: number; column: number } {
  return { offset, row: stride.length > 1 ? stride[0] : 0, column: stride[stride.length - 1] };
}

/** The result in the clothes of the leading operand. */
function dressed(rule: ElementwiseRule, leader: Operand, result: View, out: unknown): unknown {
  if (out !== undefined) return out;
  if (leader.kind === 'list') return rule.mask ? Array.from(result.data as Uint8Array, Boolean) : toList(result.data as TypedArray);
  if (leader.kind === 'matrix') return Matrix.of(result.data, result.shape[0], result.shape[1]);
  return result.data;
}
