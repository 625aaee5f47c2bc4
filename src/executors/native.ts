/**
 * The native threads of one pool: started at the first job that needs them, ended with the pool. Hands
 * planned jobs over and tells of their end; knows no kernel and no user.
 */
import type { Call } from '../kernels/call';
import type { NativeBinding } from '../native';
import type { Plan } from '../pool/plan';
import { pack } from './packing';

/** Threads of pools that nobody holds any more are ended with them. */
const forgotten = new FinalizationRegistry<() => void>((close) => close());

/** Job numbers are unique in this environment: the native side finds jobs by them. */
let lastJob = 0;

export interface RunningJob {
  /** 'cancelled' when it was stopped before its end. */
  readonly settled: Promise<'done' | 'cancelled'>;
  cancel(): void;
  /** Whole calls, or units of split calls, that are done. */
  progress(): number;
}

export class NativeThreads {
  readonly #binding: NativeBinding;
  readonly #count: number;
  #pool: number | undefined;

  constructor(binding: NativeBinding, count: number) {
    this.#binding = binding;
    this.#count = count;
  }

  /** @throws when not one thread can be started. */
  run(calls: readonly Call[], plan: Plan): RunningJob {
    const binding = this.#binding;
    const { description, arrays } = pack(binding, calls, plan.phases);
    const job = ++lastJob;
    const settled = binding.submit(this.#open(), job, description, arrays);
    return { settled, cancel: () => binding.cancel(job), progress: () => binding.progress(job) };
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
