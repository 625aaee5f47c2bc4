/** Reductions beside sum, each one declaration: over floats by the fixed tree of reduce.ts, over integers exactly in 64 bits. */
import { rangeError, typeError } from '../errors';
import type { Matrix } from '../matrix/matrix';
import { type AxisOption, axisCall, axisOf, compacted } from './axis';
import type { Call, TypedArray, View } from './call';
import { constructorOf, type Dtype, dtypes, numberDtypes } from './dtype';
import { checkOptions, type Kernel, kernel, register } from './kernel';
import { type Operand, operand, sizeOf } from './operands';
import { answer, sumCall, totalOf, tree } from './reduce';
import type { ArrayFor, BigArray, NumberArray, Outcome } from './types';

/** A kernel that makes one number (S) of all elements, or an array of one for each line along an axis. */
export interface StatisticKernel<S, O extends Outcome, I extends TypedArray = TypedArray, Options extends object = object> {
  (x: number | readonly number[] | NumberArray | Matrix<NumberArray>, options?: Options): S extends 'element' ? number : S;
  (x: (I & BigArray) | Matrix<I & BigArray>, options?: Options): S extends 'element' ? bigint : S;
  <T extends I>(x: Matrix<T>, options: Required<AxisOption> & Options): ArrayFor<T, O>;
  readonly kernelName: string;
  readonly family: 'statistic';
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
  readonly callOf?: (x: View, dtype: Dtype) => Call;
  readonly reduce: (x: View, dtype: Dtype, options: Record<string, unknown>) => number | bigint | boolean;
}

type Reducing = Pick<Rule, 'callOf' | 'check' | 'options' | 'reduce'>;

const float = (dtype: Dtype): Dtype => (dtype === 'f32' ? 'f32' : 'f64');
const isFloat = (dtype: Dtype): boolean => dtype === 'f32' || dtype === 'f64';
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
    if (axis !== undefined) return axisCall(name, x.view, axis, rule.outcome(x.dtype), (line) => rule.reduce(line, x.dtype, options));
    const view = compacted(x.view);
    if (rule.callOf !== undefined) return rule.callOf(view, x.dtype);
    return wholeCall(name, [view], () => rule.reduce(view, x.dtype, options));
  };
  return kernel<Kernel>({ name, summary: rule.summary, dtypes: rule.dtypes, ...family, call }, 1) as unknown as K;
}

