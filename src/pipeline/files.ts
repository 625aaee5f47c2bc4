/** The files of a pipeline: their names, which must be known and different before the first is written, and writing them. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { rangeError, typeError } from '../errors';
import { extensionOf, formatOfName, type ImageFormat } from '../image/codec/format';
import { nameOf } from '../image/codec/source';
import { writeWhole } from '../image/codec/write-file';
import type { PipelineData, Step } from './data';
import type { Site } from './site';

type EncodeTo = Exclude<ImageFormat, 'pbm'>;

/** What a step that writes a file answers. */
export interface FileResult {
  path: string;
  format: string;
  width: number;
  height: number;
  channels: number;
  /** Bytes of the file. */
  size: number;
}

export interface Target {
  readonly path: string;
  readonly format: EncodeTo;
}

/** Where a step writes what becomes of a source; undefined for steps that write no file. */
export function targetOf(step: Step, encode: EncodeTo | undefined, source: unknown, index: number): Target | undefined {
  if ('toFile' in step) {
    const path = typeof step.toFile === 'function' ? step.toFile(source, index) : step.toFile;
    if (typeof path !== 'string' || path === '') throw typeError('the function given to toFile must answer a name', path);
    return { path, format: encode ?? formatOfName(path) };
  }
  if (!('toDir' in step)) return undefined;
  // Of a URL without what follows the path.
  const name = source instanceof URL && source.protocol !== 'data:' ? decodeURIComponent(source.pathname) : nameOf(source);
  const format = encode ?? ownFormat(name);
  const base = name === undefined ? String(index).padStart(6, '0') : basename(name, extname(name));
  return { path: join(step.toDir, base + extensionOf(format)), format };
}

/** Without an encoder a file stays in the format that its name shows. */
function ownFormat(name: string | undefined): EncodeTo {
  try {
    return name === undefined ? 'png' : formatOfName(name);
  } catch {
    return 'png';
  }
}

/** The encoder of a pipeline, if it has one. */
export function encoderOf(steps: readonly Step[]): Extract<Step, { encode: string }> | undefined {
  return steps.find((step) => 'encode' in step) as Extract<Step, { encode: string }> | undefined;
}

/** Every file that a source will become, those of branches too. */
export function targetsOf({ steps }: PipelineData, source: unknown, index: number): Target[] {
  const encode = encoderOf(steps)?.encode;
  return steps.flatMap((step) => {
    if ('tee' in step) return Object.values(step.tee).flatMap((branch) => targetsOf(branch, source, index));
    return targetOf(step, encode, source, index) ?? [];
  });
}

/** Notes the files of an item. @throws RangeError when another item of the job has one of these names. */
export function claimNames(data: PipelineData, source: unknown, index: number, names: Set<string>): void {
  for (const { path } of targetsOf(data, source, index)) {
    const whole = resolve(path);
    if (names.has(whole)) throw Object.assign(rangeError(`two outputs of one call have one name, ${path}`), { file: path, index });
    names.add(whole);
  }
}

/** The folders that the files go to. */
export async function makeFolders({ steps }: PipelineData): Promise<void> {
  for (const step of steps) {
    if ('toDir' in step) await makeFolder(resolve(step.toDir));
    if ('tee' in step) for (const branch of Object.values(step.tee)) await makeFolders(branch);
  }
}

/**
 * A folder with those above it. Not by `mkdir`'s own `recursive`, which never ends where a system says of a new folder
 * that it is missing, as Linux does in /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (cause) {
    if (await isFolder(folder)) return; // somebody else was faster
    const { message, code } = cause as NodeJS.ErrnoException;
    throw Object.assign(new Error(`cannot make the folder ${folder}: ${message}`, { cause }), { code, step: 'toDir' });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Writes a file, whole or not at all. */
export async function writeTarget(path: string, bytes: Uint8Array, site: Site, signal: AbortSignal): Promise<void> {
  const writing = writeWhole(path, bytes, signal);
  site.writing.add(writing);
  try {
    await writing;
  } finally {
    site.writing.delete(writing);
  }
}
