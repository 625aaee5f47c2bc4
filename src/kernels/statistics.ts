/** Reductions beside sum, each one declaration; reductions.ts says what they mean. */
import { rangeError, typeError } from '../errors';
import type { Matrix } from '../matrix/matrix';
import { type AxisOption, axisCall, axisOf, compacted, type LineRule, lineOf } from './axis';

import type { Call, TypedArray, View } from './call';
import { constructorOf, type Dtype, dtypes, numberDtypes } from './dtype';
import { checkOptions, type Kernel, kernel, register } from './kernel';
import { type Operand, operand, single, sizeOf } from './operands';
import { answer, type ElementsOf, isFloat, type ReducedBy, reduceCall, sumCall } from './reduce';
import {
  between,
  countOf,
  deviationsOf,
  dotOf,
  extremeAt,
  extremeOf,
  meanOf,
  normFrom,
  placeOf,
  productOf,
  quantileOf,
  squaresOf,
  varianceFrom,
} from './reductions';
import type { Given, Signature, Signed } from './signature';
import { sortingCall } from './sorting';
import type { ArrayFor, BesideOf, BigArray, NumberArray, Outcome } from './types';

/** A kernel that makes one number (S) of all elements, or an array of one for each line along an axis. */
export interface StatisticKernel<S, O extends Outcome, I extends TypedArray = TypedArray, Options extends object = object>
  extends Signed<StatisticSignature<S, O, I, Options>> {
  (x: number | readonly number[] | NumberArray | Matrix<NumberArray>, options?: Options): S extends 'element' ? number : S;
  (x: (I & BigArray) | Matrix<I & BigArray>, options?: Options): S extends 'element' ? bigint : S;
  <T extends I>(x: Matrix<T>, options: Required<AxisOption> & Options): ArrayFor<T, O>;
  readonly kernelName: string;
  readonly family: 'statistic';
}

interface StatisticSignature<S, O extends Outcome, I extends TypedArray, Options> extends Signature {
  readonly takes: readonly [x: number | readonly number[] | NumberArray | Matrix<NumberArray> | I | Matrix<I>, options?: AxisOption & Options];
  readonly answer: ReducedBy<this['given'], ArrayFor<ElementsOf<Given<this['given'], 0>>, O>, S>;
}

interface Rule {
  readonly name: string;
  readonly summary: string;
  readonly dtypes: readonly Dtype[];
  /** The dtype of the array that a reduction along an axis answers. */
  readonly outcome: (dtype: Dtype) => Dtype;
  readonly options?: readonly string[];
  /** Throws for bad options and for what it cannot reduce `size` elements to. */
  readonly check?: (size: number, options: Record<string, unknown>) => void;
  /** A call that does the same as `reduce` natively. */
  readonly callOf: (x: View, dtype: Dtype, options: Record<string, unknown>) => Call;
  readonly reduce: (x: View, dtype: Dtype, options: Record<string, unknown>) => number | bigint | boolean;
  /** What a native kernel along an axis, of lines of a length, wants beside `reduce`. */
  readonly lines?: (options: Record<string, unknown>, length: number, elementBytes: number) => Partial<LineRule>;
  /** In place of that, a call of its own along an axis. */
  readonly alongOf?: (x: View, axis: 0 | 1, dtype: Dtype) => Call;
}

type Reducing = Omit<Rule, 'name' | 'summary' | 'dtypes' | 'outcome'>;

const float = (dtype: Dtype): Dtype => (dtype === 'f32' ? 'f32' : 'f64');
const family = { entry: 'math', family: 'statistic', elementwise: false } as const;

function declare<K>(rule: Rule): K {
  register({ ...rule, ...family });
  return statistic<K>(rule);
}

function statistic<K>(rule: Rule): K {
  const { name } = rule;
  const call = (args: readonly unknown[], out: unknown): Call => {
    checkOptions(name, args[1], ['axis', ...(rule.options ?? [])]);
    if (out !== undefined) throw typeError(`${name} takes no out`);
    const x = elements(args[0], name, rule.dtypes);
    const options = (args[1] ?? {}) as Record<string, unknown>;
    const axis = axisOf(name, options, x);
    rule.check?.(axis === undefined ? sizeOf(x.view) : x.view.shape[axis], options);
    if (axis !== undefined) return along(rule, x.view, axis, x.dtype, options);
    return rule.callOf(compacted(x.view), x.dtype, options);
  };
  return kernel<Kernel>({ name, summary: rule.summary, dtypes: rule.dtypes, ...family, call }, 1) as unknown as K;
}

