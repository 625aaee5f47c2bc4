/** A pipeline over many items: as many at a time as there are threads, one more so that none waits, in order, to the first error or past all. */
import { TaskTimeoutError } from '../errors';
import type { Job } from '../pool/job';
import type { PipelineData } from './data';
import type { PipelineSource } from './decode';
import { claimNames, makeFolders } from './files';
import { restStores } from './frames';
import { runItem } from './item';
import type { Site } from './site';

/** How a job treats errors of items: the first one ends it, each takes its item's place, or each becomes an outcome. */
export type ErrorMode = 'throw' | 'return' | 'settle';

export interface Batch {
  readonly data: PipelineData;
  readonly items: readonly PipelineSource[];
  readonly site: Site;
  readonly errors: ErrorMode;
  /** The answer is that of the one item, not a list of one. */
  readonly single: boolean;
  readonly taskTimeout?: number;
}

/** Runs a batch as a job, which settles when the last item has, or when it is cancelled. */
export async function runBatch(job: Job<unknown>, batch: Batch): Promise<void> {
  const { data, items, site, errors } = batch;
  const control = new AbortController();
  job.onCancel = (reason) => {
    control.abort(reason);
    // What is being written is finished or taken away; threads stop by themselves.
    void Promise.allSettled([...site.writing]).then(() => job.reject(reason));
  };
  const answers = new Array<unknown>(items.length);
  const failures = new Map<number, unknown>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !control.signal.aborted && !(errors === 'throw' && failures.size > 0)) {
      const index = next++;
      try {
        answers[index] = await timed(data, items[index], index, site, control.signal, batch.taskTimeout);
        job.reports?.add(true);
      } catch (error) {
        failures.set(index, error);
        job.reports?.add(false);
      }
    }
  };
  try {
    // All names are known, and different, before anything is written.
    items.forEach((item, index) => claimNames(data, item, index, site.names));
    await makeFolders(data);
  } catch (error) {
    job.reject(error);
    return;
  }
  await Promise.all(Array.from({ length: Math.min(items.length, concurrency(site)) }, worker));
  restStores();
  if (control.signal.aborted) return;
  settle(job, batch, answers, failures);
}

/** One more than there are threads: while one item's file is read, the others compute. */
export function concurrency(site: Site): number {
  return site.workers > 1 ? site.workers + 1 : 1;
}

function settle(job: Job<unknown>, { errors, single }: Batch, answers: unknown[], failures: ReadonlyMap<number, unknown>): void {
  if (errors === 'settle') {
    job.resolve(
      Array.from(answers, (value, index) =>
        failures.has(index) ? { status: 'rejected', reason: failures.get(index) } : { status: 'fulfilled', value },
      ),
    );
  } else if (errors === 'throw' && failures.size > 0) {
    job.reject(failures.get(Math.min(...failures.keys())));
  } else {
    const values = Array.from(answers, (value, index) => (failures.has(index) ? failures.get(index) : value));
    job.resolve(single ? values[0] : values);
  }
}

/** One item, with its own time limit. */
export async function timed(
  data: PipelineData,
  item: PipelineSource,
  index: number,
  site: Site,
  signal: AbortSignal,
  taskTimeout?: number,
): Promise<unknown> {
  if (taskTimeout === undefined) return runItem(data, item, index, site, signal);
  const late = new AbortController();
  const timeUp = () => late.abort(new TaskTimeoutError(`item ${index} took longer than ${taskTimeout} ms`, index));
  const timer = setTimeout(timeUp, Math.min(taskTimeout, 2 ** 31 - 1));
  try {
    return await runItem(data, item, index, site, AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}
