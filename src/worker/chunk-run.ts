/** One chunk in its worker: item by item, with a look at the clock now and then. */
import { performance } from 'node:perf_hooks';
import { ChunkFlags } from './protocol';

export type AnyFunction = (...args: unknown[]) => unknown;

export interface Chunk {
  /** The number of its first item, counted from the worker's first. */
  readonly start: number;
  readonly fn: number;
  readonly flags: number;
  readonly items: ArrayLike<unknown>;
}

/** Where results go. */
export interface Results {
  /** The item with this number starts. */
  start(number: number, timed: boolean): void;
  /** Values [from, to); answers the error when one cannot travel, and sends none then. */
  results(start: number, values: ArrayLike<unknown>, from: number, to: number): unknown;
  failed(start: number, error: unknown): void;
  done(start: number, ms: number): void;
  /** Sends what is there, if the last message is longer ago than this. */
  flushIfDue(now: number, after?: number): void;
  /** Something may wait for a long time now: what is there goes out when the event loop turns. */
  flushSoon(run: ChunkRun): void;
  /** Lets the pool see what was handed over and not sent. */
  show(): void;
}

/** How many short items may pass between two looks at the clock. */
const longestStride = 64;

/** One chunk, item by item. */
export class ChunkRun {
  readonly #to: Results;
  readonly #chunk: Chunk;
  readonly #fn: AnyFunction;
  readonly #star: boolean;
  readonly #timed: boolean;
  readonly #startedAt = performance.now();
  /** Numbers as long as all results are numbers. */
  #numbers: Float64Array | undefined;
  #values: unknown[] = [];
  /** Results so far, and how many of them were sent. */
  #count = 0;
  #sent = 0;
  #at = 0;
  #checkAt = 0;
  #stride = 1;
  #checkedAt = this.#startedAt;
  #handedAt = this.#startedAt;
  #stopped = false;

  constructor(to: Results, chunk: Chunk, fn: AnyFunction) {
    this.#to = to;
    this.#chunk = chunk;
    this.#fn = fn;
    this.#star = (chunk.flags & ChunkFlags.star) !== 0;
    this.#timed = (chunk.flags & ChunkFlags.timed) !== 0;
    if (chunk.items.length >= 64) this.#numbers = new Float64Array(chunk.items.length);
  }

  run(): void | Promise<void> {
    const { items, start } = this.#chunk;
    while (this.#at < items.length && !this.#stopped) {
      const i = this.#at++;
      this.#to.start(start + i, this.#timed);
      let result: unknown;
      try {
        result = this.#star ? this.#fn(...(items[i] as unknown[])) : this.#fn(items[i]);
        // A thenable is whatever has a method named then.
        if (typeof result === 'object' && result !== null && typeof (result as PromiseLike<unknown>).then === 'function') {
          return this.#wait(result as PromiseLike<unknown>);
        }
      } catch (error) {
        this.#fail(error);
        continue;
      }
      this.#keep(result);
      if (i >= this.#checkAt) this.#look(i);
    }
    this.#finish();
    return undefined;
  }

  async #wait(result: PromiseLike<unknown>): Promise<void> {
    this.#to.flushSoon(this);
    try {
      this.#keep(await result);
    } catch (error) {
      this.#fail(error);
    }
    this.#look(this.#at);
    return this.run();
  }

  #keep(result: unknown): void {
    const numbers = this.#numbers;
    if (numbers !== undefined) {
      if (typeof result === 'number') {
        numbers[this.#count++] = result;
        return;
      }
      this.#values = Array.from(numbers.subarray(0, this.#count));
      this.#numbers = undefined;
    }
    this.#values.push(result);
    this.#count++;
  }

  /** Looks at the clock: results of long work don't wait for the end of the chunk. */
  #look(i: number): void {
    const now = performance.now();
    const elapsed = now - this.#checkedAt;
    this.#stride = elapsed < 0.05 ? Math.min(2 * this.#stride, longestStride) : elapsed > 1 ? 1 : this.#stride;
    this.#checkAt = i + this.#stride;
    this.#checkedAt = now;
    if (this.#timed || now - this.#handedAt > 1) {
      this.#handedAt = now;
      this.handOver();
      this.#to.flushIfDue(now, this.#timed ? 0.2 : 10);
    }
  }

  /** The pool can see the results so far, whatever comes next. */
  handOver(): void {
    if (this.#stopped || this.#count === this.#sent || this.#at >= this.#chunk.items.length) return;
    this.#send();
    this.#to.show();
  }

  #fail(error: unknown): void {
    this.#send();
    if (this.#stopped) return;
    this.#to.failed(this.#chunk.start, error);
    if ((this.#chunk.flags & ChunkFlags.settle) === 0) this.#stopped = true;
  }

  /** Hands over the results that were not sent; one that cannot travel is the failure of its item. */
  #send(): void {
    const { start, flags } = this.#chunk;
    while (this.#sent < this.#count) {
      const whole = this.#numbers !== undefined && this.#sent === 0 && this.#count === this.#numbers.length;
      const values: ArrayLike<unknown> = this.#numbers ?? this.#values;
      const error = this.#to.results(start, values, this.#sent, whole ? values.length : this.#count);
      if (error === undefined) {
        this.#sent = this.#count;
        return;
      }
      const at = (error as { at?: number }).at ?? this.#sent;
      if (at > this.#sent) this.#to.results(start, values, this.#sent, at);
      this.#to.failed(start, error);
      this.#sent = at + 1;
      if ((flags & ChunkFlags.settle) === 0) {
        this.#stopped = true;
        return;
      }
    }
  }

  #finish(): void {
    if (!this.#stopped) this.#send();
    const now = performance.now();
    this.#to.done(this.#chunk.start, now - this.#startedAt);
    this.#to.flushIfDue(now);
  }
}
