/** Pipelines in words: their steps as they were written, and what is done with them. */
import { describe } from '../errors';
import { type Step, stepName } from './data';
import { FrameStore, Frames, UnseenMemory } from './frames';
import { fusedAt } from './fuse';
import { flowOver } from './stream';

/** Plans depend on the picture; what is told is that of one in colour. */
const usual = { format: 'jpeg', width: 400, height: 300, channels: 3, dtype: 'u8', orientation: 1 } as const;

/** A step as it was written. */
export function shown(step: Step): string {
  if ('tee' in step)
    return `tee { ${Object.entries(step.tee)
      .map(([name, { steps }]) => `${name}: ${steps.map(shown).join(' → ')}`)
      .join(', ')} }`;
  if ('toDir' in step) return `toDir(${JSON.stringify(step.toDir)})`;
  if ('toFile' in step) return `toFile(${describe(step.toFile)})`;
  const options = 'options' in step && step.options !== undefined ? Object.entries(step.options as object) : [];
  return options.length === 0 ? stepName(step) : `${stepName(step)}(${options.map(([name, value]) => `${name}: ${describe(value)}`).join(', ')})`;
}

/** The plan, a line for each thing that is done. */
export function explained(steps: readonly Step[]): string[] {
  const site = { active: 1, workers: 1, unseen: new UnseenMemory() };
  const flow = flowOver(steps, usual, site, new Frames(new FrameStore()));
  const flowing = flow === undefined ? 0 : steps.length - flow.steps.length;
  return [
    'decode: on a native thread where libvips is there; a JPEG at less than its size when a resize comes first',
    ...linesOf(steps, '', flowing),
  ];
}

/** @param flowing So many of the steps are given rows as they are decoded. */
function linesOf(steps: readonly Step[], indent: string, flowing: number): string[] {
  const lines: string[] = [];
  for (let i = 0, count = 1; i < steps.length; i += count) {
    const step = steps[i];
    count = fusedAt(steps, i, usual.channels, usual.dtype).count;
    const names = steps
      .slice(i, i + count)
      .map(shown)
      .join(' → ');
    if ('tee' in step) {
      lines.push(`${indent}tee: the picture so far goes to`);
      for (const [name, branch] of Object.entries(step.tee)) lines.push(`${indent}  ${name}:`, ...linesOf(branch.steps, `${indent}    `, 0));
    } else if ('kernel' in step || ('custom' in step && 'kernelName' in step.custom)) {
      const what = count > 1 ? 'one table of bytes, in one pass' : 'kernel';
      const how = i < flowing ? 'rows as they are decoded' : 'the whole picture';
      lines.push(`${indent}${names}: ${what}, ${how}, on one native thread; split over all when there are fewer items than threads`);
    } else if ('custom' in step) {
      lines.push(`${indent}${names}: function, on the JavaScript thread`);
    } else if ('toFile' in step || 'toDir' in step) {
      lines.push(`${indent}${names}: written whole or not at all`);
    } else if ('encode' in step && i <= flowing) {
      lines.push(`${indent}${names}: rows as they come, where libvips writes it`);
    } else {
      lines.push(`${indent}${names}`);
    }
  }
  return lines;
}
