/**
 * Reading PNG through node:zlib. Rows are made as the decompressed bytes arrive, so that neither the whole
 * decompressed file is held nor the event loop, and no more bytes are decompressed than the header promises.
 */
import { createInflate } from 'node:zlib';
import { allocate } from '../../kernels/memory';
import { Image } from '../image';
import { oriented } from './exif';
import { type CheckedDecodeOptions, damage } from './options';
import { type PngChunks, type PngHeader, readChunks } from './png-chunks';
import { gray, grayAlpha, indexed, rgb } from './png-format';
import { type PlaceRow, RowReader } from './png-rows';

type Samples = Uint8Array | Uint16Array;

/** Grays of 1, 2 and 4 bits become 0 to 255, palettes RGB, tRNS alpha; 16 bits stay 16 bits. */
export async function readPng(bytes: Uint8Array, options: CheckedDecodeOptions): Promise<Image<Samples>> {
  const chunks = readChunks(bytes, options);
  let image: Image<Samples> | undefined;
  let place: PlaceRow | undefined;
  const rows = new RowReader(chunks.header, (row, y, x, dx, count) => {
    // The memory is asked for when the first row is there, which a file of a few bytes doesn't have.
    image ??= emptyImage(chunks);
    place ??= placer(chunks, image);
    place(row, y, x, dx, count);
  });
  await inflateInto(rows, chunks.data, options);
  return oriented(image ?? emptyImage(chunks), options.autoOrient ? chunks.orientation : 1);
}

/** How many channels an image of this file has. */
export function pngChannels({ header, transparency }: PngChunks): number {
  const alpha = transparency === undefined ? 0 : 1;
  if (header.colourType === gray) return 1 + alpha;
  if (header.colourType === grayAlpha) return 2;
  return header.colourType === rgb || header.colourType === indexed ? 3 + alpha : 4;
}

function emptyImage(chunks: PngChunks): Image<Samples> {
  const { width, height, depth } = chunks.header;
  const channels = pngChannels(chunks);
  const length = width * height * channels;
  // Rows come one by one and a damaged file may end early: what was never written has to be zero.
  const data = depth === 16 ? allocate(Uint16Array, length) : allocate(Uint8Array, length);
  return new Image<Samples>(data.fill(0), width, height, channels);
}

async function inflateInto(rows: RowReader, data: readonly Uint8Array[], options: CheckedDecodeOptions): Promise<void> {
  const inflate = createInflate({ chunkSize: 1 << 17 });
  let unsound: string | undefined;
  for (const part of data) inflate.write(part);
  inflate.end();
  try {
    for await (const chunk of inflate) {
      if (!rows.write(chunk)) unsound ??= 'a row of the PNG file has an unknown filter';
      if (rows.done) break;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') damage('truncated', 'the pixels of the PNG file are truncated', options);
    damage('error', `the pixels of the PNG file are damaged: ${message}`, options);
    return;
  } finally {
    inflate.destroy();
  }
  if (unsound !== undefined) damage('error', unsound, options);
  if (!rows.done) damage('truncated', 'the pixels of the PNG file are truncated', options);
}

function placer(chunks: PngChunks, image: Image<Samples>): PlaceRow {
  const { header } = chunks;
  if (header.colourType === indexed) return placePalette(chunks, image);
  if (header.depth < 8) return placeBits(chunks, image);
  const sampleAt = header.depth === 16 ? wide : narrow;
  const keys = transparentKey(chunks);
  const samples = image.channels - (keys === undefined ? 0 : 1);
  const opaque = header.depth === 16 ? 65535 : 255;
  const { data, channels, stride } = image;
  return (row, y, x, dx, count) => {
    let to = y * stride + x * channels;
    if (header.depth === 8 && keys === undefined && dx === 1) {
      data.set(row, to);
      return;
    }
    for (let i = 0, from = 0; i < count; i++, to += dx * channels) {
      let same = keys !== undefined;
      for (let c = 0; c < samples; c++, from++) {
        const value = (data[to + c] = sampleAt(row, from));
        same = same && value === (keys as number[])[c];
      }
      if (keys !== undefined) data[to + samples] = same ? 0 : opaque;
    }
  };
}

function narrow(row: Uint8Array, index: number): number {
  return row[index];
}

function wide(row: Uint8Array, index: number): number {
  return (row[2 * index] << 8) | row[2 * index + 1];
}

function bitsAt(row: Uint8Array, index: number, depth: number): number {
  const perByte = 8 / depth;
  const shift = 8 - depth * ((index % perByte) + 1);
  return (row[Math.floor(index / perByte)] >> shift) & ((1 << depth) - 1);
}

/** The colour that is transparent, in the file's own numbers. */
function transparentKey({ header, transparency }: PngChunks): number[] | undefined {
  if (transparency === undefined || (header.colourType !== gray && header.colourType !== rgb)) return undefined;
  const samples = header.colourType === gray ? 1 : 3;
  const mask = (1 << header.depth) - 1;
  return Array.from({ length: samples }, (_, c) => (2 * c + 1 < transparency.length ? wide(transparency, c) & mask : -1));
}

function placeBits(chunks: PngChunks, { data, channels, stride }: Image<Samples>): PlaceRow {
  const { depth } = chunks.header;
  const scale = 255 / ((1 << depth) - 1);
  const key = transparentKey(chunks)?.[0];
  return (row, y, x, dx, count) => {
    for (let i = 0, to = y * stride + x * channels; i < count; i++, to += dx * channels) {
      const value = bitsAt(row, i, depth);
      data[to] = value * scale;
      if (channels === 2) data[to + 1] = value === key ? 0 : 255;
    }
  };
}

function placePalette(chunks: PngChunks, { data, channels, stride }: Image<Samples>): PlaceRow {
  const colours = coloursOf(chunks.header, chunks.palette as Uint8Array, chunks.transparency);
  const { depth } = chunks.header;
  return (row, y, x, dx, count) => {
    for (let i = 0, to = y * stride + x * channels; i < count; i++, to += dx * channels) {
      const colour = 4 * (depth === 8 ? row[i] : bitsAt(row, i, depth));
      for (let c = 0; c < channels; c++) data[to + c] = colours[colour + c];
    }
  };
}

/** RGBA of every index; those behind the palette's end are black. */
function coloursOf({ depth }: PngHeader, palette: Uint8Array, transparency?: Uint8Array): Uint8Array {
  const colours = new Uint8Array(4 << depth);
  for (let i = 0; i < 1 << depth; i++) {
    for (let c = 0; c < 3; c++) colours[4 * i + c] = palette[3 * i + c] ?? 0;
    colours[4 * i + 3] = transparency?.[i] ?? 255;
  }
  return colours;
}
