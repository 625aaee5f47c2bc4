/** Arrays of numbers of all kinds, and calls run at a CPU level of choice. */
import { expect } from 'vitest';
import { pack } from '../dist/executors/packing.js';
import type { Call, TypedArray } from '../dist/kernels/call.js';
import { constructorOf, type Dtype, dtypeNumber, dtypeOf } from '../dist/kernels/dtype.js';
import { nativeState } from '../dist/native.js';

export const state = nativeState();
export const binding = state.binding as NonNullable<typeof state.binding>;

const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5e-324,
  -1e-310,
  1e308,
  4503599627370497,
  2 ** 31,
  -(2 ** 31),
  2 ** 32 + 5,
  255,
  127.5,
];

/** Numbers of all kinds, the same in every run. */
export function fill(data: TypedArray, seed: number): void {
  let state32 = seed * 2654435761 + 12345;
  const next = () => {
    state32 = (Math.imul(state32, 1664525) + 1013904223) | 0;
    return state32 >>> 0;
  };
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array)
      data[i] = next() % 5 === 0 ? BigInt(next() % 7) - 3n : (BigInt(next()) << 32n) | BigInt(next());
    else if (data instanceof Float32Array || data instanceof Float64Array)
      data[i] = next() % 6 === 0 ? special[next() % special.length] : (next() / 2 ** 32 - 0.5) * 10 ** ((next() % 7) - 2);
    else data[i] = next() % 4 === 0 ? next() % 5 : next();
  }
}

/** An array that begins `offset` elements into its buffer. */
export function arrayOf(dtype: Dtype, length: number, offset: number, shared: boolean, seed: number): TypedArray {
  const Type = constructorOf(dtype);
  const bytes = (length + offset + 3) * Type.BYTES_PER_ELEMENT;
  const data = new Type(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes), offset * Type.BYTES_PER_ELEMENT, length);
  fill(data, seed);
  return data;
}

export function runAt(isa: string, call: Call): void {
  if (call.phases.length === 0) return;
  const { description, arrays } = pack(binding, [call]);
  // The description holds the number of the kernel for the level in use; the level wanted has its own.
  const copy = description.slice();
  copy[4] = binding.find(isa, call.kernel, dtypeNumber(dtypeOf(call.views[0].data)));
  expect(copy[4], `${call.kernel} at ${isa}`).toBeGreaterThanOrEqual(0);
  binding.run(copy, arrays);
}
