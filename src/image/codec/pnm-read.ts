/** Reading the Netpbm formats: PBM, PGM, PPM (plain and raw) and PAM. */
import { ImageDecodeError } from '../../errors';
import { Image } from '../image';
import { type CheckedDecodeOptions, checkPixels, damage } from './options';
import { turns } from './turns';

type Samples = Uint8Array | Uint16Array;

export interface PnmHeader {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** The number that stands for white; 1 for bitmaps. */
  readonly max: number;
  readonly kind: 'plain' | 'raw' | 'plain bits' | 'raw bits';
  /** Where the pixels begin. */
  readonly begin: number;
}

const kinds: Readonly<Record<string, PnmHeader['kind']>> = { 1: 'plain bits', 2: 'plain', 3: 'plain', 4: 'raw bits', 5: 'raw', 6: 'raw', 7: 'raw' };

export function readPnmHeader(bytes: Uint8Array, options: CheckedDecodeOptions): PnmHeader {
  const type = String.fromCharCode(bytes[1]);
  const words = new Words(bytes, 2);
  const header = type === '7' ? pamHeader(words) : pnmHeader(type, words);
  const { width, height, channels, max } = header;
  if (![width, height, channels, max].every(Number.isSafeInteger) || width < 1 || height < 1 || max < 1 || max > 65535) {
    throw new ImageDecodeError(`the Netpbm file has an impossible header: ${width} × ${height}, ${channels} channels, maximum ${max}`);
  }
  if (channels < 1 || channels > 4) throw new ImageDecodeError(`the PAM file has ${channels} channels, an Image has 1 to 4`);
  checkPixels(width, height, options);
  return header;
}

function pnmHeader(type: string, words: Words): PnmHeader {
  const [width, height] = [words.number(), words.number()];
  const kind = kinds[type];
  const max = kind.endsWith('bits') ? 1 : words.number();
  // Exactly one white character stands between the header and raw pixels.
  return { width, height, channels: type === '3' || type === '6' ? 3 : 1, max, kind, begin: words.at + 1 };
}

function pamHeader(words: Words): PnmHeader {
  const fields: Record<string, number> = {};
  for (let key = words.word(); key !== 'ENDHDR'; key = words.word()) {
    if (key === '') throw new ImageDecodeError('the PAM file ends within its header');
    const value = words.word();
    if (key !== 'TUPLTYPE') fields[key] = Number(value);
  }
  const { WIDTH, HEIGHT, DEPTH, MAXVAL } = fields;
  return { width: WIDTH, height: HEIGHT, channels: DEPTH, max: MAXVAL, kind: 'raw', begin: words.at + 1 };
}

/** White characters separate words; `#` begins a comment that goes to the end of its line. */
class Words {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  /** The next word; empty at the end. */
  word(): string {
    const { bytes } = this;
    while (this.at < bytes.length && (isWhite(bytes[this.at]) || bytes[this.at] === 0x23)) {
      if (bytes[this.at] === 0x23) while (this.at < bytes.length && bytes[this.at] !== 0x0a) this.at++;
      else this.at++;
    }
    const begin = this.at;
    // A longer word is no number and no key: the file is something else.
    while (this.at < bytes.length && !isWhite(bytes[this.at]) && this.at - begin < 32) this.at++;
    return String.fromCharCode(...bytes.subarray(begin, this.at));
  }

