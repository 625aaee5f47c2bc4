/**
 * The signatures of Pool and ThreadPool: each method for pipelines, for kernels (whose families say what
 * they take and answer) and for ordinary functions; the first that fits decides what comes back. The
 * classes behind them take anything and check it.
 */
import type { TypedArray } from '../kernels/call';
import type { UnaryKernel } from '../kernels/elementwise';
import type { Answer, AnyKernel, Takes } from '../kernels/signature';
import type { Outcome } from '../kernels/types';
import type { PipelineSource } from '../pipeline/decode';
import type { PipelineCore } from '../pipeline/types';
import type { IMapIterator } from './imap';
import type { ImapOptions, JobOptions, KernelJobOptions, KernelMapOptions, MapOptions, PipelineJobOptions, WaitOptions } from './options';
import type { AsyncResult } from './result';

/** Items: anything that can be iterated, at once or with waiting. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

type ItemOf<S> = S extends Source<infer T> ? T : never;

/** An ordinary function: kernels with wrong arguments are not tried as one. */
type Plain<F> = F & { readonly kernelName?: never };

/** Arguments, with as many as are given. */
type Arguments = readonly unknown[] | [];

/** What S must be to be mapped by K: its items, or the array that they are the elements of, are what K takes. */
type Items<K extends AnyKernel, S> = Source<Takes<K, [ItemOf<S>]>[0]>;

/** What mapping K over S answers: an array for a typed array that K goes through element by element, else a list. */
type Mapped<K extends AnyKernel, S> = S extends TypedArray
  ? K extends UnaryKernel<infer _O extends Outcome, infer _I extends TypedArray>
    ? Answer<K, [S]>
    : Answer<K, [ItemOf<S>]>[]
  : Answer<K, [ItemOf<S>]>[];

export interface WorkerInfo {
  readonly pid: number;
  readonly name: string;
  readonly alive: boolean;
  readonly tasksDone: number;
}

export interface PoolStats {
  readonly name: string;
  readonly processes: number;
  /** Jobs that ended well, ended with an error, and have not ended. */
  readonly completed: number;
  readonly failed: number;
  readonly pending: number;
  /** Kernel jobs by where they ran: the calling thread, split over the threads, by whole items. */
  readonly kernels: { readonly inline: number; readonly split: number; readonly items: number };
  /** Items of ordinary functions that workers have answered, well or not, those that have ended since among them. */
  readonly tasksDone: number;
  /** Workers so far: with those that were replaced. */
  readonly workersStarted: number;
  /** Workers that ended without being asked to. */
  readonly workersLost: number;
  readonly workers: readonly WorkerInfo[];
}

export interface PoolMethods {
  /** Runs one call and answers its result; one large argument of a kernel is split over all cores. */
  apply<R>(fn: PipelineCore<R>, args: readonly [source: PipelineSource], options?: JobOptions<R> & PipelineJobOptions): Promise<R>;
  apply<K extends AnyKernel, A extends Arguments>(fn: K, args: A & Takes<K, A>, options?: KernelJobOptions<Answer<K, A>>): Promise<Answer<K, A>>;
  apply<R>(fn: Plain<() => R>, args?: readonly [], options?: JobOptions<Awaited<R>>): Promise<Awaited<R>>;
  apply<A extends readonly unknown[], R>(fn: Plain<(...args: A) => R>, args: A, options?: JobOptions<Awaited<R>>): Promise<Awaited<R>>;

  /** `apply` as a handle that is there at once. @throws PoolClosedError on a closed pool. */
  applyAsync<R>(fn: PipelineCore<R>, args: readonly [source: PipelineSource], options?: JobOptions<R> & PipelineJobOptions): AsyncResult<R>;
  applyAsync<K extends AnyKernel, A extends Arguments>(
    fn: K,
    args: A & Takes<K, A>,
    options?: KernelJobOptions<Answer<K, A>>,
  ): AsyncResult<Answer<K, A>>;
  applyAsync<R>(fn: Plain<() => R>, args?: readonly [], options?: JobOptions<Awaited<R>>): AsyncResult<Awaited<R>>;
  applyAsync<A extends readonly unknown[], R>(fn: Plain<(...args: A) => R>, args: A, options?: JobOptions<Awaited<R>>): AsyncResult<Awaited<R>>;