function along({ name, outcome, reduce, lines, alongOf }: Rule, x: View, axis: 0 | 1, dtype: Dtype, options: Record<string, unknown>): Call {
  if (alongOf !== undefined) return alongOf(x, axis, outcome(dtype));
  return axisCall(x, axis, {
    name,
    dtype: outcome(dtype),
    reduce: (line) => reduce(line, dtype, options),
    ...lines?.(options, x.shape[axis], x.data.BYTES_PER_ELEMENT),
  });
}

/** Numbers are vectors of one element. */
function elements(value: unknown, name: string, allowed: readonly Dtype[]): Exclude<Operand, { kind: 'number' }> {
  let x = operand(value, `the argument of ${name}`);
  if (x.kind === 'number') {
    const single = typeof x.value === 'number' ? Float64Array.of(x.value) : bigArray(x.value);
    x = { ...(operand(single, name) as Exclude<Operand, { kind: 'number' }>), kind: 'array' };
  }
  if (!allowed.includes(x.dtype)) {
    throw typeError(`${name} takes ${allowed.map((dtype) => constructorOf(dtype).name).join(', ')}`, x.view.data);
  }
  return x;
}

const bigArray = (x: bigint): BigArray => (BigInt.asIntN(64, x) === x ? BigInt64Array.of(x) : BigUint64Array.of(x));

/** Nanoseconds that an element takes where more is done than reading it. */
const spreadCost = 0.5;
const productCost = 0.4;

/** What products are gathered in: f64, or 64 bits that wrap. */
function totalFor(dtype: Dtype, start: number): Float64Array | BigInt64Array {
  const total = isFloat(dtype) ? single(Float64Array) : single(BigInt64Array);
  total[0] = isFloat(dtype) ? start : BigInt(start);
  return total;
}
const wide = (value: number | bigint, dtype: Dtype): number | bigint => (isFloat(dtype) ? value : BigInt(value));

function productCall(x: View, dtype: Dtype): Call<number | bigint> {
  const total = totalFor(dtype, 1);
  return reduceCall({
    name: 'reduce product',
    inputs: [x],
    total,
    cost: productCost,
    reference: () => wide(productOf(x, dtype), dtype),
    finish: () => answer(total[0], dtype),
  });
}

/** `finish` makes the answer of the sum of squared deviations. */
function deviationsCall(x: View, finish: (squares: number) => number): Call<number> {
  const total = single(Float64Array);
  return reduceCall({
    name: 'reduce variance',
    inputs: [x],
    total,
    partialBytes: 16,
    cost: spreadCost,
    reference: () => deviationsOf(x),
    finish: () => finish(total[0]),
  });
}

function normCall(x: View): Call<number> {
  const total = single(Float64Array);
  return reduceCall({ name: 'reduce norm', inputs: [x], total, reference: () => squaresOf(x), finish: () => normFrom(total[0], () => x) });
}

/** Σx² of each line natively; their roots, with the care that few need, here. */
function normsCall(x: View, axis: 0 | 1, dtype: Dtype): Call<TypedArray> {
  const squares = axisCall(x, axis, { name: 'squares', dtype: 'f64', reduce: squaresOf });
  return {
    ...squares,
    finish: () => {
      const sums = squares.finish() as Float64Array;
      return (constructorOf(dtype) as Float64ArrayConstructor).from(sums, (sum, i) => normFrom(sum, () => lineOf(x, axis, i)));
    },
  };
}

function extremeCall(name: string, x: View, dtype: Dtype, sense: 1 | -1): Call<number | bigint> {
  const total = single(constructorOf(dtype));
  return reduceCall({ name: `reduce ${name}`, inputs: [x], total, reference: () => extremeOf(x, dtype, sense), finish: () => total[0] });
}

function indexCall(name: string, x: View, reference: () => number): Call<number> {
  const total = single(Float64Array);
  return reduceCall({ name: `reduce ${name}`, inputs: [x], total, reference, finish: () => total[0] });
}

function countCall(x: View): Call<number> {
  const total = single(BigInt64Array);
  return reduceCall({ name: 'reduce count', inputs: [x], total, reference: () => BigInt(countOf(x, false)), finish: () => Number(total[0]) });
}

/** Blocks set a byte when they find an element that is zero or is not; `sought` says which. */
function findCall(name: string, x: View, sought: boolean, finish: (found: boolean) => boolean): Call<boolean> {
  const found = single(Uint8Array);
  return reduceCall({
    name: `reduce ${name}`,
    inputs: [x],
    total: found,
    partialBytes: 0,
    reference: () => Number(countOf(x, sought, 1) > 0),
    finish: () => finish(found[0] === 1),
  });
}

