/** The first step of every item: bytes to pixels, of a JPEG no more of them than the resize that follows needs. */
import { readerOf } from '../image/codec/choice';
import type { ImageInfo } from '../image/codec/codec';
import { isTurned } from '../image/codec/exif';
import { sniff } from '../image/codec/format';
import { type CheckedDecodeOptions, checkPixels, type ImageSource } from '../image/codec/options';
import { checkSource, loadSource, type OpenFile } from '../image/codec/source';
import { decodeError, imageFor, runChain, vips } from '../image/codec/vips';
import { decodeCall, piecewiseFormats, probeCall, probed, Report, type VipsSource } from '../image/codec/vips-calls';
import { Image, type ImageLike } from '../image/image';
import { native } from '../native';
import type { Step } from './data';
import type { Frames } from './frames';
import { type Site, stoppable } from './site';
import { decodeThrough, type EncodingOf, flowOver } from './stream';

/** What an item may be. */
export type PipelineSource = ImageSource | ImageLike;

/** What there is once an item is decoded: an image, or already the bytes of a file, of a picture of that size. */
export interface Frame {
  readonly image: Image;
  readonly file?: Uint8Array;
  /** Gives the place in memory back. */
  release(): void;
  /** The steps that are left to do. */
  readonly steps: readonly Step[];
}

export interface DecodeRequest {
  readonly source: PipelineSource;
  readonly options: CheckedDecodeOptions;
  readonly shrinkOnLoad: boolean | 'fast';
  readonly steps: readonly Step[];
  readonly site: Site;
  readonly signal: AbortSignal;
  readonly frames: Frames;
  readonly encodingOf: EncodingOf;
}

const nothing = () => undefined;

export async function decodeFrame(request: DecodeRequest): Promise<Frame> {
  const { source, options, steps, site } = request;
  if (Image.isImage(source)) return { image: asImage(source), release: nothing, steps };
  checkSource(source, 'a pipeline');
  let file: ArrayBuffer | undefined;
  const memory = (size: number) => (file = site.files.take(size));
  let open: OpenFile | undefined;
  try {
    const loaded = await loadSource(source, { memory, leaveOpen: site.threads && isReadNatively });
    const { bytes } = loaded;
    open = loaded.open;
    request.signal.throwIfAborted();
    if (open !== undefined) native()?.readAhead(open.fd);
    const { codec, format } = readerOf(bytes);
    if (codec === vips && site.threads !== undefined) return await decodeNatively({ bytes, open, format, options }, request);
    file = undefined; // the image may lie in it
    const image = (await codec.decode(bytes, format, options)) as Image;
    return { image, release: nothing, steps };
  } finally {
    if (file !== undefined) site.files.give(file);
    await open?.close();
  }
}

/** Whether native code reads the file itself: on Windows it can't, since a descriptor belongs to the C library that made it. */
function isReadNatively(start: Uint8Array): boolean {
  const format = sniff(start);
  return process.platform !== 'win32' && format !== undefined && piecewiseFormats.includes(format) && readerOf(start).codec === vips;
}

async function decodeNatively(source: VipsSource, request: DecodeRequest): Promise<Frame> {
  const { format } = source;
  const { options, shrinkOnLoad, steps, site, signal, frames, encodingOf } = request;
  const info = await probeOn(source, site, signal);
  checkPixels(info.width, info.height, options);
  const turned = options.autoOrient ? info.orientation : 1;
  const shrunk = shrinkOnLoad && format === 'jpeg' ? shrinkFor(info, turned, steps, shrinkOnLoad === 'fast' ? 1 : 2) : undefined;
  const vipsSource: VipsSource = { ...source, shrink: shrunk?.shrink };
  const size = shrunk === undefined ? info : await probeOn(vipsSource, site, signal);
  const left = shrunk?.steps ?? steps;
  const flow = turned === 1 ? flowOver(left, size, site, frames, encodingOf) : undefined;
  const pictureBytes = size.width * size.height * size.channels * (size.dtype === 'u16' ? 2 : 1);
  // The picture, and what the next step makes of it; or what the steps need that rows flow through.
  const release = await site.memory.enter(flow?.bytes ?? 2 * pictureBytes);
  try {
    signal.throwIfAborted();
    if (flow !== undefined) {
      const made = await decodeThrough(vipsSource, flow, site, signal);
      if (flow.encoded) return { image: flow.encoded.answer, file: made as Uint8Array, release, steps: flow.steps };
      return { image: made as Image, release, steps: flow.steps };
    }
    const image = frames.during(() => imageFor(size, turned)) as Image;
    await decodeOn(vipsSource, image, turned, site, signal);
    return { image, release, steps: left };
  } catch (error) {
    release();
    throw error;
  }
}

function asImage(image: ImageLike): Image {
  return image instanceof Image ? image : (new Image(image.data, image.width, image.height, image.channels, image.stride) as Image);
}

async function probeOn(source: VipsSource, site: Site, signal: AbortSignal): Promise<ImageInfo> {
  const report = new Report();
  await stoppable(runChain([probeCall(source, report)], site.threads as NonNullable<Site['threads']>), signal);
  if (!report.succeeded) throw decodeError(report);
  return probed(report, source.format);
}

async function decodeOn(source: VipsSource, image: Image, orientation: number, site: Site, signal: AbortSignal): Promise<void> {
  const report = new Report();
  await stoppable(runChain([decodeCall(source, image, orientation, report)], site.threads as NonNullable<Site['threads']>), signal);
  if (!report.succeeded) throw decodeError(report);
}

interface ResizeOptions {
  width?: number;
  height?: number;
  fit?: string;
  filter?: string;
}

/**
 * How much of a JPEG's size is enough, and the steps after that; undefined when all of it is needed.
 * @param least The resize still has to make the picture smaller by this factor.
 */
export function shrinkFor(
  info: ImageInfo,
  orientation: number,
  steps: readonly Step[],
  least: 1 | 2,
): { shrink: 2 | 4 | 8; steps: readonly Step[] } | undefined {
  const [first, ...rest] = steps;
  if (first === undefined || !('kernel' in first) || first.kernel !== 'resize') return undefined;
  const options = first.options as ResizeOptions;
  if (options.filter === 'nearest') return undefined;
  const [width, height] = isTurned(orientation) ? [info.height, info.width] : [info.width, info.height];
  const factor = Math.min(width / (options.width ?? 0), height / (options.height ?? 0));
  const shrink = ([8, 4, 2] as const).find((each) => factor / each >= least);
  if (shrink === undefined || !Number.isFinite(factor)) return undefined;
  return { shrink, steps: [{ kernel: 'resize', options: settled(options, width, height) }, ...rest] };
}

/** A missing side follows from the whole picture's proportions, not from the shrunk one's, which are rounded. */
function settled(options: ResizeOptions, width: number, height: number): ResizeOptions {
  const { fit = 'cover' } = options;
  const [toWidth, toHeight] = [options.width ?? Infinity, options.height ?? Infinity];
  const one = options.width === undefined || options.height === undefined;
  if (!one && fit !== 'inside' && fit !== 'outside') return options;
  const scales = [toWidth / width, toHeight / height].filter(Number.isFinite);
  const scale = fit === 'outside' ? Math.max(...scales) : Math.min(...scales);
  const side = (length: number) => Math.max(1, Math.floor(length * scale + 0.5));
  return { ...options, width: side(width), height: side(height), fit: 'fill' };
}
