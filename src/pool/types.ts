/**
 * The signatures of Pool and ThreadPool. Kernels come before ordinary functions: the first overload that
 * fits decides what comes back. The classes behind them take anything and check it.
 */
import type { TypedArray } from '../kernels/call';
import type { BinaryKernel, TernaryKernel, UnaryKernel } from '../kernels/elementwise';
import type { Kernel } from '../kernels/kernel';
import type { ReduceKernel } from '../kernels/reduce';
import type { BesideOf, Leader, OperandOf, Outcome, ResultFor } from '../kernels/types';
import type { MatmulKernel, MatmulOptions, MatrixLike } from '../matrix';
import type { Matrix } from '../matrix/matrix';
import type { PipelineSource } from '../pipeline/decode';
import type { PipelineCore } from '../pipeline/types';
import type { IMapIterator } from './imap';
import type { ImapOptions, JobOptions, KernelJobOptions, KernelMapOptions, MapOptions, PipelineJobOptions, WaitOptions } from './options';
import type { AsyncResult } from './result';

/** Items: anything that can be iterated, at once or with waiting. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

export type NumberArray = Exclude<TypedArray, BigInt64Array | BigUint64Array>;
type FloatOrInt32Array = Float64Array | Float32Array | Int32Array;

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
  readonly workers: readonly WorkerInfo[];
}

export interface PoolMethods {
  /** Runs one call and answers its result; one large argument of a kernel is split over all cores. */
  apply<R>(fn: PipelineCore<R>, args: readonly [source: PipelineSource], options?: JobOptions<R> & PipelineJobOptions): Promise<R>;
  apply<T extends TypedArray | Matrix<TypedArray>>(fn: UnaryKernel, args: readonly [x: T], options?: KernelJobOptions<T>): Promise<T>;
  apply<T extends number | bigint>(fn: UnaryKernel, args: readonly [x: T], options?: JobOptions<T>): Promise<T>;
  apply(fn: UnaryKernel, args: readonly [x: readonly number[]], options?: JobOptions<number[]>): Promise<number[]>;
  apply<T extends TypedArray | Matrix<TypedArray>>(
    fn: BinaryKernel,
    args: readonly [a: T, b: T | number | bigint],
    options?: KernelJobOptions<T>,
  ): Promise<T>;
  apply<T extends TypedArray | Matrix<TypedArray>>(
    fn: BinaryKernel,
    args: readonly [a: number | bigint, b: T],
    options?: KernelJobOptions<T>,
  ): Promise<T>;
  apply(fn: BinaryKernel, args: readonly [a: number, b: number], options?: JobOptions<number>): Promise<number>;
  apply(fn: BinaryKernel, args: readonly [a: readonly number[], b: readonly number[] | number], options?: JobOptions<number[]>): Promise<number[]>;
  apply<O extends Outcome, I extends TypedArray, X extends OperandOf<I>>(
    fn: UnaryKernel<O, I>,
    args: readonly [x: X],
    options?: KernelJobOptions<ResultFor<X, O>>,
  ): Promise<ResultFor<X, O>>;
  apply<O extends Outcome, I extends TypedArray, A extends OperandOf<I>, B extends BesideOf<A>>(
    fn: BinaryKernel<O, I>,
    args: readonly [a: A, b: B],
    options?: KernelJobOptions<ResultFor<Leader<A | B>, O>>,
  ): Promise<ResultFor<Leader<A | B>, O>>;
  apply<I extends TypedArray, A extends OperandOf<I>, B extends BesideOf<A>, C extends BesideOf<A>>(
    fn: TernaryKernel<I>,
    args: readonly [a: A, b: B, c: C],
    options?: KernelJobOptions<ResultFor<Leader<A | B | C>, 'same'>>,
  ): Promise<ResultFor<Leader<A | B | C>, 'same'>>;
  apply(fn: ReduceKernel, args: readonly [x: BigInt64Array | BigUint64Array], options?: JobOptions<bigint>): Promise<bigint>;
  apply(fn: ReduceKernel, args: readonly [x: NumberArray | Matrix<NumberArray> | readonly number[]], options?: JobOptions<number>): Promise<number>;
  apply<T extends FloatOrInt32Array>(
    fn: MatmulKernel,
    args: readonly [a: MatrixLike<T>, b: MatrixLike<T>, options?: MatmulOptions<T>],
    options?: KernelJobOptions<Matrix<T>>,
  ): Promise<Matrix<T>>;
  apply<A extends readonly unknown[], R>(fn: Kernel<[...A], R>, args: A, options?: KernelJobOptions<R>): Promise<R>;
  apply<R>(fn: () => R, args?: readonly [], options?: JobOptions<Awaited<R>>): Promise<Awaited<R>>;
  apply<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A, options?: JobOptions<Awaited<R>>): Promise<Awaited<R>>;

  /** `apply` as a handle that is there at once. @throws PoolClosedError on a closed pool. */
  applyAsync<R>(fn: PipelineCore<R>, args: readonly [source: PipelineSource], options?: JobOptions<R> & PipelineJobOptions): AsyncResult<R>;
  applyAsync<T extends TypedArray | Matrix<TypedArray>>(fn: UnaryKernel, args: readonly [x: T], options?: KernelJobOptions<T>): AsyncResult<T>;
  applyAsync<T extends number | bigint>(fn: UnaryKernel, args: readonly [x: T], options?: JobOptions<T>): AsyncResult<T>;
  applyAsync(fn: UnaryKernel, args: readonly [x: readonly number[]], options?: JobOptions<number[]>): AsyncResult<number[]>;
  applyAsync<T extends TypedArray | Matrix<TypedArray>>(
    fn: BinaryKernel,
    args: readonly [a: T, b: T | number | bigint],
    options?: KernelJobOptions<T>,
  ): AsyncResult<T>;
  applyAsync<T extends TypedArray | Matrix<TypedArray>>(
    fn: BinaryKernel,
    args: readonly [a: number | bigint, b: T],
    options?: KernelJobOptions<T>,
  ): AsyncResult<T>;
  applyAsync(fn: BinaryKernel, args: readonly [a: number, b: number], options?: JobOptions<number>): AsyncResult<number>;
  applyAsync(
    fn: BinaryKernel,
    args: readonly [a: readonly number[], b: readonly number[] | number],
    options?: JobOptions<number[]>,
  ): AsyncResult<number[]>;
  applyAsync<O extends Outcome, I extends TypedArray, X extends OperandOf<I>>(
    fn: UnaryKernel<O, I>,
    args: readonly [x: X],
    options?: KernelJobOptions<ResultFor<X, O>>,
  ): AsyncResult<ResultFor<X, O>>;
  applyAsync<O extends Outcome, I extends TypedArray, A extends OperandOf<I>, B extends BesideOf<A>>(
    fn: BinaryKernel<O, I>,
    args: readonly [a: A, b: B],
    options?: KernelJobOptions<ResultFor<Leader<A | B>, O>>,
  ): AsyncResult<ResultFor<Leader<A | B>, O>>;
  applyAsync<I extends TypedArray, A extends OperandOf<I>, B extends BesideOf<A>, C extends BesideOf<A>>(
    fn: TernaryKernel<I>,
    args: readonly [a: A, b: B, c: C],
    options?: KernelJobOptions<ResultFor<Leader<A | B | C>, 'same'>>,
  ): AsyncResult<ResultFor<Leader<A | B | C>, 'same'>>;
  applyAsync(fn: ReduceKernel, args: readonly [x: BigInt64Array | BigUint64Array], options?: JobOptions<bigint>): AsyncResult<bigint>;
  applyAsync(
    fn: ReduceKernel,
    args: readonly [x: NumberArray | Matrix<NumberArray> | readonly number[]],
    options?: JobOptions<number>,
  ): AsyncResult<number>;
  applyAsync<T extends FloatOrInt32Array>(
    fn: MatmulKernel,
    args: readonly [a: MatrixLike<T>, b: MatrixLike<T>, options?: MatmulOptions<T>],
    options?: KernelJobOptions<Matrix<T>>,
  ): AsyncResult<Matrix<T>>;
  applyAsync<A extends readonly unknown[], R>(fn: Kernel<[...A], R>, args: A, options?: KernelJobOptions<R>): AsyncResult<R>;
  applyAsync<R>(fn: () => R, args?: readonly [], options?: JobOptions<Awaited<R>>): AsyncResult<Awaited<R>>;
  applyAsync<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A, options?: JobOptions<Awaited<R>>): AsyncResult<Awaited<R>>;

  /** Calls fn with each item and answers the results in the order of the items. */
  map<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (MapOptions<R[]> & PipelineJobOptions)): Promise<R[]>;
  map<T extends TypedArray>(fn: UnaryKernel, items: T, options?: number | KernelMapOptions<T>): Promise<T>;
  map(fn: UnaryKernel, items: Source<number>, options?: number | MapOptions<number[]>): Promise<number[]>;
  map<T extends TypedArray | Matrix<TypedArray>>(fn: UnaryKernel, items: Source<T>, options?: number | KernelMapOptions<T[]>): Promise<T[]>;
  map<O extends Outcome, I extends TypedArray, X extends I>(
    fn: UnaryKernel<O, I>,
    items: X,
    options?: number | KernelMapOptions<ResultFor<X, O>>,
  ): Promise<ResultFor<X, O>>;
  map<O extends Outcome, I extends TypedArray, X extends OperandOf<I>>(
    fn: UnaryKernel<O, I>,
    items: Source<X>,
    options?: number | KernelMapOptions<ResultFor<X, O>[]>,
  ): Promise<ResultFor<X, O>[]>;
  map(
    fn: ReduceKernel,
    items: Source<NumberArray | Matrix<NumberArray> | readonly number[]>,
    options?: number | MapOptions<number[]>,
  ): Promise<number[]>;
  map<T, R>(fn: Kernel<[T], R>, items: Source<T>, options?: number | KernelMapOptions<R[]>): Promise<R[]>;
  map<T, R>(fn: (item: T) => R, items: Source<T>, options?: number | MapOptions<Awaited<R>[]>): Promise<Awaited<R>[]>;

  /** `map` as a handle that is there at once. */
  mapAsync<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (MapOptions<R[]> & PipelineJobOptions)): AsyncResult<R[]>;
  mapAsync<T extends TypedArray>(fn: UnaryKernel, items: T, options?: number | KernelMapOptions<T>): AsyncResult<T>;
  mapAsync(fn: UnaryKernel, items: Source<number>, options?: number | MapOptions<number[]>): AsyncResult<number[]>;
  mapAsync<T extends TypedArray | Matrix<TypedArray>>(fn: UnaryKernel, items: Source<T>, options?: number | KernelMapOptions<T[]>): AsyncResult<T[]>;
  mapAsync<O extends Outcome, I extends TypedArray, X extends I>(
    fn: UnaryKernel<O, I>,
    items: X,
    options?: number | KernelMapOptions<ResultFor<X, O>>,
  ): AsyncResult<ResultFor<X, O>>;
  mapAsync<O extends Outcome, I extends TypedArray, X extends OperandOf<I>>(
    fn: UnaryKernel<O, I>,
    items: Source<X>,
    options?: number | KernelMapOptions<ResultFor<X, O>[]>,
  ): AsyncResult<ResultFor<X, O>[]>;
  mapAsync(
    fn: ReduceKernel,
    items: Source<NumberArray | Matrix<NumberArray> | readonly number[]>,
    options?: number | MapOptions<number[]>,
  ): AsyncResult<number[]>;
  mapAsync<T, R>(fn: Kernel<[T], R>, items: Source<T>, options?: number | KernelMapOptions<R[]>): AsyncResult<R[]>;
  mapAsync<T, R>(fn: (item: T) => R, items: Source<T>, options?: number | MapOptions<Awaited<R>[]>): AsyncResult<Awaited<R>[]>;

  /** `map` for functions of several arguments: each item is a list of them. */
  starmap<T extends TypedArray | Matrix<TypedArray>>(
    fn: BinaryKernel,
    items: Source<readonly [a: T, b: T | number | bigint]>,
    options?: number | KernelMapOptions<T[]>,
  ): Promise<T[]>;
  starmap(fn: BinaryKernel, items: Source<readonly [a: number, b: number]>, options?: number | MapOptions<number[]>): Promise<number[]>;
  starmap<T extends FloatOrInt32Array>(
    fn: MatmulKernel,
    items: Source<readonly [a: MatrixLike<T>, b: MatrixLike<T>, options?: MatmulOptions<T>]>,
    options?: number | KernelMapOptions<Matrix<T>[]>,
  ): Promise<Matrix<T>[]>;
  starmap<A extends readonly unknown[], R>(fn: Kernel<[...A], R>, items: Source<A>, options?: number | KernelMapOptions<R[]>): Promise<R[]>;
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Source<A>,
    options?: number | MapOptions<Awaited<R>[]>,
  ): Promise<Awaited<R>[]>;

  /** `starmap` as a handle that is there at once. */
  starmapAsync<T extends TypedArray | Matrix<TypedArray>>(
    fn: BinaryKernel,
    items: Source<readonly [a: T, b: T | number | bigint]>,
    options?: number | KernelMapOptions<T[]>,
  ): AsyncResult<T[]>;
  starmapAsync(fn: BinaryKernel, items: Source<readonly [a: number, b: number]>, options?: number | MapOptions<number[]>): AsyncResult<number[]>;
  starmapAsync<T extends FloatOrInt32Array>(
    fn: MatmulKernel,
    items: Source<readonly [a: MatrixLike<T>, b: MatrixLike<T>, options?: MatmulOptions<T>]>,
    options?: number | KernelMapOptions<Matrix<T>[]>,
  ): AsyncResult<Matrix<T>[]>;
  starmapAsync<A extends readonly unknown[], R>(fn: Kernel<[...A], R>, items: Source<A>, options?: number | KernelMapOptions<R[]>): AsyncResult<R[]>;
  starmapAsync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Source<A>,
    options?: number | MapOptions<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]>;

  /** Results in the order of the items, while they are consumed; reads ahead no further than `bufferSize`. */
  imap<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (ImapOptions & PipelineJobOptions)): IMapIterator<R>;
  imap(fn: UnaryKernel, items: Source<number>, options?: number | ImapOptions): IMapIterator<number>;
  imap<T extends TypedArray | Matrix<TypedArray>>(fn: UnaryKernel, items: Source<T>, options?: number | ImapOptions): IMapIterator<T>;
  imap<T, R>(fn: Kernel<[T], R>, items: Source<T>, options?: number | ImapOptions): IMapIterator<R>;
  imap<T, R>(fn: (item: T) => R, items: Source<T>, options?: number | ImapOptions): IMapIterator<Awaited<R>>;

  /** Results as they come. */
  imapUnordered<R>(fn: PipelineCore<R>, items: Source<PipelineSource>, options?: number | (ImapOptions & PipelineJobOptions)): IMapIterator<R>;
  imapUnordered(fn: UnaryKernel, items: Source<number>, options?: number | ImapOptions): IMapIterator<number>;
  imapUnordered<T extends TypedArray | Matrix<TypedArray>>(fn: UnaryKernel, items: Source<T>, options?: number | ImapOptions): IMapIterator<T>;
  imapUnordered<T, R>(fn: Kernel<[T], R>, items: Source<T>, options?: number | ImapOptions): IMapIterator<R>;
  imapUnordered<T, R>(fn: (item: T) => R, items: Source<T>, options?: number | ImapOptions): IMapIterator<Awaited<R>>;

  /** `map` that answers an outcome for every item instead of rejecting at the first failure. */
  mapSettled<R>(
    fn: PipelineCore<R>,
    items: Source<PipelineSource>,
    options?: number | (MapOptions & PipelineJobOptions),
  ): Promise<PromiseSettledResult<R>[]>;
  mapSettled<T extends TypedArray | Matrix<TypedArray> | number>(
    fn: UnaryKernel,
    items: Source<T>,
    options?: number | MapOptions,
  ): Promise<PromiseSettledResult<T>[]>;
  mapSettled<T, R>(fn: Kernel<[T], R>, items: Source<T>, options?: number | MapOptions): Promise<PromiseSettledResult<R>[]>;
  mapSettled<T, R>(fn: (item: T) => R, items: Source<T>, options?: number | MapOptions): Promise<PromiseSettledResult<Awaited<R>>[]>;

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
