/** A pool's side for ordinary functions: its workers, and jobs that they run. */

import type { BrokenPoolError } from '../errors';
import { typeError } from '../errors';
import { WorkerCrew } from '../executors/crew';
import { startProcess } from '../executors/process';
import { startThread } from '../executors/thread';
import { workerFile } from '../executors/worker-file';
import { shipFunction } from '../functions';
import { isTypedArray } from '../kernels/dtype';
import { packNumbers } from '../worker/item-packing';
import { ApplyJob } from './apply-job';
import { type BatchWork, defaultChunksize, runBatchJob, runImapChunk } from './function-jobs';
import type { ImapSource } from './imap';
import { Job, type JobOwner } from './job';
import { argumentsOf } from './kernel-jobs';
import type { CheckedJobOptions, PoolOptions } from './options';
import type { PoolStats, WorkerInfo } from './types';

export type BatchMode = 'map' | 'star' | 'settle';

/** The workers of pools that nobody holds any more are ended with them. */
const forgotten = new FinalizationRegistry<WorkerCrew>((crew) => crew.terminate());

export class FunctionSide {
  readonly #owner: JobOwner;
  readonly #crew: WorkerCrew;
  readonly #workers: number;
  readonly #kind: 'process' | 'thread';

  /** @throws FunctionNotShippableError for the initializer and the finalizer; BootstrapError in a bundle */
  constructor(owner: JobOwner, options: PoolOptions & { processes: number }, kind: 'process' | 'thread', broken: (error: BrokenPoolError) => void) {
    const { initializer, initArgs, finalizer, maxTasksPerChild, onWorkerDeath, env, execArgv } = options;
    this.#owner = owner;
    this.#workers = options.processes;
    this.#kind = kind;
    // Where it throws, nothing is captured, started or broken.
    workerFile();
    this.#crew = new WorkerCrew({
      where: kind,
      start: kind === 'process' ? startProcess : startThread,
      count: options.processes,
      setup: {
        ...(initializer && { initializer: shipFunction(initializer, kind), initArgs: initArgs ?? [] }),
        ...(finalizer && { finalizer: shipFunction(finalizer, kind) }),
      },
      maxTasksPerChild,
      onWorkerDeath,
      env,
      execArgv,
      broken,
    });
    forgotten.register(owner, this.#crew, this);
  }

  stats(): Pick<PoolStats, 'tasksDone' | 'workersStarted' | 'workersLost' | 'workers'> {
    return { ...this.#crew.counts, workers: this.workers };
  }

  get workers(): readonly WorkerInfo[] {
    return this.#crew.members.map(({ pid, name, alive, tasksDone }) => ({ pid, name, alive, tasksDone }));
  }

  apply(fn: Function, args: readonly unknown[], options: CheckedJobOptions): Job<unknown> {
    checkOut(options);
    const remote = this.#crew.remote(shipFunction(fn, this.#kind));
    const job = new ApplyJob(this.#owner, options, remote, args);
    this.#crew.submit(job);
    return job;
  }

  batch(fn: Function, items: Iterable<unknown> | AsyncIterable<unknown>, options: CheckedJobOptions, mode: BatchMode): Job<unknown> {
    if (!(Symbol.asyncIterator in items)) {
      // A copy: what the user does to the list afterwards is no business of the workers. Numbers are packed by the way.
      const list = Array.isArray(items)
        ? (packNumbers(items, 0, items.length) ?? items.slice())
        : isTypedArray(items)
          ? (items as unknown as ArrayLike<unknown>)
          : [...(items as Iterable<unknown>)];
      const work = this.#work(fn, list, options, mode, 0, nameOfItem);
      const job = new Job<unknown>(this.#owner, options, list.length);
      runBatchJob(job, this.#crew, work, (results) => results);
      return job;
    }
    // The length of an async iterable is known only when it has been read.
    const work = this.#work(fn, [], options, mode, 0, nameOfItem);
    const job = new Job<unknown>(this.#owner, options, null);
    void collect(items, job).then(
      (list) => {
        if (job.ready) return;
        const chunksize = options.chunksize ?? defaultChunksize(list.length, this.#workers);
        runBatchJob(job, this.#crew, { ...work, items: mode === 'star' ? list.map(argumentsOf) : list, chunksize }, (results) => results);
      },
      (error) => job.reject(error),
    );
    return job;
  }

  imap(fn: Function, options: CheckedJobOptions): Pick<ImapSource, 'run' | 'stop'> {
    const template = this.#work(fn, [], options, 'settle', 0, nameOfItem);
    const running = new Set<{ cancel(reason: unknown): void }>();
    return {
      run: (items, firstIndex) => runImapChunk(this.#crew, { ...template, items, firstIndex, chunksize: items.length }, running),
      stop(reason) {
        for (const part of [...running]) part.cancel(reason);
      },
    };
  }

  #work(
    fn: Function,
    items: ArrayLike<unknown>,
    options: CheckedJobOptions,
    mode: BatchMode,
    firstIndex: number,
    nameOf: (index: number) => string,
  ): BatchWork {
    checkOut(options);
    return {
      fn: this.#crew.remote(shipFunction(fn, this.#kind)),
      items: mode === 'star' ? Array.from(items, argumentsOf) : items,
      chunksize: options.chunksize ?? defaultChunksize(items.length, this.#workers),
      star: mode === 'star',
      settle: mode === 'settle',
      firstIndex,
      options,
      nameOf,
    };
  }

  explain(fn: Function, items: unknown): string {
    const length = (items as ArrayLike<unknown>).length ?? [...(items as Iterable<unknown>)].length;
    const chunksize = defaultChunksize(length, this.#workers);
    const chunks = Math.ceil(length / chunksize);
    const { kind, name } = shipFunction(fn, this.#kind);
    const how = kind === 'module' ? 'found by its module' : 'sent as source with the variables it uses';
    return `${name || 'the function'}: in ${this.#workers} worker ${this.#kind === 'process' ? 'processes' : 'threads'}, ${length} items in ${chunks} chunks of ${chunksize}: an ordinary function, ${how}`;
  }

  close(): void {
    this.#crew.close();
  }

  terminate(): void {
    forgotten.unregister(this);
    this.#crew.terminate();
  }

  ended(): Promise<void> {
    return this.#crew.ended();
  }
}

function nameOfItem(index: number): string {
  return `items[${index}]`;
}

async function collect(items: AsyncIterable<unknown>, job: Job<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) {
    if (job.ready) break;
    list.push(item);
  }
  return list;
}

function checkOut({ out }: CheckedJobOptions): void {
  if (out !== undefined) throw typeError('out goes with kernels; a function answers its own results: leave out');
}
