/**
 * Messages on a stream of bytes: a head of u32 numbers (how many attachments, the body's length, the
 * attachments' lengths), the body, the attachments.
 */
import type { Encoded } from './value-tags';

/** The pieces of one message, to be written one after the other. */
export function frame({ bytes, attachments }: Encoded): Uint8Array[] {
  const head = Buffer.allocUnsafe(8 + 8 * attachments.length);
  head.writeUInt32LE(attachments.length, 0);
  head.writeUInt32LE(bytes.length, 4);
  attachments.forEach(({ byteLength }, i) => head.writeDoubleLE(byteLength, 8 + 8 * i));
  if (attachments.length === 0) {
    // One write less for small messages.
    return [bytes.length < 1 << 16 ? Buffer.concat([head, bytes]) : head, ...(bytes.length < 1 << 16 ? [] : [bytes])];
  }
  return [head, bytes, ...attachments];
}

/** Puts messages together from pieces that come in any size. */
export class Deframer {
  readonly #deliver: (message: Encoded) => void;
  #head = Buffer.alloc(8);
  #headLength = 8;
  /** What is being filled: the head, or one of the message's parts. */
  #target: Uint8Array = this.#head;
  #filled = 0;
  #parts: Uint8Array[] = [];
  #part = -1;

  constructor(deliver: (message: Encoded) => void) {
    this.#deliver = deliver;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    for (;;) {
      const length = Math.min(bytes.length - at, this.#target.length - this.#filled);
      this.#target.set(at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length), this.#filled);
      at += length;
      this.#filled += length;
      if (this.#filled < this.#target.length) return;
      this.#next();
    }
  }

  /** A part is whole: what comes next? */
  #next(): void {
    this.#filled = 0;
    if (this.#part < 0 && this.#headLength === 8) {
      const attachments = this.#head.readUInt32LE(0);
      if (attachments > 0) {
        this.#headLength = 8 + 8 * attachments;
        const longer = Buffer.alloc(this.#headLength);
        this.#head.copy(longer);
        this.#head = longer;
        this.#target = longer.subarray(8);
        return;
      }
    }
    if (this.#part < 0) {
      this.#parts = [new Uint8Array(this.#head.readUInt32LE(4))];
      for (let at = 8; at < this.#headLength; at += 8) this.#parts.push(new Uint8Array(this.#head.readDoubleLE(at)));
    }
    this.#part++;
    while (this.#part < this.#parts.length && this.#parts[this.#part].length === 0) this.#part++;
    if (this.#part < this.#parts.length) {
      this.#target = this.#parts[this.#part];
      return;
    }
    const [body, ...attachments] = this.#parts;
    this.#parts = [];
    this.#part = -1;
    if (this.#headLength > 8) this.#head = Buffer.alloc(8);
    this.#headLength = 8;
    this.#target = this.#head;
    this.#deliver({ bytes: body, attachments, shared: [] });
  }
}
