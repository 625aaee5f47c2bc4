/** A worker that is a thread: messages over its port, progress in memory that it shares with its pool. */
import { parentPort } from 'node:worker_threads';
import { setLoading, setName } from './context';
import { post, received } from './port';
import { printAtOnce } from './print-at-once';
import { progressOn } from './progress';
import { Runner } from './runner';
import type { Encoded } from './value-tags';

export function runInThread({ page }: { page: SharedArrayBuffer }): void {
  const port = parentPort as NonNullable<typeof parentPort>;
  printAtOnce();
  const runner = new Runner({
    where: 'thread',
    progress: progressOn(page),
    send: (message) => post(port, message),
    named: setName,
    end: () => process.exit(),
    loading: setLoading,
  });
  port.on('message', (message: string | Encoded) => runner.receive(received(message)));
}
