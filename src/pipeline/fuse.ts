/**
 * Steps that make each byte another one, whatever its neighbours, are tables; a table of a table is a table. So
 * steps of that kind that follow each other are done in one pass, with the same bytes.
 */
import { compute } from '../executors/inline';
import { Image } from '../image/image';
import { type Declaration, declarationOf } from '../kernels/kernel';
import type { Step } from './data';
import { declarationOfStep } from './image-kernels';

/** Native kernels that are tables of bytes. */
const tableKernels: readonly string[] = ['lut', 'threshold'];

export interface FusedStep {
  readonly step: Step;
  /** How many steps it stands for. */
  readonly count: number;
}

/** By the first of the steps, whose followers are always the same, and channels. */
const known = new WeakMap<Step, FusedStep[]>();

/** The step at `index`, or one table for it and those after it. */
export function fusedAt(steps: readonly Step[], index: number, channels: number): FusedStep {
  const first = steps[index];
  let byChannels = known.get(first);
  if (byChannels === undefined) known.set(first, (byChannels = []));
  byChannels[channels] ??= fuse(steps, index, channels);
  return byChannels[channels];
}

/** The kernel of a step, its own or the user's. */
export function kernelOfStep(step: Step): Declaration | undefined {
  if ('kernel' in step) return declarationOfStep(step);
  return 'custom' in step ? declarationOf(step.custom) : undefined;
}

function fuse(steps: readonly Step[], index: number, channels: number): FusedStep {
  let bytes = everyByte(channels);
  let end = index;
  for (; end < steps.length; end++) {
    const next = mapped(steps[end], bytes);
    if (next === undefined) break;
    bytes = next;
  }
  if (end - index < 2) return { step: steps[index], count: 1 };
  return { step: { kernel: 'lut', options: { table: tablesOf(bytes) } }, count: end - index };
}

/** An image with every byte in every channel: what a table makes of it is the table. */
function everyByte(channels: number): Image {
  const data = Uint8Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels));
  return new Image(data, 256, 1, channels);
}

/** What a step that is a table makes of bytes; undefined for other steps, and where it refuses them. */
function mapped(step: Step, bytes: Image): Image | undefined {
  const kernel = kernelOfStep(step);
  if (kernel === undefined) return undefined;
  try {
    const call = kernel.call([bytes], undefined);
    if (!tableKernels.includes(call.kernel)) return undefined;
    compute(call);
    return call.finish() as Image;
  } catch {
    return undefined;
  }
}

/** One table for each colour. Alpha, which such steps leave as it is, has none. */
function tablesOf({ data, channels }: Image): Uint8Array[] {
  const colors = channels % 2 === 0 ? channels - 1 : channels;
  const tables = Array.from({ length: colors }, (_, c) => data.filter((_, i) => i % channels === c));
  const same = tables.every((table) => table.every((byte, i) => byte === tables[0][i]));
  return same ? [tables[0]] : tables;
}
