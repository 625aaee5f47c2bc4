/** `matmul`: the product of two matrices, or of stacks of matrices. */
import { rangeError, typeError } from '../errors';
import type { Call, Phase, TypedArray } from '../kernels/call';
import type { Dtype } from '../kernels/dtype';
import { checkOptions, kernel, register } from '../kernels/kernel';
import type { Signed } from '../kernels/signature';
import { productsTogether } from './matmul-batch';
import { planProduct } from './matmul-plan';
import { multiplyReference } from './matmul-reference';
import type { Matrix } from './matrix';
import {
  checkApart,
  checkMatrixDtype,
  checkSameDtype,
  commonCount,
  freshOperand,
  type MatrixInput,
  MatrixOperand,
  matrixOperand,
  type NestedNumbers,
  outOperand,
  wrapped,
} from './operands';
import type { ProductSignature } from './signatures';
import type { MatrixStack, MatrixStackLike } from './stack';

export interface ProductOptions {
  /** The product is multiplied by this: 1. */
  alpha?: number;
  /** What is in `out` is multiplied by this and added: 0, and then `out` is not read. */
  beta?: number;
  /** Multiplies by Aᵀ; no copy is made. */
  transposeA?: boolean;
  /** Multiplies by Bᵀ; no copy is made. */
  transposeB?: boolean;
}

export interface MatmulOptions<T extends TypedArray = Float64Array> extends ProductOptions {
  /** Where the product goes: any view of the right shape that overlaps neither a nor b. */
  out?: Matrix<T>;
}

/**
 * `matmul(a, b)` is A·B, with options alpha·A·B + beta·out.
 *
 * a is rows × k and b k × columns (after transposing), of f64, f32 or i32 (whose sums wrap), with any
 * strides; stacks multiply matrix by matrix, and a single matrix goes with every one of a stack.
 * Each element is within (k + 2)·u·|A||B| of the exact one.
 * @throws TypeError for mixed or other dtypes, RangeError for sizes that don't match or an `out` that overlaps an input.
 */
export interface MatmulKernel extends Signed<ProductSignature> {
  <T extends TypedArray>(a: MatrixInput<T>, b: MatrixInput<T>, options?: MatmulOptions<T>): Matrix<T>;
  (a: NestedNumbers, b: NestedNumbers | MatrixInput<Float64Array>, options?: MatmulOptions): Matrix;
  (a: MatrixInput<Float64Array>, b: NestedNumbers, options?: MatmulOptions): Matrix;
  <T extends TypedArray>(
    a: MatrixStackLike<T>,
    b: MatrixStackLike<T> | MatrixInput<T>,
    options?: ProductOptions & { out?: MatrixStack<T> },
  ): MatrixStack<T>;
  <T extends TypedArray>(a: MatrixInput<T>, b: MatrixStackLike<T>, options?: ProductOptions & { out?: MatrixStack<T> }): MatrixStack<T>;
  readonly kernelName: string;
  readonly family: 'matrix';
}

const dtypes: readonly Dtype[] = ['f64', 'f32', 'i32'];

const declaration = {
  name: 'matmul',
  entry: 'matrix' as const,
  family: 'matrix',
  dtypes,
  summary: 'The product of two matrices, or of stacks of matrices: alpha·A·B + beta·out.',
  elementwise: false,
};
register(declaration);

const together = (items: readonly unknown[]) => productsTogether(items, (a, b) => new ProductCall(a, b, 1, 0, undefined));

export const matmul = kernel({ ...declaration, call: productCall, together }, 2) as unknown as MatmulKernel;

function productCall(args: readonly unknown[], out: unknown): Call {
  const options = args.length > 2 ? checkedOptions(args[2]) : defaults;
  let a = matrixOperand(args[0], 'the first argument of matmul');
  let b = matrixOperand(args[1], 'the second argument of matmul');
  checkSameDtype('matmul', a, b);
  checkMatrixDtype(a, 'the first argument of matmul', dtypes);
  if (options.transposeA) a = a.transposed();
  if (options.transposeB) b = b.transposed();
  if (a.shape[2] !== b.shape[1]) {
    throw rangeError(`matmul takes matrices with as many columns in the first as rows in the second, got ${a.size} and ${b.size}`);
  }
  return new ProductCall(a, b, options.alpha, options.beta, out);
}

