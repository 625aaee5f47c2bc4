/** The codec that reads and writes through libvips on native threads: JPEG, PNG, WebP, AVIF, TIFF and GIF. */
import { cpuCount } from '../../cpu-count';
import { ImageDecodeError, ImageEncodeError, NativeMissingError } from '../../errors';
import { NativeThreads, type RunningJob } from '../../executors/native';
import type { Call } from '../../kernels/call';
import { constructorOf } from '../../kernels/dtype';
import { allocate } from '../../kernels/memory';
import { native } from '../../native';
import { Image } from '../image';
import type { Codec, ImageInfo } from './codec';
import { isTurned } from './exif';
import { checkPixels } from './options';
import { decodeCall, encodeCall, encoded, probeCall, probed, Report, type VipsSource, vipsFormats } from './vips-calls';
import { vipsSuffix } from './vips-suffix';

let threads: NativeThreads | undefined;

/** Threads for reading and writing outside of any pool. */
export function codecThreads(): NativeThreads {
  const binding = native();
  if (binding === null) throw new NativeMissingError('libvips is called from the native binary, which is not there');
  threads ??= new NativeThreads(binding, cpuCount());
  return threads;
}

/** Runs calls one after the other on one thread; a step that fails leaves out those that follow. */
export function runChain(calls: readonly Call[], on: NativeThreads): RunningJob {
  const chunk = { call: 0, callEnd: calls.length, begin: -1, end: -1 };
  return on.run(calls, { phases: [[chunk]] });
}

/** Size and kind of an image, as in the file. @throws ImageDecodeError */
export async function probeSource(source: VipsSource, on: NativeThreads): Promise<ImageInfo> {
  const report = new Report();
  await runChain([probeCall(source, report)], on).settled;
  if (!report.succeeded) throw decodeError(report);
  return probed(report, source.format);
}

export function decodeError(report: Report): ImageDecodeError {
  return new ImageDecodeError(`the image cannot be decoded: ${report.message ?? 'the work was stopped'}`);
}

export function encodeError(report: Report, format: string): ImageEncodeError {
  const why = report.message ?? 'the work was stopped';
  return new ImageEncodeError(`the image cannot be encoded as ${format}: ${why}`, { step: format });
}

/** An image to decode into, as it is to be seen; its contents are undefined. */
export function imageFor(info: ImageInfo, orientation: number): Image<Uint8Array | Uint16Array> {
  const { channels, dtype } = info;
  const [width, height] = isTurned(orientation) ? [info.height, info.width] : [info.width, info.height];
  const data = allocate(constructorOf(dtype), width * height * channels) as Uint8Array | Uint16Array;
  return new Image(data, width, height, channels);
}

export const vips: Codec = {
  name: 'libvips',
  reads: vipsFormats,
  writes: vipsFormats,

  async probe(bytes, format, options) {
    const info = await probeSource({ bytes, format, options }, codecThreads());
    if (!options.autoOrient || !isTurned(info.orientation)) return info;
    return { ...info, width: info.height, height: info.width };
  },

  async decode(bytes, format, options) {
    const source = { bytes, format, options };
    const info = await probeSource(source, codecThreads());
    checkPixels(info.width, info.height, options);
    const orientation = options.autoOrient ? info.orientation : 1;
    const image = imageFor(info, orientation);
    const report = new Report();
    await runChain([decodeCall(source, image, orientation, report)], codecThreads()).settled;
    if (!report.succeeded) throw decodeError(report);
    return image;
  },

  async encode(image, format, options) {
    const report = new Report();
    await runChain([encodeCall(image, vipsSuffix(format, options), report)], codecThreads()).settled;
    const bytes = encoded(report);
    if (bytes === undefined) throw encodeError(report, format);
    return bytes;
  },
};
