/**
 * The codec's first half: values into bytes, for processes and threads alike. What structured clone knows,
 * and what it loses: errors with class, own properties and cause; views as exactly their bytes; Buffer, URL;
 * and a refusal that says which value could not travel, and where in the argument it sits.
 */
import { ByteWriter } from './byte-writer';
import { encodeError } from './error-codec';
import { isRecord, packNumbers, Shapes } from './item-packing';
import { Refusal, refused } from './refusal';
import { arrayBuffer, attachFrom, bufferView, type Encoded, handleKindOf, Layout, Tag, viewNames } from './value-tags';
import { bytesOf, isSharedBuffer, viewName } from './views';

const noBuffers: ReadonlySet<ArrayBuffer> = new Set();

/** Buffers that were moved, or will be with the next message: a second mention, also to another worker, is a copy. */
const moved = new WeakSet<ArrayBuffer>();

export class Encoder extends ByteWriter {
  readonly where: 'process' | 'thread';
  /** Buffers that the user gives away: they need no copy between threads. */
  moves: ReadonlySet<ArrayBuffer> = noBuffers;
  #attachments: Uint8Array[] = [];
  #shared: SharedArrayBuffer[] = [];
  /** Objects of the present value by the order in which they were met. */
  readonly #references = new Map<object, number>();
  readonly #shapes = new Shapes();

  constructor(where: 'process' | 'thread') {
    super();
    this.where = where;
  }

  get empty(): boolean {
    return this.position === 0;
  }

  /** True when nothing travels beside the bytes. */
  get whole(): boolean {
    return this.#attachments.length === 0 && this.#shared.length === 0;
  }

  /** Bytes so far, attachments included. */
  get size(): number {
    return this.#attachments.reduce((sum, { byteLength }) => sum + byteLength, this.position);
  }

