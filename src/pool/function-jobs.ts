/**
 * Jobs whose function is an ordinary one: items are cut into chunks when a worker has room for them,
 * results come back in any order and are put in theirs.
 */
import type { Chunk, ChunkOwner, RemoteFunction, Source } from '../executors/chunks';
import type { WorkerCrew } from '../executors/crew';
import { ChunkFlags } from '../worker/protocol';
import type { Outcome } from './imap';
import type { Job } from './job';
import { withIndex } from './kernel-jobs';
import type { CheckedJobOptions } from './options';

/** Python's rule: four chunks a worker. */
export function defaultChunksize(items: number, workers: number): number {
  return Math.max(1, Math.ceil(items / (4 * workers)));
}

export interface BatchWork {
  readonly fn: RemoteFunction;
  readonly items: ArrayLike<unknown>;
  readonly chunksize: number;
  /** Items are lists of arguments. */
  readonly star: boolean;
  /** Errors are outcomes of their items. */
  readonly settle: boolean;
  /** Position of the first item in the user's input. */
  readonly firstIndex: number;
  readonly options: Pick<CheckedJobOptions, 'taskTimeout' | 'retries' | 'transfer'>;
  /** How messages call an item. */
  nameOf(index: number): string;
}

/** What a batch tells of itself. */
export interface BatchEvents {
  progress(done: number, failed: number): void;
  /** All results, in order. */
  resolve(results: unknown[]): void;
  reject(error: unknown): void;
}

/** One list of items on its way through the workers. */
export class Batch implements ChunkOwner, Source {
  readonly owner = this;
  readonly taskTimeout: number | undefined;
  readonly transfer: readonly ArrayBuffer[] | undefined;
  stopped = false;

  readonly #crew: WorkerCrew;
  readonly #work: BatchWork;
  readonly #events: BatchEvents;
  readonly #results: unknown[];
  #handedOut = 0;
  /** Chunks that are somewhere. */
  #open = 0;
  #done = 0;
  #failed = 0;
  #failure: { readonly index: number; readonly error: unknown } | undefined;
  #settled = false;

  constructor(crew: WorkerCrew, work: BatchWork, events: BatchEvents) {
    this.#crew = crew;
    this.#work = work;
    this.#events = events;
    this.taskTimeout = work.options.taskTimeout;
    this.transfer = work.options.transfer;
    this.#results = new Array(work.items.length);
  }

  start(): void {
    if (this.#work.items.length === 0) this.#finish();
    else this.#crew.submit(this);
  }

  next(): Chunk | undefined {
    const { items, chunksize } = this.#work;
    if (this.exhausted) return undefined;
    const from = this.#handedOut;
    this.#handedOut = Math.min(items.length, from + chunksize);
    return this.#chunk(from, this.#handedOut, 0);
  }

  get exhausted(): boolean {
    return this.#failure !== undefined || this.#handedOut >= this.#work.items.length;
  }

  #chunk(from: number, to: number, attempt: number): Chunk {
    const { fn, items, firstIndex, star, settle } = this.#work;
    this.#open++;
    const flags = (star ? ChunkFlags.star : 0) | (settle ? ChunkFlags.settle : 0);
    return { owner: this, fn, flags, items, from, to, offset: firstIndex, attempt, received: 0, start: 0, expectedUs: 0 };
  }

  nameOf(index: number): string {
    return this.#work.nameOf(index);
  }

  results(index: number, values: ArrayLike<unknown>): void {
    const { length } = values;
    const at = index - this.#work.firstIndex;
    const results = this.#results;
    if (this.#work.settle) {
      for (let i = 0; i < length; i++) results[at + i] = { status: 'fulfilled', value: values[i] };
    } else {
      for (let i = 0; i < length; i++) results[at + i] = values[i];
    }
    this.#done += length;
    this.#events.progress(this.#done, this.#failed);
  }

  failed(index: number, error: unknown): void {
    const reason = withIndex(error, index);
    this.#failed++;
    if (this.#work.settle) this.#results[index - this.#work.firstIndex] = { status: 'rejected', reason };
    else if (this.#failure === undefined || index < this.#failure.index) this.#failure = { index, error: reason };
    this.#events.progress(this.#done, this.#failed);
  }

  split(): void {
    this.#open++;
  }

  lost(chunk: Chunk, indices: readonly number[], error: unknown): void {
    const { firstIndex, options, settle } = this.#work;
    if (chunk.attempt < options.retries) {
      // One by one, so that only the guilty item is lost the next time.
      for (const index of indices) this.#crew.retry(this.#chunk(index - firstIndex, index - firstIndex + 1, chunk.attempt + 1));
      return;
    }
    for (const index of settle ? indices : indices.slice(0, 1)) this.failed(index, error);
  }

  ended(): void {
    this.#open--;
    if (this.#open > 0) return;
    if (this.exhausted) this.#finish();
  }

  #finish(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.stopped = true;
    this.#crew.release(this.#work.fn);
    if (this.#failure !== undefined) this.#events.reject(this.#failure.error);
    else this.#events.resolve(this.#results);
  }

  broken(error: unknown): void {
    if (this.#settled) return;
    if (!this.#work.settle) {
      this.cancel(error);
      return;
    }
    for (let i = 0; i < this.#results.length; i++) {
      if (!(i in this.#results)) this.#results[i] = { status: 'rejected', reason: error };
    }
    this.#failed = this.#results.length - this.#done;
    this.#finish();
  }

  /** Queued items are dropped, running ones stopped; the batch rejects at once. */
  cancel(reason: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.stopped = true;
    this.#crew.cancel(this);
    this.#crew.release(this.#work.fn);
    this.#events.reject(reason);
  }
}

/** Runs a batch as a job that the user sees. */
export function runBatchJob<R>(job: Job<R>, crew: WorkerCrew, work: BatchWork, toAnswer: (results: unknown[]) => R): void {
  job.reports?.expect(work.items.length);
  const batch = new Batch(crew, work, {
    progress: (done, failed) => job.reports?.set(done, failed),
    resolve: (results) => job.resolve(toAnswer(results)),
    reject: (error) => job.reject(error),
  });
  job.onCancel = (reason) => batch.cancel(reason);
  batch.start();
}

/** Runs one chunk of an imap. */
export function runImapChunk(crew: WorkerCrew, work: BatchWork, running: Set<{ cancel(reason: unknown): void }>): Promise<readonly Outcome[]> {
  return new Promise((resolve, reject) => {
    const leave = () => running.delete(batch);
    const batch = new Batch(crew, work, {
      progress: () => undefined,
      resolve(results) {
        leave();
        resolve(
          (results as PromiseSettledResult<unknown>[]).map((one) =>
            one.status === 'fulfilled' ? { ok: true, value: one.value } : { ok: false, error: one.reason },
          ),
        );
      },
      reject(error) {
        leave();
        reject(error);
      },
    });
    running.add(batch);
    batch.start();
  });
}
