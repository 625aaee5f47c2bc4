/** The steps of `everycore image`: options of the command line as a pipeline, and as the TypeScript that would make it. */
import { encodeFormats, type ImageFormat } from '../image/codec/format';
import type { PipelineOptions, Step } from '../pipeline/data';
import { pipeline } from '../pipeline/pipeline';
import type { Pipeline } from '../pipeline/types';
import { numberValue, type Parsed, UsageError } from './arguments';

export const stepOptions = {
  resize: { type: 'string' },
  fit: { type: 'string' },
  filter: { type: 'string' },
  crop: { type: 'string' },
  rotate: { type: 'string' },
  flip: { type: 'boolean' },
  flop: { type: 'boolean' },
  blur: { type: 'string' },
  sharpen: { type: 'string' },
  grayscale: { type: 'boolean' },
  format: { type: 'string' },
  quality: { type: 'string' },
  lossless: { type: 'boolean' },
  'limit-pixels': { type: 'string' },
} as const;

type KernelStep = { kernel: string; options?: Record<string, unknown> };

/** What each option does. Those without an entry belong to another one. */
const makers: Readonly<Record<string, (value: string, parsed: Parsed) => KernelStep>> = {
  resize: (value, parsed) => ({ kernel: 'resize', options: { ...sizeOf(value), ...wordsOf(parsed, ['fit', 'filter']) } }),
  crop: (value) => ({ kernel: 'crop', options: partOf(value) }),
  rotate: (value) => ({ kernel: 'rotate', options: { angle: numberValue('rotate', value) } }),
  flip: () => ({ kernel: 'flip' }),
  flop: () => ({ kernel: 'flop' }),
  blur: (value) => ({ kernel: 'gaussianBlur', options: { sigma: numberValue('blur', value, { min: 0.01, max: 1000 }) } }),
  sharpen: (value) => ({ kernel: 'unsharp', options: { radius: 1, percent: numberValue('sharpen', value, { min: 1, max: 1000 }), threshold: 3 } }),
  grayscale: () => ({ kernel: 'grayscale' }),
};

function sizeOf(text: string): { width?: number; height?: number } {
  const found = /^(\d+)?(?:x(\d+))?$/.exec(text);
  const [width, height] = [found?.[1], found?.[2]].map((side) => (side === undefined ? undefined : Number(side)));
  if (found === null || (width === undefined && height === undefined) || width === 0 || height === 0) {
    throw new UsageError(`--resize takes a width, <width>x<height> or x<height>, got ${JSON.stringify(text)}`);
  }
  return { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
}

function partOf(text: string): Record<string, number> {
  const numbers = text.split(',').map(Number);
  if (numbers.length !== 4 || !numbers.every(Number.isInteger)) throw new UsageError(`--crop takes x,y,width,height, got ${JSON.stringify(text)}`);
  const [x, y, width, height] = numbers;
  return { x, y, width, height };
}

function wordsOf(parsed: Parsed, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (parsed.has(name) ? [[name, parsed.value(name) as string]] : [])));
}

export interface ImagePlan {
  readonly pipeline: Pipeline<unknown>;
  /** Options of encoding; without --format they are for the format of each file. */
  readonly encoding: Encoding | undefined;
  /** The same as a program. */
  readonly code: string;
}

/** @throws UsageError for options that don't go together, TypeError and RangeError of the kernels for their values. */
export function planImages(parsed: Parsed, out: string, processes?: number): ImagePlan {
  if ((parsed.has('fit') || parsed.has('filter')) && !parsed.has('resize')) throw new UsageError('--fit and --filter go with --resize');
  const options: PipelineOptions = parsed.has('limit-pixels')
    ? { limitPixels: numberValue('limit-pixels', parsed.value('limit-pixels'), { min: 1 }) }
    : {};
  const steps: Step[] = parsed.given.flatMap(({ name, value }) => (Object.hasOwn(makers, name) ? [makers[name](value ?? '', parsed)] : []));
  const format = formatOf(parsed);
  const encoding = encodingOf(parsed);
  if (format === undefined) {
    steps.push({ toDir: out, ...(encoding && { options: encoding }) });
  } else {
    checkEncoding(format, encoding);
    steps.push({ encode: format, ...(encoding && { options: encoding }) }, { toDir: out });
  }
  const made = pipeline.from({ options, steps });
  return { pipeline: made, encoding, code: codeOf(options, steps, processes) };
}

type Encoding = Readonly<Record<string, unknown>>;

/** The formats that options of encoding are for. A TIFF is written without loss. */
const formatsWith: Readonly<Record<string, readonly string[]>> = { quality: ['jpeg', 'webp', 'avif'], lossless: ['webp', 'avif'] };

/** @throws UsageError for an option that the format hasn't got. */
export function checkEncoding(format: string, encoding: Encoding | undefined, file?: string): void {
  const name = Object.keys(encoding ?? {}).find((each) => !formatsWith[each].includes(format));
  if (name === undefined) return;
  const what = file === undefined ? format : `${format}, which ${file} stays`;
  throw new UsageError(`--${name} is for ${formatsWith[name].join(', ')}, not for ${what}${file === undefined ? '' : ': say another --format'}`);
}

function encodingOf(parsed: Parsed): Encoding | undefined {
  const encoding = {
    ...(parsed.has('quality') && { quality: numberValue('quality', parsed.value('quality'), { min: 1, max: 100, whole: true }) }),
    ...(parsed.has('lossless') && { lossless: true }),
  };
  return Object.keys(encoding).length > 0 ? encoding : undefined;
}

function formatOf(parsed: Parsed): Exclude<ImageFormat, 'pbm'> | undefined {
  const given = parsed.value('format')?.toLowerCase();
  const format = { jpg: 'jpeg', tif: 'tiff' }[given ?? ''] ?? given;
  if (format !== undefined && !encodeFormats.includes(format as never)) {
    throw new UsageError(`--format takes ${encodeFormats.join(', ')}, got ${JSON.stringify(given)}`);
  }
  return format as Exclude<ImageFormat, 'pbm'> | undefined;
}

/** A program that does with the files on its command line what this run does. */
function codeOf(options: PipelineOptions, steps: readonly Step[], processes: number | undefined): string {
  const calls = steps.map((step) => {
    if ('kernel' in step) return `.${step.kernel}(${step.options === undefined ? '' : literal(step.options)})`;
    if ('encode' in step) return `.${step.encode}(${step.options === undefined ? '' : literal(step.options)})`;
    const { toDir, options } = step as Extract<Step, { toDir: string }>;
    return `.toDir(${literal(toDir)}${options === undefined ? '' : `, ${literal(options)}`})`;
  });
  return [
    "import { Pool } from 'everycore';",
    "import { pipeline } from 'everycore/image';",
    `const pool = new Pool(${processes === undefined ? '' : literal({ processes })});`,
    `const steps = pipeline(${Object.keys(options).length > 0 ? literal(options) : ''})${calls.join('')};`,
    'const outcomes = await pool.mapSettled(steps, process.argv.slice(2));',
    "console.log(outcomes.filter(({ status }) => status === 'rejected'));",
    'await pool.terminate();',
  ].join('\n');
}

/** A value as TypeScript has it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${literal(each)}`)
    .join(', ')} }`;
}
