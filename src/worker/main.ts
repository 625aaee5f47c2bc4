/** Where a worker begins, be it a child process or a worker thread: each loads what it needs and no more. */
import { isMainThread, workerData } from 'node:worker_threads';

if (isMainThread) (require('./main-process') as typeof import('./main-process')).runInProcess();
else if (workerData?.everycore) (require('./main-thread') as typeof import('./main-thread')).runInThread(workerData.everycore);
