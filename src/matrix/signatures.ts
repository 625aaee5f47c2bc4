/** What kernels of matrices take and answer, for Pool: a matrix of the elements that go in, a stack where a stack goes in. */
import type { TypedArray } from '../kernels/call';
import type { Given, Signature } from '../kernels/signature';
import type { ProductOptions } from './matmul';
import type { Matrix } from './matrix';
import type { MatrixInput, NestedNumbers } from './operands';
import type { MatrixStack, MatrixStackLike } from './stack';

type AnyOperand = MatrixInput | MatrixStackLike<TypedArray> | NestedNumbers;

/** The typed array under an operand; rows of numbers are f64. */
type ElementsIn<X> = X extends { readonly data: infer T extends TypedArray } ? T : Float64Array;

/** A matrix, or a stack where X is one. */
type Dressed<X, T extends TypedArray> = Extract<X, MatrixStackLike<TypedArray>> extends never ? Matrix<T> : MatrixStack<T>;

/** What goes with elements of T. */
type Fitting<T extends TypedArray> = MatrixInput<T> | MatrixStackLike<T> | (T extends Float64Array ? NestedNumbers : never);

export interface ProductSignature extends Signature {
  readonly takes: readonly [a: AnyOperand, b: Fitting<ElementsIn<Given<this['given'], 0>>>, options?: ProductOptions];
  readonly answer: Dressed<Given<this['given'], 0 | 1>, ElementsIn<Given<this['given'], 0>>>;
}

/** One matrix or stack in, one of the same elements out. */
export interface TurnSignature extends Signature {
  readonly takes: readonly [a: AnyOperand];
  readonly answer: Dressed<Given<this['given'], 0>, ElementsIn<Given<this['given'], 0>>>;
}

/** One matrix in, one of the same elements out. */
export interface MatrixToMatrixSignature<Rest extends readonly unknown[] = []> extends Signature {
  readonly takes: readonly [a: MatrixInput | NestedNumbers, ...rest: Rest];
  readonly answer: Matrix<ElementsIn<Given<this['given'], 0>>>;
}

export interface MatvecSignature extends Signature {
  readonly takes: readonly [a: MatrixInput | NestedNumbers, x: readonly number[] | ElementsIn<Given<this['given'], 0>>];
  readonly answer: Given<this['given'], 1> extends TypedArray ? Given<this['given'], 1> : number[];
}

export interface OuterSignature extends Signature {
  readonly takes: Given<this['given'], 0> extends TypedArray
    ? readonly [x: TypedArray, y: Given<this['given'], 0>]
    : readonly [x: readonly number[], y: readonly number[]];
  readonly answer: Matrix<Given<this['given'], 0> extends TypedArray ? Given<this['given'], 0> : Float64Array>;
}
