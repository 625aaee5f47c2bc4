/** Numbers and text into a buffer that grows: the ground of the encoder. */
import { Tag } from './value-tags';

const firstBytes = 1 << 14;

/** A buffer that grew beyond this for one message is not kept for the next. */
const keptBytes = 1 << 22;

export class ByteWriter {
  protected bytes = Buffer.allocUnsafeSlow(firstBytes);
  protected position = 0;
  #view = new DataView(this.bytes.buffer);

  get length(): number {
    return this.position;
  }

  /** What was written begins here. */
  get buffer(): Uint8Array {
    return this.bytes;
  }

  /** What was written, and a fresh start. */
  protected takeBytes(): Uint8Array {
    const taken = new Uint8Array(this.position);
    taken.set(this.bytes.subarray(0, this.position));
    this.position = 0;
    if (this.bytes.length > keptBytes) this.#use(Buffer.allocUnsafeSlow(firstBytes));
    return taken;
  }

  byte(value: number): void {
    if (this.position === this.bytes.length) this.grow(1);
    this.bytes[this.position++] = value;
  }

  /** An unsigned number of up to 32 bits. */
  count(value: number): void {
    if (this.position + 5 > this.bytes.length) this.grow(5);
    while (value > 127) {
      this.bytes[this.position++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.bytes[this.position++] = value;
  }

  double(value: number): void {
    if (this.position + 8 > this.bytes.length) this.grow(8);
    this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  text(value: string): void {
    const { length } = value;
    if (this.position + 2 * length + 6 > this.bytes.length) this.grow(2 * length + 6);
    const start = this.position;
    this.byte(Tag.latin1);
    this.count(length);
    const bytes = this.bytes;
    let at = this.position;
    let wide = 0;
    if (length <= 64) {
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i);
        wide |= code;
        bytes[at++] = code;
      }
    } else if (/^[\0-\xff]*$/.test(value)) {
      at += bytes.write(value, at, 'latin1');
    } else {
      wide = 256;
    }
    if (wide > 255) {
      bytes[start] = Tag.utf16;
      at = this.position + bytes.write(value, this.position, 'utf16le');
    }
    this.position = at;
  }

  protected int(value: number): void {
    if (this.position + 5 > this.bytes.length) this.grow(5);
    this.bytes[this.position] = Tag.int;
    this.#view.setInt32(this.position + 1, value, true);
    this.position += 5;
  }

  /** Bytes as they are. */
  protected raw(bytes: Uint8Array): void {
    const { byteLength } = bytes;
    if (this.position + byteLength > this.bytes.length) this.grow(byteLength);
    this.bytes.set(bytes, this.position);
    this.position += byteLength;
  }

  protected grow(by: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.position + by));
    larger.set(this.bytes.subarray(0, this.position));
    this.#use(larger);
  }

  #use(bytes: typeof this.bytes): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
