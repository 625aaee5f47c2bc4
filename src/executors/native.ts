/**
 * The native threads of one pool: started at the first job that needs them, ended with the pool. Hands
 * planned jobs over and tells of their end; knows no kernel and no user.
 */
import type { Call, TypedArray } from '../kernels/call';
import { watchMemory } from '../kernels/memory';
import type { NativeBinding } from '../native';
import type { Plan } from '../pool/plan';
import { pack } from './packing';

/** Threads of pools that nobody holds any more are ended with them. */
const forgotten = new FinalizationRegistry<() => void>((close) => close());

/** Room for the jobs of one pool in a job's number: unique in this environment, as the pool's is. */
const jobsPerPool = 2 ** 32;

export interface RunningJob {
  /** 'cancelled' when it was stopped before its end. */
  readonly settled: Promise<'done' | 'cancelled'>;
  /** False when the buffer of one of its arrays was transferred away since. */
  intact(): boolean;
  cancel(): void;
  /** Whole calls, or units of split calls, that are done. */
  progress(): number;
}

export class NativeThreads {
  readonly #binding: NativeBinding;
  readonly #count: number;
  #pool: number | undefined;
  #jobs = 0;

  constructor(binding: NativeBinding, count: number) {
    this.#binding = binding;
    this.#count = count;
  }

  /** @throws when not one thread can be started. */
  run(calls: readonly Call[], { phases }: Pick<Plan, 'phases'>): RunningJob {
    const pool = this.#open();
    const job = pool * jobsPerPool + ++this.#jobs;
    const { description, arrays } = pack(this.#binding, calls, phases);
    const length = lengthOf(arrays);
    watchMemory(); // of results between phases, and of what threads put by
    return {
      settled: this.#binding.submit(pool, job, description, arrays),
      intact: () => lengthOf(arrays) === length,
      // These two hold on to the threads as long as anybody holds on to the job.
      cancel: () => this.#binding.cancel(job),
      progress: () => this.#binding.progress(job),
    };
  }

  #open(): number {
    if (this.#pool === undefined) {
      const binding = this.#binding;
      const pool = binding.openPool(this.#count);
      this.#pool = pool;
      forgotten.register(this, () => binding.closePool(pool), this);
    }
    return this.#pool;
  }

  /** Ends the threads; what still runs is cancelled. */
  close(): void {
    if (this.#pool === undefined) return;
    forgotten.unregister(this);
    this.#binding.closePool(this.#pool);
    this.#pool = undefined;
  }
}

/** Elements of all arrays together: less than before when a buffer was detached. */
function lengthOf(arrays: readonly TypedArray[]): number {
  let length = 0;
  for (const array of arrays) length += array.length;
  return length;
}
