/**
 * A job: one call of a pool's method, from its acceptance until it settles - exactly once. Holds what
 * all kinds of jobs have in common: the signal, progress reports, callbacks, and who waits for it.
 */
import { NotReadyError, TimeoutError } from '../errors';
import { type CheckedJobOptions, checkWaitOptions, type WaitOptions } from './options';
import { ProgressReports } from './progress-reports';

/** What a job needs to know of its pool. */
export interface JobOwner {
  readonly pending: Set<Job<unknown>>;
  /** Called after a job has left `pending`. */
  settled(ok: boolean): void;
}

export class Job<R> {
  readonly options: CheckedJobOptions;
  /** Who is told how far it is; only where somebody wants to know, as with the two below: there may be a million jobs. */
  declare readonly reports?: ProgressReports;
  /** Set by executors: stops the work, then makes the job fail with the reason. */
  declare onCancel?: (reason: unknown) => void;
  /** Set by jobs that hold back until somebody takes their results: from now on they don't. */
  declare onDrain?: () => void;

  readonly #owner: JobOwner;
  /** Made when somebody asks for it: a failure that nobody looks at is no unhandled rejection. */
  #asked: Deferred<R> | undefined;
  #state: 'pending' | 'cancelled' | 'fulfilled' | 'rejected' = 'pending';
  /** The result, or the error. */
  #answer: unknown;

  /** @param total How many items it has; null until an iterable has been read. */
  constructor(owner: JobOwner, options: CheckedJobOptions, total: number | null) {
    this.#owner = owner;
    this.options = options;
    owner.pending.add(this as Job<unknown>);
    if (options.onProgress) this.reports = new ProgressReports(options.onProgress, total, (error) => this.cancel(error));
    options.signal?.addEventListener('abort', this);
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.cancel(this.options.signal?.reason);
  }

  get promise(): Promise<R> {
    if (this.#asked === undefined) {
      this.#asked = deferred();
      if (this.#state === 'fulfilled') this.#asked.resolve(this.#answer as R);
      else if (this.#state === 'rejected') this.#asked.reject(this.#answer);
    }
    return this.#asked.promise;
  }

  /** True when the user hears of it before or beside the promise. */
  get watched(): boolean {
    const { onProgress, callback, errorCallback } = this.options;
    return onProgress !== undefined || callback !== undefined || errorCallback !== undefined;
  }

  get ready(): boolean {
    return this.#state === 'fulfilled' || this.#state === 'rejected';
  }

  get successful(): boolean {
    if (!this.ready) throw new NotReadyError('the result is not ready yet');
    return this.#state === 'fulfilled';
  }

  /** True from a cancelling until the job has settled. */
  get cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  resolve(value: R): void {
    if (this.ready) return;
    try {
      this.end(true);
      this.options.callback?.(value);
    } catch (error) {
      this.rejectNow(error);
      return;
    }
    this.#state = 'fulfilled';
    this.#answer = value;
    this.#asked?.resolve(value);
    this.leave(true);
  }

  reject(error: unknown): void {
    if (this.ready) return;
    try {
      this.end(false);
      this.options.errorCallback?.(error);
    } catch (thrown) {
      this.rejectNow(thrown);
      return;
    }
    this.rejectNow(error);
  }

  /** False when it is too late. Queued work is dropped, running work is stopped. */
  cancel(reason?: unknown): boolean {
    if (this.#state !== 'pending') return false;
    this.#state = 'cancelled';
    this.stop(reason ?? new DOMException('This operation was aborted', 'AbortError'));
    return true;
  }

  /** Stops the work, and makes the job fail with the reason. */
  protected stop(reason: unknown): void {
    if (this.onCancel) this.onCancel(reason);
    else this.reject(reason);
  }

  // Without #: private methods would take a word of every job.
  private rejectNow(error: unknown): void {
    this.#state = 'rejected';
    this.#answer = error;
    this.#asked?.reject(error);
    this.leave(false);
  }

  /** Stops watching and makes the last report. */
  private end(ok: boolean): void {
    this.options.signal?.removeEventListener('abort', this);
    this.reports?.end(ok);
  }

  private leave(ok: boolean): void {
    this.#owner.pending.delete(this as Job<unknown>);
    this.#owner.settled(ok);
  }
}

interface Deferred<R> {
  readonly promise: Promise<R>;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<R>(): Deferred<R> {
  let settle!: Omit<Deferred<R>, 'promise'>;
  const promise = new Promise<R>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: settle.resolve, reject: settle.reject };
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
