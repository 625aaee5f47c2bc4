/**
 * Memory for results. Fresh pages of the operating system cost more than most kernels do, so large
 * results come from memory that is used again: when a result is garbage, its pages serve the next one.
 */
import { nativeState } from '../native';
import type { TypedArray } from './call';

/** From here on recycled pages are worth their bookkeeping; below, V8's own allocator is as fast. */
const recycleBytesMin = 1 << 20;

/** False once the runtime has refused external memory (Electron does). */
let recycles = true;

/** A typed array whose contents are undefined: every element must be written before anybody reads it. */
export function allocate<T extends TypedArray>(type: new (length: number) => T, length: number): T {
  const constructor = type as unknown as { BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, offset: number, length: number): T };
  const bytes = length * constructor.BYTES_PER_ELEMENT;
  if (recycles && bytes >= recycleBytesMin) {
    const buffer = nativeState().binding?.allocate(bytes);
    if (buffer) return new constructor(buffer, 0, length);
    recycles = buffer === undefined ? recycles : false;
  }
  return new type(length);
}
