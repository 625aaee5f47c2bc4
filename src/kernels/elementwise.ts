/**
 * The families of elementwise kernels: `unary(name, f)` maps f over one operand, `binary(name, f)` over
 * two, `ternary` over three. The function is the meaning: documentation, test oracle, and what runs where
 * no binary loads.
 */

import type { TypedArray } from './call';
import { type Dtype, dtypes, numberDtypes } from './dtype';
import { type ElementwiseRule, elementwiseCall, operandNames } from './elementwise-call';
import { checkOptions, type Declaration, kernel, register } from './kernel';
import { operand } from './operands';
import type { Given, Signature, Signed } from './signature';
import type { BesideOf, Leader, NumberArray, OperandOf, Outcome, OutOption, ResultFor } from './types';

export type { OutOption } from './types';

/** A kernel that maps over one operand: numbers, lists, typed arrays and matrices. */
export interface UnaryKernel<O extends Outcome = 'same', I extends TypedArray = TypedArray> extends Signed<UnarySignature<O, I>> {
  <X extends OperandOf<I>>(x: X, options?: OutOption<ResultFor<X, O>>): ResultFor<X, O>;
  readonly kernelName: string;
  readonly family: 'unary';
}

interface UnarySignature<O extends Outcome, I extends TypedArray> extends Signature {
  readonly takes: readonly [x: OperandOf<I>];
  readonly answer: ResultFor<Given<this['given'], 0>, O>;
}

/** A kernel that maps over two operands: array with array, array with number, matrices by NumPy's broadcasting. */
export interface BinaryKernel<O extends Outcome = 'same', I extends TypedArray = TypedArray> extends Signed<BinarySignature<O, I>> {
  <A extends OperandOf<I>, B extends BesideOf<A>>(a: A, b: B, options?: OutOption<ResultFor<Leader<A | B>, O>>): ResultFor<Leader<A | B>, O>;
  readonly kernelName: string;
  readonly family: 'binary';
}

interface BinarySignature<O extends Outcome, I extends TypedArray> extends Signature {
  readonly takes: readonly [a: OperandOf<I>, b: BesideOf<Given<this['given'], 0>>];
  readonly answer: ResultFor<Leader<Given<this['given'], 0 | 1>>, O>;
}

/** A kernel that maps over three operands of one dtype. */
export interface TernaryKernel<I extends TypedArray = TypedArray> extends Signed<TernarySignature<I>> {
  <A extends OperandOf<I>, B extends BesideOf<A>, C extends BesideOf<A>>(
    a: A,
    b: B,
    c: C,
    options?: OutOption<ResultFor<Leader<A | B | C>, 'same'>>,
  ): ResultFor<Leader<A | B | C>, 'same'>;
  readonly kernelName: string;
  readonly family: 'ternary';
}

interface TernarySignature<I extends TypedArray> extends Signature {
  readonly takes: readonly [a: OperandOf<I>, b: BesideOf<Given<this['given'], 0>>, c: BesideOf<Given<this['given'], 0>>];
  readonly answer: ResultFor<Leader<Given<this['given'], 0 | 1 | 2>>, 'same'>;
}

// biome-ignore lint/suspicious/noExplicitAny: the same arrow serves numbers and bigints
type Scalar = (...values: any[]) => any;

/** Variants of a kernel's function where the one for all numbers would not do. */
export interface ElementwiseOptions {
  /** Exact meaning for i32 and u32, where f would leave the integers that a double holds. */
  int32?: (...values: number[]) => number;
  /** The meaning for bigints. */
  big?: (...values: bigint[]) => bigint | boolean;
  /** The meaning for f32 where it is not f rounded once. */
  f32?: (...values: number[]) => number;
}

interface Spec {
  readonly name: string;
  readonly family: 'unary' | 'binary' | 'ternary';
  readonly summary: string;
  readonly f: Scalar;
  readonly outcome: 'same' | 'float' | 'mask';
  readonly dtypes: readonly Dtype[];
  readonly options: ElementwiseOptions;
}

const integerDtypes = dtypes.filter((dtype) => dtype !== 'f32' && dtype !== 'f64');

/** `out[i] = f(x[i])` for every dtype, the result of the same dtype. Its C++ line stands in native/kernels/math/. */
export function unary(name: string, summary: string, f: Scalar, options: ElementwiseOptions = {}): UnaryKernel {
  return elementwise({ name, family: 'unary', summary, f, outcome: 'same', dtypes, options });
}

/** A unary kernel that leaves the integers: f32 for f32, f64 for everything else. */
export function unaryFloat(name: string, summary: string, f: (x: number) => number): UnaryKernel<'float', NumberArray> {
  return elementwise({ name, family: 'unary', summary, f, outcome: 'float', dtypes: numberDtypes, options: {} });
}

