/** Workers that are child processes: a socket of their own for messages, and a shared page for progress. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Deframer, frame } from '../worker/frames';
import { openPage } from '../worker/progress';
import type { Encoded } from '../worker/value-tags';
import { environment, inheritedArguments, type RunningWorker, type WorkerEvents, type WorkerStart } from './worker';
import { workerFile } from './worker-file';

/** Time between asking a process to end and ending it. */
const graceMs = 1000;

const running = new Set<ChildProcess>();
let watching = false;

/** Whatever ends this process ends its children, those that compute too. */
function endWithUs(child: ChildProcess): void {
  if (!watching) {
    watching = true;
    process.on('exit', () => {
      for (const one of running) one.kill('SIGKILL');
    });
  }
  running.add(child);
}

export function startProcess({ name, env, execArgv, interruptible }: WorkerStart, events: WorkerEvents): RunningWorker {
  const main = workerFile();
  const { fd, watch } = openPage();
  let child: ChildProcess;
  try {
    const args = [...inheritedArguments(), ...(execArgv ?? []), main, String(process.pid), name, interruptible ? 'interruptible' : ''];
    // The page's descriptor goes by number; 'inherit' keeps output whole lines, and there when the worker dies.
    child = spawn(process.execPath, args, { env: environment(env), stdio: ['ignore', 'inherit', 'inherit', 'pipe', fd], windowsHide: true });
  } catch (error) {
    watch.close();
    throw error;
  }
  endWithUs(child);
  const socket = child.stdio[3] as Socket;
  let failure: unknown;
  const deframer = new Deframer((message) => events.message(message));
  socket.on('data', (bytes) => deframer.push(bytes));
  // A worker that died is reported by its exit.
  socket.on('error', () => undefined);
  let ended = false;
  const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
    if (ended) return;
    ended = true;
    running.delete(child);
    clearTimeout(grace);
    clearTimeout(closing);
    watch.close();
    socket.destroy();
    events.exit({ exitCode, signal, cause: failure });
  };
  let grace: NodeJS.Timeout | undefined;
  let closing: NodeJS.Timeout | undefined;
  child.on('error', (error) => {
    failure = error;
    if (child.pid === undefined) end(null, null);
  });
  // All it has written is read before 'close'; a grandchild that holds the socket open must not delay that for ever.
  child.on('close', end);
  child.on('exit', (exitCode, signal) => {
    closing = setTimeout(end, 200, exitCode, signal);
  });
  return {
    pid: child.pid ?? 0,
    watch,
    send: (message) => write(socket, message),
    kill(gently) {
      if (ended) return;
      child.kill(gently ? 'SIGTERM' : 'SIGKILL');
      if (gently) grace = setTimeout(() => child.kill('SIGKILL'), graceMs);
    },
    signal: (name) => child.kill(name),
    hold(on) {
      if (on) child.ref();
      else child.unref();
      if (on) socket.ref();
      else socket.unref();
    },
  };
}

function write(socket: Socket, message: Encoded): void {
  if (socket.destroyed) return;
  const pieces = frame(message);
  if (pieces.length > 1) socket.cork();
  for (const piece of pieces) socket.write(piece);
  if (pieces.length > 1) socket.uncork();
}
