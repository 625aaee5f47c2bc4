/** Options of pools and jobs: their types, defaults and checks. */

import { cpuCount } from '../cpu-count';
import { rangeError, typeError } from '../errors';

/** Waiting stops after `timeout` milliseconds or when `signal` aborts; what is waited for goes on. */
export interface WaitOptions {
  timeout?: number;
  signal?: AbortSignal;
}

export interface Progress {
  readonly done: number;
  readonly failed: number;
  /** Null while the length of an iterable is not known. */
  readonly total: number | null;
  readonly elapsedMs: number;
  readonly etaMs: number | null;
}

/** Options of one job. */
export interface JobOptions<R = unknown> {
  signal?: AbortSignal;
  /** Milliseconds that one item may take, from its start; a worker that takes longer is replaced. */
  taskTimeout?: number;
  /** How often an item lost to a dying worker or a time-out is tried again. */
  retries?: number;
  /** At most 60 calls a second, and always one last call. */
  onProgress?: (progress: Progress) => void;
  /** Called with the result before the promise settles; if it throws, the job fails with that. */
  callback?: (result: R) => void;
  errorCallback?: (error: unknown) => void;
  /** Buffers that move to the worker instead of being copied (thread pools). */
  transfer?: readonly ArrayBuffer[];
}

export interface KernelJobOptions<R = unknown> extends JobOptions<R> {
  /** Where the result goes: same type and shape. */
  out?: R;
}

export interface MapOptions<R = unknown> extends JobOptions<R> {
  /** Items handed to a worker at once. */
  chunksize?: number;
}

export interface KernelMapOptions<R = unknown> extends MapOptions<R> {
  out?: R;
}

export interface ImapOptions<R = unknown> extends Omit<MapOptions<R>, 'callback' | 'errorCallback'> {
  /** Items read ahead of the one that is waited for; default two chunks a worker. */
  bufferSize?: number;
}

/** What jobs whose function is a pipeline have besides. */
export interface PipelineJobOptions {
  /** 'return' puts the error of an item in its place; default is what the pipeline says. */
  onError?: 'throw' | 'return';
  /** The most bytes of decoded pictures that are worked on at a time; one picture alone may be larger. Default: no limit. */
  maxInFlightBytes?: number;
}

