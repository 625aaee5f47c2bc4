/**
 * Jobs whose function is a kernel: arguments become calls (checked, all of them, before any thread
 * starts), the planner says who runs them, the answers are assembled in the order of the items.
 */
import { rangeError, typeError } from '../errors';
import { compute } from '../executors/inline';
import type { NativeThreads, RunningJob } from '../executors/native';
import { kernelNumber } from '../executors/packing';
import type { Call } from '../kernels/call';
import { isTypedArray } from '../kernels/dtype';
import type { Declaration } from '../kernels/kernel';
import { allocatingTogether, needsTurn } from '../kernels/memory';
import { native } from '../native';
import type { Job } from './job';
import { inline, type Plan, plan } from './plan';

/** How a job is made of a kernel: its calls, and what becomes of their answers. */
export interface KernelWork<R = unknown> {
  readonly calls: readonly Call[];
  /** Items as the user counts them. */
  readonly total: number;
  /** True when the items are the elements of the one call there is. */
  readonly elements?: boolean;
  assemble(): R;
}

/** `apply(kernel, args)`: one call. */
export function applyWork(kernel: Declaration, args: readonly unknown[], out: unknown): KernelWork {
  const call = callOf(kernel, args, out);
  return { calls: [call], total: 1, assemble: () => call.finish() };
}

/** `map(kernel, items)`: numbers are elements of one call, anything else a batch of calls. */
export function mapWork(kernel: Declaration, items: readonly unknown[] | object, out: unknown): KernelWork {
  if (kernel.elementwise && isTypedArray(items)) return elementsWork(kernel, items, items.length, out);
  const list = isTypedArray(items) ? Array.from<unknown>(items as unknown as ArrayLike<unknown>) : (items as readonly unknown[]);
  if (kernel.elementwise && typeof list[0] === 'number') {
    try {
      return elementsWork(kernel, list, list.length, out);
    } catch (error) {
      // Looked for only now: a million numbers are not gone through twice.
      if (!hasArrays(list)) throw error;
    }
  }
  return batchWork(kernel, list, (item) => [item], out);
}

function hasArrays(list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] === 'object' && list[i] !== null) return true;
  }
  return false;
}

/** `starmap(kernel, tuples)`: a batch of calls with several arguments each. */
export function starmapWork(kernel: Declaration, tuples: readonly unknown[], out: unknown): KernelWork {
  const one = out === undefined && tuples.length >= togetherMin ? kernel.together?.(tuples) : undefined;
  if (one !== undefined) return { calls: [one.call], total: tuples.length, elements: true, assemble: () => one.answers() };
  return batchWork(kernel, tuples, (tuple, index) => argumentsOf(tuple, index), out);
}

/** A tuple of starmap as an argument list. */
export function argumentsOf(tuple: unknown, index: number): readonly unknown[] {
  if (Array.isArray(tuple)) return tuple;
  if (typeof tuple === 'object' && tuple !== null && Symbol.iterator in tuple) return [...(tuple as Iterable<unknown>)];
  throw typeError(`starmap takes items that are lists of arguments, item ${index} is not: it`, tuple);
}

function elementsWork(kernel: Declaration, items: unknown, total: number, out: unknown): KernelWork {
  const call = callOf(kernel, [items], out);
  return { calls: [call], total, elements: true, assemble: () => call.finish() };
}

/** From this many items on, small results share buffers. */
const togetherMin = 64;

function batchWork(
  kernel: Declaration,
  items: readonly unknown[],
  toArguments: (item: unknown, index: number) => readonly unknown[],
  out: unknown,
): KernelWork<unknown[]> {
  const outs = outsFor(kernel, items.length, out);
  const calls = new Array<Call>(items.length);
  const makeAll = () => {
    for (let index = 0; index < items.length; index++) {
      try {
        calls[index] = callOf(kernel, toArguments(items[index], index), outs?.[index]);
      } catch (error) {
        throw withIndex(error, index);
      }
    }
  };
  if (items.length < togetherMin) makeAll();
  else allocatingTogether(makeAll);
  return { calls, total: items.length, assemble: () => calls.map((call, index) => finishItem(call, index)) };
}

function outsFor(kernel: Declaration, length: number, out: unknown): readonly unknown[] | undefined {
  if (out === undefined) return undefined;
  if (!Array.isArray(out)) throw typeError(`out of a batch of ${kernel.name} must be an array with one result an item`, out);
  if (out.length !== length) throw rangeError(`out of a batch of ${kernel.name} must have ${length} results, got ${out.length}`);
  return out;
}

function callOf(kernel: Declaration, args: readonly unknown[], out: unknown): Call {
  return kernel.call(args, out);
}

function finishItem(call: Call, index: number): unknown {
  try {
    return call.finish();
  } catch (error) {
    throw withIndex(error, index);
  }
}

/** Errors of an item say which item it was. */
export function withIndex(error: unknown, index: number): unknown {
  if (error instanceof Error && !('index' in error)) {
    Object.defineProperty(error, 'index', { value: index, enumerable: true, writable: true, configurable: true });
  }
  return error;
}