/** A unary kernel that answers a mask. */
export function unaryTest(name: string, summary: string, f: (x: number) => boolean): UnaryKernel<'mask', NumberArray> {
  return elementwise({ name, family: 'unary', summary, f, outcome: 'mask', dtypes: numberDtypes, options: {} });
}

/** A unary kernel of bits: integers only (a number counts as a 32-bit integer). */
export function unaryInteger(name: string, summary: string, f: Scalar, options: ElementwiseOptions = {}): UnaryKernel<'same', IntegerArray> {
  return elementwise({ name, family: 'unary', summary, f, outcome: 'same', dtypes: integerDtypes, options });
}

export type IntegerArray = Exclude<TypedArray, Float32Array | Float64Array>;

/** `out[i] = f(a[i], b[i])` for every dtype. */
export function binary(name: string, summary: string, f: Scalar, options: ElementwiseOptions = {}): BinaryKernel {
  return elementwise({ name, family: 'binary', summary, f, outcome: 'same', dtypes, options });
}

/** A binary kernel that leaves the integers. */
export function binaryFloat(name: string, summary: string, f: (a: number, b: number) => number): BinaryKernel<'float', NumberArray> {
  return elementwise({ name, family: 'binary', summary, f, outcome: 'float', dtypes: numberDtypes, options: {} });
}

/** A binary kernel that answers a mask. */
export function binaryTest(name: string, summary: string, f: Scalar): BinaryKernel<'mask'> {
  return elementwise({ name, family: 'binary', summary, f, outcome: 'mask', dtypes, options: {} });
}

/** A binary kernel of bits. */
export function binaryInteger(name: string, summary: string, f: Scalar, options: ElementwiseOptions = {}): BinaryKernel<'same', IntegerArray> {
  return elementwise({ name, family: 'binary', summary, f, outcome: 'same', dtypes: integerDtypes, options });
}

/** `out[i] = f(a[i], b[i], c[i])`. */
export function ternary(name: string, summary: string, f: Scalar, of: readonly Dtype[] = dtypes, options: ElementwiseOptions = {}): TernaryKernel {
  return elementwise({ name, family: 'ternary', summary, f, outcome: 'same', dtypes: of, options });
}

function elementwise<K>({ name, family, summary, f, outcome, dtypes: of, options }: Spec): K {
  const arity = family === 'unary' ? 1 : family === 'binary' ? 2 : 3;
  const labels = operandNames(arity).map((each) => `${each} of ${name}`);
  const rule: ElementwiseRule = {
    name,
    dtypes: of,
    scalar: (dtype) => scalarFor(dtype, f, options),
    resultDtype: (dtype) => (outcome === 'same' ? dtype : outcome === 'mask' ? 'u8' : dtype === 'f32' ? 'f32' : 'f64'),
    mask: outcome === 'mask',
    cost: costs.get(name),
  };
  const declaration: Declaration = {
    name,
    entry: 'math',
    family,
    dtypes: of,
    summary,
    elementwise: arity === 1,
    call: (args, out) => {
      checkOptions(name, args[arity], []);
      const operands = labels.map((label, i) => operand(args[i], label));
      return elementwiseCall(rule, operands, out);
    },
  };
  register({ ...declaration, family: approximate.has(name) ? 'transcendental' : family });
  const made = kernel(declaration, arity);
  if (arity === 1) rules.set(made, rule);
  return made as unknown as K;
}

/** Kernels that promise units in the last place, not bits: the native ones; the TypeScript ones are what Math gives. */
const approximate = new Set(
  (
    'cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh ' + 'sigmoid gelu erf power atan2 hypot'
  ).split(' '),
);

/** The rules of kernels that can be steps of a chain. */
export const rules = new WeakMap<object, ElementwiseRule>();

/** Nanoseconds an element of kernels that compute more than they move, on one thread. */
const costs = new Map([
  ...['exp', 'exp2', 'expm1', 'log', 'log2', 'log10', 'sigmoid', 'sqrt', 'divide', 'rsqrt', 'reciprocal'].map((name) => [name, 1] as const),
  ...['log1p', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'cbrt', 'hypot', 'erf'].map((name) => [name, 2] as const),
  ...['asinh', 'acosh', 'atanh', 'gelu', 'power', 'atan2', 'remainder', 'mod'].map((name) => [name, 4] as const),
]);

function scalarFor(dtype: Dtype | 'bigint', f: Scalar, options: ElementwiseOptions): Scalar {
  if (dtype === 'i64' || dtype === 'u64' || dtype === 'bigint') return options.big ?? f;
  if ((dtype === 'i32' || dtype === 'u32') && options.int32) return options.int32;
  if (dtype === 'f32' && options.f32) return options.f32;
  return f;
}