export interface PoolOptions {
  /** How many run at a time: native threads for kernels, workers for functions. Default `cpuCount()`. */
  processes?: number;
  /** Runs once in each worker before its first task. */
  initializer?: (...args: never[]) => unknown;
  initArgs?: readonly unknown[];
  /** Runs in each worker that ends in order. */
  finalizer?: () => unknown;
  /** Chunks after which a worker is replaced by a fresh one. */
  maxTasksPerChild?: number;
  name?: string;
  /** Laid over the parent's environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  execArgv?: readonly string[];
  onWorkerDeath?: 'replace' | 'break';
}

/** Everything a job may be given, checked. */
export interface CheckedJobOptions {
  signal?: AbortSignal;
  taskTimeout?: number;
  retries: number;
  onProgress?: (progress: Progress) => void;
  callback?: (result: unknown) => void;
  errorCallback?: (error: unknown) => void;
  transfer?: readonly ArrayBuffer[];
  chunksize?: number;
  bufferSize?: number;
  out?: unknown;
  onError?: 'throw' | 'return';
  maxInFlightBytes?: number;
}

export function checkPoolOptions(options: number | PoolOptions | undefined, name = 'Pool'): PoolOptions & { processes: number } {
  const given: PoolOptions = typeof options === 'number' ? { processes: options } : (options ?? {});
  if (typeof given !== 'object') throw typeError(`${name} takes a number of processes or an options object`, options);
  checkNames(`options of ${name}`, given, poolOptionNames);
  const { processes = cpuCount() } = given;
  checkInteger('processes', processes, 1);
  if (given.maxTasksPerChild !== undefined) checkInteger('maxTasksPerChild', given.maxTasksPerChild, 1);
  checkFunction('initializer', given.initializer);
  checkFunction('finalizer', given.finalizer);
  if (given.initArgs !== undefined && !Array.isArray(given.initArgs)) throw typeError('initArgs must be an array', given.initArgs);
  if (given.name !== undefined && typeof given.name !== 'string') throw typeError('name must be a string', given.name);
  const { onWorkerDeath = 'replace' } = given;
  if (onWorkerDeath !== 'replace' && onWorkerDeath !== 'break') {
    throw typeError("onWorkerDeath must be 'replace' or 'break'", onWorkerDeath);
  }
  return { ...given, processes, onWorkerDeath };
}

const poolOptionNames = ['processes', 'initializer', 'initArgs', 'finalizer', 'maxTasksPerChild', 'name', 'env', 'execArgv', 'onWorkerDeath'];

const jobOptionNames = ['signal', 'taskTimeout', 'retries', 'onProgress', 'callback', 'errorCallback', 'transfer', 'onError', 'maxInFlightBytes'];

const optionNames = {
  apply: [...jobOptionNames, 'out'],
  map: [...jobOptionNames, 'out', 'chunksize'],
  imap: [...jobOptionNames.filter((name) => !name.endsWith('allback')), 'chunksize', 'bufferSize'],
};

const noOptions = checkedOptions({});

export function checkJobOptions(kind: 'apply' | 'map' | 'imap', options: unknown): CheckedJobOptions {
  if (options === undefined) return noOptions;
  const given = typeof options === 'number' && kind !== 'apply' ? { chunksize: options } : (options as Partial<CheckedJobOptions>);
  if (typeof given !== 'object' || given === null) {
    throw typeError(kind === 'apply' ? 'options must be an object' : 'options must be a chunksize or an object', options);
  }
  checkNames('options', given, optionNames[kind]);
  return checkedOptions(given);
}

/** One shape for all, with every option in its place: jobs read them often. */
function checkedOptions(given: Partial<CheckedJobOptions>): CheckedJobOptions {
  const { signal, taskTimeout, retries, onProgress, callback, errorCallback, transfer, chunksize, bufferSize, out, onError, maxInFlightBytes } =
    given;
  if (chunksize !== undefined) checkInteger('chunksize', chunksize, 1);
  if (bufferSize !== undefined) checkInteger('bufferSize', bufferSize, 1);
  if (retries !== undefined) checkInteger('retries', retries, 0);
  if (taskTimeout !== undefined) checkTimeout('taskTimeout', taskTimeout);
  checkSignal(signal);
  checkFunction('onProgress', onProgress);
  checkFunction('callback', callback);
  checkFunction('errorCallback', errorCallback);
  if (transfer !== undefined) checkTransfer(transfer);
  return {
    signal,
    taskTimeout,
    retries: retries ?? 0,
    onProgress,
    callback,
    errorCallback,
    // What may have to be sent again is not given away.
    transfer: retries ? undefined : transfer,
    chunksize,
    bufferSize,
    out,
    onError,
    maxInFlightBytes,
  };
}

export function checkWaitOptions(options: unknown): WaitOptions {
  if (options === undefined) return {};
  if (typeof options === 'number') {
    throw typeError(`a timeout is given in milliseconds as { timeout: ${options} }, got the bare number ${options}`);
  }
  if (typeof options !== 'object' || options === null) throw typeError('options must be an object', options);
  checkNames('options', options, ['timeout', 'signal']);
  const given = options as WaitOptions;
  if (given.timeout !== undefined) checkTimeout('timeout', given.timeout);
  checkSignal(given.signal);
  return given;
}

function checkNames(what: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw typeError(`${what} are ${known.join(', ')}, got ${JSON.stringify(key)}`);
  }
}

function checkInteger(name: string, value: unknown, min: number): void {
  const expected = `${name} must be an integer of at least ${min}`;
  if (typeof value !== 'number') throw typeError(expected, value);
  if (!Number.isSafeInteger(value) || value < min) throw rangeError(expected, value);
}

function checkTimeout(name: string, value: unknown): void {
  const expected = `${name} must be a number of milliseconds, 0 or more`;
  if (typeof value !== 'number') throw typeError(expected, value);
  if (!(value >= 0)) throw rangeError(expected, value);
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw typeError(`${name} must be a function`, value);
}

function checkTransfer(transfer: unknown): void {
  if (!Array.isArray(transfer)) throw typeError('transfer must be an array of ArrayBuffers', transfer);
  const other = transfer.find((buffer) => !(buffer instanceof ArrayBuffer));
  if (other !== undefined) throw typeError('transfer must hold ArrayBuffers (the buffer of a typed array, not the array itself)', other);
}

function checkSignal(value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null || !('aborted' in value)) throw typeError('signal must be an AbortSignal', value);
}

/** Options that only pipelines have. @throws TypeError, RangeError */
export function checkPipelineOptions({ onError, maxInFlightBytes }: CheckedJobOptions, isPipeline: boolean): void {
  if (!isPipeline && (onError !== undefined || maxInFlightBytes !== undefined)) {
    throw typeError('onError and maxInFlightBytes are options of jobs whose function is a pipeline');
  }
  if (onError !== undefined && onError !== 'throw' && onError !== 'return') throw typeError("onError must be 'throw' or 'return'", onError);
  if (maxInFlightBytes === undefined) return;
  if (typeof maxInFlightBytes !== 'number') throw typeError('maxInFlightBytes must be a number of bytes', maxInFlightBytes);
  if (!(maxInFlightBytes > 0)) throw rangeError('maxInFlightBytes must be above 0', maxInFlightBytes);
}
