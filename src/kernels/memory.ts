/**
 * Memory for results. Fresh pages of the operating system cost more than most kernels do, so large
 * results come from memory that is used again: when a result is garbage, its pages serve the next one.
 */
import { constants } from 'node:buffer';
import { nativeState } from '../native';
import type { TypedArray } from './call';

/** From here on recycled pages are worth their bookkeeping; below, V8's own allocator is as fast. */
const recycleBytesMin = 1 << 17;

/** False once the runtime has refused external memory (Electron does). */
let recycles = true;

/** Answers a buffer of at least so many bytes, which `fresh` makes, or undefined to leave it to others. */
export type BufferSource = (bytes: number, fresh: (bytes: number) => ArrayBuffer) => ArrayBuffer | undefined;

let bufferSource: BufferSource | undefined;

/** Runs something that doesn't wait; what it allocates comes from `source`. */
export function allocatingFrom<R>(source: BufferSource, body: () => R): R {
  const before = bufferSource;
  bufferSource = source;
  try {
    return body();
  } finally {
    bufferSource = before;
  }
}

/** Results up to this size share a buffer when many are made at once: a buffer costs more than such a result. */
const sharedBytesMax = 4096;
const slabBytes = 1 << 16;
/** Pieces of a slab begin on cache lines, so that two threads never write one. */
const lineBytes = 64;

let slab: { buffer: ArrayBuffer; used: number } | undefined;

/** Runs something that doesn't wait; small results that it allocates share buffers. */
export function allocatingTogether<R>(body: () => R): R {
  const before = slab;
  slab = { buffer: new ArrayBuffer(slabBytes), used: 0 };
  try {
    return body();
  } finally {
    slab = before;
  }
}

/** Where the next piece of the slab begins. */
function takePiece(bytes: number, from: { buffer: ArrayBuffer; used: number }): number {
  if (from.used + bytes > slabBytes) {
    from.buffer = new ArrayBuffer(slabBytes);
    from.used = 0;
  }
  const at = from.used;
  from.used += Math.ceil(bytes / lineBytes) * lineBytes;
  return at;
}

/** A typed array whose contents are undefined: every element must be written before anybody reads it. */
export function allocate<T extends TypedArray>(type: new (length: number) => T, length: number): T {
  const Type = type as unknown as { BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, offset: number, length: number): T };
  const bytes = length * Type.BYTES_PER_ELEMENT;
  const own = bufferSource?.(bytes, freshBuffer);
  if (own !== undefined) return new Type(own, 0, length);
  if (slab !== undefined && bytes <= sharedBytesMax) {
    const at = takePiece(bytes, slab);
    return new Type(slab.buffer, at, length);
  }
  return bytes >= recycleBytesMin ? new Type(freshBuffer(bytes), 0, length) : new type(length);
}

/** Another array's numbers in memory of their own, which is not cleared before where that can be had. */
export function allocateCopy<T extends TypedArray>(type: new (from: T) => T, from: T): T {
  if (bufferSource === undefined && slab === undefined && from.byteLength < recycleBytesMin) return new type(from);
  const copy = allocate(type as unknown as new (length: number) => T, from.length);
  copy.set(from as never);
  return copy;
}

/** For how long memory that nobody uses is kept: longer than a program's pauses between two of its computations. */
const keptMs = 5000;

let watched = false;

/** Memory is being taken: from now on what nobody has used for long goes back to the system, until nothing is left. */
export function watchMemory(): void {
  if (watched) return;
  watched = true;
  const timer = setInterval(() => {
    if (nativeState().binding?.trim(keptMs)) return;
    clearInterval(timer);
    watched = false;
  }, keptMs).unref();
}

/** Nothing refers to it any more: its memory need not wait for the collector to find that out. */
export function discard(buffer: ArrayBuffer): void {
  nativeState().binding?.discard(buffer);
}

function freshBuffer(bytes: number): ArrayBuffer {
  // Node refuses longer buffers over foreign memory than this; V8 makes longer ones of its own.
  if (recycles && bytes >= recycleBytesMin && bytes <= constants.MAX_LENGTH) {
    watchMemory();
    const buffer = nativeState().binding?.allocate(bytes, firstOfTurn());
    if (buffer) return buffer;
    if (buffer === null) recycles = false;
    else usedUp = true;
  }
  return new ArrayBuffer(bytes);
}

let turning = false;
let usedUp = false;

/** True when the event loop has to turn before results that are garbage serve the next ones. */
export function needsTurn(): boolean {
  return usedUp;
}

/** True once in every turn of the event loop. */
function firstOfTurn(): boolean {
  if (turning) return false;
  turning = true;
  setImmediate(() => {
    turning = false;
    usedUp = false;
  }).unref();
  return true;
}
