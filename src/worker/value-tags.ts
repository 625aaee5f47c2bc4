/** What both halves of the codec of values know: tags, layouts, classes of views, and values of the library that travel as themselves. */
import { libraryValues } from './library-values';

/** The first byte of every encoded value: what it is. Both halves of the codec read this one table. */
export enum Tag {
  undefined,
  null,
  true,
  false,
  int,
  double,
  latin1,
  utf16,
  bigint,
  array,
  sparseArray,
  object,
  bareObject,
  reference,
  date,
  regExp,
  map,
  set,
  error,
  url,
  buffer,
  view,
  attachedView,
  sharedBuffer,
  sharedView,
  boxed,
  handle,
}

/** How a list of items is laid out. */
export enum Layout {
  /** One value after the other. */
  values,
  /** All numbers, in place. */
  numbers,
  /** All numbers, as an attachment. */
  attachedNumbers,
  /** Plain objects with the same keys and primitive values, column by column. */
  records,
}

/** Views by number; new ones come at the end. */
export const viewClasses = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const;

export const viewNames: ReadonlyMap<string, number> = new Map(viewClasses.map((view, number) => [view.name, number]));

/** Numbers of things that are views too, but have no class in the list above. */
export const bufferView = viewClasses.length;
export const arrayBuffer = viewClasses.length + 1;

/** Binary data from this size on travels beside the message and not in it, so that it is copied less. */
export const attachFrom = 4096;

/** What one side has encoded for the other. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** Large binary data, in the order of its mentions. */
  readonly attachments: readonly Uint8Array[];
  /** Memory that both threads see; empty for processes. */
  readonly shared: readonly SharedArrayBuffer[];
}

/**
 * Something of the library that travels as itself: a queue, a lock, shared memory. `pack` answers plain
 * values from which `unpack` makes the same thing on the other side.
 */
export interface HandleKind {
  readonly name: string;
  is(value: object): boolean;
  pack(value: object, where: 'process' | 'thread'): unknown;
  unpack(packed: unknown): object;
}

const kinds = new Map<string, HandleKind>(libraryValues.map((kind) => [kind.name, kind]));

export function registerHandle(kind: HandleKind): void {
  kinds.set(kind.name, kind);
}

export function handleKindOf(value: object): HandleKind | undefined {
  // Plain objects, of which there are many, are none.
  if (Object.getPrototypeOf(value) === Object.prototype) return undefined;
  for (const kind of kinds.values()) if (kind.is(value)) return kind;
  return undefined;
}

export function handleKindNamed(name: string): HandleKind | undefined {
  return kinds.get(name);
}
