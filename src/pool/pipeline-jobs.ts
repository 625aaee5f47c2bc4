/** Jobs whose function is a pipeline: each item is decoded, computed and written by native threads, as the pipeline says. */
import { typeError } from '../errors';
import type { NativeThreads } from '../executors/native';
import { concurrency, type ErrorMode, runBatch, timed } from '../pipeline/batch';
import type { PipelineData } from '../pipeline/data';
import type { PipelineSource } from '../pipeline/decode';
import { claimNames, makeFolders } from '../pipeline/files';
import { restStores } from '../pipeline/frames';
import { isPipelineSource, makeSite } from '../pipeline/pipeline';
import { Gate } from '../pipeline/site';
import type { Outcome } from './imap';
import { collect, type Items } from './items';
import { Job, type JobOwner } from './job';
import type { CheckedJobOptions } from './options';

/** Where the items run. */
export interface PipelinePlace {
  readonly threads: NativeThreads | undefined;
  readonly workers: number;
}

/** `apply`: one source; `map`, `mapSettled`: many. */
export function startPipeline(
  owner: JobOwner,
  data: PipelineData,
  items: readonly unknown[],
  options: CheckedJobOptions,
  place: PipelinePlace,
  mode: 'apply' | 'map' | 'settle',
): Job<unknown> {
  checkSources(items);
  const errors: ErrorMode = mode === 'settle' ? 'settle' : (options.onError ?? data.options.onError ?? 'throw');
  const job = new Job<unknown>(owner, options, items.length);
  const site = makeSite(place.threads, place.workers, options.maxInFlightBytes);
  void runBatch(job, { data, items, site, errors, single: mode === 'apply', taskTimeout: options.taskTimeout });
  return job;
}

/** `map`, `mapSettled`, of whatever can be iterated. */
export function startPipelineBatch(
  owner: JobOwner,
  data: PipelineData,
  items: Items,
  options: CheckedJobOptions,
  place: PipelinePlace,
  mode: 'map' | 'settle',
): Job<unknown> {
  if (!(Symbol.asyncIterator in items)) return startPipeline(owner, data, [...items], options, place, mode);
  // The length of an async iterable is known only when it has been read; what then happens is a job of its own.
  const job = new Job<unknown>(owner, options, null);
  const hidden: JobOwner = { pending: new Set(), settled: () => undefined };
  void collect(items, () => job.ready)
    .then((list) => {
      if (job.ready) return;
      const inner = startPipeline(hidden, data, list, { ...options, signal: undefined }, place, mode);
      job.onCancel = (reason) => inner.cancel(reason);
      inner.promise.then(
        (value) => job.resolve(value),
        (error) => job.reject(error),
      );
    })
    .catch((error) => job.reject(error));
  return job;
}

function checkSources(items: readonly unknown[]): asserts items is readonly PipelineSource[] {
  items.forEach(checkSource);
}

function checkSource(item: unknown, index: number): asserts item is PipelineSource {
  if (!isPipelineSource(item))
    throw Object.assign(typeError(`a pipeline takes paths, URLs, Uint8Arrays and Images, item ${index} is none: it`, item), { index });
}

/** `imap`: items as they are read; their files are named, and compared, as they come. */
export function pipelineSource(
  data: PipelineData,
  options: CheckedJobOptions,
  place: PipelinePlace,
): { run(chunk: readonly unknown[], firstIndex: number): Promise<readonly Outcome[]>; stop(reason: unknown): void } {
  const site = makeSite(place.threads, place.workers, options.maxInFlightBytes);
  const slots = new Gate(concurrency(site));
  const control = new AbortController();
  let folders: Promise<void> | undefined;
  const returns = (options.onError ?? data.options.onError) === 'return';
  const one = async (item: unknown, index: number): Promise<Outcome> => {
    const leave = await slots.enter(1);
    try {
      checkSource(item, index);
      claimNames(data, item, index, site.names);
      await (folders ??= makeFolders(data));
      return { ok: true, value: await timed(data, item, index, site, control.signal, options.taskTimeout) };
    } catch (error) {
      return returns && !control.signal.aborted ? { ok: true, value: error } : { ok: false, error };
    } finally {
      leave();
      restStores();
    }
  };
  return {
    run: (chunk, firstIndex) => Promise.all(chunk.map((item, i) => one(item, firstIndex + i))),
    stop: (reason) => control.abort(reason),
  };
}