  /** A decimal number; NaN for anything else. */
  number(): number {
    const word = this.word();
    return /^\d+$/.test(word) ? Number(word) : Number.NaN;
  }
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Samples become 0 to 255, or 0 to 65535 when the file's maximum is above 255. */
export async function readPnm(bytes: Uint8Array, options: CheckedDecodeOptions): Promise<Image<Samples>> {
  const header = readPnmHeader(bytes, options);
  const { width, height, channels, max, kind } = header;
  const count = width * height * channels;
  // A file that is too short is found out before memory is asked for.
  if (bytes.length - header.begin < leastBytes(header)) damage('truncated', 'the pixels of the Netpbm file are truncated', options);
  const data = max > 255 ? new Uint16Array(count) : new Uint8Array(count);
  if (kind === 'plain') await readPlain(bytes, header, data, options);
  else if (kind === 'plain bits') await readPlainBits(bytes, header, data, options);
  else if (kind === 'raw bits') await readRawBits(bytes, header, data);
  else await readRaw(bytes, header, data, options);
  return new Image<Samples>(data, width, height, channels);
}

function leastBytes({ width, height, channels, max, kind }: PnmHeader): number {
  const count = width * height * channels;
  if (kind === 'raw') return max > 255 ? 2 * count : count;
  if (kind === 'raw bits') return Math.ceil(width / 8) * height;
  return kind === 'plain' ? 2 * count - 1 : count;
}

async function readRaw(bytes: Uint8Array, { begin, max }: PnmHeader, data: Samples, options: CheckedDecodeOptions): Promise<void> {
  const pixels = bytes.subarray(begin);
  if (max === 255) {
    data.set(pixels.subarray(0, data.length));
    return;
  }
  const wide = max > 255;
  const white = wide ? 65535 : 255;
  const count = Math.min(data.length, wide ? pixels.length >> 1 : pixels.length);
  const breathe = turns();
  for (let i = 0; i < count; i++) {
    if ((i & 0xffff) === 0) await breathe();
    const value = wide ? (pixels[2 * i] << 8) | pixels[2 * i + 1] : pixels[i];
    data[i] = scaled(value, max, white, options);
  }
}

function scaled(value: number, max: number, white: number, options: CheckedDecodeOptions): number {
  if (value <= max) return max === white ? value : Math.round((value * white) / max);
  damage('error', `a sample of the Netpbm file is ${value}, above the maximum ${max}`, options);
  return white;
}

async function readPlain(bytes: Uint8Array, { begin, max }: PnmHeader, data: Samples, options: CheckedDecodeOptions): Promise<void> {
  const words = new Words(bytes, begin - 1);
  const white = max > 255 ? 65535 : 255;
  const breathe = turns();
  for (let i = 0; i < data.length; i++) {
    if ((i & 0xfff) === 0) await breathe();
    const value = words.number();
    if (Number.isNaN(value)) {
      const ended = words.at >= bytes.length;
      damage(ended ? 'truncated' : 'error', `the pixels of the Netpbm file are ${ended ? 'truncated' : 'not all numbers'}`, options);
      return;
    }
    data[i] = scaled(value, max, white, options);
  }
}

/** In bitmaps 1 is black. The digits of plain ones need no white between them. */
async function readPlainBits(bytes: Uint8Array, { begin }: PnmHeader, data: Samples, options: CheckedDecodeOptions): Promise<void> {
  const breathe = turns();
  let to = 0;
  for (let at = begin; at < bytes.length && to < data.length; at++) {
    if ((at & 0xffff) === 0) await breathe();
    if (bytes[at] === 0x30 || bytes[at] === 0x31) data[to++] = bytes[at] === 0x30 ? 255 : 0;
    else if (!isWhite(bytes[at])) damage('error', 'the pixels of the Netpbm file are not all 0 and 1', options);
  }
  if (to < data.length) damage('truncated', 'the pixels of the Netpbm file are truncated', options);
}

async function readRawBits(bytes: Uint8Array, { width, height, begin }: PnmHeader, data: Samples): Promise<void> {
  const rowBytes = Math.ceil(width / 8);
  const breathe = turns();
  for (let y = 0; y < height; y++) {
    await breathe();
    for (let x = 0; x < width; x++) {
      const byte = bytes[begin + y * rowBytes + (x >> 3)] ?? 0;
      data[y * width + x] = (byte >> (7 - (x & 7))) & 1 ? 0 : 255;
    }
  }
}
