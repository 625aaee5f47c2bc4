/** One item's way through a pipeline: decode, the steps in the order written, and what the last one makes. */
import { CodecMissingError, ImageDecodeError, ImageEncodeError, PixelLimitError } from '../errors';
import { checkDecodeOptions } from '../image/codec/options';
import { nameOf } from '../image/codec/source';
import { Image, type Pixels } from '../image/image';
import { dtypeOf } from '../kernels/dtype';
import { type Declaration, declarationOf } from '../kernels/kernel';
import type { CustomStep, PipelineData, Step } from './data';
import { stepName } from './data';
import { decodeFrame, type PipelineSource } from './decode';
import { encoderOf } from './files';
import { Frames } from './frames';
import { fusedAt } from './fuse';
import { declarationOfStep } from './image-kernels';
import { encode, encodingAfter, type Way, writeEncoded, writeFile } from './sinks';
import { runCall, type Site } from './site';

/** Runs one item. @throws what went wrong, with `file`, `step` and `index`; the signal's reason when that aborts. */
export async function runItem(data: PipelineData, source: PipelineSource, index: number, site: Site, signal: AbortSignal): Promise<unknown> {
  const frames = new Frames(site.frames);
  const way: Way = { source, index, site, signal, frames, step: 'decode' };
  let answer: unknown;
  const { limitPixels, failOn, autoOrient, shrinkOnLoad = true } = data.options;
  site.active++;
  try {
    const options = checkDecodeOptions({ limitPixels, failOn, autoOrient }, 'pipeline');
    const encodingOf = (steps: readonly Step[], image: Image) => encodingAfter(steps, image, way);
    const frame = await decodeFrame({ source, options, shrinkOnLoad, steps: data.steps, site, signal, frames, encodingOf });
    try {
      answer = frame.file ? await writeEncoded(frame.steps, frame.image, frame.file, way) : await runSteps(frame.steps, frame.image, way, false);
      return answer;
    } finally {
      frame.release();
    }
  } catch (error) {
    // Rows were encoded as they were decoded.
    if (error instanceof ImageEncodeError && way.step === 'decode') way.step = stepName(data.steps[data.steps.length - 1]);
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
