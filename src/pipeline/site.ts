/** Where and under which conditions an item runs: threads, cancelling, memory; and running calls there. */
import { compute } from '../executors/inline';
import type { NativeThreads, RunningJob } from '../executors/native';
import { kernelNumber } from '../executors/packing';
import { runChain } from '../image/codec/vips';
import type { Call } from '../kernels/call';
import { native } from '../native';
import { plan } from '../pool/plan';
import type { FileStore, FrameStore, UnseenMemory } from './frames';

/** Less work than this is done at once on the JavaScript thread: handing it over would take as long. */
const hereNs = 20_000;

/** Lets in only so much at a time; whoever wants more waits, unless he is alone. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Answers how to leave again. */
  async enter(amount: number): Promise<() => void> {
    while (this.#used > 0 && this.#used + amount > this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#used += amount;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#used -= amount;
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }
}

/** What the items of one job share. */
export interface Site {
  /** Undefined where there is no native binary. */
  readonly threads: NativeThreads | undefined;
  readonly workers: number;
  /** Bytes of pictures that are worked on. */
  readonly memory: Gate;
  readonly frames: FrameStore;
  readonly files: FileStore;
  readonly unseen: UnseenMemory;
  /** Items that are being worked on. */
  active: number;
  /** Names of files that are being or have been written. */
  readonly names: Set<string>;
  /** Writing that has begun: it ends, or takes away what it left, before a cancelled job settles. */
  readonly writing: Set<Promise<unknown>>;
}

/** Runs a kernel's call: whole on one thread, or split where there are more threads than items. */
export async function runCall<R>(call: Call<R>, site: Site, signal: AbortSignal): Promise<R> {
  signal.throwIfAborted();
  const cost = call.phases.reduce((sum, phase) => sum + phase.units * phase.cost, 0);
  const binding = native();
  const isNative = binding !== null && call.phases.length > 0 && kernelNumber(binding, call.kernel, call.views[0].data) >= 0;
  if (!isNative || site.threads === undefined || cost < hereNs) {
    compute(call);
    return call.finish();
  }
  const planned = site.active < site.workers ? plan({ calls: [call.phases], workers: site.workers }) : undefined;
  await stoppable(planned?.mode === 'split' ? site.threads.run([call], planned) : runChain([call], site.threads), signal);
  return call.finish();
}

/** Waits for the end of native work; stops it when the signal says so. */
export async function stoppable(job: RunningJob, signal: AbortSignal): Promise<void> {
  const stop = () => job.cancel();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await job.settled;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}
