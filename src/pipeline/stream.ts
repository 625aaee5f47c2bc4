/**
 * Decoding and the first kernels in one: strips of rows go from the decoder through all kernels that take them so,
 * on one thread; neither the decoded picture nor what lies between two of these kernels is ever held.
 */
import { kernelNumber } from '../executors/packing';
import type { ImageInfo } from '../image/codec/codec';
import { decodeError, runChain } from '../image/codec/vips';
import { decodeRowsCall, Report, type RowReading, type VipsSource } from '../image/codec/vips-calls';
import { Image } from '../image/image';
import type { Call } from '../kernels/call';
import { constructorOf, dtypeOf } from '../kernels/dtype';
import { native } from '../native';
import type { Step } from './data';
import type { Frames } from './frames';
import { fusedAt, kernelOfStep } from './fuse';
import { type Site, stoppable } from './site';

/** Calls through which rows flow; the last one makes what the steps make. */
export interface Flow {
  readonly calls: readonly Call[];
  /** The steps after these. */
  readonly steps: readonly Step[];
  /** Bytes that it needs, roughly. */
  readonly bytes: number;
}

/** What of a site a flow depends on. */
type Place = Pick<Site, 'active' | 'workers' | 'unseen'>;

/** As many as native/codec/codec.cc takes. */
const callsMax = 16;

/** Most kernels may be cut at every row, some at multiples of this many. */
const rowGrain = 16;

/**
 * The first steps as a flow over a picture that isn't there; undefined when the first one needs all of it. Where
 * there are more threads than items the kernels are better split over them, once the picture is decoded.
 */
export function flowOver(steps: readonly Step[], size: ImageInfo, site: Place, frames: Frames): Flow | undefined {
  if (site.active < site.workers || native() === null) return undefined;
  const calls: Call[] = [];
  let picture: Image | undefined = unseen(size, site);
  let bytes = picture.data.byteLength / 8;
  let taken = 0;
  while (picture !== undefined && taken < steps.length && calls.length < callsMax) {
    const { step, count } = fusedAt(steps, taken, picture.channels, dtypeOf(picture.data));
    const call = callOver(step, picture, frames);
    if (call === undefined) break;
    calls.push(call);
    taken += count;
    bytes += (call.sharedBytes ?? 0) + (call.scratchBytes ?? 0);
    picture = rowsOf(call);
  }
  const last = calls.at(-1);
  if (last === undefined) return undefined;
  return { calls, steps: steps.slice(taken), bytes: bytes + (rowsOf(last)?.data.byteLength ?? 0) };
}

/** The step's call if it takes rows; undefined too where the step refuses the picture, which is found once more. */
function callOver(step: Step, picture: Image, frames: Frames): Call | undefined {
  const kernel = kernelOfStep(step);
  if (kernel === undefined) return undefined;
  let call: Call;
  try {
    call = frames.during(() => kernel.call([picture], undefined));
  } catch {
    return undefined;
  }
  const takesRows = call.phases.length > 0 && (call.rowsFrom !== undefined || call.bands !== undefined);
  const binding = native();
  const found = binding !== null && takesRows && kernelNumber(binding, call.kernel, picture.data) >= 0;
  return found && call.views[0].data === picture.data ? call : undefined;
}

/** The picture of a call that makes its rows in order, as they come. */
function rowsOf(call: Call): Image | undefined {
  if (call.phases.length > 1) return undefined;
  const answer = call.finish();
  return answer instanceof Image && answer.data === call.views.at(-1)?.data ? (answer as Image) : undefined;
}

function readingOf({ rowsFrom = 0, bands, phases }: Call): RowReading {
  if (bands !== undefined) return { first: 0, ...bands };
  const rows = phases[0].grain > 1 ? rowGrain : 1;
  return { first: rowsFrom, rows, units: rows, around: 0 };
}

/** An image for its size alone. Its memory is never touched, so the system never provides it, and all items share it. */
function unseen({ width, height, channels, dtype }: ImageInfo, site: Place): Image {
  const type = constructorOf(dtype);
  const length = width * height * channels;
  const bytes = length * type.BYTES_PER_ELEMENT;
  if (site.unseen.byteLength < bytes) site.unseen = new ArrayBuffer(bytes);
  return new Image(new type(site.unseen, 0, length) as Uint8Array, width, height, channels);
}

/** Decodes and runs the calls; answers what the last one makes. @throws ImageDecodeError */
export async function decodeThrough(source: VipsSource, { calls }: Flow, site: Site, signal: AbortSignal): Promise<unknown> {
  const report = new Report();
  const chain = [decodeRowsCall(source, calls.map(readingOf), report), ...calls];
  await stoppable(runChain(chain, site.threads as NonNullable<Site['threads']>), signal);
  if (!report.succeeded) throw decodeError(report);
  return calls[calls.length - 1].finish();
}