  /** What was written since the last call. */
  take(): Encoded {
    const encoded: Encoded = { bytes: this.takeBytes(), attachments: this.#attachments, shared: this.#shared };
    this.#attachments = [];
    this.#shared = [];
    this.#references.clear();
    this.#shapes.truncate(0);
    return encoded;
  }

  /**
   * One value that shares nothing with those before it.
   * @param name How messages call the value: `args[0]`, `the result of item 3`.
   * @throws SerializationError; nothing of the value is written then
   */
  root(value: unknown, name: string): void {
    const start = this.position;
    const attachments = this.#attachments.length;
    const shared = this.#shared.length;
    const shapes = this.#shapes.count;
    if (this.#references.size > 0) this.#references.clear();
    try {
      this.value(value);
    } catch (error) {
      this.position = start;
      this.#attachments.length = attachments;
      this.#shared.length = shared;
      this.#shapes.truncate(shapes);
      throw refused(error, value, name);
    }
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        if ((value | 0) === value && !Object.is(value, -0)) {
          this.int(value);
        } else {
          this.byte(Tag.double);
          this.double(value);
        }
        return;
      case 'string':
        this.text(value);
        return;
      case 'boolean':
        this.byte(value ? Tag.true : Tag.false);
        return;
      case 'undefined':
        this.byte(Tag.undefined);
        return;
      case 'bigint':
        this.byte(Tag.bigint);
        this.text(value.toString(16));
        return;
      case 'object':
        if (value === null) this.byte(Tag.null);
        else this.#object(value);
        return;
      case 'function': {
        const kind = handleKindOf(value);
        if (kind === undefined)
          throw new Refusal(value, `is a function${value.name ? ` (${value.name})` : ''}, and functions do not travel as values`);
        this.#references.set(value, this.#references.size);
        this.#handle(kind.name, kind.pack(value, this.where));
        return;
      }
      default:
        throw new Refusal(value, 'is a symbol, and symbols do not travel');
    }
  }

  #object(value: object): void {
    const known = this.#references.get(value);
    if (known !== undefined) {
      this.byte(Tag.reference);
      this.count(known);
      return;
    }
    this.#references.set(value, this.#references.size);
    if (Array.isArray(value)) {
      this.#array(value);
      return;
    }
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype) this.#plain(value, Tag.object);
    else if (prototype === null) this.#plain(value, Tag.bareObject);
    else this.#special(value);
  }

  #array(value: readonly unknown[]): void {
    const { length } = value;
    let dense = true;
    for (let i = 0; i < length && dense; i++) dense = value[i] !== undefined || i in value;
    if (!dense || Object.keys(value).length > length) {
      this.byte(Tag.sparseArray);
      this.count(length);
      this.#properties(value, Object.keys(value));
      return;
    }
    this.byte(Tag.array);
    this.count(length);
    for (let i = 0; i < length; i++) this.value(value[i]);
  }

  /** Objects with the same keys share one description of them. */
  #plain(value: object, tag: Tag): void {
    const keys = Object.keys(value);
    this.byte(tag);
    this.#shape(keys);
    for (const key of keys) this.#property(value, key);
  }

  #shape(keys: readonly string[]): void {
    const number = this.#shapes.numberOf(keys);
    this.count(number);
    if (!this.#shapes.isNew) return;
    this.count(keys.length);
    for (const key of keys) this.text(key);
  }

  #property(value: object, key: string): void {
    let own: unknown;
    try {
      own = (value as Record<string, unknown>)[key];
    } catch (error) {
      throw new Refusal(value, `could not be read: its getter threw ${String((error as Error)?.message ?? error)}`, key, error);
    }
    this.value(own);
  }

  #properties(value: object, keys: readonly string[]): void {
    this.count(keys.length);
    for (const key of keys) {
      this.text(key);
      this.#property(value, key);
    }
  }

  #special(value: object): void {
    if (ArrayBuffer.isView(value)) {
      this.#viewOf(value);
      return;
    }
    const kind = handleKindOf(value);
    if (kind !== undefined) {
      this.#handle(kind.name, kind.pack(value, this.where));
      return;
    }
    if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]') {
      this.byte(Tag.error);
      encodeError(this, value as Error);
    } else if (value instanceof Map) {
      this.byte(Tag.map);
      this.count(value.size);
      for (const [key, item] of value) {
        this.value(key);
        this.value(item);
      }
    } else if (value instanceof Set) {
      this.byte(Tag.set);
      this.count(value.size);
      for (const item of value) this.value(item);
    } else if (value instanceof Date) {
      this.byte(Tag.date);
      this.double(value.getTime());
    } else if (value instanceof RegExp) {
      this.byte(Tag.regExp);
      this.text(value.source);
      this.text(value.flags);
    } else if (value instanceof URL) {
      this.byte(Tag.url);
      this.text(value.href);
    } else if (value instanceof ArrayBuffer) {
      this.#binary(arrayBuffer, bytesOf(value, value));
    } else if (isSharedBuffer(value)) {
      this.byte(Tag.sharedBuffer);
      this.#sharedMemory(value, value);
    } else if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt) {
      this.byte(Tag.boxed);
      this.value(value.valueOf());
    } else {
      this.#instance(value);
    }
  }

  /** Instances of classes travel as their own properties, as with structured clone. */
  #instance(value: object): void {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    if (/^(Promise|WeakMap|WeakSet|WeakRef|Generator|AsyncGenerator|MessagePort|Map Iterator|Set Iterator|Array Iterator|Symbol)$/.test(name)) {
      throw new Refusal(value, `is a ${name}, which exists only where it was made`);
    }
    this.#plain(value, Tag.object);
  }

  #handle(name: string, packed: unknown): void {
    this.byte(Tag.handle);
    this.text(name);
    this.value(packed);
  }

  #viewOf(value: ArrayBufferView): void {
    const number = Buffer.isBuffer(value) ? bufferView : viewNames.get(viewName(value));
    if (number === undefined) throw new Refusal(value, 'is a view of an unknown kind');
    if (isSharedBuffer(value.buffer)) {
      this.byte(Tag.sharedView);
      this.byte(number);
      this.double(value.byteOffset);
      this.double(value.byteLength);
      this.#sharedMemory(value.buffer, value);
      return;
    }
    this.#binary(number, bytesOf(value, value.buffer));
  }

  #sharedMemory(buffer: SharedArrayBuffer, value: object): void {
    if (this.where === 'process') {
      throw new Refusal(value, 'is on a SharedArrayBuffer, which other processes cannot see: use SharedMemory, a copy, or a ThreadPool');
    }
    let number = this.#shared.indexOf(buffer);
    if (number < 0) number = this.#shared.push(buffer) - 1;
    this.count(number);
  }

  #binary(number: number, bytes: Uint8Array): void {
    const { byteLength } = bytes;
    const attached = byteLength >= attachFrom;
    this.byte(attached ? Tag.attachedView : number === arrayBuffer ? Tag.buffer : Tag.view);
    this.byte(number);
    if (attached) {
      this.count(this.#attachments.push(this.#mayMove(bytes) ? bytes : bytes.slice()) - 1);
      return;
    }
    this.count(byteLength);
    this.raw(bytes);
  }

  /** A pipe copies by itself; between threads what is sent is gone here. */
  #mayMove(bytes: Uint8Array): boolean {
    const buffer = bytes.buffer as ArrayBuffer;
    if (this.where === 'process') return true;
    if (!this.moves.has(buffer) || bytes.byteLength !== buffer.byteLength || moved.has(buffer)) return false;
    moved.add(buffer);
    return true;
  }

  /** Memory of our own that is not used again here: it moves, if it is large. */
  #numbers(numbers: Float64Array): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    if (bytes.byteLength >= attachFrom) {
      this.byte(Layout.attachedNumbers);
      this.count(numbers.length);
      this.count(this.#attachments.push(bytes) - 1);
      return;
    }
    this.byte(Layout.numbers);
    this.count(numbers.length);
    this.raw(bytes);
  }

  /** A list of numbers that is given away: nobody may write to it afterwards. */
  packedNumbers(numbers: Float64Array): void {
    this.#numbers(numbers);
  }

  /**
   * The items [from, to) of a list, packed where they allow it.
   * @param name How messages call item `i`.
   */
  items(list: ArrayLike<unknown>, from: number, to: number, name: (i: number) => string): void {
    const length = to - from;
    if (length >= 8) {
      const first = list[from];
      if (typeof first === 'number') {
        const numbers = packNumbers(list, from, to);
        if (numbers !== undefined) {
          this.#numbers(numbers);
          return;
        }
      } else if (typeof first === 'object' && first !== null && this.#records(list, from, to, first)) {
        return;
      }
    }
    this.byte(Layout.values);
    this.count(length);
    if (this.#references.size > 0) this.#references.clear();
    let i = from;
    try {
      for (; i < to; i++) this.value(list[i]);
    } catch (error) {
      throw Object.assign(refused(error, list[i], name(i)), { at: i });
    }
  }

  /** Plain objects with the same keys and primitive values: keys once, then a column a key. */
  #records(list: ArrayLike<unknown>, from: number, to: number, first: object): boolean {
    const keys = Object.keys(first);
    if (keys.length === 0 || keys.length > 32 || keys.includes('__proto__')) return false;
    for (let i = from; i < to; i++) if (!isRecord(list[i], keys)) return false;
    this.byte(Layout.records);
    this.count(to - from);
    this.count(keys.length);
    for (const key of keys) this.#column(list as ArrayLike<Record<string, unknown>>, from, to, key);
    return true;
  }

  #column(list: ArrayLike<Record<string, unknown>>, from: number, to: number, key: string): void {
    this.text(key);
    const numbers = new Float64Array(to - from);
    let i = from;
    for (; i < to; i++) {
      const value = list[i][key];
      if (typeof value !== 'number') break;
      numbers[i - from] = value;
    }
    if (i === to) {
      this.#numbers(numbers);
      return;
    }
    this.byte(Layout.values);
    this.count(to - from);
    for (i = from; i < to; i++) this.value(list[i][key]);
  }

  /** Runs `write`; if it throws, it is as if it had not been called, and the error is the answer. */
  attempt(write: () => void): unknown {
    const start = this.position;
    const attachments = this.#attachments.length;
    const shared = this.#shared.length;
    const references = this.#references.size;
    const shapes = this.#shapes.count;
    try {
      write();
      return undefined;
    } catch (error) {
      this.position = start;
      this.#attachments.length = attachments;
      this.#shared.length = shared;
      for (const [object, number] of this.#references) if (number >= references) this.#references.delete(object);
      this.#shapes.truncate(shapes);
      return error ?? new Error('nothing was thrown');
    }
  }
}
