/** The rows of a PNG file: undoing the filters, and Adam7's seven passes (ISO/IEC 15948, sections 8 and 9). */
import type { PngHeader } from './png-chunks';
import { paeth, samplesOf } from './png-format';

/** A grid of pixels within the picture: first pixel, steps and size. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly width: number;
  readonly height: number;
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

function passesOf({ width, height, interlaced }: PngHeader): Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
  return adam7
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, width: Math.ceil((width - x) / dx), height: Math.ceil((height - y) / dy) }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Takes a row's bytes, filters undone: its first pixel and the step to the next ones. The bytes are valid for the call alone. */
export type PlaceRow = (row: Uint8Array, y: number, x: number, dx: number, count: number) => void;

/** Takes decompressed bytes as they come, in pieces of any size, and hands on whole rows. */
export class RowReader {
  /** Decompressed bytes that the picture has, filter bytes included. */
  readonly byteLength: number;
  readonly #place: PlaceRow;
  readonly #bitsPerPixel: number;
  readonly #passes: readonly Pass[];
  #pass = 0;
  #row = 0;
  #filled = 0;
  /** Filter byte and bytes of the row that is being filled, and of the one above it. */
  #line!: Uint8Array;
  #above!: Uint8Array;

  constructor(header: PngHeader, place: PlaceRow) {
    this.#place = place;
    this.#bitsPerPixel = samplesOf[header.colourType] * header.depth;
    this.#passes = passesOf(header);
    this.byteLength = this.#passes.reduce((sum, { width, height }) => sum + height * (1 + this.#rowBytes(width)), 0);
  }

  get done(): boolean {
    return this.#pass === this.#passes.length;
  }

  /** @returns False when a row has a filter that PNG does not know; it counts as unfiltered. */
  write(bytes: Uint8Array): boolean {
    let sound = true;
    let at = 0;
    while (at < bytes.length && !this.done) {
      if (this.#row === 0 && this.#filled === 0) this.#beginPass();
      const take = Math.min(bytes.length - at, this.#line.length - this.#filled);
      this.#line.set(bytes.subarray(at, at + take), this.#filled);
      at += take;
      this.#filled += take;
      if (this.#filled === this.#line.length) sound = this.#endRow() && sound;
    }
    return sound;
  }

  #rowBytes(width: number): number {
    return Math.ceil((width * this.#bitsPerPixel) / 8);
  }

  #beginPass(): void {
    const length = 1 + this.#rowBytes(this.#passes[this.#pass].width);
    this.#line = new Uint8Array(length);
    this.#above = new Uint8Array(length);
  }

  #endRow(): boolean {
    const pass = this.#passes[this.#pass];
    const sound = unfilter(this.#line, this.#above, Math.max(1, this.#bitsPerPixel >> 3));
    this.#place(this.#line.subarray(1), pass.y + this.#row * pass.dy, pass.x, pass.dx, pass.width);
    [this.#line, this.#above] = [this.#above, this.#line];
    this.#filled = 0;
    if (++this.#row === pass.height) {
      this.#row = 0;
      this.#pass++;
    }
    return sound;
  }
}

/** Undoes the filter that the line's first byte names; `bpp` is the distance to the pixel on the left, in bytes. */
function unfilter(line: Uint8Array, above: Uint8Array, bpp: number): boolean {
  const { length } = line;
  const first = 1 + bpp;
  switch (line[0]) {
    case 0:
      return true;
    case 1:
      for (let i = first; i < length; i++) line[i] += line[i - bpp];
      return true;
    case 2:
      for (let i = 1; i < length; i++) line[i] += above[i];
      return true;
    case 3:
      for (let i = 1; i < first && i < length; i++) line[i] += above[i] >> 1;
      for (let i = first; i < length; i++) line[i] += (line[i - bpp] + above[i]) >> 1;
      return true;
    case 4:
      for (let i = 1; i < first && i < length; i++) line[i] += above[i];
      for (let i = first; i < length; i++) line[i] += paeth(line[i - bpp], above[i], above[i - bpp]);
      return true;
    default:
      return false;
  }
}
