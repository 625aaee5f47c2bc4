/** One call of an ordinary function: job and queue entry in one small object, because there may be a million of them. */
import type { Chunk, ChunkOwner, RemoteFunction, Source } from '../executors/chunks';
import { ChunkFlags } from '../worker/protocol';
import { Job, type JobOwner } from './job';
import { withIndex } from './kernel-jobs';
import type { CheckedJobOptions } from './options';

export class ApplyJob extends Job<unknown> implements ChunkOwner, Source {
  readonly #fn: RemoteFunction;
  readonly #args: readonly unknown[];

  constructor(owner: JobOwner, options: CheckedJobOptions, fn: RemoteFunction, args: readonly unknown[]) {
    super(owner, options, 1);
    this.#fn = fn;
    this.#args = args;
  }

  get owner(): this {
    return this;
  }

  get taskTimeout(): number | undefined {
    return this.options.taskTimeout;
  }

  get transfer(): readonly ArrayBuffer[] | undefined {
    return this.options.transfer;
  }

  get stopped(): boolean {
    return this.ready;
  }

  /** One call is one chunk. */
  get exhausted(): boolean {
    return true;
  }

  next(attempt = 0): Chunk {
    const items = [this.#args];
    return { owner: this, fn: this.#fn, flags: ChunkFlags.star, items, from: 0, to: 1, offset: 0, attempt, received: 0, start: 0, expectedUs: 0 };
  }

  nameOf(): string {
    return 'args';
  }

  results(_index: number, values: ArrayLike<unknown>): void {
    this.resolve(values[0]);
  }

  failed(_index: number, error: unknown): void {
    this.reports?.add(false);
    this.reject(withIndex(error, 0));
  }

  /** One item has no parts. */
  split(): void {}

  lost({ attempt }: Chunk, _indices: readonly number[], error: unknown): void {
    if (attempt < this.options.retries) this.#fn.crew.retry(this.next(attempt + 1));
    else this.failed(0, error);
  }

  ended(): void {
    if (this.ready) this.#fn.crew.release(this.#fn);
  }

  broken(error: unknown): void {
    this.reject(error);
  }

  protected override stop(reason: unknown): void {
    this.reject(reason);
    this.#fn.crew.cancel(this);
  }
}
