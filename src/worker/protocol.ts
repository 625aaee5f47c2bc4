/**
 * What a pool and its workers say to each other. A message is a row of records, each a kind and what
 * belongs to it, written by the codec; everything of one turn of the event loop goes in one message.
 */
import type { ShippedFunction } from '../functions';

/** From the pool to a worker. */
export enum ToWorker {
  /** WorkerSetup: the first of all. */
  setup = 1,
  /** A function's number, and the function: sent before the first chunk that needs it. */
  fn,
  /** The number of a function that is not needed any more. */
  forget,
  /** start, function number, ChunkFlags, items. */
  chunk,
  /** Nothing more comes: end in order. */
  end,
  /** Name and value, for whoever listens to the name. */
  message,
}

/** From a worker to the pool. */
export enum ToPool {
  /** The initializer has run. */
  ready = 1,
  /** The initializer, or its loading, failed: the error. */
  initFailed,
  /** start of the chunk, results: those of the next items in order. */
  results,
  /** start of the chunk, error: that of the next item in order. */
  failed,
  /** start of the chunk, time: the chunk has ended, with results of all its items or at its first error. */
  done,
  /** start of a chunk that was taken back in time: nothing of it has run. */
  skipped,
  message,
}

export enum ChunkFlags {
  none = 0,
  /** Items are lists of arguments. */
  star = 1,
  /** An error ends nothing: every item is tried. */
  settle = 2,
  /** The pool wants to know when each item starts. */
  timed = 4,
}

/** What a worker is told before it is given work. */
export interface WorkerSetup {
  readonly name: string;
  readonly daemon?: boolean;
  readonly identity?: string;
  readonly initializer?: ShippedFunction;
  readonly initArgs?: readonly unknown[];
  readonly finalizer?: ShippedFunction;
  readonly parent?: { readonly name: string; readonly pid: number };
  /** It runs one function and ends: an error is printed, and is its exit code. */
  readonly solo?: boolean;
}

/** Numbers of the page that a worker shares with its pool; see progress.ts. */
export enum Page {
  /** How many items were started since the worker began. */
  started,
  /** Chunks whose first item is in [takenFrom, takenTo) were taken back: they are skipped. */
  takenFrom,
  takenTo,
  /** How many messages the worker has sent. */
  sent,
  /** How many bytes of its next message are on the page already. */
  shown,
  length,
}

/** Bytes of the page: the numbers above, the time at which the last item started (Date.now()), and the beginning of the next message. */
export const pageBytes = 4096;
export const pageTimeAt = 32;
export const shownAt = 64;
