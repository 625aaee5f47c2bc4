/**
 * A job: one call of a pool's method, from its acceptance until it settles - exactly once. Holds what
 * all kinds of jobs have in common: the signal, progress reports, callbacks, and who waits for it.
 */
import { NotReadyError, TimeoutError } from '../errors';
import { type CheckedJobOptions, checkWaitOptions, type Progress, type WaitOptions } from './options';

/** What a job needs to know of its pool. */
export interface JobOwner {
  readonly pending: Set<Job<unknown>>;
  /** Called after a job has left `pending`. */
  settled(ok: boolean): void;
}

/** At most 60 reports a second. */
const progressMs = 17;

export class Job<R> {
  readonly options: CheckedJobOptions;
  /** How many items it has; null until an iterable has been read. */
  total: number | null;
  done = 0;
  failed = 0;
  /** Set by the executor: stops the work, then makes the job fail with the reason. */
  onCancel: ((reason: unknown) => void) | undefined;
  /** Set by jobs that hold back until somebody takes their results: from now on they don't. */
  onDrain: (() => void) | undefined;
  /** Set by executors whose progress has to be asked for. */
  pollDone: (() => number) | undefined;

  readonly #owner: JobOwner;
  readonly #startedAt: number;
  /** Made when somebody asks for it: a failure that nobody looks at is no unhandled rejection. */
  #promise: Promise<R> | undefined;
  #settle: { resolve: (value: R) => void; reject: (error: unknown) => void } | undefined;
  #outcome: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  /** The result, or the error. */
  #answer: unknown;
  #cancelled = false;
  #timer: NodeJS.Timeout | undefined;
  #lastReport = Number.NEGATIVE_INFINITY;
  #onAbort: (() => void) | undefined;

  constructor(owner: JobOwner, options: CheckedJobOptions, total: number | null) {
    this.#owner = owner;
    this.options = options;
    this.total = total;
    this.#startedAt = options.onProgress ? performance.now() : 0;
    owner.pending.add(this as Job<unknown>);
    if (options.signal) {
      this.#onAbort = () => this.cancel(options.signal?.reason);
      options.signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  get promise(): Promise<R> {
    if (this.#promise === undefined) {
      if (this.#outcome === 'fulfilled') this.#promise = Promise.resolve(this.#answer as R);
      else if (this.#outcome === 'rejected') this.#promise = Promise.reject(this.#answer);
      else {
        this.#promise = new Promise<R>((resolve, reject) => {
          this.#settle = { resolve, reject };
        });
      }
    }
    return this.#promise;
  }

  /** True when the user hears of it before or beside the promise. */
  get watched(): boolean {
    const { onProgress, callback, errorCallback } = this.options;
    return onProgress !== undefined || callback !== undefined || errorCallback !== undefined;
  }

  get ready(): boolean {
    return this.#outcome !== 'pending';
  }

  get successful(): boolean {
    if (this.#outcome === 'pending') throw new NotReadyError('the result is not ready yet');
    return this.#outcome === 'fulfilled';
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Starts asking for progress, if anybody wants to know. */
  watchProgress(): void {
    if (!this.options.onProgress || !this.pollDone) return;
    this.#timer = setInterval(() => {
      this.done = Math.max(this.done, this.pollDone?.() ?? 0);
      this.reportProgress();
    }, progressMs);
    this.#timer.unref();
  }

  /** Tells the user how far the job is, unless that was told a moment ago. */
  reportProgress(last = false): void {
    const { onProgress } = this.options;
    if (!onProgress || (this.#outcome !== 'pending' && !last)) return;
    const now = performance.now();
    if (!last && now - this.#lastReport < progressMs) return;
    this.#lastReport = now;
    const elapsedMs = now - this.#startedAt;
    const finished = this.done + this.failed;
    const etaMs = this.total === null || finished === 0 ? null : (elapsedMs / finished) * (this.total - finished);
    const report: Progress = { done: this.done, failed: this.failed, total: this.total, elapsedMs, etaMs };
    try {
      onProgress(report);
    } catch (error) {
      if (last) throw error;
      this.cancel(error);
    }
  }

  resolve(value: R): void {
    if (this.ready) return;
    try {
      this.done = this.total === null ? this.done : this.total - this.failed;
      this.#end();
      this.options.callback?.(value);
    } catch (error) {
      this.#reject(error);
      return;
    }
    this.#outcome = 'fulfilled';
    this.#answer = value;
    this.#settle?.resolve(value);
    this.#leave(true);
  }

  reject(error: unknown): void {
    if (this.ready) return;
    try {
      this.#end();
      this.options.errorCallback?.(error);
    } catch (thrown) {
      this.#reject(thrown);
      return;
    }
    this.#reject(error);
  }

  /** False when it is too late. Queued work is dropped, running work is stopped. */
  cancel(reason?: unknown): boolean {
    if (this.ready || this.#cancelled) return false;
    this.#cancelled = true;
    const why = reason ?? new DOMException('This operation was aborted', 'AbortError');
    if (this.onCancel) this.onCancel(why);
    else this.reject(why);
    return true;
  }

  #reject(error: unknown): void {
    this.#outcome = 'rejected';
    this.#answer = error;
    this.#settle?.reject(error);
    this.#leave(false);
  }

  /** Stops watching and makes the last report. */
  #end(): void {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#onAbort) this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.reportProgress(true);
  }

  #leave(ok: boolean): void {
    this.#owner.pending.delete(this as Job<unknown>);
    this.#owner.settled(ok);
  }
}

/** Waits for a promise as long as the options allow. */
export function waitFor<T>(promise: Promise<T>, given: unknown, what: string): Promise<T> {
  let options: WaitOptions;
  try {
    options = checkWaitOptions(given);
  } catch (error) {
    return Promise.reject(error);
  }
  const { timeout, signal } = options;
  if (timeout === undefined && signal === undefined) return promise.then((value) => value);
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      finish();
      reject(signal?.reason);
    };
    const onTimeout = () => {
      finish();
      reject(new TimeoutError(`${what} took longer than ${timeout} ms`));
    };
    const timer = timeout === undefined || timeout === Infinity ? undefined : setTimeout(onTimeout, Math.min(timeout, 2 ** 31 - 1));
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(finish);
  });
}
