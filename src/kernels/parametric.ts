/** Elementwise kernels that are made by a call - clip(0, 1), axpb(2, 1), convert('u8') … - and chains of kernels. */
import { rangeError, typeError } from '../errors';
import { kernelNumber } from '../executors/packing';
import { nativeState } from '../native';
import { constructorOf, type Dtype, dtypeNumber, dtypes, numberDtypes } from './dtype';
import { rules, type UnaryKernel } from './elementwise';
import { type ElementwiseRule, elementwiseCall, operandNames } from './elementwise-call';
import { roundHalfEven } from './exact';
import { checkOptions, type Declaration, kernel, register } from './kernel';
import { operand } from './operands';
import type { NumberArray, Outcome } from './types';

interface ArrayByDtype {
  i8: Int8Array;
  u8: Uint8Array;
  u8c: Uint8ClampedArray;
  i16: Int16Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  f32: Float32Array;
  f64: Float64Array;
}
export type NumberDtype = keyof ArrayByDtype;

const summaries: Readonly<Record<string, string>> = {
  clip: 'clip(lo, hi): min(max(x, lo), hi)',
  axpb: 'axpb(a, b): a · x + b',
  polynomial: 'polynomial(coefficients): their polynomial at x, highest power first',
  convert: 'convert(dtype): as a typed-array store converts',
  saturate: 'saturate(dtype): rounded half to even and held within the dtype',
  normalize: 'normalize(scale, offset): x · scale + offset in f32',
  denormalize: 'denormalize(scale, offset): (x − offset) / scale as u8 (or another dtype), saturating',
  fused: 'fused(k1, k2, …): a chain of elementwise kernels in one pass over memory',
};
for (const [name, summary] of Object.entries(summaries)) {
  register({ name, entry: 'math', family: 'parametric', dtypes: name === 'fused' ? dtypes : numberDtypes, summary });
}

function made<K>(rule: ElementwiseRule): K {
  const { name } = rule;
  const declaration: Declaration = {
    name,
    entry: 'math',
    family: 'unary',
    dtypes: rule.dtypes,
    summary: summaries[name],
    elementwise: true,
    call: (args, out) => {
      checkOptions(name, args[1], []);
      return elementwiseCall(rule, [operand(args[0], `${operandNames(1)[0]} of ${name}`)], out);
    },
  };
  const result = kernel(declaration, 1);
  rules.set(result, rule);
  return result as unknown as K;
}

function checkNumber(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw typeError(`${name} must be a number`, value);
}

function checkedDtype(kernelName: string, dtype: unknown): Dtype {
  if (numberDtypes.includes(dtype as Dtype)) return dtype as Dtype;
  throw typeError(`the dtype of ${kernelName} must be one of ${numberDtypes.join(', ')}`, dtype);
}

const same = (dtype: Dtype): Dtype => dtype;
const rounded = (values: readonly number[], dtype: Dtype): readonly number[] => (dtype === 'f32' ? values.map(Math.fround) : values);

