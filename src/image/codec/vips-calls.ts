/**
 * Reading and writing through libvips as calls that a job runs on native threads, like any kernel's; see
 * native/codec/codec.cc, whose views and numbers these are.
 */
import { ImageDecodeError } from '../../errors';
import type { Bands, Call, Rolling, View } from '../../kernels/call';
import { nativeState } from '../../native';
import { type ImageLike, imageView } from '../image';
import type { ImageInfo } from './codec';
import { storedView } from './exif';
import type { ImageFormat } from './format';
import type { CheckedDecodeOptions, FailOn } from './options';
import type { OpenFile } from './source';

/** In the order of the loaders in native/codec/codec.cc. */
export const vipsFormats: readonly ImageFormat[] = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'];

/** Those whose files are read piece by piece as they are decoded. */
export const piecewiseFormats: readonly ImageFormat[] = ['jpeg', 'png'];

/** VipsFailOn. */
const failOns: readonly FailOn[] = ['none', 'truncated', 'error', 'warning'];

/** Positions in the report; `Report` in native/codec/codec.cc. */
const [statusAt, widthAt, heightAt, channelsAt, wideAt, orientationAt, blobAt, reportLength] = [0, 1, 2, 3, 4, 5, 6, 7];
const succeeded = 1;
const failed = 2;

const textBytes = 1024;

/** What a step tells: numbers, and a message when it failed. */
export class Report {
  readonly numbers = new Float64Array(reportLength);
  readonly text = new Uint8Array(textBytes);

  get succeeded(): boolean {
    return this.numbers[statusAt] === succeeded;
  }

  /** Undefined unless the step failed; one that never ran has no message. */
  get message(): string | undefined {
    if (this.numbers[statusAt] !== failed) return undefined;
    const lines = Buffer.from(this.text.subarray(0, this.text.indexOf(0)))
      .toString('utf8')
      .trim()
      .split('\n');
    return [...new Set(lines.map((line) => line.trim()))].filter(Boolean).join('; ') || 'libvips gives no reason';
  }

  views(): View[] {
    return [flat(this.numbers), flat(this.text)];
  }
}

/** A decoding for which a JPEG may be read at a half, a quarter or an eighth of its size. */
export interface VipsSource {
  /** The file, or its beginning where it is read as it is decoded. */
  readonly bytes: Uint8Array;
  readonly open?: OpenFile;
  readonly format: ImageFormat;
  readonly options: CheckedDecodeOptions;
  readonly shrink?: 1 | 2 | 4 | 8;
}

/** Nanoseconds, roughly: what the planner weighs. */
const headerCost = 200_000;
const pixelCost = 8;

export function probeCall(source: VipsSource, report: Report): Call<void> {
  return step('probeImage', [flat(source.bytes), ...report.views()], sourceParams(source), headerCost);
}

/** `image` has the size that the probe of the same source told, turned by the orientation. */
export function decodeCall(source: VipsSource, image: ImageLike, orientation: number, report: Report): Call<void> {
  const cost = pixelCost * image.width * image.height;
  return step('decodeImage', [flat(source.bytes), storedView(image, orientation), ...report.views()], sourceParams(source), cost);
}

/** How a call reads the rows of its first view, and of the shared memory if it has a second phase; see native/codec/flow.h. */
export interface RowReading extends Bands {
  /** The row with which the first band begins. */
  readonly first: number;
  readonly rolling?: Rolling;
}

/** Rows from a decoder through calls. */
export interface RowFlow {
  readonly source: VipsSource;
  /** These need not have pixels: the picture in the file, … */
  readonly pixels: ImageLike;
  /** … and how as many calls read rows as follow in the chain, whose views may be without pixels too but for the last one. */
  readonly readings: readonly RowReading[];
}

/** Decodes a strip of rows at a time and hands each to the calls that follow. */
export function decodeRowsCall(flow: RowFlow, report: Report): Call<void> {
  const { source, pixels } = flow;
  const params = [...sourceParams(source), ...readingParams(flow)];
  return step('decodeRows', [flat(source.bytes), imageView(pixels), ...report.views(), ...needsOf(flow)], params, headerCost);
}

