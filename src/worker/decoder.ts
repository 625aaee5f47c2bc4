/** The codec's second half: bytes into values. It reads only what encoder.ts of the same version wrote. */
import { decodeError } from './error-codec';
import { arrayBuffer, bufferView, type Encoded, handleKindNamed, Layout, Tag, viewClasses } from './value-tags';

/** Stands in the table of references until the object is made. */
const unmade = Symbol('unmade');

export class Decoder {
  #bytes: Buffer;
  #view: DataView;
  #position = 0;
  #attachments: readonly Uint8Array[];
  #shared: readonly SharedArrayBuffer[];
  #references: unknown[] = [];
  readonly #shapes: string[][] = [];

  constructor({ bytes, attachments, shared }: Encoded) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#attachments = attachments;
    this.#shared = shared;
  }

  /** Goes on in a message whose beginning it has read. */
  resume({ bytes, attachments, shared }: Encoded): this {
    this.#bytes = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#attachments = attachments;
    this.#shared = shared;
    return this;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#position++];
  }

  count(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#position++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  double(): number {
    const value = this.#view.getFloat64(this.#position, true);
    this.#position += 8;
    return value;
  }

  text(): string {
    return this.#text(this.byte());
  }

  #text(tag: number): string {
    const length = this.count();
    const start = this.#position;
    if (tag === Tag.utf16) {
      this.#position += 2 * length;
      return this.#bytes.toString('utf16le', start, this.#position);
    }
    this.#position += length;
    if (length > 12) return this.#bytes.toString('latin1', start, this.#position);
    let text = '';
    for (let i = start; i < this.#position; i++) text += String.fromCharCode(this.#bytes[i]);
    return text;
  }

  /** One value that was written by `root`. */
  root(): unknown {
    if (this.#references.length > 0) this.#references = [];
    return this.value();
  }

  value(): unknown {
    const tag = this.#bytes[this.#position++] as Tag;
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.true:
        return true;
      case Tag.false:
        return false;
      case Tag.int: {
        const value = this.#view.getInt32(this.#position, true);
        this.#position += 4;
        return value;
      }
      case Tag.double:
        return this.double();
      case Tag.latin1:
      case Tag.utf16:
        return this.#text(tag);
      case Tag.bigint:
        return bigintOf(this.text());
      case Tag.reference:
        return this.#references[this.count()];
      case Tag.object:
        return this.#plain(this.#keep({}));
      case Tag.bareObject:
        return this.#plain(this.#keep(Object.create(null) as object));
      case Tag.array:
        return this.#array();
      default:
        return this.#special(tag);
    }
  }

  #array(): unknown[] {
    const length = this.count();
    const array: unknown[] = this.#keep([]);
    for (let i = 0; i < length; i++) array.push(this.value());
    return array;
  }

  #plain(object: object): object {
    const number = this.count();
    if (number === this.#shapes.length) {
      const length = this.count();
      this.#shapes.push(Array.from({ length }, () => this.text()));
    }
    for (const key of this.#shapes[number]) this.#set(object, key, this.value());
    return object;
  }

  #set(object: object, key: string, value: unknown): void {
    if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
    else (object as Record<string, unknown>)[key] = value;
  }

  #special(tag: Tag): unknown {
    switch (tag) {
      case Tag.sparseArray: {
        const array: unknown[] = this.#keep([]);
        array.length = this.count();
        for (let left = this.count(); left > 0; left--) this.#set(array, this.text(), this.value());
        return array;
      }
      case Tag.date:
        return this.#keep(new Date(this.double()));
      case Tag.regExp: {
        const source = this.text();
        return this.#keep(new RegExp(source, this.text()));
      }
      case Tag.map: {
        const map = this.#keep(new Map<unknown, unknown>());
        for (let left = this.count(); left > 0; left--) {
          const key = this.value();
          map.set(key, this.value());
        }
        return map;
      }
      case Tag.set: {
        const set = this.#keep(new Set<unknown>());
        for (let left = this.count(); left > 0; left--) set.add(this.value());
        return set;
      }
      case Tag.error:
        return decodeError(this);
      case Tag.url:
        return this.#keep(new URL(this.text()));
      case Tag.boxed: {
        const reference = this.reserve();
        return this.fill(reference, Object(this.value()));
      }
      case Tag.handle: {
        const reference = this.reserve();
        const name = this.text();
        const kind = handleKindNamed(name);
        const packed = this.value();
        if (kind === undefined) throw new Error(`a ${name} came, which this side does not know`);
        return this.fill(reference, kind.unpack(packed));
      }
      default:
        return this.#binary(tag);
    }
  }

  #binary(tag: Tag): unknown {
    const reference = this.reserve();
    if (tag === Tag.sharedBuffer) return this.fill(reference, this.#shared[this.count()]);
    const number = this.byte();
    if (tag === Tag.sharedView) {
      const offset = this.double();
      const length = this.double();
      return this.fill(reference, viewOn(number, this.#shared[this.count()] as unknown as ArrayBuffer, offset, length));
    }
    let buffer: ArrayBuffer;
    let offset = 0;
    let length: number;
    if (tag === Tag.attachedView) {
      const attachment = this.#attachments[this.count()];
      buffer = attachment.buffer as ArrayBuffer;
      offset = attachment.byteOffset;
      length = attachment.byteLength;
      if (number === arrayBuffer && length !== buffer.byteLength) buffer = buffer.slice(offset, offset + length);
    } else {
      length = this.count();
      buffer = new ArrayBuffer(length);
      new Uint8Array(buffer).set(this.#bytes.subarray(this.#position, this.#position + length));
      this.#position += length;
    }
    return this.fill(reference, number === arrayBuffer ? buffer : viewOn(number, buffer, offset, length));
  }

  /** What `items` wrote; numbers stay packed. */
  items(): ArrayLike<unknown> {
    const layout = this.byte() as Layout;
    const length = this.count();
    switch (layout) {
      case Layout.attachedNumbers: {
        const { buffer, byteOffset } = this.#attachments[this.count()];
        return new Float64Array(buffer, byteOffset, length);
      }
      case Layout.numbers: {
        const numbers = new Float64Array(length);
        new Uint8Array(numbers.buffer).set(this.#bytes.subarray(this.#position, this.#position + 8 * length));
        this.#position += 8 * length;
        return numbers;
      }
      case Layout.records:
        return this.#records(length);
      default: {
        if (this.#references.length > 0) this.#references = [];
        const list: unknown[] = [];
        for (let i = 0; i < length; i++) list.push(this.value());
        return list;
      }
    }
  }

  #records(length: number): unknown[] {
    const keyCount = this.count();
    const keys: string[] = [];
    const columns: ArrayLike<unknown>[] = [];
    for (let i = 0; i < keyCount; i++) {
      keys.push(this.text());
      columns.push(this.items());
    }
    const list: unknown[] = new Array(length);
    for (let i = 0; i < length; i++) {
      const record: Record<string, unknown> = {};
      for (let k = 0; k < keyCount; k++) record[keys[k]] = columns[k][i];
      list[i] = record;
    }
    return list;
  }

  reserve(): number {
    return this.#references.push(unmade) - 1;
  }

  fill<T>(reference: number, value: T): T {
    this.#references[reference] = value;
    return value;
  }

  #keep<T>(value: T): T {
    this.#references.push(value);
    return value;
  }
}

function viewOn(number: number, buffer: ArrayBuffer, offset: number, byteLength: number): ArrayBufferView {
  if (number === bufferView) return Buffer.from(buffer, offset, byteLength);
  const View = viewClasses[number];
  if (View === DataView) return new View(buffer, offset, byteLength);
  const Typed = View as Uint8ArrayConstructor;
  return new Typed(buffer, offset, byteLength / Typed.BYTES_PER_ELEMENT);
}

/** The number that `toString(16)` wrote. */
function bigintOf(text: string): bigint {
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}
