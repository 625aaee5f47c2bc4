/**
 * Decoding and the first kernel in one: strips of rows go from the decoder straight into a kernel that takes
 * them row by row, on one thread, and the decoded picture is never held.
 */
import { kernelNumber } from '../executors/packing';
import type { ImageInfo } from '../image/codec/codec';
import { decodeError, runChain } from '../image/codec/vips';
import { decodeRowsCall, Report, type VipsSource } from '../image/codec/vips-calls';
import { Image } from '../image/image';
import type { Call } from '../kernels/call';
import { constructorOf } from '../kernels/dtype';
import { native } from '../native';
import type { Step } from './data';
import type { Frames } from './frames';
import { declarationOfStep } from './image-kernels';
import { type Site, stoppable } from './site';

/**
 * The kernel's call over a picture that isn't there; undefined when the step needs all of the picture. Where there
 * are more threads than items the kernel is better split over them, once the picture is decoded.
 */
export function callOverRows(step: Step | undefined, size: ImageInfo, site: Site, frames: Frames): Call | undefined {
  const binding = native();
  if (step === undefined || !('kernel' in step) || site.active < site.workers || binding === null) return undefined;
  const picture = unseen(size, site);
  const call = frames.during(() => declarationOfStep(step).call([picture], undefined));
  const streams = call.rowsFrom !== undefined && call.views[0].data === picture.data;
  return streams && kernelNumber(binding, call.kernel, picture.data) >= 0 ? call : undefined;
}

/** An image for its size alone. Its memory is never touched, so the system never provides it, and all items share it. */
function unseen({ width, height, channels, dtype }: ImageInfo, site: Site): Image {
  const type = constructorOf(dtype);
  const length = width * height * channels;
  const bytes = length * type.BYTES_PER_ELEMENT;
  if (site.unseen.byteLength < bytes) site.unseen = new ArrayBuffer(bytes);
  return new Image(new type(site.unseen, 0, length) as Uint8Array, width, height, channels);
}

/** Decodes and runs the call; answers what it makes. @throws ImageDecodeError */
export async function decodeThrough(source: VipsSource, call: Call, site: Site, signal: AbortSignal): Promise<unknown> {
  const report = new Report();
  const chain = [decodeRowsCall(source, call.rowsFrom as number, report), call];
  await stoppable(runChain(chain, site.threads as NonNullable<Site['threads']>), signal);
  if (!report.succeeded) throw decodeError(report);
  return call.finish();
}
