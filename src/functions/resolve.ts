/** Finds, in the worker, what a reference stands for. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as vm from 'node:vm';
import { TaskLoadError } from '../errors';
import { fileOf, libraryEntry, urlOf } from './references';
import { loadTask } from './task';
import type { Reference } from './types';

/** @throws TaskLoadError when a module cannot be loaded or has no such export */
export async function resolveReference(to: Reference): Promise<unknown> {
  switch (to.in) {
    case 'global':
      return follow(globalThis, to.path, 'globalThis');
    case 'builtin':
      return follow(to.namespace ? await load(to.module) : createRequire(__filename)(to.module), to.path, to.module);
    case 'everycore':
      return follow(libraryEntry(to.entry), to.path, to.entry);
    case 'module':
      return follow(await load(to.url), to.path, to.url);
    case 'commonjs':
      return follow(loadCommonjs(to.file), to.path, to.file);
    case 'task':
      return loadTask(to);
    case 'file':
      return ofFile(to.what, to.file);
  }
}

function follow(value: unknown, path: readonly string[], where: string): unknown {
  for (const name of path) {
    if (value === undefined || value === null || !(name in Object(value))) {
      throw new TaskLoadError(`${where} has no ${path.join('.')} in the worker`);
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

async function load(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    throw new TaskLoadError(`a module that the function uses cannot be loaded: ${url}: ${(error as Error)?.message ?? error}`, { cause: error });
  }
}

function loadCommonjs(file: string): unknown {
  try {
    return createRequire(file)(file);
  } catch (error) {
    throw new TaskLoadError(`a module that the function uses cannot be loaded: ${file}: ${(error as Error)?.message ?? error}`, { cause: error });
  }
}

/** What code has from the file it is in. */
function ofFile(what: 'meta' | 'import' | 'require' | 'module', given: string): unknown {
  const file = given === '' ? `${process.cwd()}/[eval]` : fileOf(given);
  switch (what) {
    case 'meta':
      return { url: urlOf(file), filename: file, dirname: dirname(file), main: false, resolve: (name: string) => resolveFrom(file, name) };
    case 'import':
      return importer(file);
    case 'require':
      return createRequire(file);
    case 'module':
      return { id: file, filename: file, path: dirname(file), exports: {}, children: [], loaded: true, require: createRequire(file) };
  }
}

function resolveFrom(file: string, name: string): string {
  if (/^\.{0,2}\//.test(name)) return new URL(name, urlOf(file)).href;
  if (/^[a-z][a-z\d+.-]+:/i.test(name)) return name;
  return urlOf(createRequire(file).resolve(name));
}

/** `import()` as if it stood in the file. */
function importer(file: string): (name: string, options?: object) => Promise<unknown> {
  const loader = (vm.constants as unknown as { USE_MAIN_CONTEXT_DEFAULT_LOADER?: symbol } | undefined)?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (loader === undefined) return (name) => import(resolveFrom(file, name));
  const options = { filename: file, importModuleDynamically: loader as never };
  const load = new vm.Script('(name, options) => import(name, options)', options).runInThisContext();
  return (name, given) => withoutWarning(() => load(name, given));
}

/** Node prints once that the loader's option is experimental, though it has been the same since it came; the user wrote only `import()`. */
function withoutWarning<T>(action: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: []) => {
    if (!String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) emitWarning.call(process, warning, ...rest);
  }) as typeof emitWarning;
  try {
    return action();
  } finally {
    process.emitWarning = emitWarning;
  }
}
