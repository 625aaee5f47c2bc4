/** Typed arrays and their kin, whoever made them. */
import { Refusal } from './refusal';

/** @throws Refusal */
export function bytesOf(value: ArrayBufferView | ArrayBuffer, buffer: ArrayBufferLike): Uint8Array {
  try {
    return new Uint8Array(buffer, 'buffer' in value ? value.byteOffset : 0, value.byteLength);
  } catch (error) {
    throw new Refusal(value, 'is on a detached buffer: its memory was transferred away', undefined, error);
  }
}

export function isSharedBuffer(value: object): value is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;
}

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (this: unknown) => string;

/** The built-in class of a view, also of one that a subclass made. */
export function viewName(value: ArrayBufferView): string {
  return tagOf.call(value) ?? 'DataView';
}
