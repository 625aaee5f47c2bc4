/**
 * Pool: Python's multiprocessing.Pool for kernels and functions.
 *
 *  user call ─> pool/pool.ts ─> pool/plan.ts ─> executors/* ─────────────> pool/result.ts ─> answer
 *               checks, defaults  pure: who, which  who runs a chunk        order, assemble,
 *                                 chunks            │                        AsyncResult, imap
 *                                                   ├─ inline    this thread (small work, no addon)
 *                                                   ├─ native    native/ C++ threads ─> kernel
 *                                                   ├─ process   worker/main.ts in a child process
 *                                                   └─ thread    worker/main.ts in a worker thread
 */
import { BrokenPoolError, PoolClosedError, PoolTerminatedError, StateError, typeError } from '../errors';
import { NativeThreads } from '../executors/native';
import { isTypedArray } from '../kernels/dtype';
import { type Declaration, declarationOf } from '../kernels/kernel';
import { native } from '../native';
import type { PipelineData } from '../pipeline/data';
import { pipelineOf } from '../pipeline/recognize';
import type { BatchMode, FunctionSide } from './function-side';
import { type IMapIterator, ImapRun, type ImapSource, type Outcome } from './imap';
import { checkIterable, collect, functionOrThrow, type Items } from './items';
import { Job, type JobOwner, waitFor } from './job';
import { applyWork, type KernelWork, mapWork, planCalls, runKernelJob, settledWork, starmapWork } from './kernel-jobs';
import { type CheckedJobOptions, checkJobOptions, checkPipelineOptions, checkPoolOptions, type PoolOptions, type WaitOptions } from './options';
import type { PipelinePlace } from './pipeline-jobs';
import { AsyncResult } from './result';
import type { PoolMethods, PoolStats, WorkerInfo } from './types';

export type PoolState = 'RUN' | 'CLOSE' | 'TERMINATE' | 'BROKEN';

// biome-ignore lint/suspicious/noExplicitAny: the signatures users see are those of PoolMethods
type Any = any;

/** Looked up late: a program that runs kernels alone loads neither workers nor pipelines. */
const functionSide = () => require('./function-side') as typeof import('./function-side');
const pipelineJobs = () => require('./pipeline-jobs') as typeof import('./pipeline-jobs');

class PoolClass implements JobOwner {
  readonly processes: number;
  /** @internal */
  readonly pending = new Set<Job<unknown>>();

  readonly #name: string;
  #state: PoolState = 'RUN';
  #broken: unknown;
  #native: NativeThreads | undefined;
  #functionSide: FunctionSide | undefined;
  readonly #makeFunctionSide: () => FunctionSide;
  #idle: (() => void)[] = [];
  readonly #counts = { completed: 0, failed: 0, inline: 0, split: 0, items: 0 };

  constructor(options?: number | PoolOptions) {
    const checked = checkPoolOptions(options, this.workerKind === 'thread' ? 'ThreadPool' : 'Pool');
    this.processes = checked.processes;
    this.#name = checked.name ?? (this.workerKind === 'thread' ? 'ThreadPool' : 'Pool');
    this.#makeFunctionSide = () => new (functionSide().FunctionSide)(this, checked, this.workerKind, PoolClass.#breaker(new WeakRef(this)));
    // An initializer that can't travel is refused at once.
    if (checked.initializer ?? checked.finalizer) this.#functionSide = this.#makeFunctionSide();
  }

  /** @internal What runs ordinary functions. */
  protected get workerKind(): 'process' | 'thread' {
    return 'process';
  }

