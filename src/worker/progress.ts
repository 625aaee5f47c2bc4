/**
 * The page that a worker shares with its pool: which item it has started. It outlives the worker, so
 * that exactly the items that had started are lost with it. Threads share memory; a process maps a file
 * that nobody else can name or, without the native binary, writes to it.
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Page, pageBytes, pageTimeAt } from './protocol';

/** A worker's side. */
export interface Progress {
  /** A chunk begins with this item (counted from the worker's first); false when it was taken back. */
  begin(number: number, timed: boolean): boolean;
  /** Item `number` starts now. */
  start(number: number, timed: boolean): void;
}

/** The pool's side. */
export interface Watch {
  /** How many items were started. */
  started(): number;
  /** Date.now() of the last item's start. */
  startedAt(): number;
  /** Takes the chunks in [from, to) back. */
  take(from: number, to: number): void;
  close(): void;
}

export function progressOn(buffer: ArrayBufferLike): Progress {
  const numbers = new Int32Array(buffer, 0, Page.length);
  const time = new Float64Array(buffer, pageTimeAt, 1);
  const show = (number: number, timed: boolean) => {
    if (timed) time[0] = Date.now();
    Atomics.store(numbers, Page.started, number + 1);
  };
  return {
    // First the start is shown, then asked whether the chunk was taken back: whoever takes does it the other way round.
    begin(number, timed) {
      show(number, timed);
      return !isTaken(number, Atomics.load(numbers, Page.takenFrom), Atomics.load(numbers, Page.takenTo));
    },
    start(number, timed) {
      if (timed) show(number, timed);
      // Whoever reads this reads it when the worker is dead, or does not mind a moment: a barrier would take longer than a short item.
      else numbers[Page.started] = number + 1;
    },
  };
}

function isTaken(number: number, from: number, to: number): boolean {
  return ((number - from) | 0) >= 0 && ((to - number) | 0) > 0;
}

/** The worker's side without mapped memory: a system call an item. */
export function progressInFile(fd: number): Progress {
  const bytes = Buffer.alloc(pageBytes);
  const start = (number: number, timed: boolean) => {
    bytes.writeInt32LE((number + 1) | 0, 0);
    if (timed) {
      bytes.writeDoubleLE(Date.now(), pageTimeAt);
      writeSync(fd, bytes, pageTimeAt, 8, pageTimeAt);
    }
    writeSync(fd, bytes, 0, 4, 0);
  };
  return {
    begin(number, timed) {
      start(number, timed);
      readSync(fd, bytes, 4, 8, 4);
      return !isTaken(number, bytes.readInt32LE(4), bytes.readInt32LE(8));
    },
    start,
  };
}

export function watchBuffer(buffer: SharedArrayBuffer): Watch {
  const numbers = new Int32Array(buffer, 0, Page.length);
  const time = new Float64Array(buffer, pageTimeAt, 1);
  return {
    started: () => Atomics.load(numbers, Page.started),
    startedAt: () => time[0],
    take(from, to) {
      Atomics.store(numbers, Page.takenFrom, from);
      Atomics.store(numbers, Page.takenTo, to);
    },
    close: () => undefined,
  };
}

/** A file without a name, for a child process to inherit. */
export function openPage(): { fd: number; watch: Watch } {
  const folder = mkdtempSync(join(tmpdir(), 'everycore-'));
  const path = join(folder, 'page');
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  rmdirSync(folder);
  ftruncateSync(fd, pageBytes);
  return { fd, watch: watchFile(fd) };
}

function watchFile(fd: number): Watch {
  const bytes = Buffer.alloc(pageBytes);
  let open = true;
  const read = () => {
    if (open) readSync(fd, bytes, 0, pageBytes, 0);
    return bytes;
  };
  return {
    started: () => read().readInt32LE(0),
    startedAt: () => read().readDoubleLE(pageTimeAt),
    take(from, to) {
      const range = Buffer.alloc(8);
      range.writeInt32LE(from | 0, 0);
      range.writeInt32LE(to | 0, 4);
      if (open) writeSync(fd, range, 0, 8, 4);
    },
    close() {
      read();
      if (open) closeSync(fd);
      open = false;
    },
  };
}
