/** One item's way through a pipeline: decode, the steps in the order written, and what the last one makes. */
import { CodecMissingError, ImageDecodeError, PixelLimitError } from '../errors';
import { writerOf } from '../image/codec/choice';
import { checkEncodable } from '../image/codec/encodable';
import { checkEncodeOptions } from '../image/codec/encode-options';
import type { ImageFormat } from '../image/codec/format';
import { checkDecodeOptions } from '../image/codec/options';
import { nameOf } from '../image/codec/source';
import { encodeError, runChain, vips } from '../image/codec/vips';
import { encodeCall, encoded, Report } from '../image/codec/vips-calls';
import { vipsSuffix } from '../image/codec/vips-suffix';
import { Image, type Pixels } from '../image/image';
import { dtypeOf } from '../kernels/dtype';
import { type Declaration, declarationOf } from '../kernels/kernel';
import type { CustomStep, PipelineData, Step } from './data';
import { stepName } from './data';
import { decodeFrame, type PipelineSource } from './decode';
import { encoderOf, type FileResult, targetOf, writeTarget } from './files';
import { discard, Frames } from './frames';
import { fusedAt } from './fuse';
import { declarationOfStep } from './image-kernels';
import { runCall, type Site, stoppable } from './site';

/** An item on its way; `step` is what errors name. */
interface Way {
  readonly source: PipelineSource;
  readonly index: number;
  readonly site: Site;
  readonly signal: AbortSignal;
  readonly frames: Frames;
  step: string;
}

/** Runs one item. @throws what went wrong, with `file`, `step` and `index`; the signal's reason when that aborts. */
export async function runItem(data: PipelineData, source: PipelineSource, index: number, site: Site, signal: AbortSignal): Promise<unknown> {
  const frames = new Frames(site.frames);
  const way: Way = { source, index, site, signal, frames, step: 'decode' };
  let answer: unknown;
  const { limitPixels, failOn, autoOrient, shrinkOnLoad = true } = data.options;
  site.active++;
  try {
    const options = checkDecodeOptions({ limitPixels, failOn, autoOrient }, 'pipeline');
    const frame = await decodeFrame({ source, options, shrinkOnLoad, steps: data.steps, site, signal, frames });
    try {
      answer = await runSteps(frame.steps, frame.image, way, false);
      return answer;
    } finally {
      frame.release();
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : located(error, way);
  } finally {
    frames.end(answer);
    site.active--;
  }
}

/** @param shared Others need the image too: its memory is not given back here. */
async function runSteps(steps: readonly Step[], image: Image, way: Way, shared: boolean): Promise<unknown> {
  let value: unknown = image;
  const encoder = encoderOf(steps);
  for (let i = 0, count = 1; i < steps.length; i += count) {
    const written = steps[i];
    way.step = stepName(written);
    way.signal.throwIfAborted();
    const { step, count: fused } = isPicture(value) ? fusedAt(steps, i, value.channels, dtypeOf(value.data)) : { step: written, count: 1 };
    count = fused;
    if ('kernel' in step || 'custom' in step) {
      const next = 'kernel' in step ? await runKernel(declarationOfStep(step), value, way) : await runCustom(step.custom, value, way);
      if (!shared || value !== image) way.frames.release(value, next);
      value = next;
    } else if ('tee' in step) {
      value = await runBranches(step.tee, value as Image, way);
    } else if ('encode' in step) {
      if (steps.some((each) => 'toFile' in each || 'toDir' in each)) continue;
      value = await encode(value as Image, step.encode, step.options, way);
    } else if (!('raw' in step)) {
      value = await writeFile(step, encoder, value as Image, way);
    }
  }
  return value;
}

function isPicture(value: unknown): value is Image<Pixels> {
  return value instanceof Image;
}

function runKernel(kernel: Declaration, value: unknown, { site, signal, frames }: Way): Promise<unknown> {
  const call = frames.during(() => kernel.call([value], undefined));
  return runCall(call, site, signal);
}

async function runCustom(step: CustomStep, value: unknown, way: Way): Promise<unknown> {
  const kernel = declarationOf(step);
  if (kernel !== undefined) return runKernel(kernel, value, way);
  way.frames.giveAway(value); // it may keep the image
  return (step as (image: Image) => unknown)(value as Image);
}

async function runBranches(branches: Readonly<Record<string, PipelineData>>, image: Image, way: Way): Promise<Record<string, unknown>> {
  const answer: Record<string, unknown> = {};
  for (const [name, { steps }] of Object.entries(branches)) answer[name] = await runSteps(steps, image, way, true);
  return answer;
}

async function encode(image: Image, format: Exclude<ImageFormat, 'pbm'>, options: object | undefined, way: Way): Promise<Uint8Array> {
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

async function writeFile(
  step: Extract<Step, { toFile: unknown } | { toDir: string }>,
  encoder: Extract<Step, { encode: string }> | undefined,
  image: Image,
  way: Way,
): Promise<FileResult> {
  const target = targetOf(step, encoder?.encode, way.source, way.index) as NonNullable<ReturnType<typeof targetOf>>;
  const { path, format } = target;
  const bytes = await encode(image, format, encoder?.options ?? step.options, way);
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

/** The error, with the file in its message and the place where it happened in its properties. */
function located(error: unknown, { source, step, index }: Way): unknown {
  const file = nameOf(source);
  if (!(error instanceof Error)) return error;
  const details = { ...(file !== undefined && { file }), step, index };
  const own = error instanceof ImageDecodeError || error instanceof PixelLimitError || error instanceof CodecMissingError;
  if (own || 'code' in error) {
    if (file !== undefined && !error.message.includes(file)) error.message = `${file}: ${error.message}`;
  }
  for (const [name, value] of Object.entries(details)) {
    if ((error as unknown as Record<string, unknown>)[name] !== undefined && name !== 'step') continue;
    Object.defineProperty(error, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return error;
}
