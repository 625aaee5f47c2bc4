/**
 * imap and imapUnordered: results as they are consumed, from any iterable, with bounded read-ahead.
 * An iterator of its own rather than an async generator, because a generator ends at its first throw
 * and this one goes on after an item's error.
 */
import { type Job, waitFor } from './job';
import type { WaitOptions } from './options';

/** Async iterator over a job's results; usable after an item's error. */
export interface IMapIterator<R> extends AsyncIterableIterator<R> {
  /** The next result. @throws TimeoutError when it isn't there in time (it is not lost), or the item's error. */
  next(options?: WaitOptions): Promise<IteratorResult<R, undefined>>;
  /** Ends the iteration: what is not done is cancelled. */
  return(): Promise<IteratorResult<R, undefined>>;
  [Symbol.asyncIterator](): IMapIterator<R>;
}

export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export interface ImapSource {
  readonly items: Iterable<unknown> | AsyncIterable<unknown>;
  readonly chunksize: number;
  /** Items read ahead of the one waited for, at the most. */
  readonly bufferSize: number;
  readonly ordered: boolean;
  /** Runs one chunk; every item has an outcome, errors of single items among them. */
  run(items: readonly unknown[], firstIndex: number): Promise<readonly Outcome[]>;
  /** Stops the chunks that run. */
  stop(reason: unknown): void;
}

interface Waiter {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

const done: IteratorResult<unknown, undefined> = { done: true, value: undefined };

export class ImapRun implements IMapIterator<unknown> {
  readonly #source: ImapSource;
  readonly #job: Job<void>;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #waiters: Waiter[] = [];
  readonly #finishedChunks = new Map<number, readonly Outcome[]>();
  #ready: Outcome[] = [];
  #bufferSize: number;
  #chunks = 0; // handed out
  #nextChunk = 0; // the next one whose results may be delivered, when they go in order
  #running = 0;
  #items = 0; // read from the source
  #delivered = 0;
  #sourceEnded = false;
  #pumping = false;
  #failure: { readonly reason: unknown } | undefined;
  #closed = false;

  constructor(source: ImapSource, job: Job<void>) {
    this.#source = source;
    this.#job = job;
    this.#bufferSize = source.bufferSize;
    const { items } = source;
    this.#iterator =
      Symbol.asyncIterator in items ? (items as AsyncIterable<unknown>)[Symbol.asyncIterator]() : (items as Iterable<unknown>)[Symbol.iterator]();
    job.onCancel = (reason) => this.#fail(reason);
    job.onDrain = () => {
      this.#bufferSize = Infinity;
      void this.#pump();
    };
    void this.#pump();
  }

  next(options?: WaitOptions): Promise<IteratorResult<unknown, undefined>> {
    const bare = options === undefined || (options.timeout === undefined && options.signal === undefined);
    if (bare) return new Promise((resolve, reject) => this.#wait({ resolve, reject }));
    let waiter!: Waiter;
    const promise = new Promise<IteratorResult<unknown, undefined>>((resolve, reject) => {
      waiter = { resolve, reject };
    });
    this.#wait(waiter);
    return waitFor(promise, options, 'the next result').catch((error) => {
      // Nobody waits with this one any more: the result stays for the next call.
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
      throw error;
    });
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#closed = true;
    this.#stopSource();
    if (!this.#job.ready) {
      this.#source.stop(new DOMException('the iteration was ended', 'AbortError'));
      this.#job.resolve();
    }
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(done);
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
    this.#deliver();
  }

  #deliver(): void {
    let taken = 0;
    while (this.#waiters.length > 0 && taken < this.#ready.length) {
      const outcome = this.#ready[taken++];
      this.#delivered++;
      const waiter = this.#waiters.shift() as Waiter;
      if (outcome.ok) waiter.resolve({ done: false, value: outcome.value });
      else waiter.reject(outcome.error);
    }
    if (taken > 0) this.#ready = this.#ready.slice(taken);
    if (this.#waiters.length > 0) {
      if (this.#closed || (this.#ready.length === 0 && this.#finished())) {
        for (const waiter of this.#waiters.splice(0)) waiter.resolve(done);
      } else if (this.#failure) {
        for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure.reason);
      }
    }
    if (taken > 0) void this.#pump();
  }

  #finished(): boolean {
    return this.#sourceEnded && this.#running === 0 && !this.#pumping;
  }

  /** Reads chunks and hands them out while there is room ahead of the consumer. */
  async #pump(): Promise<void> {
    if (this.#pumping || this.#sourceEnded || this.#closed || this.#failure) return;
    this.#pumping = true;
    try {
      while (!this.#sourceEnded && !this.#closed && !this.#failure && this.#items - this.#delivered < this.#bufferSize) {
        const chunk: unknown[] = [];
        const error = await this.#read(chunk);
        if (this.#closed || this.#failure) break;
        if (chunk.length > 0) this.#hand(chunk);
        if (error) this.#arrive(this.#chunks++, [{ ok: false, error: error.value }], 1);
      }
    } finally {
      this.#pumping = false;
    }
    this.#settleIfFinished();
    this.#deliver();
  }

  /** Fills a chunk; an error of the source comes after the items before it, and ends it. */
  async #read(chunk: unknown[]): Promise<{ value: unknown } | undefined> {
    try {
      while (chunk.length < this.#source.chunksize) {
        const step = this.#iterator.next();
        const { done: ended, value } = isPromise(step) ? await step : step;
        if (ended) {
          this.#sourceEnded = true;
          break;
        }
        chunk.push(value);
      }
      return undefined;
    } catch (error) {
      this.#sourceEnded = true;
      return { value: error };
    }
  }

  #hand(chunk: readonly unknown[]): void {
    const index = this.#chunks++;
    const firstIndex = this.#items;
    this.#items += chunk.length;
    this.#running++;
    this.#source.run(chunk, firstIndex).then(
      (outcomes) => this.#end(index, outcomes),
      (error) =>
        this.#end(
          index,
          chunk.map(() => ({ ok: false, error })),
        ),
    );
  }

  #end(index: number, outcomes: readonly Outcome[]): void {
    this.#running--;
    if (this.#closed || this.#failure) return;
    const { reports } = this.#job;
    if (reports) for (const { ok } of outcomes) reports.add(ok);
    this.#arrive(index, outcomes, 0);
    this.#settleIfFinished();
    this.#deliver();
  }

  #arrive(index: number, outcomes: readonly Outcome[], extraItems: number): void {
    this.#items += extraItems;
    if (!this.#source.ordered) {
      this.#ready.push(...outcomes);
      return;
    }
    this.#finishedChunks.set(index, outcomes);
    for (let next = this.#finishedChunks.get(this.#nextChunk); next !== undefined; next = this.#finishedChunks.get(this.#nextChunk)) {
      this.#finishedChunks.delete(this.#nextChunk++);
      this.#ready.push(...next);
    }
  }

  #settleIfFinished(): void {
    if (!this.#finished() || this.#job.ready) return;
    this.#job.reports?.complete();
    this.#job.resolve();
  }

  #fail(reason: unknown): void {
    this.#failure = { reason };
    this.#ready = [];
    this.#finishedChunks.clear();
    this.#stopSource();
    this.#source.stop(reason);
    this.#job.reject(reason);
    this.#deliver();
  }

  #stopSource(): void {
    if (this.#sourceEnded) return;
    this.#sourceEnded = true;
    const ended = this.#iterator.return?.();
    if (isPromise(ended)) ended.catch(() => undefined);
  }
}

function isPromise<T>(value: T | Promise<T> | PromiseLike<T> | undefined): value is Promise<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function';
}
