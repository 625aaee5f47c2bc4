/**
 * Decoding, the first kernels and, where no other step follows, encoding in one: strips of rows go from the decoder
 * through all kernels that take them so, and on to the encoder; no picture that only passes through is ever held.
 */
import { kernelNumber } from '../executors/packing';
import type { ImageInfo } from '../image/codec/codec';
import type { ImageFormat } from '../image/codec/format';
import { decodeError, encodeError, runChain } from '../image/codec/vips';
import { decodeRowsCall, encoded, Report, type RowReading, recodeRowsCall, type VipsSource } from '../image/codec/vips-calls';
import { Image } from '../image/image';
import type { Call } from '../kernels/call';
import { constructorOf, dtypeOf } from '../kernels/dtype';
import { allocatingFrom } from '../kernels/memory';
import { native } from '../native';
import type { Step } from './data';
import { type Frames, unheldFrom } from './frames';
import { fusedAt, kernelOfStep } from './fuse';
import { type Site, stoppable } from './site';

/** How libvips is to encode a picture. */
export interface Encoding {
  readonly format: ImageFormat;
  /** The format with its options as libvips spells them. */
  readonly suffix: string;
}

/** The encoding of a picture, if that and the writing of a file is all that the steps do. */
export type EncodingOf = (steps: readonly Step[], picture: Image) => Encoding | undefined;

/** Calls through which rows flow; the last one makes what the steps make, unless that is encoded as it comes. */
export interface Flow {
  /** Without pixels: the picture in the file. */
  readonly pixels: Image;
  readonly calls: readonly Call[];
  /** The picture that is encoded, without pixels too. */
  readonly encoded?: Encoding & { readonly answer: Image; readonly held: boolean };
  /** The steps after the calls. */
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

/** Nanoseconds that decoding takes at the least, for a pixel. */
const decodingNs = 8;

/** Rows, roughly, of which a stage of a flow holds some. */
const rowsHeld = 64;

/**
 * Where all threads have an item, a picture of no more bytes is made before it is encoded, on the thread that has it.
 * Else the encoder draws its rows on threads of its own while others are decoded: sooner done, but with more work, and
 * more memory that the decoder leaves behind on all of these threads.
 */
const heldBytesMax = 8 << 20;

/**
 * The first steps as a flow over a picture that isn't there; undefined when the first one needs all of it. Where
 * there are more threads than items, kernels that take long beside the decoding, which can't be split, are better
 * split over them, once the picture is decoded.
 */
export function flowOver(steps: readonly Step[], size: ImageInfo, site: Place, frames: Frames, encodingOf?: EncodingOf): Flow | undefined {
  if (native() === null) return undefined;
  const pixels = unseen(size, site);
  const calls: Call[] = [];
  let picture: Image | undefined = pixels;
  let bytes = pixels.data.byteLength / 8;
  let taken = 0;
  let remade: (() => Call | undefined) | undefined;
  let cost = 0;
  while (picture !== undefined && taken < steps.length && calls.length < callsMax) {
    const { step, count } = fusedAt(steps, taken, picture.channels, dtypeOf(picture.data));
    const over: Image = picture;
    const call = unheld(site, () => callOver(step, over));
    if (call === undefined) break;
    remade = () => frames.during(() => callOver(step, over));
    calls.push(call);
    taken += count;
    cost += call.phases.reduce((sum, phase) => sum + phase.units * phase.cost, 0);
    bytes += (call.scratchBytes ?? 0) + (call.rolling === undefined ? (call.sharedBytes ?? 0) : rowsHeld * call.rolling().rowBytes);
    picture = rowsOf(call);
  }
  if (site.active < site.workers && 2 * cost > decodingNs * size.width * size.height) return undefined;
  const left = steps.slice(taken);
  const encoding = picture && encodingOf?.(left, picture);
  if (encoding && picture) {
    const held = site.active >= site.workers && picture.data.byteLength <= heldBytesMax;
    const encoded = { ...encoding, answer: picture, held };
    return { pixels, calls, encoded, steps: left, bytes: held ? bytes + picture.data.byteLength : bytes };
  }
  // What the last call makes is held.
  const last = remade?.();
  if (last === undefined) return undefined;
  calls[calls.length - 1] = last;
  return { pixels, calls, steps: left, bytes: bytes + (rowsOf(last)?.data.byteLength ?? 0) };
}

/** The step's call if it takes rows; undefined too where the step refuses the picture, which is found once more. */
function callOver(step: Step, picture: Image): Call | undefined {
  const kernel = kernelOfStep(step);
  if (kernel === undefined) return undefined;
  let call: Call;
  try {
    call = kernel.call([picture], undefined);
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
  if (call.phases.length > 1 && call.rolling === undefined) return undefined;
  const answer = call.finish();
  return answer instanceof Image && answer.data === call.views.at(-1)?.data ? (answer as Image) : undefined;
}

function readingOf({ rowsFrom = 0, bands, phases, rolling }: Call): RowReading {
  if (bands !== undefined) return { first: 0, ...bands };
  const rows = phases[0].grain > 1 ? rowGrain : 1;
  return { first: rowsFrom, rows, units: rows, around: 0, rolling: rolling?.() };
}

/** An image for its size alone. */
function unseen({ width, height, channels, dtype }: ImageInfo, site: Place): Image {
  const type = constructorOf(dtype);
  const length = width * height * channels;
  return new Image(new type(site.unseen.take(length * type.BYTES_PER_ELEMENT), 0, length) as Uint8Array, width, height, channels);
}

/** Runs something that makes a call; its result, if it is large, is there for its size alone. */
function unheld<R>(site: Place, body: () => R): R {
  return allocatingFrom(unheldFrom(site.unseen), body);
}

/** Decodes and runs the calls; answers what the last one makes, or the file that it was made into. @throws ImageDecodeError, ImageEncodeError */
export async function decodeThrough(source: VipsSource, flow: Flow, site: Site, signal: AbortSignal): Promise<unknown> {
  const { calls, encoded: into } = flow;
  const threads = site.threads as NonNullable<Site['threads']>;
  const [report, encoding] = [new Report(), new Report()];
  const rows = { source, pixels: flow.pixels, readings: calls.map(readingOf) };
  const first = into === undefined ? decodeRowsCall(rows, report) : recodeRowsCall(rows, report, { ...into, report: encoding });
  // What lies between two passes is held by the flow.
  const chain = [first, ...calls.map((call) => (call.rolling === undefined ? call : { ...call, sharedBytes: 0 }))];
  try {
    await stoppable(runChain(chain, threads), signal);
  } catch (error) {
    encoded(encoding); // what was made all the same is given back
    throw error;
  }
  if (into !== undefined) {
    const bytes = encoded(encoding);
    if (bytes !== undefined) return bytes;
    if (encoding.message !== undefined) throw encodeError(encoding, into.format);
  }
  if (!report.succeeded) throw decodeError(report);
  return calls[calls.length - 1].finish();
}
