/** How a pipeline is told from other functions; apart from the rest, so that a program without pipelines loads none of it. */
import type { PipelineData } from './data';

/** Shared between copies of the library, as kernels are. */
export const PIPELINE = Symbol.for('everycore.pipeline');

/** The data of a pipeline; undefined for everything else. */
export function pipelineOf(value: unknown): PipelineData | undefined {
  return typeof value === 'function' ? (value as { [PIPELINE]?: PipelineData })[PIPELINE] : undefined;
}
