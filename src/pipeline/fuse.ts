/**
 * Steps that make each byte or word another one, whatever its neighbours, are tables; a table of a table is a table.
 * So steps of that kind that follow each other are done in one pass, with the same samples.
 */
import { compute } from '../executors/inline';
import { Image } from '../image/image';
import type { Call } from '../kernels/call';
import type { Dtype } from '../kernels/dtype';
import { type Declaration, declarationOf } from '../kernels/kernel';
import { allocatingFrom } from '../kernels/memory';
import type { Step } from './data';
import { stores, unheldFrom } from './frames';
import { declarationOfStep } from './image-kernels';

/** Native kernels that come to tables. */
const tableKernels: readonly string[] = ['lut', 'threshold', 'tones'];

export interface FusedStep {
  readonly step: Step;
  /** How many steps it stands for. */
  readonly count: number;
}

/** By the first of the steps, whose followers are always the same, and what comes in. */
const known = new WeakMap<Step, Map<string, FusedStep>>();

/** The step at `index`, or one table for it and those after it, for a picture of so many channels. */
export function fusedAt(steps: readonly Step[], index: number, channels: number, dtype: Dtype): FusedStep {
  const first = steps[index];
  if (dtype !== 'u8' && dtype !== 'u16') return { step: first, count: 1 };
  let fused = known.get(first);
  if (fused === undefined) known.set(first, (fused = new Map()));
  const key = `${channels} ${dtype}`;
  const there = fused.get(key);
  if (there !== undefined) return there;
  const made = fuse(steps, index, channels, dtype);
  fused.set(key, made);
  return made;
}

/** The kernel of a step, its own or the user's. */
export function kernelOfStep(step: Step): Declaration | undefined {
  if ('kernel' in step) return declarationOfStep(step);
  return 'custom' in step ? declarationOf(step.custom) : undefined;
}

function fuse(steps: readonly Step[], index: number, channels: number, dtype: 'u8' | 'u16'): FusedStep {
  const alone = { step: steps[index], count: 1 };
  if (index + 1 === steps.length || kernelOfStep(steps[index + 1]) === undefined) return alone;
  const pixel = blank(1, channels, dtype);
  // Other kernels may answer large pictures even of this one; nobody looks at them.
  const comesToTable = (step: Step) => allocatingFrom(unheldFrom(stores.unseen), () => tableCall(step, pixel) !== undefined);
  let end = index;
  while (end < steps.length && comesToTable(steps[end])) end++;
  if (end - index < 2) return alone;
  let samples = everySample(channels, dtype);
  for (const step of steps.slice(index, end)) {
    const call = tableCall(step, samples) as Call<Samples>;
    compute(call);
    samples = call.finish();
  }
  return { step: { kernel: 'lut', options: { table: tablesOf(samples) } }, count: end - index };
}

type Samples = Image<Uint8Array> | Image<Uint16Array>;

function blank(width: number, channels: number, dtype: 'u8' | 'u16'): Samples {
  return dtype === 'u8' ? Image.alloc(width, 1, channels) : Image.alloc(width, 1, channels, dtype);
}

/** An image with every sample in every channel: what a table makes of it is the table. */
function everySample(channels: number, dtype: 'u8' | 'u16'): Samples {
  const count = dtype === 'u8' ? 256 : 65536;
  const image = blank(count, channels, dtype);
  for (let i = 0; i < image.data.length; i++) image.data[i] = Math.floor(i / channels);
  return image;
}

/** The call of a step that comes to a table; undefined for other steps, and where it refuses such images. */
function tableCall(step: Step, samples: Samples): Call<Samples> | undefined {
  const kernel = kernelOfStep(step);
  if (kernel === undefined) return undefined;
  try {
    const call = kernel.call([samples], undefined);
    return tableKernels.includes(call.kernel) ? (call as Call<Samples>) : undefined;
  } catch {
    return undefined;
  }
}

/** One table for each colour. Alpha, which such steps leave as it is, has none. */
function tablesOf({ data, channels }: Samples): (Uint8Array | Uint16Array)[] {
  const colors = channels % 2 === 0 ? channels - 1 : channels;
  const tables = Array.from({ length: colors }, (_, c) => data.filter((_, i) => i % channels === c));
  const same = tables.every((table) => table.every((sample, i) => sample === tables[0][i]));
  return same ? [tables[0]] : tables;
}
