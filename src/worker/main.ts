/** Where a worker begins: a child process with its channel at file descriptor 3, or a worker thread. */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { nativeState } from '../native';
import { setLoading, setName } from './context';
import { Deframer, frame } from './frames';
import { post, received } from './port';
import { type Progress, progressInFile, progressOn } from './progress';
import { pageBytes } from './protocol';
import { Runner } from './runner';
import type { Encoded } from './value-tags';

/** File descriptors that a child process inherits. */
const channelFd = 3;
const pageFd = 4;

if (isMainThread) runInProcess();
else if (workerData?.everycore) runInThread(workerData.everycore);

function runInProcess(): void {
  const { binding } = nativeState();
  const parent = Number(process.argv[2]);
  if (binding) binding.dieWithParent(parent);
  else watchParent(parent);
  let progress: Progress = progressInFile(pageFd);
  try {
    const page = binding?.mapPage(pageFd, pageBytes);
    if (page) progress = progressOn(page);
  } catch {
    // Where memory may not be mapped, the file is written to.
  }
  // Ctrl-C is for the pool's process to answer: it ends its workers.
  if (process.argv[4] !== 'interruptible') process.on('SIGINT', () => undefined);
  const socket = new Socket({ fd: channelFd, readable: true, writable: true });
  const runner = new Runner({
    where: 'process',
    progress,
    send: (message) => write(socket, message),
    named: (setup) => {
      setName(setup);
      process.title = `${process.title} ${setup.name}`;
    },
    end: (failed) =>
      socket.end(() => {
        if (failed) process.exitCode = 1;
        process.exit();
      }),
    loading: setLoading,
  });
  const deframer = new Deframer((message) => runner.receive(message));
  socket.on('data', (bytes) => deframer.push(bytes));
  // The pool's process is gone.
  socket.on('end', () => process.exit());
  socket.on('error', () => process.exit());
}

/** Without the native binary a thread looks after the parent, as the closed channel is seen only between two tasks. */
function watchParent(parent: number): void {
  const source = `
    const { workerData: parent } = require('node:worker_threads');
    setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 200);`;
  // Windows ends children with their parent.
  if (process.platform !== 'win32') new Worker(source, { eval: true, workerData: parent }).unref();
}

function write(socket: Socket, message: Encoded): void {
  const pieces = frame(message);
  if (pieces.length === 1) {
    socket.write(pieces[0]);
    return;
  }
  socket.cork();
  for (const piece of pieces) socket.write(piece);
  socket.uncork();
}

function runInThread({ page }: { page: SharedArrayBuffer }): void {
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
