/**
 * What comes out of an elementwise or reducing kernel for what goes in: one rule for each outcome, from
 * which the kernels' own signatures and those of Pool are made.
 */
import type { Matrix } from '../matrix/matrix';
import type { TypedArray } from './call';

export type BigArray = BigInt64Array | BigUint64Array;
export type NumberArray = Exclude<TypedArray, BigArray>;

/** The typed array of each dtype. */
export interface ArrayOf {
  f64: Float64Array;
  f32: Float32Array;
  i8: Int8Array;
  u8: Uint8Array;
  u8c: Uint8ClampedArray;
  i16: Int16Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  i64: BigInt64Array;
  u64: BigUint64Array;
}

/** 'same': the dtype that goes in; 'float': f32 for f32, else f64; 'mask': 0 and 1, booleans for numbers; a dtype's array: that. */
export type Outcome = 'same' | 'float' | 'mask' | TypedArray;

/** The array that comes out where T goes in. */
export type ArrayFor<T extends TypedArray, O extends Outcome> = O extends 'same'
  ? T
  : O extends 'float'
    ? T extends Float32Array
      ? Float32Array
      : Float64Array
    : O extends 'mask'
      ? Uint8Array
      : Extract<O, TypedArray>;

type ScalarFor<X, O extends Outcome> = O extends 'mask' ? boolean : X extends bigint ? bigint : number;

/** What comes out where X goes in: numbers, lists, typed arrays and matrices each in their own clothes. */
export type ResultFor<X, O extends Outcome> = X extends number | bigint
  ? ScalarFor<X, O>
  : X extends readonly number[]
    ? ScalarFor<number, O>[]
    : X extends Matrix<infer T extends TypedArray>
      ? Matrix<ArrayFor<T, O>>
      : X extends TypedArray
        ? ArrayFor<X, O>
        : never;

type Kind<X> = X extends readonly unknown[] ? 'list' : X extends Matrix<TypedArray> ? 'matrix' : X extends TypedArray ? 'array' : 'number';

/** Of several operands the one that the result is dressed like: matrices before arrays, arrays before lists. */
export type Leader<A> =
  Extract<A, Matrix<TypedArray>> extends never
    ? Extract<A, TypedArray> extends never
      ? Extract<A, readonly number[]> extends never
        ? A
        : Extract<A, readonly number[]>
      : Extract<A, TypedArray>
    : Extract<A, Matrix<TypedArray>>;

/** Whatever an elementwise kernel over arrays of I takes as an operand. */
export type OperandOf<I extends TypedArray> = number | (I extends BigArray ? bigint : never) | readonly number[] | I | Matrix<I>;

/** What may stand beside an operand: its own kind, or a scalar of its elements. */
export type BesideOf<X> =
  Kind<X> extends 'number'
    ? X extends bigint
      ? bigint | BigArray | Matrix<BigArray>
      : number | readonly number[] | NumberArray | Matrix<NumberArray>
    : X extends readonly number[]
      ? readonly number[] | number
      : X extends Matrix<infer T>
        ? Matrix<T> | (T extends BigArray ? bigint : number)
        : X | (X extends BigArray ? bigint : number);

/** Options of a direct call. */
export interface OutOption<T> {
  /** Where the result goes: same type and shape as the result; may be the input itself. */
  out?: T;
}