/** The least and the greatest number of a dtype. */
function limits(dtype: Dtype): readonly [number, number] {
  if (dtype === 'f32' || dtype === 'f64') return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const bits = constructorOf(dtype).BYTES_PER_ELEMENT * 8;
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** min(max(x, lo), hi); NaN stays NaN. @throws RangeError when lo > hi. */
export function clip(lo: number, hi: number): UnaryKernel<'same', NumberArray> {
  checkNumber('lo of clip', lo);
  checkNumber('hi of clip', hi);
  if (!(lo <= hi)) throw rangeError(`clip needs lo ≤ hi, got ${lo} and ${hi}`);
  // Whole limits within the dtype mean the same to integers as the limits given.
  const within = (dtype: Dtype): readonly number[] => {
    if (dtype === 'f64' || dtype === 'f32') return rounded([lo, hi], dtype);
    const [least, greatest] = limits(dtype);
    const low = Math.min(Math.max(Math.ceil(lo), least), greatest);
    return [low, Math.max(Math.min(Math.max(Math.floor(hi), least), greatest), low)];
  };
  return made({
    name: 'clip',
    dtypes: numberDtypes,
    resultDtype: same,
    params: within,
    scalar: (dtype) => {
      const [low, high] = dtype === 'bigint' ? [lo, hi] : within(dtype);
      return (x: number) => Math.min(Math.max(x, low), high);
    },
  });
}

/** a · x + b in the dtype of x; integers are computed in f64 and stored as typed arrays store. */
export function axpb(a: number, b: number): UnaryKernel<'same', NumberArray> {
  checkNumber('a of axpb', a);
  checkNumber('b of axpb', b);
  return made(linear('axpb', a, b, same));
}

function linear(name: string, a: number, b: number, resultDtype: (dtype: Dtype) => Dtype): ElementwiseRule {
  const params = (dtype: Dtype) => rounded([a, b], dtype);
  return {
    name,
    dtypes: numberDtypes,
    resultDtype,
    params,
    scalar: (dtype) => {
      const [scale, offset] = params(dtype as Dtype);
      return (x: number) => scale * x + offset;
    },
  };
}

/** The polynomial with these coefficients, highest power first, by Horner's rule. */
export function polynomial(coefficients: readonly number[]): UnaryKernel<'same', NumberArray> {
  if (!Array.isArray(coefficients) || coefficients.length === 0)
    throw typeError('the coefficients of polynomial must be an array of numbers', coefficients);
  for (const [i, value] of coefficients.entries()) checkNumber(`coefficient ${i} of polynomial`, value);
  const terms = [...coefficients];
  return made({
    name: 'polynomial',
    dtypes: numberDtypes,
    resultDtype: same,
    cost: 0.1 * terms.length,
    params: (dtype) => [terms.length, ...rounded(terms, dtype)],
    scalar: (dtype) => {
      const [first, ...rest] = rounded(terms, dtype as Dtype);
      return (x: number) => rest.reduce((value, term) => value * x + term, first);
    },
  });
}

/** The elements as another dtype, by the rule of a typed-array store: floats are cut, integers wrap, u8c saturates. */
export function convert<D extends NumberDtype>(dtype: D): UnaryKernel<ArrayByDtype[D], NumberArray> {
  const to = checkedDtype('convert', dtype);
  const store = new (constructorOf(to))(1);
  const scalar = () => (x: number) => {
    store[0] = x as never;
    return store[0];
  };
  return made({ name: 'convert', dtypes: numberDtypes, resultDtype: () => to, scalar });
}

/** The elements as another dtype, rounded half to even and held within its limits; NaN becomes 0. */
export function saturate<D extends NumberDtype>(dtype: D): UnaryKernel<ArrayByDtype[D], NumberArray> {
  const to = checkedDtype('saturate', dtype);
  if (to === 'f32' || to === 'f64') return made({ name: 'convert', dtypes: numberDtypes, resultDtype: () => to, scalar: () => (x: number) => x });
  const [low, high] = limits(to);
  return made({
    name: 'saturate',
    dtypes: numberDtypes,
    resultDtype: () => to,
    params: () => [low, high],
    scalar: () => (x: number) => held(x, low, high),
  });
}

function held(x: number, low: number, high: number): number {
  return roundHalfEven(Math.min(Math.max(Number.isNaN(x) ? 0 : x, low), high));
}

/** x · scale + offset in f32: bytes to floats for a network. */
export function normalize(scale: number, offset: number): UnaryKernel<Float32Array, NumberArray> {
  checkNumber('scale of normalize', scale);
  checkNumber('offset of normalize', offset);
  return made(linear('normalize', scale, offset, () => 'f32'));
}

/** The way back from `normalize(scale, offset)`: (x − offset) / scale, rounded half to even, saturating. */
export function denormalize<D extends Exclude<NumberDtype, 'f32' | 'f64'> = 'u8'>(
  scale: number,
  offset: number,
  dtype?: D,
): UnaryKernel<ArrayByDtype[D], NumberArray> {
  checkNumber('scale of denormalize', scale);
  checkNumber('offset of denormalize', offset);
  const to = checkedDtype('denormalize', dtype ?? 'u8');
  const [low, high] = limits(to);
  const params = (from: Dtype) => [...rounded([scale, offset], from), low, high];
  return made({
    name: 'denormalize',
    dtypes: numberDtypes,
    resultDtype: () => to,
    params,
    scalar: (from) => {
      const [by, plus] = params(from as Dtype);
      return (x: number) => held((x - plus) / by, low, high);
    },
  });
}

type AnyUnary = ((...args: never[]) => unknown) & { readonly kernelName: string; readonly family: 'unary' };
type OutcomeOf<K> = K extends UnaryKernel<infer O, infer _I> ? O : 'same';
type ChainOutcome<Ks extends readonly unknown[], O extends Outcome = 'same'> = Ks extends readonly [infer K, ...infer Rest]
  ? ChainOutcome<Rest, OutcomeOf<K> extends 'same' ? O : OutcomeOf<K>>
  : O;

/** A chain of elementwise kernels of one argument as one kernel: one pass over memory, the same bits as the chain. */
export function fused<Ks extends readonly [AnyUnary, ...AnyUnary[]]>(...kernels: Ks): UnaryKernel<ChainOutcome<Ks>, NumberArray> {
  const steps = kernels.map((each, i) => {
    const rule = rules.get(each);
    if (rule === undefined) throw typeError(`step ${i} of fused must be an elementwise kernel of one argument`, each);
    return rule;
  });
  if (steps.length === 0) throw typeError('fused takes at least one kernel');
  const dtypeBefore = (dtype: Dtype, step: number) => steps.slice(0, step).reduce((at, rule) => rule.resultDtype(at), dtype);
  const takes = (dtype: Dtype) => steps.every((rule, i) => rule.dtypes.includes(dtypeBefore(dtype, i)));
  return made({
    name: 'fused',
    dtypes: dtypes.filter(takes),
    resultDtype: (dtype) => dtypeBefore(dtype, steps.length),
    mask: steps[steps.length - 1].mask,
    cost: steps.reduce((sum, rule) => sum + (rule.cost ?? 0) + 0.1, 0),
    native: (dtype) => (nativeSteps(steps, dtypeBefore, dtype) === undefined ? 'fused in TypeScript' : 'fused'),
    params: (dtype) => nativeSteps(steps, dtypeBefore, dtype) ?? [],
    scalar: (dtype) => chain(steps, dtype === 'bigint' ? 'i64' : dtype, dtypeBefore),
  });
}

type DtypeBefore = (dtype: Dtype, step: number) => Dtype;

/** The parameters of the native kernel, or undefined where a step has none. */
function nativeSteps(steps: readonly ElementwiseRule[], dtypeBefore: DtypeBefore, dtype: Dtype): readonly number[] | undefined {
  const { binding } = nativeState();
  if (binding === null) return undefined;
  const params = [steps.length];
  for (const [i, rule] of steps.entries()) {
    const from = dtypeBefore(dtype, i);
    const number = kernelNumber(binding, rule.native?.(from) ?? rule.name, new (constructorOf(from))(0));
    if (number < 0) return undefined;
    const own = rule.params?.(from) ?? [];
    params.push(number, dtypeNumber(rule.resultDtype(from)), own.length, ...own);
  }
  return params;
}

/** The chain on one number: between the steps it is what an array of the step's dtype would hold. */
function chain(steps: readonly ElementwiseRule[], dtype: Dtype, dtypeBefore: DtypeBefore): (x: never) => unknown {
  const functions = steps.map((rule, i) => {
    const f = rule.scalar(dtypeBefore(dtype, i));
    const store = new (constructorOf(dtypeBefore(dtype, i + 1)))(1);
    const last = i === steps.length - 1;
    return (x: never) => {
      const value = f(x);
      if (last) return value;
      store[0] = value as never;
      return store[0] as never;
    };
  });
  return (x) => functions.reduce<never>((value, f) => f(value as never) as never, x);
}