/** Native kernels of other families have some of these names (images have a median): these calls have their own. */
function wholeCall<R>(name: string, views: readonly View[], reduce: () => R): Call<R> {
  let result: R | undefined;
  return {
    kernel: `reduce ${name}`,
    views,
    params: [],
    phases: [{ units: 1, grain: 1, cost: 2 * sizeOf(views[0]) }],
    reference: () => {
      result = reduce();
    },
    finish: () => result as R,
  };
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

/** The sum of a · b. Integers wrap at 64 bits; plain additions do while they are exact, bigints beyond. */
function dotOf(a: View, b: View, dtype: Dtype): number | bigint {
  const size = sizeOf(a);
  if (isFloat(dtype)) {
    return tree(size, 0, add, (i) => (a.data[a.offset + i] as number) * (b.data[b.offset + i] as number));
  }
  let [total, part] = [0n, 0];
  for (let i = 0; i < size; i++) {
    const [left, right] = [a.data[a.offset + i], b.data[b.offset + i]];
    const step = typeof left === 'number' ? left * (right as number) : Infinity;
    if (Math.abs(step) <= 2 ** 52 && Math.abs(part) <= 2 ** 52) part += step;
    else {
      total = BigInt.asIntN(64, total + BigInt(part) + BigInt(left) * BigInt(right));
      part = 0;
    }
  }
  return answer(BigInt.asIntN(64, total + BigInt(part)), dtype);
}

const add = (a: number, b: number): number => a + b;

function productOf({ data, offset, shape: [size] }: View, dtype: Dtype): number | bigint {
  if (isFloat(dtype)) {
    return tree(
      size,
      1,
      (a, b) => a * b,
      (i) => data[offset + i] as number,
    );
  }
  let total = 1n;
  for (let i = 0; i < size && total !== 0n; i++) total = BigInt.asIntN(64, total * BigInt(data[offset + i]));
  return answer(total, dtype);
}

/** The sum's own call, so that a mean is as fast. */
function meanCall(x: View, dtype: Dtype): Call<number> {
  const total = sumCall(x, dtype);
  return { ...total, finish: () => Number(total.finish()) / sizeOf(x) };
}

const meanOf = (x: View, dtype: Dtype): number => Number(totalOf(x, dtype)) / sizeOf(x);

/** Two passes: the mean, then squared deviations, with the rounding of the mean taken out (Chan, Golub, LeVeque 1983). */
function varianceOf(x: View, dtype: Dtype, { ddof = 0 }: { ddof?: unknown }): number {
  const size = sizeOf(x);
  const mean = meanOf(x, dtype);
  const deviation = (i: number): number => (x.data[x.offset + i] as number) - mean;
  const squares = tree(size, 0, add, (i) => deviation(i) * deviation(i));
  const rest = tree(size, 0, add, deviation);
  const freedom = size - (ddof as number);
  return freedom > 0 ? Math.max(0, squares - (rest * rest) / size) / freedom : Number.NaN;
}

const checkDdof = (_: number, { ddof = 0 }: Record<string, unknown>): void => {
  if (typeof ddof !== 'number') throw typeError('ddof must be a number', ddof);
  if (!(ddof >= 0 && ddof < Infinity)) throw rangeError(`ddof must be at least 0 and finite, got ${ddof}`);
};

/** √Σx²; squares that overflow or vanish are taken again of x over the largest magnitude. */
function normOf({ data, offset, shape: [size] }: View): number {
  const at = (i: number): number => data[offset + i] as number;
  const squares = tree(size, 0, add, (i) => at(i) * at(i));
  if (squares > 1e-280 && squares < Infinity) return Math.sqrt(squares);
  let top = 0;
  for (let i = 0; i < size; i++) top = Math.max(top, Math.abs(at(i)));
  if (!(top > 0 && top < Infinity)) return top;
  return top * Math.sqrt(tree(size, 0, add, (i) => (at(i) / top) ** 2));
}

/** Where the least (sense −1) or greatest (sense 1) element stands: first on ties, and −0 ties with 0; the first NaN wins. */
function extremeAt({ data, offset, shape: [size] }: View, sense: 1 | -1): number {
  let best = 0;
  for (let i = 0; i < size; i++) {
    const [value, held] = [data[offset + i], data[offset + best]];
    if (Number.isNaN(value)) return i;
    if (sense > 0 ? value > held : value < held) best = i;
  }
  return best;
}

function extremeOf(x: View, dtype: Dtype, sense: 1 | -1): number | bigint {
  if (!isFloat(dtype)) return x.data[x.offset + extremeAt(x, sense)];
  const pick = sense > 0 ? Math.max : Math.min;
  let best = -sense * Infinity;
  for (let i = 0; i < sizeOf(x); i++) best = pick(best, x.data[x.offset + i] as number);
  return best;
}

const notEmpty = (name: string) => ({
  check: (size: number) => {
    if (size === 0) throw rangeError(`${name} needs at least one element, got none`);
  },
});

/** Elements that are not zero, at most `enough` of them; NaN is not zero. */
function countOf({ data, offset, shape: [size] }: View, isZero: boolean, enough = Infinity): number {
  let count = 0;
  const zero = typeof data[offset] === 'bigint' ? 0n : 0;
  for (let i = 0; i < size && count < enough; i++) if ((data[offset + i] === zero) === isZero) count++;
  return count;
}

/** Linear interpolation between the two elements beside q · (n − 1), as NumPy's default; NaN for none and where one is NaN. */
function quantileOf({ data, offset, shape: [size] }: View, q: number): number {
  const sorted = (data as NumberArray).slice(offset, offset + size).sort();
  if (size === 0 || Number.isNaN(sorted[size - 1])) return Number.NaN;
  const position = q * (size - 1);
  const low = Math.floor(position);
  const [a, b, t] = [sorted[low], sorted[Math.min(low + 1, size - 1)], position - low];
  if (a === b || t === 0) return a;
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

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
const ddofOption = { options: ['ddof'], check: checkDdof };

/** The product of all elements, 1 for none; integers wrap at 64 bits. Along an axis integers give f64. */
export const product = declare<StatisticKernel<'element', TypedArray>>(
  rule('product', 'the product of all elements', dtypes, any64, { reduce: productOf }),
);
/** The mean; NaN for none. */
export const mean = floating('mean', 'the mean of all elements', { callOf: meanCall, reduce: meanOf });
/** The variance of the population; `{ ddof }` is taken off the divisor. NaN where nothing is left of it. */
export const variance = floating<{ ddof?: number }>('variance', 'the variance; { ddof }', { ...ddofOption, reduce: varianceOf });
/** The root of the variance. */
export const std = floating<{ ddof?: number }>('std', 'the standard deviation; { ddof }', {
  ...ddofOption,
  reduce: (x, dtype, options) => Math.sqrt(varianceOf(x, dtype, options)),
});
/** The 2-norm √Σx², of a matrix the Frobenius norm. */
export const norm = floating('norm', 'the 2-norm of all elements', { reduce: normOf });
/** The median; of an even number of elements the mean of the two in the middle. NaN for none. */
export const median = floating('median', 'the median of all elements', { reduce: (x) => quantileOf(x, 0.5) });

const extreme = (name: string, summary: string, sense: 1 | -1) =>
  declare<StatisticKernel<'element', 'same'>>(
    rule(name, summary, dtypes, same, { ...notEmpty(name), reduce: (x, dtype) => extremeOf(x, dtype, sense) }),
  );
/** The least element, −0 before 0; NaN wins. @throws RangeError for none. */
export const min = extreme('min', 'the least element; NaN wins', -1);
/** The greatest element, 0 after −0; NaN wins. @throws RangeError for none. */
export const max = extreme('max', 'the greatest element; NaN wins', 1);

const index = (name: string, summary: string, reducing: Reducing) =>
  declare<StatisticKernel<number, Uint32Array>>(rule(name, summary, dtypes, () => 'u32', reducing));
/** Where the least element stands: the first on ties; the first NaN wins. @throws RangeError for none. */
export const argmin = index('argmin', 'the index of the least element', { ...notEmpty('argmin'), reduce: (x) => extremeAt(x, -1) });
/** Where the greatest element stands: the first on ties; the first NaN wins. @throws RangeError for none. */
export const argmax = index('argmax', 'the index of the greatest element', { ...notEmpty('argmax'), reduce: (x) => extremeAt(x, 1) });
/** How many elements are not zero. */
export const count = index('count', 'how many elements are not zero', { reduce: (x) => countOf(x, false) });

const test = (name: string, summary: string, reduce: Rule['reduce']) =>
  declare<StatisticKernel<boolean, 'mask'>>(rule(name, summary, dtypes, () => 'u8', { reduce }));
/** Whether an element is not zero; false for none. */
export const any = test('any', 'whether any element is not zero', (x) => countOf(x, false, 1) > 0);
/** Whether no element is zero; true for none. */
export const all = test('all', 'whether no element is zero', (x) => countOf(x, true, 1) === 0);

const quantileRule = { name: 'quantile', summary: 'quantile(q): linear interpolation between elements, as NumPy', dtypes: numberDtypes };
register({ ...quantileRule, ...family });

/** A kernel that answers the q-quantile of all elements. @throws RangeError when q is not from 0 to 1. */
export function quantile(q: number): StatisticKernel<number, 'float', NumberArray> {
  if (typeof q !== 'number') throw typeError('q of quantile must be a number', q);
  if (!(q >= 0 && q <= 1)) throw rangeError(`q of quantile must be from 0 to 1, got ${q}`);
  return statistic({ ...quantileRule, outcome: float, reduce: (x) => quantileOf(x, q) });
}

/** A kernel that makes one number of two vectors. */
export interface DotKernel {
  (a: readonly number[], b: readonly number[]): number;
  <T extends TypedArray>(a: T, b: T): T extends BigArray ? bigint : number;
  readonly kernelName: string;
  readonly family: 'statistic';
}

const dotRule = { name: 'dot', summary: 'Σ a · b of two vectors', dtypes, ...family };
register(dotRule);

/** The native kernel's call: blocks of products, then their tree. */
function floatDot(a: View, b: View): Call<number> {
  const total = new Float64Array(1);
  const { sharedBytes, phases } = sumCall(a, 'f64');
  return {
    kernel: 'reduce dot',
    views: [a, b, { data: total, offset: 0, shape: [1], stride: [1] }],
    params: [],
    phases,
    sharedBytes,
    reference: () => {
      total[0] = dotOf(a, b, 'f64') as number;
    },
    finish: () => total[0],
  };
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
      if (isFloat(left.dtype)) return floatDot(left.view, right.view);
      return wholeCall('dot', [left.view, right.view], () => dotOf(left.view, right.view, left.dtype));
    },
  },
  2,
) as unknown as DotKernel;
