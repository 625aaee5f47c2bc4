/** A worker that is a thread: messages over its port, progress in memory that it shares with its pool. */
import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { setLoading, setName } from './context';
import { post, received } from './port';
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

/** A thread's output would otherwise wait for the main thread's event loop, and be lost with the thread. */
function printAtOnce(): void {
  for (const [stream, fd] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8') : chunk);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    }) as typeof stream.write;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // The reader is slow: a moment later there is room again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
