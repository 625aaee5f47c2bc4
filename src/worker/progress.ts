/**
 * The page that a worker shares with its pool: which item it has started, and the results that it has not sent yet, because it
 * collects them. It outlives the worker, so that exactly the items that run are lost with it; and a pool that hears nothing can
 * look whether results wait behind a long item. Threads share memory; a process maps a file
 * that nobody else can name or, without the native binary, writes to it.
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Page, pageBytes, pageTimeAt, shownAt } from './protocol';

/** A worker's side. */
export interface Progress {
  /** A chunk begins with this item (counted from the worker's first); false when it was taken back. */
  begin(number: number, timed: boolean): boolean;
  /** Item `number` starts now. */
  start(number: number, timed: boolean): void;
  /** Bytes [from, to) of the next message can be seen; those before can already. False when there is no room. */
  show(message: Uint8Array, from: number, to: number): boolean;
  /** The message was sent; the next one is empty. */
  sent(): void;
}

/** The pool's side. */
export interface Watch {
  /** How many items were started. */
  started(): number;
  /** Date.now() of the last item's start. */
  startedAt(): number;
  /** Takes the chunks in [from, to) back. */
  take(from: number, to: number): void;
  /** What can be seen of a message that was not sent when it was looked, after how many others. */
  unsent(): { readonly bytes: Buffer; readonly sent: number } | undefined;
  close(): void;
}

export function progressOn(buffer: ArrayBufferLike): Progress {
  const numbers = new Int32Array(buffer, 0, Page.length);
  const time = new Float64Array(buffer, pageTimeAt, 1);
  const mark = (number: number, timed: boolean) => {
    if (timed) time[0] = Date.now();
    Atomics.store(numbers, Page.started, number + 1);
  };
  const room = new Uint8Array(buffer, shownAt);
  return {
    // First the start is shown, then asked whether the chunk was taken back: whoever takes does it the other way round.
    begin(number, timed) {
      mark(number, timed);
      return !isTaken(number, Atomics.load(numbers, Page.takenFrom), Atomics.load(numbers, Page.takenTo));
    },
    start(number, timed) {
      if (timed) mark(number, timed);
      // Whoever reads this reads it when the worker is dead, or does not mind a moment: a barrier would take longer than a short item.
      else numbers[Page.started] = number + 1;
    },
    show(message, from, to) {
      if (to > room.length) return false;
      for (let i = from; i < to; i++) room[i] = message[i];
      Atomics.store(numbers, Page.shown, to);
      return true;
    },
    sent() {
      Atomics.store(numbers, Page.shown, 0);
      Atomics.add(numbers, Page.sent, 1);
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
  const counts = new Int32Array(2); // Page.sent and Page.shown
  return {
    begin(number, timed) {
      start(number, timed);
      readSync(fd, bytes, 4, 8, 4);
      return !isTaken(number, bytes.readInt32LE(4), bytes.readInt32LE(8));
    },
    start,
    show(message, from, to) {
      if (to > pageBytes - shownAt) return false;
      writeSync(fd, message, from, to - from, shownAt + from);
      counts[1] = to;
      writeSync(fd, counts, 0, 8, 4 * Page.sent);
      return true;
    },
    sent() {
      counts[0]++;
      counts[1] = 0;
      writeSync(fd, counts, 0, 8, 4 * Page.sent);
    },
  };
}

export function watchBuffer(buffer: SharedArrayBuffer): Watch {
  const numbers = new Int32Array(buffer, 0, Page.length);
  const time = new Float64Array(buffer, pageTimeAt, 1);
  const room = new Uint8Array(buffer, shownAt);
  return {
    started: () => Atomics.load(numbers, Page.started),
    startedAt: () => time[0],
    take(from, to) {
      Atomics.store(numbers, Page.takenFrom, from);
      Atomics.store(numbers, Page.takenTo, to);
    },
    unsent() {
      const sent = Atomics.load(numbers, Page.sent);
      const bytes = Buffer.from(room.subarray(0, Atomics.load(numbers, Page.shown)));
      // Sent meanwhile, the copy may hold parts of two messages.
      return bytes.length > 0 && Atomics.load(numbers, Page.sent) === sent ? { bytes, sent } : undefined;
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
    unsent() {
      const page = read();
      const sent = page.readInt32LE(4 * Page.sent);
      const message = Buffer.from(page.subarray(shownAt, shownAt + page.readInt32LE(4 * Page.shown)));
      return message.length > 0 && read().readInt32LE(4 * Page.sent) === sent ? { bytes: message, sent } : undefined;
    },
    close() {
      read();
      if (open) closeSync(fd);
      open = false;
    },
  };
}
