/** What kinds of values there are for the trip: copied as they are, copied in parts, or refused. */
import { types } from 'node:util';
import { libraryEntry, wellKnown } from './references';
import type { WorkerKind } from './types';

/** True for Object.prototype of this or another realm, and for no prototype. */
export function isPlainPrototype(proto: object | null): boolean {
  return proto === null || proto === Object.prototype || (Object.getPrototypeOf(proto) === null && Object.hasOwn(proto, 'isPrototypeOf'));
}

/** Objects without parts that could be functions: the transport copies them as they are. */
export function isLeaf(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value) ||
    types.isNativeError(value) ||
    (value instanceof URL && Object.getPrototypeOf(value) === URL.prototype)
  );
}

/** Why a leaf cannot travel, or undefined when it can. */
export function leafObstacle(value: object, mode: WorkerKind): string | undefined {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (types.isSharedArrayBuffer(buffer) && mode === 'process')
    return 'is a SharedArrayBuffer, which threads share but processes do not: use SharedMemory';
  if (types.isArrayBuffer(buffer) && isDetached(buffer)) return 'is a detached ArrayBuffer';
  return undefined;
}

function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** How to make an object anew: a constructor, of the platform or of one of the library's entry points, and its arguments. */
export interface Recipe {
  readonly from?: string;
  readonly by: string[];
  readonly args: unknown[];
}

/** Objects that are made anew from what they tell about themselves. */
export function remake(value: object): Recipe | undefined {
  const { Matrix } = libraryEntry('everycore/matrix') as typeof import('../matrix');
  if (value instanceof Matrix) {
    const { data, rows, cols, offset, rowStride, colStride } = value;
    return { from: 'everycore/matrix', by: ['Matrix'], args: [data, rows, cols, offset, rowStride, colStride] };
  }
  switch (Object.getPrototypeOf(value)) {
    case TextEncoder.prototype:
      return { by: ['TextEncoder'], args: [] };
    case TextDecoder.prototype: {
      const { encoding, fatal, ignoreBOM } = value as InstanceType<typeof TextDecoder>;
      return { by: ['TextDecoder'], args: [encoding, { fatal, ignoreBOM }] };
    }
    case URLSearchParams.prototype:
      return { by: ['URLSearchParams'], args: [String(value)] };
    case Intl.NumberFormat.prototype:
    case Intl.DateTimeFormat.prototype:
    case Intl.Collator.prototype:
    case Intl.PluralRules.prototype: {
      const { locale, ...options } = (value as Intl.NumberFormat).resolvedOptions();
      return { by: ['Intl', Object.getPrototypeOf(value).constructor.name], args: [locale, options] };
    }
  }
  return undefined;
}

/** What of a value can be said in an error: `a Socket`, `a WeakMap`, `a Promise`. */
export function nameOfKind(value: object): string {
  if (types.isProxy(value)) return 'a Proxy';
  const proto = Object.getPrototypeOf(value) as object | null;
  const made: unknown = proto === null ? undefined : Object.getOwnPropertyDescriptor(proto, 'constructor')?.value;
  const known = typeof made === 'function' ? wellKnown(made) : undefined;
  const name = known?.in === 'everycore' ? known.path.at(-1) : (made as Function | undefined)?.name;
  const kind: string = name || Object.prototype.toString.call(value).slice(8, -1);
  return `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** Objects with a hidden state that no copy would have. */
export function isOpaque(value: object): boolean {
  return (
    types.isProxy(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    value instanceof WeakRef ||
    value instanceof FinalizationRegistry ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isExternal(value) ||
    types.isArgumentsObject(value)
  );
}

/** The counters of an Istanbul-instrumented file: the code only ever counts in them. */
export function coverageCounters(value: object): object | undefined {
  const { statementMap, s, f, b, bT } = value as Record<string, unknown>;
  if (typeof statementMap !== 'object' || typeof s !== 'object' || typeof f !== 'object' || typeof b !== 'object') return undefined;
  return bT === undefined ? { s, f, b } : { s, f, b, bT };
}