/** An encoding of what comes out of a flow. */
export interface RowEncoding {
  /** The picture that comes out; it need not have pixels. */
  readonly answer: ImageLike;
  readonly suffix: string;
  /** Whether the encoder is to get all of the picture at once; else it asks for rows as it needs them. */
  readonly held: boolean;
  readonly report: Report;
}

/** The same, for an encoder of what the last call makes; nothing needs to have pixels. */
export function recodeRowsCall(flow: RowFlow, report: Report, encoding: RowEncoding): Call<void> {
  const { source, pixels } = flow;
  const into = [imageView(encoding.answer), suffixView(encoding.suffix), ...encoding.report.views()];
  const params = [...sourceParams(source), Number(encoding.held), ...readingParams(flow)];
  return step('recodeRows', [flat(source.bytes), imageView(pixels), ...report.views(), ...into, ...needsOf(flow)], params, headerCost);
}

function readingParams({ readings }: RowFlow): number[] {
  return readings.flatMap(({ first, rows, units, around, rolling }) => [first, rows, units, around, rolling?.rowBytes ?? 0]);
}

function needsOf({ readings }: RowFlow): View[] {
  return readings.flatMap(({ rolling }) => (rolling === undefined ? [] : [flat(rolling.needs)]));
}

/** @param suffix The format with its options as libvips spells them: `.jpg[Q=80]`. */
export function encodeCall(image: ImageLike, suffix: string, report: Report): Call<void> {
  const packed = image.stride === image.width * image.channels ? image : withoutGaps(image);
  const cost = 2 * pixelCost * image.width * image.height;
  return step('encodeImage', [imageView(packed), suffixView(suffix), ...report.views()], [], cost);
}

function suffixView(suffix: string): View {
  return flat(new Uint8Array(Buffer.from(`${suffix}\0`, 'utf8')));
}

function withoutGaps({ data, width, height, channels, stride }: ImageLike): ImageLike {
  const row = width * channels;
  const packed = new (data.constructor as new (length: number) => typeof data)(row * height);
  for (let y = 0; y < height; y++) packed.set(data.subarray(y * stride, y * stride + row), y * row);
  return { data: packed, width, height, channels, stride: row };
}

/** The size that a probe reported; as in the file, not turned. */
export function probed(report: Report, format: ImageFormat): ImageInfo {
  const { numbers } = report;
  const channels = numbers[channelsAt];
  if (channels > 4) throw new ImageDecodeError(`the file has ${channels} channels, an Image has 1 to 4`);
  return {
    format,
    width: numbers[widthAt],
    height: numbers[heightAt],
    channels,
    dtype: numbers[wideAt] ? 'u16' : 'u8',
    orientation: numbers[orientationAt] || 1,
  };
}

/** The bytes that an encoding made; they are handed over once. Undefined when it made none. */
export function encoded(report: Report): Uint8Array | undefined {
  const buffer = report.numbers[blobAt] > 0 ? nativeState().binding?.takeBlob(report.numbers[blobAt]) : null;
  return buffer ? new Uint8Array(buffer) : undefined;
}

function step(kernel: string, views: readonly View[], params: readonly number[], cost: number): Call<void> {
  return {
    kernel,
    views,
    params,
    phases: [{ units: 1, grain: 1, cost }],
    reference: () => {
      throw new Error(`${kernel} runs only natively`);
    },
    finish: () => undefined,
  };
}

function sourceParams({ format, options, open, shrink = 1 }: VipsSource): number[] {
  return [vipsFormats.indexOf(format), failOns.indexOf(options.failOn), shrink, open?.fd ?? -1, open?.size ?? 0];
}

function flat(data: Uint8Array | Int32Array | Float64Array): View {
  return { data, offset: 0, shape: [data.length], stride: [1] };
}