  /** Calls fn with each item and answers the results in the order of the items. */
  map<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (MapOptions<R[]> & PipelineJobOptions)): Promise<R[]>;
  map<K extends AnyKernel, S extends Source<unknown>>(
    fn: K,
    items: S & Items<K, S>,
    options?: number | KernelMapOptions<Mapped<K, S>>,
  ): Promise<Mapped<K, S>>;
  map<T, R>(fn: Plain<(item: T) => R>, items: Source<T>, options?: number | MapOptions<Awaited<R>[]>): Promise<Awaited<R>[]>;

  /** `map` as a handle that is there at once. */
  mapAsync<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (MapOptions<R[]> & PipelineJobOptions)): AsyncResult<R[]>;
  mapAsync<K extends AnyKernel, S extends Source<unknown>>(
    fn: K,
    items: S & Items<K, S>,
    options?: number | KernelMapOptions<Mapped<K, S>>,
  ): AsyncResult<Mapped<K, S>>;
  mapAsync<T, R>(fn: Plain<(item: T) => R>, items: Source<T>, options?: number | MapOptions<Awaited<R>[]>): AsyncResult<Awaited<R>[]>;

  /** `map` for functions of several arguments: each item is a list of them. */
  starmap<K extends AnyKernel, A extends Arguments>(
    fn: K,
    items: Source<A & Takes<K, A>>,
    options?: number | KernelMapOptions<Answer<K, A>[]>,
  ): Promise<Answer<K, A>[]>;
  starmap<A extends readonly unknown[], R>(
    fn: Plain<(...args: A) => R>,
    items: Source<A>,
    options?: number | MapOptions<Awaited<R>[]>,
  ): Promise<Awaited<R>[]>;

  /** `starmap` as a handle that is there at once. */
  starmapAsync<K extends AnyKernel, A extends Arguments>(
    fn: K,
    items: Source<A & Takes<K, A>>,
    options?: number | KernelMapOptions<Answer<K, A>[]>,
  ): AsyncResult<Answer<K, A>[]>;
  starmapAsync<A extends readonly unknown[], R>(
    fn: Plain<(...args: A) => R>,
    items: Source<A>,
    options?: number | MapOptions<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]>;

  /** Results in the order of the items, while they are consumed; reads ahead no further than `bufferSize`. */
  imap<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (ImapOptions & PipelineJobOptions)): IMapIterator<R>;
  imap<K extends AnyKernel, S extends Source<unknown>>(
    fn: K,
    items: S & Items<K, S>,
    options?: number | ImapOptions,
  ): IMapIterator<Answer<K, [ItemOf<S>]>>;
  imap<T, R>(fn: Plain<(item: T) => R>, items: Source<T>, options?: number | ImapOptions): IMapIterator<Awaited<R>>;

  /** Results as they come. */
  imapUnordered<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (ImapOptions & PipelineJobOptions)): IMapIterator<R>;
  imapUnordered<K extends AnyKernel, S extends Source<unknown>>(
    fn: K,
    items: S & Items<K, S>,
    options?: number | ImapOptions,
  ): IMapIterator<Answer<K, [ItemOf<S>]>>;
  imapUnordered<T, R>(fn: Plain<(item: T) => R>, items: Source<T>, options?: number | ImapOptions): IMapIterator<Awaited<R>>;

  /** `map` that answers an outcome for every item instead of rejecting at the first failure. */
  mapSettled<R>(
    fn: PipelineCore<R>,
    items: Source<PipelineSource>,
    options?: number | (MapOptions & PipelineJobOptions),
  ): Promise<PromiseSettledResult<R>[]>;
  mapSettled<K extends AnyKernel, S extends Source<unknown>>(
    fn: K,
    items: S & Items<K, S>,
    options?: number | MapOptions,
  ): Promise<PromiseSettledResult<Answer<K, [ItemOf<S>]>>[]>;
  mapSettled<T, R>(fn: Plain<(item: T) => R>, items: Source<T>, options?: number | MapOptions): Promise<PromiseSettledResult<Awaited<R>>[]>;

  /** Takes no more work; what was accepted is finished. */
  close(): void;
  /** Stops all work at once: what is pending rejects with PoolTerminatedError. */
  terminate(): Promise<void>;
  /** Waits for the end after close() or terminate(). @throws StateError on a running pool, TimeoutError. */
  join(options?: WaitOptions): Promise<void>;
  /** Worker processes or threads; native threads are not among them. */
  readonly workers: readonly WorkerInfo[];
  stats(): PoolStats;
  /** Where this would run, in how many chunks, and why. */
  explain(fn: unknown, items: unknown): string;
}
