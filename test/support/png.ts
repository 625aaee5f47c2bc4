/** Writes PNG files of every kind for tests, independently of the library: any colour type, depth, filter, interlacing. */

import { deflateSync } from 'node:zlib';
import { crc32 as tableCrc } from './crc32.js';

export interface PngSpec {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  /** Sample c of the pixel at (x, y), in the file's own numbers. */
  sample(x: number, y: number, c: number): number;
  interlaced?: boolean;
  /** Filter of row y; default y % 5. */
  filter?(y: number): number;
  /** Chunks between header and pixels. */
  before?: Buffer[];
  idatBytes?: number;
}

export const samplesOf: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function chunk(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(body, 8);
  bytes.writeUInt32BE(tableCrc(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
}

export function header({ width, height, depth, colourType, interlaced }: Omit<PngSpec, 'sample'>): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  return chunk('IHDR', body);
}

export const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);

export function png(spec: PngSpec): Buffer {
  const data = deflateSync(rows(spec));
  const parts = [signature, header(spec), ...(spec.before ?? [])];
  const step = spec.idatBytes ?? data.length;
  for (let at = 0; at < data.length; at += step) parts.push(chunk('IDAT', data.subarray(at, at + step)));
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))]);
}

function rows(spec: PngSpec): Buffer {
  const passes = spec.interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]];
  const out: number[] = [];
  for (const [x0, y0, dx, dy] of passes) {
    let above: number[] | undefined;
    let row = 0;
    for (let y = y0; y < spec.height && x0 < spec.width; y += dy, row++) {
      const bytes = pack(spec, y, x0, dx);
      above ??= bytes.map(() => 0);
      const filter = spec.filter ? spec.filter(row) : row % 5;
      const bpp = Math.max(1, (samplesOf[spec.colourType] * spec.depth) >> 3);
      out.push(filter);
      for (let i = 0; i < bytes.length; i++) {
        const a = i < bpp ? 0 : bytes[i - bpp];
        const c = i < bpp ? 0 : above[i - bpp];
        const b = above[i];
        out.push((bytes[i] - [0, a, b, Math.floor((a + b) / 2), paeth(a, b, c)][filter]) & 255);
      }
      above = bytes;
    }
  }
  return Buffer.from(out);
}

function pack(spec: PngSpec, y: number, x0: number, dx: number): number[] {
  let bits = '';
  for (let x = x0; x < spec.width; x += dx) {
    for (let c = 0; c < samplesOf[spec.colourType]; c++) bits += spec.sample(x, y, c).toString(2).padStart(spec.depth, '0');
  }
  return bits.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)) ?? [];
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}