/** mapSettled: every item has an outcome, one that doesn't even fit the kernel too. */
export function settledWork(
  kernel: Declaration,
  items: readonly unknown[] | object,
  out: unknown,
  firstIndex = 0,
): KernelWork<PromiseSettledResult<unknown>[]> {
  const list: readonly unknown[] = isTypedArray(items) ? Array.from<unknown>(items as unknown as ArrayLike<unknown>) : (items as readonly unknown[]);
  const works = list.map((item, index) => {
    try {
      return applyWork(kernel, [item], Array.isArray(out) ? out[index] : undefined);
    } catch (error) {
      return { error: withIndex(error, firstIndex + index) };
    }
  });
  const settle = (work: (typeof works)[number], index: number): PromiseSettledResult<unknown> => {
    if ('error' in work) return { status: 'rejected', reason: work.error };
    try {
      return { status: 'fulfilled', value: work.assemble() };
    } catch (error) {
      return { status: 'rejected', reason: withIndex(error, firstIndex + index) };
    }
  };
  return {
    calls: works.flatMap((work) => ('error' in work ? [] : work.calls)),
    total: list.length,
    assemble: () => works.map(settle),
  };
}

/** How the calls would be run; calls without a native kernel stay on the calling thread. */
export function planCalls(calls: readonly Call[], workers: number, chunksize?: number, elements?: boolean): Plan {
  const binding = native();
  if (binding === null) return inline(0, () => 'in TypeScript, there is no native binary');
  for (const call of calls) {
    if (call.phases.length > 0 && kernelNumber(binding, call.kernel, call.views[0].data) < 0) {
      return inline(0, () => `in TypeScript, the binary has no ${call.kernel} for this dtype`);
    }
  }
  return plan({ calls: calls.map((call) => call.phases), workers, chunksize, elements });
}

/** Runs a job that has been accepted; the job settles when the last thread has left its memory. */
export function runKernelJob<R>(job: Job<R>, work: KernelWork<R>, threads: NativeThreads | undefined, workers: number): Plan['mode'] {
  const calls = work.calls.every(hasPhases) ? work.calls : work.calls.filter(hasPhases);
  const planned = planCalls(calls, workers, job.options.chunksize, work.elements);
  let running: RunningJob | undefined;
  if (planned.mode !== 'inline' && threads !== undefined) {
    try {
      running = threads.run(calls, planned);
    } catch (error) {
      // Not one thread to be had: the calling thread still works.
      if (calls.length === 0 || !String(error).includes('start a thread')) {
        job.reject(error);
        return planned.mode;
      }
    }
  }
  if (running !== undefined) {
    follow(job, work, running, unitsOf(calls, planned));
    if (planned.ns < fallAsleepNs) lookOut(job);
    return planned.mode;
  }
  // A callback never runs before the call that it was given to has returned.
  if (job.watched) queueMicrotask(() => runInline(job, calls, work));
  else runInline(job, calls, work);
  return 'inline';
}

/** Falling asleep and being woken costs the event loop about this much; a shorter job is not worth it. */
const fallAsleepNs = 20_000;

/** Lets the event loop turn a few times instead of falling asleep, until the job has settled. */
function lookOut(job: { readonly ready: boolean }, turns = 16): void {
  if (turns > 0 && !job.ready) setImmediate(lookOut, job, turns - 1);
}

const hasPhases = (call: Call): boolean => call.phases.length > 0;

/** All that `progress()` will have counted at the end. */
function unitsOf(calls: readonly Call[], { mode }: Plan): number {
  if (mode === 'items') return calls.length;
  return calls.reduce((sum, call) => sum + call.phases.reduce((units, phase) => units + phase.units, 0), 0);
}

function follow<R>(job: Job<R>, work: KernelWork<R>, running: RunningJob, units: number): void {
  let reason: unknown;
  job.onCancel = (why) => {
    reason = why;
    running.cancel();
  };
  job.reports?.poll(() => Math.floor((Math.max(0, running.progress()) / units) * work.total));
  running.settled.then(
    (status) => {
      // Work that was done before the cancelling reached it counts as cancelled all the same.
      if (job.cancelled || status === 'cancelled') job.reject(reason);
      else if (running.intact()) finish(job, work);
      else
        job.reject(typeError('the arrays of a job must keep their memory until it has settled, got one whose buffer was transferred away meanwhile'));
    },
    (error) => job.reject(error),
  );
}

function finish<R>(job: Job<R>, work: KernelWork<R>): void {
  let answer: R;
  try {
    answer = work.assemble();
  } catch (error) {
    job.reports?.add(false);
    job.reject(error);
    return;
  }
  job.resolve(answer);
}

/** The event loop gets a turn after this long, so that signals and timers are heard. */
const turnMs = 10;

function runInline<R>(job: Job<R>, calls: readonly Call[], work: KernelWork<R>, from = 0): void {
  if (job.ready) return;
  try {
    const until = calls.length - from > 1 ? performance.now() + turnMs : Infinity;
    for (let i = from; i < calls.length; i++) {
      compute(calls[i]);
      if (until === Infinity || i === calls.length - 1 || performance.now() < until) continue;
      job.reports?.set(Math.floor(((i + 1) / calls.length) * work.total));
      setImmediate(() => runInline(job, calls, work, i + 1));
      return;
    }
  } catch (error) {
    job.reject(error);
    return;
  }
  // A loop that awaits one small job after the other would never let the event loop turn otherwise.
  if (needsTurn()) setImmediate(finish, job, work);
  else finish(job, work);
}