  /** What runs ordinary functions, made when the first one comes. */
  get #functions(): FunctionSide {
    this.#functionSide ??= this.#makeFunctionSide();
    return this.#functionSide;
  }

  get state(): PoolState {
    return this.#state;
  }

  /** Worker processes (threads of a ThreadPool) that are alive; native threads are not among them. */
  get workers(): readonly WorkerInfo[] {
    return this.#functionSide?.workers ?? [];
  }

  apply(fn: Any, args?: Any, options?: Any): Promise<Any> {
    return this.#promised(() => this.#apply(fn, args, options));
  }

  applyAsync(fn: Any, args?: Any, options?: Any): AsyncResult<Any> {
    return new AsyncResult(this.#apply(fn, args, options));
  }

  map(fn: Any, items: Any, options?: Any): Promise<Any> {
    return this.#promised(() => this.#batch(fn, items, options, 'map'));
  }

  mapAsync(fn: Any, items: Any, options?: Any): AsyncResult<Any> {
    return new AsyncResult(this.#batch(fn, items, options, 'map'));
  }

  starmap(fn: Any, items: Any, options?: Any): Promise<Any> {
    return this.#promised(() => this.#batch(fn, items, options, 'star'));
  }

  starmapAsync(fn: Any, items: Any, options?: Any): AsyncResult<Any> {
    return new AsyncResult(this.#batch(fn, items, options, 'star'));
  }

  mapSettled(fn: Any, items: Any, options?: Any): Promise<Any> {
    return this.#promised(() => this.#batch(fn, items, options, 'settle'));
  }

  imap(fn: Any, items: Any, options?: Any): IMapIterator<Any> {
    return this.#imap(fn, items, options, true);
  }

  imapUnordered(fn: Any, items: Any, options?: Any): IMapIterator<Any> {
    return this.#imap(fn, items, options, false);
  }

  /** Takes no more work; what was accepted is finished. */
  close(): void {
    if (this.#state !== 'RUN') return;
    this.#state = 'CLOSE';
    if (this.pending.size === 0) this.#release();
  }

  /** Stops all work at once: what is pending rejects with PoolTerminatedError. */
  async terminate(): Promise<void> {
    if (this.#state !== 'BROKEN') this.#state = 'TERMINATE';
    for (const job of [...this.pending]) {
      job.cancel(new PoolTerminatedError(`the pool was terminated with this work unfinished`));
    }
    await this.#whenIdle();
    this.#release();
    this.#functionSide?.terminate();
    await this.#functionSide?.ended();
  }

  /** Waits until all accepted work is done and the workers have ended; `close` or `terminate` come first. */
  async join(options?: WaitOptions): Promise<void> {
    if (this.#state === 'RUN') throw new StateError('the pool is still running: call close() or terminate() before join()');
    for (const job of this.pending) job.onDrain?.();
    const ended = this.#whenIdle().then(() => this.#functionSide?.ended());
    await waitFor(ended, options, 'the end of the pool');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  stats(): PoolStats {
    const { completed, failed, inline, split, items } = this.#counts;
    return {
      name: this.#name,
      processes: this.processes,
      completed,
      failed,
      pending: this.pending.size,
      kernels: { inline, split, items },
      ...(this.#functionSide?.stats() ?? { tasksDone: 0, workersStarted: 0, workersLost: 0, workers: [] }),
    };
  }

  /** Where this would run, in how many chunks, and why. */
  explain(fn: Any, items: Any): string {
    if (pipelineOf(fn) !== undefined) return `${(fn as { explain(): string }).explain()}\nitems: ${this.processes} at a time`;
    const kernel = declarationOf(fn);
    if (kernel === undefined) return this.#functions.explain(functionOrThrow(fn), items);
    const work = mapWork(kernel, isTypedArray(items) ? items : [...items], undefined);
    const calls = work.calls.filter((call) => call.phases.length > 0);
    return `${kernel.name}: ${planCalls(calls, this.processes).why()}`;
  }

  /** @internal */
  settled(ok: boolean): void {
    if (ok) this.#counts.completed++;
    else this.#counts.failed++;
    if (this.pending.size > 0) return;
    if (this.#state !== 'RUN') this.#release();
    for (const wake of this.#idle.splice(0)) wake();
  }

  #apply(fn: unknown, args: unknown = [], given?: unknown): Job<unknown> {
    this.#checkOpen();
    const options = checkJobOptions('apply', given);
    if (!Array.isArray(args)) throw typeError('apply takes the arguments as an array', args);
    const pipeline = this.#pipelineOf(fn, options);
    if (pipeline !== undefined) return pipelineJobs().startPipeline(this, pipeline, args.slice(0, 1), options, this.#place(), 'apply');
    const kernel = declarationOf(fn);
    const checked = kernel === undefined ? functionOrThrow(fn) : undefined;
    if (options.signal?.aborted) return this.#aborted(options);
    if (checked !== undefined || kernel === undefined) return this.#functions.apply(checked as Function, args, options);
    return this.#start(() => applyWork(kernel, args, options.out), options);
  }

  #batch(fn: unknown, items: unknown, given: unknown, mode: BatchMode): Job<unknown> {
    if (mode !== 'settle' || this.#state !== 'BROKEN') this.#checkOpen();
    const options = checkJobOptions('map', given);
    const pipeline = this.#pipelineOf(fn, options);
    if (pipeline !== undefined) return this.#pipelineBatch(pipeline, items, options, mode === 'settle' ? 'settle' : 'map');
    const kernel = declarationOf(fn);
    const checked = kernel === undefined ? functionOrThrow(fn) : fn;
    checkIterable(items);
    if (options.signal?.aborted) return this.#aborted(options);
    if (kernel === undefined) return this.#functions.batch(checked as Function, items, options, mode);
    const toWork = works[mode];
    if (Array.isArray(items) || isTypedArray(items)) return this.#start(() => toWork(kernel, items, options.out), options);
    if (!(Symbol.asyncIterator in items)) {
      const list = [...(items as Iterable<unknown>)];
      return this.#start(() => toWork(kernel, list, options.out), options);
    }
    // The length of an async iterable is known only when it has been read.
    const job = new Job<unknown>(this, options, null);
    void collect(items as AsyncIterable<unknown>, () => job.ready).then(
      (list) => {
        if (!job.ready) this.#run(job, () => toWork(kernel, list, options.out));
      },
      (error) => job.reject(error),
    );
    return job;
  }

  /** The data of a pipeline, undefined for other functions; checks the options that only pipelines have. */
  #pipelineOf(fn: unknown, options: CheckedJobOptions): PipelineData | undefined {
    const data = pipelineOf(fn);
    checkPipelineOptions(options, data !== undefined);
    return data;
  }

  #place(): PipelinePlace {
    return { threads: this.#threads(), workers: this.processes };
  }

  #pipelineBatch(data: PipelineData, items: unknown, options: CheckedJobOptions, mode: 'map' | 'settle'): Job<unknown> {
    checkIterable(items);
    if (options.signal?.aborted) return this.#aborted(options);
    return pipelineJobs().startPipelineBatch(this, data, items, options, this.#place(), mode);
  }

  /** The work is made before the job exists: wrong arguments disturb nothing. */
  #start(toWork: () => KernelWork, options: CheckedJobOptions): Job<unknown> {
    const work = toWork();
    const job = new Job<unknown>(this, options, work.total);
    this.#run(job, () => work);
    return job;
  }

  #run(job: Job<unknown>, toWork: () => KernelWork): void {
    try {
      const work = toWork();
      job.reports?.expect(work.total);
      this.#counts[runKernelJob(job, work, this.#threads(), this.processes)]++;
    } catch (error) {
      job.reject(error);
    }
  }

  #aborted(options: CheckedJobOptions): Job<unknown> {
    const job = new Job<unknown>(this, options, null);
    job.reject(options.signal?.reason);
    return job;
  }

  #imap(fn: unknown, items: unknown, given: unknown, ordered: boolean): IMapIterator<unknown> {
    this.#checkOpen();
    const options = checkJobOptions('imap', given);
    const pipeline = this.#pipelineOf(fn, options);
    const kernel = declarationOf(fn);
    const plain = pipeline === undefined && kernel === undefined ? functionOrThrow(fn) : undefined;
    checkIterable(items);
    const chunksize = options.chunksize ?? 1;
    const job = new Job<void>(this, options, null);
    const running = new Set<Job<unknown>>();
    const source: ImapSource = {
      items: items as Items,
      chunksize,
      bufferSize: options.bufferSize ?? 2 * this.processes * chunksize,
      ordered,
      run: (chunk, firstIndex) => this.#runChunk(kernel as Declaration, chunk, firstIndex, running),
      stop: (reason) => {
        for (const part of running) part.cancel(reason);
      },
      ...(plain && this.#functions.imap(plain, options)),
      ...(pipeline && pipelineJobs().pipelineSource(pipeline, options, this.#place())),
    };
    if (options.signal?.aborted) {
      const run = new ImapRun({ ...source, items: [] }, job);
      job.cancel(options.signal.reason);
      return run;
    }
    return new ImapRun(source, job);
  }

  /** One chunk of an imap, as a job that the user doesn't see. */
  async #runChunk(kernel: Declaration, chunk: readonly unknown[], firstIndex: number, running: Set<Job<unknown>>): Promise<readonly Outcome[]> {
    const hidden: JobOwner = { pending: running, settled: () => undefined };
    const work = settledWork(kernel, chunk, undefined, firstIndex);
    const job = new Job<PromiseSettledResult<unknown>[]>(hidden, { retries: 0 }, work.total);
    this.#counts[runKernelJob(job, work, this.#threads(), this.processes)]++;
    const outcomes = await job.promise;
    return outcomes.map(
      (outcome): Outcome => (outcome.status === 'fulfilled' ? { ok: true, value: outcome.value } : { ok: false, error: outcome.reason }),
    );
  }

  #threads(): NativeThreads | undefined {
    const binding = native();
    if (binding !== null) this.#native ??= new NativeThreads(binding, this.processes);
    return this.#native;
  }

  #release(): void {
    this.#native?.close();
    this.#native = undefined;
    this.#functionSide?.close();
  }

  /** The pool may be forgotten while its workers wait: nothing that they know may hold it, also not by a closure's scope. */
  static #breaker(pool: WeakRef<PoolClass>): (error: BrokenPoolError) => void {
    return (error) => {
      const held = pool.deref();
      if (held !== undefined) held.#break(error);
    };
  }

  #break(error: BrokenPoolError): void {
    if (this.#state !== 'TERMINATE') this.#state = 'BROKEN';
    this.#broken = error.cause;
  }

  #whenIdle(): Promise<void> {
    if (this.pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #checkOpen(): void {
    switch (this.#state) {
      case 'RUN':
        return;
      case 'CLOSE':
        throw new PoolClosedError('the pool is closed and takes no more work');
      case 'TERMINATE':
        throw new PoolTerminatedError('the pool was terminated and takes no more work');
      case 'BROKEN':
        throw new BrokenPoolError('the pool is broken and takes no more work', { cause: this.#broken });
    }
  }

  /** Errors of the call itself reject too: a promise is never half of the answer. */
  #promised(start: () => Job<unknown>): Promise<unknown> {
    try {
      return start().promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

const works: Record<BatchMode, (kernel: Declaration, items: Any, out: unknown) => KernelWork> = {
  map: mapWork,
  star: starmapWork,
  settle: settledWork,
};

/** A pool of workers: native threads for kernels, processes for functions. */
export interface Pool extends PoolMethods, AsyncDisposable {
  readonly processes: number;
  readonly state: PoolState;
}

class ThreadPoolClass extends PoolClass {
  protected override get workerKind(): 'thread' {
    return 'thread';
  }
}

export const Pool = PoolClass as unknown as { new (processes?: number | PoolOptions): Pool; readonly prototype: Pool };

/** The same pool with worker threads for ordinary functions: they start faster and share SharedArrayBuffers. */
export interface ThreadPool extends Pool {}

export const ThreadPool = ThreadPoolClass as unknown as { new (processes?: number | PoolOptions): ThreadPool; readonly prototype: ThreadPool };
