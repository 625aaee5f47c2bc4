/** `everycore image`: many files through one pipeline. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PipelineData } from '../pipeline/data';
import { claimNames, targetsOf } from '../pipeline/files';
import { pipelineOf } from '../pipeline/recognize';
import { Pool } from '../pool/pool';
import { InterruptedError, numberValue, parseCommand, UsageError } from './arguments';
import { expandFiles } from './glob';
import { checkEncoding, type ImagePlan, planImages, stepOptions } from './image-steps';
import { progressReporter } from './progress';

const options = {
  ...stepOptions,
  out: { type: 'string' },
  concurrency: { type: 'string' },
  json: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
} as const;

interface Done {
  readonly source: string;
  readonly path?: string;
  readonly size?: number;
  readonly error?: string;
}

interface Summary {
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Of source files, in millions of bytes. */
  readonly megabytesPerSecond: number;
}

export async function imageCommand(args: readonly string[]): Promise<number> {
  const parsed = parseCommand(args, options, true);
  if (parsed.positionals.length === 0) throw new UsageError('name the files: everycore image <files> --resize 800 --out thumbs');
  const out = parsed.value('out');
  if (out === undefined) throw new UsageError('say where the files go: --out <folder>');
  const processes = parsed.has('concurrency') ? numberValue('concurrency', parsed.value('concurrency'), { min: 1, whole: true }) : undefined;
  const plan = planned(() => planImages(parsed, out, processes));
  const files = expandFiles(parsed.positionals);
  const data = pipelineOf(plan.pipeline) as PipelineData;
  checkTargets(data, plan, files);
  if (parsed.has('dry-run')) return dryRun(plan, data, files, parsed.has('json'));
  return run(plan, files, processes, parsed.has('json'));
}

/** Wrong values of options are the command's mistakes, whoever finds them. */
function planned(make: () => ImagePlan): ImagePlan {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** No file is written over another one's, nor over its own source, and all have the options that are given. */
function checkTargets(data: PipelineData, { encoding }: ImagePlan, files: readonly string[]): void {
  const names = new Set<string>();
  const sources = new Set(files.map((file) => resolve(file)));
  files.forEach((file, index) => {
    for (const { path, format } of targetsOf(data, file, index)) {
      checkEncoding(format, encoding, file);
      if (sources.has(resolve(path))) throw new UsageError(`${path} would be written over a source: choose another --out`);
    }
    try {
      claimNames(data, file, index, names);
    } catch (error) {
      throw new UsageError(`${(error as Error).message}: the sources of one run need different names`);
    }
  });
}

function dryRun({ pipeline, code }: ImagePlan, data: PipelineData, files: readonly string[], json: boolean): number {
  const pairs = files.map((source, index) => ({ source, path: targetsOf(data, source, index)[0].path }));
  if (json) process.stdout.write(`${JSON.stringify({ files: pairs, pipeline, code }, null, 2)}\n`);
  else process.stdout.write(`${pairs.map(({ source, path }) => `${source} -> ${path}\n`).join('')}\n${pipeline.explain()}\n\n${code}\n`);
  return 0;
}

async function run({ pipeline, code }: ImagePlan, files: readonly string[], processes: number | undefined, json: boolean): Promise<number> {
  const pool = new Pool(processes === undefined ? {} : { processes });
  const reporter = progressReporter();
  const startedAt = performance.now();
  // What is being written is finished or taken away before the program ends.
  const control = new AbortController();
  process.once('SIGINT', () => control.abort(new InterruptedError('interrupted')));
  try {
    const outcomes = await pool.mapSettled(pipeline, [...files], { onProgress: reporter.report, signal: control.signal });
    const results = outcomes.map((outcome, index) => doneOf(files[index], outcome));
    const summary = summaryOf(results, performance.now() - startedAt);
    reporter.end();
    process.stdout.write(json ? `${JSON.stringify({ summary, results, code }, null, 2)}\n` : asText(results, summary, code));
    return summary.failed > 0 ? 1 : 0;
  } finally {
    await pool.terminate();
  }
}

function doneOf(source: string, outcome: PromiseSettledResult<unknown>): Done {
  if (outcome.status === 'rejected') return { source, error: String((outcome.reason as Error)?.message ?? outcome.reason) };
  const { path, size } = outcome.value as { path: string; size: number };
  return { source, path, size };
}

function summaryOf(results: readonly Done[], ms: number): Summary {
  const done = results.filter(({ error }) => error === undefined);
  const bytes = done.reduce((sum, { source }) => sum + (statSync(source, { throwIfNoEntry: false })?.size ?? 0), 0);
  const seconds = ms / 1000;
  return {
    done: done.length,
    failed: results.length - done.length,
    seconds: rounded(seconds),
    imagesPerSecond: rounded(done.length / seconds),
    megabytesPerSecond: rounded(bytes / 1e6 / seconds),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function asText(results: readonly Done[], { done, failed, seconds, imagesPerSecond, megabytesPerSecond }: Summary, code: string): string {
  const failures = results.flatMap(({ source, error }) =>
    error === undefined ? [] : [`  ${error.includes(source) ? error : `${source}: ${error}`}\n`],
  );
  const summary = `${done} done, ${failed} failed in ${seconds} s: ${imagesPerSecond} images/s, ${megabytesPerSecond} MB/s\n`;
  return `${summary}${failed > 0 ? `failed:\n${failures.join('')}` : ''}\nAs a program:\n\n${code}\n`;
}