/** Only the elements around the place that is asked for are sorted, and the last ones: NaN would be there. */
function quantileCall(x: View, dtype: Dtype, q: number): Call<number> {
  const size = sizeOf(x);
  const { low, high, part } = placeOf(q, size);
  const around = size === 0 ? [] : [low, high, size - 1];
  const out = new (constructorOf(dtype))(around.length) as NumberArray;
  return sortingCall({
    kernel: 'sort',
    x,
    out,
    ranks: around.map((rank) => [rank, rank + 1]),
    reference: () => {
      const sorted = (x.data as NumberArray).slice(x.offset, x.offset + size).sort();
      for (let i = 0; i < around.length; i++) out[i] = sorted[around[i]];
    },
    finish: () => (size === 0 ? Number.NaN : between(out[0], out[1], part, out[2])),
  });
}

/** Lines are sorted by their digits in memory of the thread; the longest ones, which would need much of it, here. */
const sortedLengthMax = 2 ** 20;
const sortedCost = 12;

const quantileRules = (q: number): Reducing => ({
  callOf: (x, dtype) => quantileCall(x, dtype, q),
  reduce: (x) => quantileOf(x, q),
  lines: (_options, length, elementBytes) => {
    if (length > sortedLengthMax) return {};
    const { low, high, part } = placeOf(q, Math.max(length, 1));
    return { name: 'quantile', params: [low, high, part], cost: sortedCost, scratchBytes: Math.max(2 * length * elementBytes, 1) };
  },
});

/** The sum's own call, so that a mean is as fast. */
function meanCall(x: View, dtype: Dtype): Call<number> {
  const total = sumCall(x, dtype);
  return { ...total, finish: () => Number(total.finish()) / sizeOf(x) };
}

const checkDdof = (_: number, { ddof = 0 }: Record<string, unknown>): void => {
  if (typeof ddof !== 'number') throw typeError('ddof must be a number', ddof);
  if (!(ddof >= 0 && ddof < Infinity)) throw rangeError(`ddof must be at least 0 and finite, got ${ddof}`);
};

const notEmpty = (name: string) => ({
  check: (size: number) => {
    if (size === 0) throw rangeError(`${name} needs at least one element, got none`);
  },
});

const rule = (name: string, summary: string, allowed: readonly Dtype[], outcome: Rule['outcome'], rest: Reducing): Rule => ({
  name,
  summary,
  dtypes: allowed,
  outcome,
  ...rest,
});
const floating = <Options extends object = object>(name: string, summary: string, rest: Reducing) =>
  declare<StatisticKernel<number, 'float', NumberArray, Options>>(rule(name, summary, numberDtypes, float, rest));
const any64 = (dtype: Dtype): Dtype => (dtype === 'i64' || dtype === 'u64' ? dtype : float(dtype));
const same = (dtype: Dtype): Dtype => dtype;
function spread(of: (variance: number) => number): Reducing {
  return {
    options: ['ddof'],
    check: checkDdof,
    callOf: (x, _dtype, options) => deviationsCall(x, (squares) => of(varianceFrom(squares, sizeOf(x), options))),
    reduce: (x, _dtype, options) => of(varianceFrom(deviationsOf(x), sizeOf(x), options)),
    lines: ({ ddof = 0 }) => ({ params: [ddof as number], cost: spreadCost }),
  };
}

/** The product of all elements, 1 for none; integers wrap at 64 bits. Along an axis integers give f64. */
export const product = declare<StatisticKernel<'element', TypedArray>>(
  rule('product', 'the product of all elements', dtypes, any64, { callOf: productCall, reduce: productOf }),
);
/** The mean; NaN for none. */
export const mean = floating('mean', 'the mean of all elements', { callOf: meanCall, reduce: meanOf });
/** The variance of the population; `{ ddof }` is taken off the divisor. NaN where nothing is left of it. */
export const variance = floating<{ ddof?: number }>(
  'variance',
  'the variance; { ddof }',
  spread((value) => value),
);
/** The root of the variance. */
export const std = floating<{ ddof?: number }>('std', 'the standard deviation; { ddof }', spread(Math.sqrt));
/** The 2-norm √Σx², of a matrix the Frobenius norm. */
export const norm = floating('norm', 'the 2-norm of all elements', {
  callOf: normCall,
  reduce: (x) => normFrom(squaresOf(x), () => x),
  alongOf: normsCall,
});
/** The median; of an even number of elements the mean of the two in the middle. NaN for none. */
export const median = floating('median', 'the median of all elements', quantileRules(0.5));

const extreme = (name: string, summary: string, sense: 1 | -1) =>
  declare<StatisticKernel<'element', 'same'>>(
    rule(name, summary, dtypes, same, {
      ...notEmpty(name),
      callOf: (x, dtype) => extremeCall(name, x, dtype, sense),
      reduce: (x, dtype) => extremeOf(x, dtype, sense),
    }),
  );
