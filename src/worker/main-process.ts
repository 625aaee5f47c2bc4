/** A worker that is a child process: its channel is at file descriptor 3, the page that it shares with its pool at 4. */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { nativeState } from '../native';
import { setLoading, setName } from './context';
import { Deframer, frame } from './frames';
import { printAtOnce } from './print-at-once';
import { type Progress, progressInFile, progressOn } from './progress';
import { pageBytes } from './protocol';
import { Runner } from './runner';
import type { Encoded } from './value-tags';

const channelFd = 3;
const pageFd = 4;

export function runInProcess(): void {
  printAtOnce();
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
