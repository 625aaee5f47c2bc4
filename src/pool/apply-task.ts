/** One call of an ordinary function: job's end, queue entry and chunk in one small object, because there may be a million of them. */
import type { Chunk, ChunkOwner, RemoteFunction, Source } from '../executors/chunks';
import type { WorkerCrew } from '../executors/crew';
import { ChunkFlags } from '../worker/protocol';
import type { Job } from './job';
import { withIndex } from './kernel-jobs';

export class ApplyTask implements ChunkOwner, Source, Chunk {
  readonly fn: RemoteFunction;
  readonly items: readonly unknown[];
  attempt = 0;
  from = 0;
  received = 0;
  start = 0;
  expectedMs = 0;

  readonly #crew: WorkerCrew;
  readonly #job: Job<unknown>;
  #handedOut = false;
  #tryAgain = false;

  constructor(crew: WorkerCrew, job: Job<unknown>, fn: RemoteFunction, args: readonly unknown[]) {
    this.#crew = crew;
    this.#job = job;
    this.fn = fn;
    this.items = [args];
  }

  get owner(): this {
    return this;
  }

  get flags(): number {
    return ChunkFlags.star;
  }

  get to(): number {
    return 1;
  }

  get offset(): number {
    return 0;
  }

  get taskTimeout(): number | undefined {
    return this.#job.options.taskTimeout;
  }

  get transfer(): readonly ArrayBuffer[] | undefined {
    return this.#job.options.transfer;
  }

  get stopped(): boolean {
    return this.#job.ready;
  }

  next(): Chunk | undefined {
    if (this.#handedOut) return undefined;
    this.#handedOut = true;
    return this;
  }

  nameOf(): string {
    return 'args';
  }

  results(_index: number, values: ArrayLike<unknown>): void {
    this.#job.resolve(values[0]);
  }

  failed(_index: number, error: unknown): void {
    this.#job.failed = 1;
    this.#job.reject(withIndex(error, 0));
  }

  /** One item has no parts. */
  split(): void {}

  lost(_chunk: Chunk, _indices: readonly number[], error: unknown): void {
    if (this.attempt < this.#job.options.retries) this.#tryAgain = true;
    else this.failed(0, error);
  }

  ended(): void {
    if (this.#tryAgain) {
      this.#tryAgain = false;
      this.attempt++;
      this.from = 0;
      this.#crew.retry(this);
      return;
    }
    this.#crew.release(this.fn);
  }

  broken(error: unknown): void {
    this.#job.reject(error);
  }

  cancel(reason: unknown): void {
    this.#job.reject(reason);
    this.#crew.cancel(this);
  }
}
