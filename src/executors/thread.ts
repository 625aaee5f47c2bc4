/** Workers that are threads of this process: messages by transfer, shared memory for progress. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { post, received } from '../worker/port';
import { watchBuffer } from '../worker/progress';
import { pageBytes } from '../worker/protocol';
import type { Encoded } from '../worker/value-tags';
import { environment, type RunningWorker, type WorkerEvents, type WorkerStart } from './worker';
import { workerFile } from './worker-file';

export function startThread({ name, env, execArgv }: WorkerStart, events: WorkerEvents): RunningWorker {
  const page = new SharedArrayBuffer(pageBytes);
  const worker = new Worker(workerFile(), {
    name,
    env: environment(env),
    workerData: { everycore: { page } },
    ...nodeOptions(execArgv),
  });
  const pid = worker.threadId;
  let failure: unknown;
  worker.on('message', (message: string | Encoded) => events.message(received(message)));
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', (exitCode) => events.exit({ exitCode, signal: null, cause: failure }));
  return {
    pid,
    watch: watchBuffer(page),
    send: (message) => post(worker, message),
    kill: () => void worker.terminate(),
    hold(on) {
      if (on) worker.ref();
      else worker.unref();
    },
  };
}

/** Node's options for a thread. It refuses those of V8, of which one has a meaning for threads too: the limit of memory. */
function nodeOptions(execArgv: readonly string[] | undefined): Pick<WorkerOptions, 'execArgv' | 'resourceLimits'> {
  if (execArgv === undefined) return {};
  const limit = /^--max[-_]old[-_]space[-_]size=(\d+)$/;
  const limits = execArgv.flatMap((option) => limit.exec(option)?.[1] ?? []);
  return {
    execArgv: execArgv.filter((option) => !limit.test(option)),
    ...(limits.length > 0 && { resourceLimits: { maxOldGenerationSizeMb: Number(limits.at(-1)) } }),
  };
}
