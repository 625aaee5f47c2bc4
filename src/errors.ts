/**
 * Every error that everycore makes. Each has a stable `code`; wrong arguments are TypeError and
 * RangeError, as in Node itself, and carry a code of the same kind.
 */

/** Base class of the library's own errors. */
export class EverycoreError extends Error {
  /** Stable name of the kind of error, `ERR_EVERYCORE_…`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Waiting took longer than the caller allowed; what was waited for goes on. */
export class TimeoutError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions, code = 'ERR_EVERYCORE_TIMEOUT') {
    super(code, message, options);
  }
}

/** A task ran longer than `taskTimeout`; its worker was replaced. */
export class TaskTimeoutError extends TimeoutError {
  /** Position of the item in the input. */
  readonly index: number;

  constructor(message: string, index: number, options?: ErrorOptions) {
    super(message, options, 'ERR_EVERYCORE_TASK_TIMEOUT');
    this.index = index;
  }
}

/** The pool takes no more work: it was closed. */
export class PoolClosedError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions, code = 'ERR_EVERYCORE_POOL_CLOSED') {
    super(code, message, options);
  }
}

/** The pool was terminated, by hand or by leaving its `await using` block, with this work unfinished. */
export class PoolTerminatedError extends PoolClosedError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'ERR_EVERYCORE_POOL_TERMINATED');
  }
}

/** The pool cannot work any more; `cause` says why. */
export class BrokenPoolError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_BROKEN_POOL', message, options);
  }
}

/** A worker ended while it held work. */
export class WorkerDiedError extends EverycoreError {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Positions of the items that had started on the worker. */
  readonly taskIndices: readonly number[];

  constructor(
    message: string,
    details: { pid: number; exitCode: number | null; signal: NodeJS.Signals | null; taskIndices: readonly number[] },
    options?: ErrorOptions,
  ) {
    super('ERR_EVERYCORE_WORKER_DIED', message, options);
    this.pid = details.pid;
    this.exitCode = details.exitCode;
    this.signal = details.signal;
    this.taskIndices = details.taskIndices;
  }
}

/** A value could not be carried to or from a worker. */
export class SerializationError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_SERIALIZATION', message, options);
  }
}

/** A plain function uses something that cannot travel to a worker; the message names it. */
export class FunctionNotShippableError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_FUNCTION_NOT_SHIPPABLE', message, options);
  }
}

/** A worker could not find or load the function it was to run. */
export class TaskLoadError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_TASK_LOAD', message, options);
  }
}

/** The call does not fit the object's present state (joined before started, started twice …). */
export class StateError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions, code = 'ERR_EVERYCORE_STATE') {
    super(code, message, options);
  }
}

/** The result is not there yet. */
export class NotReadyError extends StateError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'ERR_EVERYCORE_NOT_READY');
  }
}

/** Nothing is in the queue. */
export class QueueEmptyError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_QUEUE_EMPTY', message, options);
  }
}

/** The queue has no room. */
export class QueueFullError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_QUEUE_FULL', message, options);
  }
}

/** The queue was closed. */
export class QueueClosedError extends StateError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'ERR_EVERYCORE_QUEUE_CLOSED');
  }
}

/** A barrier was aborted or reset, or somebody waited too long at it. */
export class BrokenBarrierError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_BROKEN_BARRIER', message, options);
  }
}

/** Workers cannot be started from here: from a module that a worker imports, or from a bundle. */
export class BootstrapError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_BOOTSTRAP', message, options);
  }
}

/** The other end of a connection is closed and nothing is left to read. */
export class EOFError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_EOF', message, options);
  }
}

/** The other end of a connection is closed: nobody would read this. */
export class BrokenPipeError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_BROKEN_PIPE', message, options);
  }
}

/** A message is longer than the buffer given for it; `data` holds it whole. */
export class BufferTooShortError extends EverycoreError {
  readonly data: Uint8Array;

  constructor(message: string, data: Uint8Array, options?: ErrorOptions) {
    super('ERR_EVERYCORE_BUFFER_TOO_SHORT', message, options);
    this.data = data;
  }
}

/** A matrix that has no inverse. */
export class SingularMatrixError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_SINGULAR_MATRIX', message, options);
  }
}

/** A matrix that is not positive definite; `minor` is the first leading minor that shows it, from 1. */
export class NotPositiveDefiniteError extends EverycoreError {
  readonly minor: number;

  constructor(message: string, minor: number, options?: ErrorOptions) {
    super('ERR_EVERYCORE_NOT_POSITIVE_DEFINITE', message, options);
    this.minor = minor;
  }
}

/** Where an image went wrong. */
export interface ImageErrorDetails {
  file?: string;
  step?: string;
  index?: number;
}

/** Bytes that are not a whole image of a known format. */
export class ImageDecodeError extends EverycoreError {
  file?: string;
  step?: string;
  index?: number;

  constructor(message: string, details: ImageErrorDetails = {}, options?: ErrorOptions) {
    super('ERR_EVERYCORE_IMAGE_DECODE', message, options);
    Object.assign(this, { step: 'decode' }, details);
  }
}

/** The encoder of a format failed; `step` is the format. */
export class ImageEncodeError extends EverycoreError {
  file?: string;
  step?: string;
  index?: number;

  constructor(message: string, details: ImageErrorDetails = {}, options?: ErrorOptions) {
    super('ERR_EVERYCORE_IMAGE_ENCODE', message, options);
    Object.assign(this, details);
  }
}

/** An image with more pixels than `limitPixels` allows. */
export class PixelLimitError extends EverycoreError {
  file?: string;
  step?: string;
  index?: number;

  constructor(message: string, details: ImageErrorDetails = {}, options?: ErrorOptions) {
    super('ERR_EVERYCORE_PIXEL_LIMIT', message, options);
    Object.assign(this, { step: 'decode' }, details);
  }
}

/** The format needs a codec that is not installed. */
export class CodecMissingError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_CODEC_MISSING', message, options);
  }
}

/** The call needs the native binary, and it did not load; `cause` says why. */
export class NativeMissingError extends EverycoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_EVERYCORE_NATIVE_MISSING', message, options);
  }
}

/** A TypeError with the library's kind of code: `typeError('sigma must be a number', value)`. */
export function typeError(expected: string, got?: unknown): TypeError {
  const message = arguments.length > 1 ? `${expected}, got ${describe(got)}` : expected;
  return Object.assign(new TypeError(message), { code: 'ERR_EVERYCORE_INVALID_ARG_TYPE' });
}

/** A RangeError with the library's kind of code. */
export function rangeError(expected: string, got?: unknown): RangeError {
  const message = arguments.length > 1 ? `${expected}, got ${describe(got)}` : expected;
  return Object.assign(new RangeError(message), { code: 'ERR_EVERYCORE_OUT_OF_RANGE' });
}

/** A value in a few words, for the second half of an error sentence. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'symbol':
      return 'a symbol';
    case 'function':
      return value.name ? `function ${value.name}` : 'a function';
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? 'Object';
  if (ArrayBuffer.isView(value) && 'length' in value) return `${name}(${value.length})`;
  return name === 'Object' ? 'a plain object' : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
