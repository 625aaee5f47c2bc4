/**
 * Memory of the pictures of pipelines, which is used again from item to item and from job to job: an item gives back
 * at once what no later step needs, instead of leaving it to the garbage collector, which would come much too late.
 */
import { isTypedArray } from '../kernels/dtype';
import { allocate, allocatingFrom, type BufferSource, discard } from '../kernels/memory';

/** Smaller arrays are V8's own business. */
const bytesMin = 1 << 20;

/** The least that is taken for a file. */
const fileBytesMin = 1 << 16;

/** A buffer serves for less than it holds, but not for much less. */
const wasteMax = 1.5;

/** The buffers that items pass on to each other. */
export class FrameStore {
  #free: ArrayBuffer[] = [];

  take(bytes: number): ArrayBuffer | undefined {
    let best = -1;
    this.#free.forEach(({ byteLength }, i) => {
      const fits = byteLength >= bytes && byteLength <= wasteMax * bytes;
      if (fits && (best < 0 || byteLength < this.#free[best].byteLength)) best = i;
    });
    return best < 0 ? undefined : this.#free.splice(best, 1)[0];
  }

  give(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
    // The oldest go first: sizes change from folder to folder.
    if (this.#free.length > 8) discard(this.#free.shift() as ArrayBuffer);
  }

  clear(): void {
    for (const buffer of this.#free.splice(0)) discard(buffer);
  }
}

/**
 * Memory of the files, each of which is read whole: a few buffers that grow to the largest file. Left
 * to the garbage collector, the files of a whole batch could be in memory at once.
 */
export class FileStore {
  readonly #free: ArrayBuffer[] = [];

  take(bytes: number): ArrayBuffer {
    const fits = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    if (fits >= 0) return this.#free.splice(fits, 1)[0];
    const tooSmall = this.#free.pop();
    if (tooSmall !== undefined) discard(tooSmall);
    // Some room, so that slightly larger files don't each need new memory.
    return allocate(Uint8Array, Math.max(fileBytesMin, Math.ceil(bytes * 1.25))).buffer as ArrayBuffer;
  }

  give(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
  }

  clear(): void {
    for (const buffer of this.#free.splice(0)) discard(buffer);
  }
}

/** Memory that stands for pictures which are never held: nobody reads or writes it, so the system never provides it. */
export class UnseenMemory {
  #buffer = new ArrayBuffer(0);

  take(bytes: number): ArrayBuffer {
    if (this.#buffer.byteLength < bytes) this.#buffer = new ArrayBuffer(bytes);
    return this.#buffer;
  }
}

/** Large arrays are there for their size alone. */
export function unheldFrom(unseen: UnseenMemory): BufferSource {
  return (bytes) => (bytes < bytesMin ? undefined : unseen.take(bytes));
}

/** Where all jobs of this thread take from. */
export const stores = { frames: new FrameStore(), files: new FileStore(), unseen: new UnseenMemory() };

/** So long after the last job the stores are emptied: the next one often follows at once. */
const idleMs = 1000;

let idle: NodeJS.Timeout | undefined;

/** To be called when a job has ended. */
export function restStores(): void {
  clearTimeout(idle);
  idle = setTimeout(() => {
    stores.frames.clear();
    stores.files.clear();
  }, idleMs);
  idle.unref();
}

/** The buffers of one item. */
export class Frames {
  readonly #store: FrameStore;
  readonly #own = new Set<ArrayBufferLike>();

  constructor(store: FrameStore) {
    this.#store = store;
  }

  /** Runs something that makes calls or images; large arrays for their results are ours. */
  during<R>(body: () => R): R {
    return allocatingFrom((bytes, fresh) => {
      if (bytes < bytesMin) return undefined;
      const buffer = this.#store.take(bytes) ?? fresh(bytes);
      this.#own.add(buffer);
      return buffer;
    }, body);
  }

  /** Nobody looks at `value` any more, but perhaps at `next`, which may lie in the same memory. */
  release(value: unknown, next: unknown): void {
    const kept = new Set<ArrayBufferLike>();
    eachBuffer(next, (buffer) => kept.add(buffer));
    eachBuffer(value, (buffer) => {
      if (!kept.has(buffer) && this.#own.delete(buffer)) this.#store.give(buffer as ArrayBuffer);
    });
  }

  /** Somebody else holds this from now on. */
  giveAway(value: unknown): void {
    eachBuffer(value, (buffer) => this.#own.delete(buffer));
  }

  /** The item is done: everything but its answer is given back. */
  end(answer: unknown): void {
    this.giveAway(answer);
    for (const buffer of this.#own) this.#store.give(buffer as ArrayBuffer);
    this.#own.clear();
  }
}

/** Finds the buffers below typed arrays, in Images, arrays and objects too. */
function eachBuffer(value: unknown, found: (buffer: ArrayBufferLike) => void, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > 8) return;
  if (isTypedArray(value)) found(value.buffer);
  else if (value instanceof ArrayBuffer) found(value);
  else for (const each of Object.values(value)) eachBuffer(each, found, depth + 1);
}
