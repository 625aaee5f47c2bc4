/** Number types by their short names, and what arrays must be to be given to a kernel. */
import { describe, typeError } from '../errors';
import type { TypedArray } from './call';

export type Dtype = 'i8' | 'u8' | 'u8c' | 'i16' | 'u16' | 'i32' | 'u32' | 'f32' | 'f64' | 'i64' | 'u64';

export type TypedArrayConstructor<T extends TypedArray = TypedArray> = {
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
};

/** In the order of Node-API's types, which is that of `Dtype` in native/core/view.h. */
const types: readonly (readonly [Dtype, TypedArrayConstructor])[] = [
  ['i8', Int8Array],
  ['u8', Uint8Array],
  ['u8c', Uint8ClampedArray],
  ['i16', Int16Array],
  ['u16', Uint16Array],
  ['i32', Int32Array],
  ['u32', Uint32Array],
  ['f32', Float32Array],
  ['f64', Float64Array],
  ['i64', BigInt64Array],
  ['u64', BigUint64Array],
];

export const dtypes: readonly Dtype[] = types.map(([dtype]) => dtype);
/** The dtypes whose elements are JavaScript numbers. */
export const numberDtypes: readonly Dtype[] = dtypes.slice(0, 9);

const dtypeByTag = new Map(types.map(([dtype, type]) => [type.name, dtype]));
const typeByDtype = new Map(types);
const numberByDtype = new Map(dtypes.map((dtype, i) => [dtype, i]));

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

/** Of typed arrays of every realm; undefined for everything else, a DataView too. */
export function dtypeIfArray(value: unknown): Dtype | undefined {
  return dtypeByTag.get(tagOf.call(value) as string);
}

export function isTypedArray(value: unknown): value is TypedArray {
  return dtypeIfArray(value) !== undefined;
}

export function dtypeOf(array: TypedArray): Dtype {
  return dtypeByTag.get(tagOf.call(array) as string) as Dtype;
}

/** Position of a dtype in native/core/view.h. */
export function dtypeNumber(dtype: Dtype): number {
  return numberByDtype.get(dtype) as number;
}

export function constructorOf(dtype: Dtype): TypedArrayConstructor {
  return typeByDtype.get(dtype) as TypedArrayConstructor;
}

export function isBigInt(array: TypedArray): array is BigInt64Array | BigUint64Array {
  return array instanceof BigInt64Array || array instanceof BigUint64Array;
}

/** Throws when the array's memory could vanish under a running kernel, or has already. */
export function checkMemory(array: TypedArray, name: string): void {
  const buffer = array.buffer as ArrayBufferLike & { readonly resizable?: boolean };
  if (array.length === 0 && isDetached(buffer)) {
    throw typeError(`${name} must be an array with memory, got ${describe(array)} on a detached buffer`);
  }
  if (buffer.resizable === true) {
    throw typeError(`${name} must be on a buffer of fixed length, got ${describe(array)} on a resizable ArrayBuffer`);
  }
}

function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** True when the two arrays share at least one byte. */
export function overlap(a: TypedArray, b: TypedArray): boolean {
  return a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

/** True when the two arrays are the same memory from the first byte to the last. */
export function sameMemory(a: TypedArray, b: TypedArray): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.byteLength === b.byteLength;
}
