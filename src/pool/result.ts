/** What the `*Async` methods answer at once: a handle to a result that is still being worked on. */
import { type Job, waitFor } from './job';
import type { WaitOptions } from './options';

/** A result in the making. Awaiting it is `get()`; a failure that nobody looks at crashes nothing. */
export class AsyncResult<R> implements PromiseLike<R> {
  readonly #job: Job<R>;

  /** @internal */
  constructor(job: Job<R>) {
    this.#job = job;
  }

  /** The result. @throws TimeoutError when it isn't there in time (the job goes on), or the job's error. */
  get(options?: WaitOptions): Promise<R> {
    return waitFor(this.#job.promise, options, 'the result');
  }

  /** Waits until the result is ready, or time is up; never rejects for a failed job. */
  async wait(options?: WaitOptions): Promise<void> {
    const ended = this.#job.promise.then(
      () => undefined,
      () => undefined,
    );
    await waitFor(ended, options, 'the result').catch((error) => {
      if ((error as { code?: string }).code !== 'ERR_EVERYCORE_TIMEOUT') throw error;
    });
  }

  /** True when the job has ended, well or not. */
  ready(): boolean {
    return this.#job.ready;
  }

  /** True when the job ended well. @throws NotReadyError before it has ended. */
  successful(): boolean {
    return this.#job.successful;
  }

  /** Stops the job: it rejects with the reason. False when it had ended already. */
  cancel(reason?: unknown): boolean {
    return this.#job.cancel(reason);
  }

  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#job.promise.then(onFulfilled, onRejected);
  }
}