/** The least element, −0 before 0; NaN wins. @throws RangeError for none. */
export const min = extreme('min', 'the least element; NaN wins', -1);
/** The greatest element, 0 after −0; NaN wins. @throws RangeError for none. */
export const max = extreme('max', 'the greatest element; NaN wins', 1);

const index = (name: string, summary: string, reducing: Reducing) =>
  declare<StatisticKernel<number, Uint32Array>>(rule(name, summary, dtypes, () => 'u32', reducing));
const indexOf = (name: string, sense: 1 | -1): Reducing => ({
  ...notEmpty(name),
  callOf: (x) => indexCall(name, x, () => extremeAt(x, sense)),
  reduce: (x) => extremeAt(x, sense),
});
/** Where the least element stands: the first on ties; the first NaN wins. @throws RangeError for none. */
export const argmin = index('argmin', 'the index of the least element', indexOf('argmin', -1));
/** Where the greatest element stands: the first on ties; the first NaN wins. @throws RangeError for none. */
export const argmax = index('argmax', 'the index of the greatest element', indexOf('argmax', 1));
/** How many elements are not zero. */
export const count = index('count', 'how many elements are not zero', { callOf: countCall, reduce: (x) => countOf(x, false) });

const test = (name: string, summary: string, sought: boolean, of: (found: boolean) => boolean) =>
  declare<StatisticKernel<boolean, 'mask'>>(
    rule(name, summary, dtypes, () => 'u8', { callOf: (x) => findCall(name, x, sought, of), reduce: (x) => of(countOf(x, sought, 1) > 0) }),
  );
/** Whether an element is not zero; false for none. */
export const any = test('any', 'whether any element is not zero', false, (found) => found);
/** Whether no element is zero; true for none. */
export const all = test('all', 'whether no element is zero', true, (found) => !found);

const quantileRule = { name: 'quantile', summary: 'quantile(q): linear interpolation between elements, as NumPy', dtypes: numberDtypes };
register({ ...quantileRule, ...family });

/** A kernel that answers the q-quantile of all elements. @throws RangeError when q is not from 0 to 1. */
export function quantile(q: number): StatisticKernel<number, 'float', NumberArray> {
  if (typeof q !== 'number') throw typeError('q of quantile must be a number', q);
  if (!(q >= 0 && q <= 1)) throw rangeError(`q of quantile must be from 0 to 1, got ${q}`);
  return statistic({ ...quantileRule, outcome: float, ...quantileRules(q) });
}

/** A kernel that makes one number of two vectors. */
interface DotSignature extends Signature {
  readonly takes: readonly [a: readonly number[] | TypedArray, b: BesideOf<Given<this['given'], 0>> & (readonly number[] | TypedArray)];
  readonly answer: Given<this['given'], 0> extends BigArray ? bigint : number;
}

export interface DotKernel extends Signed<DotSignature> {
  (a: readonly number[], b: readonly number[]): number;
  <T extends TypedArray>(a: T, b: T): T extends BigArray ? bigint : number;
  readonly kernelName: string;
  readonly family: 'statistic';
}

const dotRule = { name: 'dot', summary: 'Σ a · b of two vectors', dtypes, ...family };
register(dotRule);

function dotCall(a: View, b: View, dtype: Dtype): Call<number | bigint> {
  const total = totalFor(dtype, 0);
  return reduceCall({
    name: 'reduce dot',
    inputs: [a, b],
    total,
    reference: () => wide(dotOf(a, b, dtype), dtype),
    finish: () => answer(total[0], dtype),
  });
}

/** Σ a · b; integers wrap at 64 bits. @throws TypeError unless both are vectors of one dtype, RangeError unless of one length. */
export const dot = kernel<Kernel>(
  {
    ...dotRule,
    call: (args, out) => {
      checkOptions('dot', args[2], []);
      if (out !== undefined) throw typeError('dot takes no out');
      const [a, b] = [operand(args[0], 'a of dot'), operand(args[1], 'b of dot')];
      for (const [name, x] of Object.entries({ a, b })) {
        if (x.kind === 'number' || x.kind === 'matrix') throw typeError(`${name} of dot must be a vector, got a ${x.kind}`);
      }
      const [left, right] = [a, b] as Exclude<Operand, { kind: 'number' }>[];
      if (left.dtype !== right.dtype) throw typeError(`dot takes two vectors of one dtype, got ${left.dtype} and ${right.dtype}`);
      const [m, n] = [sizeOf(left.view), sizeOf(right.view)];
      if (m !== n) throw rangeError(`dot takes two vectors of one length, got ${m} and ${n}`);
      return dotCall(left.view, right.view, left.dtype);
    },
  },
  2,
) as unknown as DotKernel;
