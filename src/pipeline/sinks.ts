/** The last steps of an item: bytes in a format, and files. */
import { writerOf } from '../image/codec/choice';
import { checkEncodable } from '../image/codec/encodable';
import { checkEncodeOptions } from '../image/codec/encode-options';
import type { ImageFormat } from '../image/codec/format';
import { encodeError, runChain, vips } from '../image/codec/vips';
import { encodeCall, encoded, Report } from '../image/codec/vips-calls';
import { vipsSuffix } from '../image/codec/vips-suffix';
import type { Image } from '../image/image';
import { discard } from '../kernels/memory';
import { type Step, stepName } from './data';
import type { PipelineSource } from './decode';
import { encoderOf, type FileResult, targetOf, writeTarget } from './files';
import type { Frames } from './frames';
import { type Site, stoppable } from './site';
import type { Encoding } from './stream';

/** An item on its way; `step` is what errors name. */
export interface Way {
  readonly source: PipelineSource;
  readonly index: number;
  readonly site: Site;
  readonly signal: AbortSignal;
  readonly frames: Frames;
  step: string;
}

type Encoder = Extract<Step, { encode: string }>;
type Writer = Extract<Step, { toFile: unknown } | { toDir: string }>;

export async function encode(image: Image, format: Exclude<ImageFormat, 'pbm'>, options: object | undefined, way: Way): Promise<Uint8Array> {
  checkEncodable(image, format);
  const codec = writerOf(format);
  const checked = checkEncodeOptions(format, options);
  const { threads } = way.site;
  if (codec !== vips || threads === undefined) return codec.encode(image, format, checked);
  const report = new Report();
  try {
    await stoppable(runChain([encodeCall(image, vipsSuffix(format, checked), report)], threads), way.signal);
  } catch (error) {
    encoded(report); // what was made all the same is given back
    throw error;
  }
  const bytes = encoded(report);
  if (bytes === undefined) throw encodeError(report, format);
  return bytes;
}

export async function writeFile(step: Writer, encoder: Encoder | undefined, image: Image, way: Way): Promise<FileResult> {
  const target = targetOf(step, encoder?.encode, way.source, way.index) as NonNullable<ReturnType<typeof targetOf>>;
  const bytes = await encode(image, target.format, encoder?.options ?? step.options, way);
  return writeBytes(target, image, bytes, way);
}

async function writeBytes(
  { path, format }: NonNullable<ReturnType<typeof targetOf>>,
  image: Image,
  bytes: Uint8Array,
  way: Way,
): Promise<FileResult> {
  const { length: size } = bytes;
  try {
    await writeTarget(path, bytes, way.site, way.signal);
  } finally {
    // Nobody else has seen these bytes. Small ones may lie in memory that is Node's own.
    if (bytes.buffer.byteLength === size) discard(bytes.buffer as ArrayBuffer);
  }
  const { width, height, channels } = image;
  return { path, format, width, height, channels, size };
}

/** How a picture is encoded, if that and writing a file is all that is left to do and libvips can do it row by row. */
export function encodingAfter(steps: readonly Step[], image: Image, { source, index }: Way): Encoding | undefined {
  const [encoder, writer] = [encoderOf(steps), writerStep(steps)];
  if (steps.length === 0 || steps.length > Number(encoder !== undefined) + Number(writer !== undefined)) return undefined;
  try {
    const format = (writer && targetOf(writer, encoder?.encode, source, index)?.format) ?? encoder?.encode;
    if (format === undefined || writerOf(format) !== vips) return undefined;
    checkEncodable(image, format);
    return { format, suffix: vipsSuffix(format, checkEncodeOptions(format, (encoder ?? writer)?.options)) };
  } catch {
    return undefined; // it is found again where it is an error of its step
  }
}

/** What is left to do with a file that was made as rows came. */
export async function writeEncoded(steps: readonly Step[], image: Image, file: Uint8Array, way: Way): Promise<Uint8Array | FileResult> {
  const writer = writerStep(steps);
  if (writer === undefined) return file;
  way.step = stepName(writer);
  const target = targetOf(writer, encoderOf(steps)?.encode, way.source, way.index) as NonNullable<ReturnType<typeof targetOf>>;
  return writeBytes(target, image, file, way);
}

function writerStep(steps: readonly Step[]): Writer | undefined {
  return steps.find((step) => 'toFile' in step || 'toDir' in step) as Writer | undefined;
}
