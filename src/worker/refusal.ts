/** Refusals of the codec: a value that cannot travel, and how the user is told of it. */
import { SerializationError } from '../errors';

/** A value that cannot travel, and the way to it through the value that holds it. */
export class Refusal {
  readonly value: unknown;
  readonly message: string;
  /** The property of `value` that is meant, if it is not the value itself. */
  readonly key: string | undefined;
  /** What a getter threw. */
  readonly reason: unknown;

  constructor(value: unknown, message: string, key?: string, reason?: unknown) {
    this.value = value;
    this.message = message;
    this.key = key;
    this.reason = reason;
  }
}

/** The error that the user sees. */
export function refused(error: unknown, value: unknown, name: string): SerializationError {
  if (error instanceof Refusal) {
    return new SerializationError(`${name}${locate(value, error)} ${error.message}`, { cause: error.reason });
  }
  if (error instanceof RangeError) return new SerializationError(`${name} is nested too deeply, or too large, to be sent`, { cause: error });
  return new SerializationError(`${name} could not be sent: ${String((error as Error)?.message ?? error)}`, { cause: error });
}

/** `.options.callback`, `[3].at`: where the refused value sits in `root`. Only looked for when there is an error to tell. */
export function locate(root: unknown, refusal: Refusal): string {
  const own = refusal.key === undefined ? '' : step(refusal.key);
  const seen = new Set<unknown>();
  let level: { value: unknown; path: string }[] = [{ value: root, path: '' }];
  while (level.length > 0) {
    const next: { value: unknown; path: string }[] = [];
    for (const { value, path } of level) {
      if (value === refusal.value) return path + own;
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      for (const child of childrenOf(value)) next.push({ value: child.value, path: path + child.step });
    }
    level = next;
  }
  return own;
}

function* childrenOf(value: object): Generator<{ value: unknown; step: string }> {
  if (ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      yield { value: key, step: `.key(${short(key)})` };
      yield { value: item, step: `.get(${short(key)})` };
    }
    return;
  }
  if (value instanceof Set) {
    let i = 0;
    for (const item of value) yield { value: item, step: `.values()[${i++}]` };
    return;
  }
  for (const key of Object.keys(value)) {
    try {
      yield { value: (value as Record<string, unknown>)[key], step: Array.isArray(value) && /^\d+$/.test(key) ? `[${key}]` : step(key) };
    } catch {
      // A getter that throws has nothing below it.
    }
  }
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function short(key: unknown): string {
  return typeof key === 'string'
    ? JSON.stringify(key.length > 20 ? `${key.slice(0, 20)}…` : key)
    : String(typeof key === 'object' ? '…' : String(key));
}
