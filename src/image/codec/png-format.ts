/** What reading and writing PNG have in common: layout of chunks, colour types and checksums (ISO/IEC 15948). */
import * as zlib from 'node:zlib';

export const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export const gray = 0;
export const rgb = 2;
export const indexed = 3;
export const grayAlpha = 4;
export const rgba = 6;

/** Samples a pixel has in the file. */
export const samplesOf: Readonly<Record<number, number>> = { [gray]: 1, [rgb]: 3, [indexed]: 1, [grayAlpha]: 2, [rgba]: 4 };

/** Bit depths that go with a colour type. */
export const depthsOf: Readonly<Record<number, readonly number[]>> = {
  [gray]: [1, 2, 4, 8, 16],
  [rgb]: [8, 16],
  [indexed]: [1, 2, 4, 8],
  [grayAlpha]: [8, 16],
  [rgba]: [8, 16],
};

let table: Uint32Array | undefined;

function crcTable(): Uint32Array {
  if (table !== undefined) return table;
  table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    table[n] = c;
  }
  return table;
}

/** CRC-32; Node's own where there is one (from 20.15 on). */
export const crc32: (bytes: Uint8Array, before?: number) => number =
  (zlib as { crc32?: (data: Uint8Array, value?: number) => number }).crc32 ??
  ((bytes, before = 0) => {
    const steps = crcTable();
    let crc = ~before;
    for (let i = 0; i < bytes.length; i++) crc = steps[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
    return ~crc >>> 0;
  });

/** The predictor of filter type 4: of left, above and upper left the one nearest to left + above − upper left. */
export function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
