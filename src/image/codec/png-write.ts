/** Writing PNG through node:zlib: 8 and 16 bits, gray, gray and alpha, RGB, RGBA. */
import { constants, createDeflate } from 'node:zlib';
import type { ImageLike } from '../image';
import { crc32, gray, grayAlpha, paeth, rgb, rgba, signature } from './png-format';
import { turns } from './turns';

export interface PngWriteOptions {
  /** zlib's level, 0 (fast, large) to 9 (slow, small); default 6. */
  compressionLevel?: number;
  /** Choose each row's filter by the sum of its absolute differences; default true. Without it rows stay unfiltered. */
  adaptiveFiltering?: boolean;
}

const colourTypes = [gray, grayAlpha, rgb, rgba];

/** Rows are compressed in batches of about this many bytes. */
const batchBytes = 1 << 18;

export async function writePng(image: ImageLike, options: PngWriteOptions = {}): Promise<Uint8Array> {
  const { width, height, channels, data } = image;
  const bytesPerSample = data.BYTES_PER_ELEMENT;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8 * bytesPerSample, colourTypes[channels - 1]], 8);
  const parts = [signature, chunk('IHDR', header)];
  for (const part of await deflateRows(image, options)) parts.push(chunk('IDAT', part));
  parts.push(chunk('IEND', new Uint8Array(0)));
  return concat(parts);
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function deflateRows(image: ImageLike, { compressionLevel = 6, adaptiveFiltering = true }: PngWriteOptions): Promise<Uint8Array[]> {
  const strategy = adaptiveFiltering ? constants.Z_FILTERED : constants.Z_DEFAULT_STRATEGY;
  const deflate = createDeflate({ level: compressionLevel, memLevel: 9, strategy, chunkSize: 1 << 17 });
  const parts: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    deflate.on('data', (part: Uint8Array) => parts.push(part));
    deflate.on('end', resolve);
    deflate.on('error', reject);
  });
  const breathe = turns();
  for (const batch of filteredRows(image, adaptiveFiltering)) {
    await breathe();
    if (!deflate.write(batch)) await new Promise((resolve) => deflate.once('drain', resolve));
  }
  deflate.end();
  await ended;
  return parts;
}

/** Filter byte and filtered bytes of row after row, in batches. */
function* filteredRows(image: ImageLike, adaptive: boolean): Generator<Uint8Array> {
  const { width, height, channels, data } = image;
  const bpp = channels * data.BYTES_PER_ELEMENT;
  const rowBytes = width * bpp;
  const rowsPerBatch = Math.max(1, Math.floor(batchBytes / rowBytes));
  let above = new Uint8Array(rowBytes);
  let row = new Uint8Array(rowBytes);
  for (let y = 0; y < height; ) {
    const count = Math.min(rowsPerBatch, height - y);
    const batch = new Uint8Array(count * (1 + rowBytes));
    for (let i = 0; i < count; i++, y++) {
      copyRow(image, y, row);
      const target = batch.subarray(i * (1 + rowBytes), (i + 1) * (1 + rowBytes));
      const filter = adaptive ? bestFilter(row, above, bpp) : 0;
      target[0] = filter;
      applyFilter(filter, row, above, bpp, target);
      [row, above] = [above, row];
    }
    yield batch;
  }
}

/** A row's bytes as PNG has them: the high byte of 16 bits first. */
function copyRow({ data, width, channels, stride }: ImageLike, y: number, row: Uint8Array): void {
  const samples = data.subarray(y * stride, y * stride + width * channels);
  if (data.BYTES_PER_ELEMENT === 1) {
    row.set(samples);
    return;
  }
  for (let i = 0; i < samples.length; i++) {
    row[2 * i] = samples[i] >> 8;
    row[2 * i + 1] = samples[i];
  }
}

/** The filter whose differences, taken as signed bytes, have the smallest sum: the heuristic of ISO/IEC 15948, 12.7. */
function bestFilter(row: Uint8Array, above: Uint8Array, bpp: number): number {
  const sums = [0, 0, 0, 0, 0];
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    const left = i < bpp ? 0 : row[i - bpp];
    const up = above[i];
    const corner = i < bpp ? 0 : above[i - bpp];
    sums[0] += size(value);
    sums[1] += size(value - left);
    sums[2] += size(value - up);
    sums[3] += size(value - ((left + up) >> 1));
    sums[4] += size(value - paeth(left, up, corner));
  }
  return sums.indexOf(Math.min(...sums));
}

function size(difference: number): number {
  return Math.abs((difference << 24) >> 24);
}

function applyFilter(filter: number, row: Uint8Array, above: Uint8Array, bpp: number, target: Uint8Array): void {
  for (let i = 0; i < row.length; i++) {
    const left = i < bpp ? 0 : row[i - bpp];
    const corner = i < bpp ? 0 : above[i - bpp];
    target[1 + i] = row[i] - predict(filter, left, above[i], corner);
  }
}

function predict(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4:
      return paeth(left, above, corner);
    default:
      return 0;
  }
}