interface CheckedOptions {
  readonly alpha: number;
  readonly beta: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const defaults: CheckedOptions = { alpha: 1, beta: 0, transposeA: false, transposeB: false };

function checkedOptions(options: unknown): CheckedOptions {
  checkOptions('matmul', options, ['alpha', 'beta', 'transposeA', 'transposeB']);
  const checked = { ...defaults, ...withoutUndefined(options) };
  for (const name of ['alpha', 'beta'] as const) {
    if (typeof checked[name] !== 'number') throw typeError(`${name} of matmul must be a number`, checked[name]);
  }
  for (const name of ['transposeA', 'transposeB'] as const) {
    if (typeof checked[name] !== 'boolean') throw typeError(`${name} of matmul must be true or false`, checked[name]);
  }
  return checked;
}

function withoutUndefined(options: unknown): object {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
}

/** A product with everything settled. Also the building block of other kernels. */
export class ProductCall implements Call<unknown> {
  readonly kernel = 'matmul';
  readonly views: readonly [MatrixOperand, MatrixOperand, MatrixOperand];
  readonly params: readonly number[];
  readonly phases: readonly Phase[];
  readonly sharedBytes: number;
  readonly scratchBytes: number;
  readonly #result: MatrixOperand;
  readonly #out: unknown;

  /** @param out What the user gave as `out`, if anything. */
  constructor(a: MatrixOperand, b: MatrixOperand, alpha: number, beta: number, out: unknown) {
    const count = commonCount('matmul', a, b);
    const stacked = a.stacked || b.stacked;
    const [rows, columns] = [a.shape[1], b.shape[2]];
    const dtype = a.dtype;
    if (out === undefined) {
      if (beta !== 0) throw typeError('beta of matmul goes with out, which it multiplies');
      this.#result = freshOperand(dtype, count, rows, columns, stacked);
    } else {
      this.#result = outOperand('matmul', out, dtype, count, rows, columns, stacked);
      checkApart('matmul', a, this.#result);
      checkApart('matmul', b, this.#result);
    }
    if (dtype === 'i32') {
      checkInt32('alpha', alpha);
      checkInt32('beta', beta);
    }
    this.#out = out;
    // A result that lies column by column is the transposed product, row by row.
    const turned = this.#result.stride[2] !== 1 && this.#result.stride[1] === 1;
    this.views = turned
      ? [input(b.repeated(count).transposed()), input(a.repeated(count).transposed()), this.#result.transposed()]
      : [input(a.repeated(count)), input(b.repeated(count)), this.#result];
    const [, second, result] = this.views;
    const plan = planProduct({
      count,
      rows: result.shape[1],
      columns: result.shape[2],
      depth: a.shape[2],
      bytesPerElement: result.data.BYTES_PER_ELEMENT,
      straightB: second.stride[2] === 1,
      straightC: result.stride[2] === 1,
    });
    this.params = alpha === 1 && beta === 0 ? plan.plainParams : [alpha, beta, ...plan.params];
    this.phases = count * rows * columns === 0 ? [] : plan.phases;
    this.sharedBytes = plan.sharedBytes;
    this.scratchBytes = plan.scratchBytes;
  }

  reference(): void {
    const [a, b, c] = this.views;
    multiplyReference(a, b, c, this.params[0], this.params[1]);
  }

  finish(): unknown {
    return this.#out ?? wrapped(this.#result);
  }
}

/** Nothing is read of an empty operand, whatever its strides. */
function input(operand: MatrixOperand): MatrixOperand {
  if (!operand.shape.includes(0)) return operand;
  return new MatrixOperand(operand.data, 0, operand.shape, [0, 0, 0], operand.stacked);
}

function checkInt32(name: string, value: number): void {
  if ((value | 0) !== value) throw rangeError(`${name} of matmul must be a whole number of 32 bits for Int32Array`, value);
}
