/** The chunks of a PNG file: header, palette, transparency, compressed pixels. Nothing is decompressed here. */
import { ImageDecodeError } from '../../errors';
import { orientationOfExif } from './exif';
import { type CheckedDecodeOptions, checkPixels, damage } from './options';
import { crc32, depthsOf, indexed, signature } from './png-format';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

export interface PngChunks {
  readonly header: PngHeader;
  palette?: Uint8Array;
  /** The tRNS chunk: alpha of palette entries, or the one colour that is transparent. */
  transparency?: Uint8Array;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** The IDAT chunks in their order. */
  readonly data: Uint8Array[];
}

/** Reads chunks up to the end; throws for a header that is none, and for damage that the options refuse. */
export function readChunks(bytes: Uint8Array, options: CheckedDecodeOptions, headerOnly = false): PngChunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunks = { header: readHeader(bytes, view, options), orientation: 1, data: [] };
  let at = signature.length + 25;
  let ended = false;
  while (!ended && at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    const type = typeAt(bytes, at + 4);
    const whole = at + 12 + length <= bytes.length;
    if (!whole && type !== 'IDAT') break;
    const body = bytes.subarray(at + 8, Math.min(at + 8 + length, bytes.length));
    if (headerOnly && type === 'IDAT' && !whole) break;
    const sound = headerOnly || !whole || crc32(bytes.subarray(at + 4, at + 8 + length)) === view.getUint32(at + 8 + length);
    if (!sound) reportChecksum(type, options);
    ended = type === 'IEND';
    if (sound || type === 'IDAT') takeChunk(chunks, type, body);
    at += 12 + length;
  }
  if (headerOnly) return chunks;
  if (chunks.data.length === 0) throw new ImageDecodeError('the PNG file ends before its pixels');
  if (!ended) damage('truncated', 'the PNG file is truncated', options);
  if (chunks.header.colourType === indexed && chunks.palette === undefined) throw new ImageDecodeError('the PNG file lacks its palette');
  return chunks;
}

function readHeader(bytes: Uint8Array, view: DataView, options: CheckedDecodeOptions): PngHeader {
  if (bytes.length < signature.length + 25) throw new ImageDecodeError('the PNG file ends within its header');
  if (!signature.every((byte, i) => bytes[i] === byte) || view.getUint32(8) !== 13 || typeAt(bytes, 12) !== 'IHDR') {
    throw new ImageDecodeError('the PNG file does not begin with a header');
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colourType, compression, filter, interlace] = bytes.subarray(24, 29);
  if (crc32(bytes.subarray(12, 29)) !== view.getUint32(29)) damage('error', 'the header of the PNG file has a wrong checksum', options);
  if (width < 1 || height < 1 || width > 0x7fffffff || height > 0x7fffffff) {
    throw new ImageDecodeError(`the PNG file has an impossible size, ${width} × ${height}`);
  }
  if (!depthsOf[colourType]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    const what = `colour type ${colourType}, ${depth} bits, compression ${compression}, filter ${filter}, interlace ${interlace}`;
    throw new ImageDecodeError(`the PNG file has a header that PNG does not know: ${what}`);
  }
  checkPixels(width, height, options);
  return { width, height, depth, colourType, interlaced: interlace === 1 };
}

function takeChunk(chunks: PngChunks, type: string, body: Uint8Array): void {
  if (type === 'IDAT') {
    chunks.data.push(body);
  } else if (type === 'PLTE') {
    if (body.length === 0 || body.length > 768 || body.length % 3 !== 0) {
      if (chunks.header.colourType === indexed) throw new ImageDecodeError(`the PNG file has a palette of ${body.length} bytes`);
      return;
    }
    chunks.palette ??= body;
  } else if (type === 'tRNS') {
    chunks.transparency ??= body;
  } else if (type === 'eXIf') {
    chunks.orientation = orientationOfExif(body);
  }
}

/** Chunks with a small first letter may be left out (ISO/IEC 15948, 5.4): damage there is less grave. */
function reportChecksum(type: string, options: CheckedDecodeOptions): void {
  const critical = /^[A-Z]/.test(type);
  damage(critical ? 'error' : 'warning', `the chunk ${JSON.stringify(type)} of the PNG file has a wrong checksum`, options);
}

function typeAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}
