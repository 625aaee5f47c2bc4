/** `pipeline()`: steps as immutable data with a method for every image kernel; called, it runs over one source. */
import { cpuCount } from '../cpu-count';
import { typeError } from '../errors';
import { checkEncodeOptions } from '../image/codec/encode-options';
import { encodeFormats, formatOfName } from '../image/codec/format';
import { checkDecodeOptions } from '../image/codec/options';
import { codecThreads } from '../image/codec/vips';
import { Image } from '../image/image';
import { checkOptions } from '../kernels/kernel';
import { native } from '../native';
import { type CustomStep, fromPlain, frozen, type PipelineData, type PipelineOptions, type Step, stepName, toPlain } from './data';
import type { PipelineSource } from './decode';
import { explained, shown } from './explain';
import { claimNames, encoderOf, makeFolders } from './files';
import { restStores, stores } from './frames';
import { declarationOfStep, imageKernels, makeKernel } from './image-kernels';
import { runItem } from './item';
import { PIPELINE, pipelineOf } from './recognize';
import { Gate, type Site } from './site';
import type { Pipeline } from './types';

const inspect = Symbol.for('nodejs.util.inspect.custom');

const methods = {
  toFile(this: Pipeline, name: unknown, options?: object): unknown {
    if (typeof name !== 'string' && typeof name !== 'function') throw typeError('toFile takes a name, or a function that answers one', name);
    const encoder = encoderOf(this.steps)?.encode;
    if (typeof name === 'string') checkEncodeOptions(encoder ?? formatOfName(name), options);
    return added(this, { toFile: name as string, ...(options && { options }) });
  },
  toDir(this: Pipeline, folder: unknown, options?: object): unknown {
    if (typeof folder !== 'string') throw typeError('toDir takes the name of a folder', folder);
    return added(this, { toDir: folder, ...(options && { options }) });
  },
  raw(this: Pipeline): unknown {
    return added(this, { raw: true });
  },
  tee(this: Pipeline, branches: unknown): unknown {
    if (typeof branches !== 'object' || branches === null) throw typeError('tee takes an object of pipelines', branches);
    const entries = Object.entries(branches).map(([name, branch]) => {
      const data = pipelineOf(branch);
      if (data === undefined) throw typeError(`tee takes pipelines, ${name} is none: it`, branch);
      return [name, data] as const;
    });
    return added(this, { tee: Object.fromEntries(entries) });
  },
  custom(this: Pipeline, step: unknown): unknown {
    if (typeof step !== 'function') throw typeError('custom takes a kernel or a function of an Image', step);
    return added(this, { custom: step as CustomStep });
  },
  explain(this: Pipeline): string {
    return explained(this.steps).join('\n');
  },
  toJSON(this: Pipeline): unknown {
    return toPlain({ options: this.options, steps: this.steps });
  },
  [inspect](this: Pipeline): string {
    return `Pipeline { ${['decode', ...this.steps.map(shown)].join(' → ')} }`;
  },
};

let prototype: object | undefined;

/** The methods; those of the kernels are there as soon as the kernels are. */
function pipelinePrototype(): object {
  if (prototype !== undefined) return prototype;
  prototype = Object.create(Function.prototype) as object;
  const define = (name: string | symbol, value: unknown) => Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  for (const name of imageKernels().keys()) {
    define(name, function (this: Pipeline, options?: unknown) {
      makeKernel(name, options); // wrong options are an error here, not at the first file
      return added(this, options === undefined ? { kernel: name } : { kernel: name, options });
    });
  }
  for (const format of encodeFormats) {
    define(format, function (this: Pipeline, options?: object) {
      checkEncodeOptions(format, options);
      return added(this, options === undefined ? { encode: format } : { encode: format, options });
    });
  }
  for (const name of Reflect.ownKeys(methods)) define(name, methods[name as keyof typeof methods]);
  return prototype;
}

