/** What a pool's workers run: chunks of items of one function, and who is told of their results. */
import type { ShippedFunction } from '../functions';
import type { WorkerCrew } from './crew';

/** A function as the workers of one crew know it. */
export interface RemoteFunction {
  readonly crew: Pick<WorkerCrew, 'retry' | 'release' | 'cancel'>;
  readonly number: number;
  readonly shipped: ShippedFunction;
  /** Milliseconds that one item took of late; Infinity as long as nobody knows. */
  itemMs: number;
}

export interface Chunk {
  readonly owner: ChunkOwner;
  readonly fn: RemoteFunction;
  /** ChunkFlags of the protocol. */
  readonly flags: number;
  readonly items: ArrayLike<unknown>;
  /** Items [from, to) of the list; what a dead worker had not started is the rest of it. */
  from: number;
  readonly to: number;
  /** Position of `items[0]` in the user's input. */
  readonly offset: number;
  /** How often its items were tried before. */
  readonly attempt: number;
  /** Results so far. */
  received: number;
  /** The worker's number of the first item. */
  start: number;
  /** Microseconds that the worker is thought to take for it; whole ones, which need no memory of their own. */
  expectedUs: number;
}

/** Who gave the chunk away: a job. */
export interface ChunkOwner {
  /** Milliseconds an item may take. */
  readonly taskTimeout?: number;
  readonly transfer?: readonly ArrayBuffer[];
  /** True when nothing of it needs to be run any more. */
  readonly stopped: boolean;
  /** Results of the items from `index` on (positions in the user's input). */
  results(index: number, values: ArrayLike<unknown>): void;
  failed(index: number, error: unknown): void;
  /** A chunk was cut in two: one more will end. */
  split(chunk: Chunk): void;
  /** Items that went with their worker. */
  lost(chunk: Chunk, indices: readonly number[], error: unknown): void;
  /** Nothing more comes of this chunk. */
  ended(chunk: Chunk): void;
  /** The workers give up: nothing more comes at all. */
  broken(error: unknown): void;
  /** How messages call the item. */
  nameOf(index: number): string;
}

/** Work in the queue: chunks are made when a worker has room. */
export interface Source {
  readonly owner: ChunkOwner;
  next(): Chunk | undefined;
  /** True when the next chunk was the last one. */
  readonly exhausted: boolean;
}

/** First in, first out, whatever its length. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get last(): T | undefined {
    return this.length > 0 ? this.#items[this.#items.length - 1] : undefined;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1 << 14 && 2 * this.#head > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  pop(): T | undefined {
    return this.length > 0 ? this.#items.pop() : undefined;
  }

  /** Puts items before all others, in their order. */
  unshift(items: readonly T[]): void {
    if (items.length > 0) this.#items = [...items, ...this.drain()];
  }

  drain(): T[] {
    const all = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return all;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
