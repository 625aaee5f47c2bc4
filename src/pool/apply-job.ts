/** One call of an ordinary function: job, queue entry and chunk in one small object, because there may be a million of them. */
import type { Chunk, ChunkOwner, RemoteFunction, Source } from '../executors/chunks';
import type { WorkerCrew } from '../executors/crew';
import { ChunkFlags } from '../worker/protocol';
import { Job, type JobOwner } from './job';
import { withIndex } from './kernel-jobs';
import type { CheckedJobOptions } from './options';

export class ApplyJob extends Job<unknown> implements ChunkOwner, Source, Chunk {
  readonly fn: RemoteFunction;
  attempt = 0;
  from = 0;
  received = 0;
  start = 0;
  expectedUs = 0;

  readonly #crew: WorkerCrew;
  readonly #args: readonly unknown[];

  constructor(owner: JobOwner, options: CheckedJobOptions, crew: WorkerCrew, fn: RemoteFunction, args: readonly unknown[]) {
    super(owner, options, 1);
    this.#crew = crew;
    this.fn = fn;
    this.#args = args;
  }

  get owner(): this {
    return this;
  }

  get flags(): number {
    return ChunkFlags.star;
  }

  get items(): readonly unknown[] {
    return [this.#args];
  }

  get to(): number {
    return 1;
  }

  get offset(): number {
    return 0;
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

  next(): this {
    return this;
  }

  /** One call is one chunk. */
  get exhausted(): boolean {
    return true;
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

  lost(_chunk: Chunk, _indices: readonly number[], error: unknown): void {
    if (this.attempt >= this.options.retries) this.failed(0, error);
  }

  ended(): void {
    if (this.ready) {
      this.#crew.release(this.fn);
      return;
    }
    // It was lost with its worker, and may be tried again.
    this.attempt++;
    this.from = 0;
    this.#crew.retry(this);
  }

  broken(error: unknown): void {
    this.reject(error);
  }

  protected override stop(reason: unknown): void {
    this.reject(reason);
    this.#crew.cancel(this);
  }
}