/** A pipeline of its steps and one more. @throws TypeError after the last step a pipeline can have. */
function added(before: Pipeline, step: Step): Pipeline {
  const { steps } = before;
  const last = steps.at(-1);
  const writes = 'toFile' in step || 'toDir' in step;
  if (last !== undefined && !('kernel' in last || 'custom' in last) && !('encode' in last && writes)) {
    throw typeError(`${stepName(last)} ends a pipeline, ${stepName(step)} can't follow it`);
  }
  return makePipeline({ options: before.options, steps: [...steps, step] });
}

function makePipeline(given: PipelineData): Pipeline {
  const data = Object.freeze({ options: frozen(given.options), steps: Object.freeze(given.steps.map(frozen)) });
  const run = (source: PipelineSource) => runAlone(data, source);
  Object.setPrototypeOf(run, pipelinePrototype());
  Object.defineProperties(run, {
    name: { value: 'pipeline' },
    kernelName: { value: 'pipeline' },
    options: { value: data.options, enumerable: true },
    steps: { value: data.steps, enumerable: true },
    [PIPELINE]: { value: data },
  });
  return Object.freeze(run) as unknown as Pipeline;
}

const optionNames = ['limitPixels', 'failOn', 'autoOrient', 'onError', 'shrinkOnLoad'];

function checkedOptions(given: PipelineOptions = {}): PipelineOptions {
  checkOptions('pipeline', given, optionNames);
  const { onError, shrinkOnLoad, ...decode } = given;
  checkDecodeOptions(decode, 'pipeline');
  if (onError !== undefined && onError !== 'throw' && onError !== 'return')
    throw typeError("onError of pipeline must be 'throw' or 'return'", onError);
  if (shrinkOnLoad !== undefined && ![true, false, 'fast'].includes(shrinkOnLoad))
    throw typeError("shrinkOnLoad of pipeline must be true, false or 'fast'", shrinkOnLoad);
  return given;
}

/** An empty pipeline, to which steps are added: `pipeline().resize({ width: 800 }).jpeg().toDir('small')`. */
export function pipeline(options?: PipelineOptions): Pipeline {
  return makePipeline({ options: checkedOptions(options), steps: [] });
}

/** A pipeline of what `toJSON` made of one. @throws TypeError for steps there are none of, and for wrong options. */
pipeline.from = (json: unknown): Pipeline<unknown> => {
  const { options, steps } = fromPlain(json) as PipelineData;
  if (!Array.isArray(steps)) throw typeError('pipeline.from takes what toJSON of a pipeline made', json);
  return remade({ options, steps });
};

/** A pipeline of the data of one. */
export function remade({ options, steps }: PipelineData): Pipeline {
  return restored({ options: checkedOptions(options), steps });
}

function restored({ options, steps }: PipelineData): Pipeline {
  let whole = pipeline(options);
  for (const step of steps) {
    if ('kernel' in step) declarationOfStep(step);
    const branches = 'tee' in step && Object.fromEntries(Object.entries(step.tee).map(([name, branch]) => [name, restored(branch)]));
    whole = branches ? (whole.tee(branches) as unknown as Pipeline) : added(whole, step);
  }
  return whole;
}

/** One source, here: on the threads that read and write images, split where that pays. */
async function runAlone(data: PipelineData, source: PipelineSource): Promise<unknown> {
  const threads = native() === null ? undefined : codecThreads();
  const site = makeSite(threads, cpuCount());
  const signal = new AbortController().signal;
  try {
    claimNames(data, source, 0, site.names);
    await makeFolders(data);
    return await runItem(data, source, 0, site, signal);
  } catch (error) {
    if (data.options.onError === 'return') return error;
    throw error;
  } finally {
    restStores();
  }
}

export function makeSite(threads: Site['threads'], workers: number, maxInFlightBytes = Infinity): Site {
  return {
    threads,
    workers,
    memory: new Gate(maxInFlightBytes),
    ...stores,
    active: 0,
    names: new Set(),
    writing: new Set(),
  };
}

/** What a pipeline can be given. */
export function isPipelineSource(value: unknown): value is PipelineSource {
  return typeof value === 'string' || value instanceof URL || value instanceof Uint8Array || Image.isImage(value);
}
