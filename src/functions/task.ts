/** `task`: functions that a worker finds again by importing their module. */
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TaskLoadError, typeError } from '../errors';
import { inspectFunction } from './inspect';
import type { ModuleCode } from './types';

type AnyFunction = (...args: never[]) => unknown;

/** What says which module it is: `import.meta`, `import.meta.url`, a file URL, or `__filename`. */
export type ModuleLocation = string | URL | { readonly url: string };

/** Shared between copies of the library, so that a bundle's tasks are known to the worker's copy. */
const TASK = Symbol.for('everycore.task');
const REGISTRY = Symbol.for('everycore.tasks');

interface Registered {
  readonly functions: Map<string, AnyFunction>;
  /** Functions without a name so far: they are known by their number. */
  unnamed: number;
}

function registry(): Map<string, Registered> {
  const shared = globalThis as { [REGISTRY]?: Map<string, Registered> };
  shared[REGISTRY] ??= new Map();
  return shared[REGISTRY];
}

/**
 * Marks a function so that workers find it by importing its module instead of receiving its source: it may use everything that
 * its module imports and defines. Call it at the top level of the module, where every import of the module runs it again.
 *
 * ```ts
 * export const thumbnail = task(import.meta.url, function thumbnail(file: string) { … })
 * const parse = task(new URL('./parse.js', import.meta.url), 'parse')   // a function that another module exports
 * ```
 * @param module `import.meta.url`, `import.meta`, a file URL or, in CommonJS, `__filename`
 * @param fn the function, or the name under which `module` exports it (`'default'` for the default export)
 * @returns the function itself; for a name, a function that imports the module and calls it
 * @throws TypeError for anything else, TaskLoadError for a module that workers cannot import (data: URLs, queries) and for a second
 * function of the same name in one module
 */
export function task<F extends AnyFunction>(module: ModuleLocation, fn: F): F;
// biome-ignore lint/suspicious/noExplicitAny: what another module exports is not known here
export function task(module: ModuleLocation, exportedName: string): (...args: any[]) => Promise<any>;
export function task(module: ModuleLocation, what: AnyFunction | string): AnyFunction {
  const url = moduleUrl(module);
  if (typeof what === 'string') return exportedTask(url, what);
  if (typeof what !== 'function') throw typeError('task takes a module and a function or the name of an exported one', what);
  const registered = registry().get(url) ?? { functions: new Map(), unnamed: 0 };
  registry().set(url, registered);
  const name = what.name || nameUnnamed(registered, what);
  const other = registered.functions.get(name);
  if (other !== undefined && other !== what && !isReload(other, what)) {
    throw new TaskLoadError(`${url} registers two tasks named ${JSON.stringify(name)}: give each function of a module its own name`);
  }
  registered.functions.set(name, what);
  return marked(what, { url, name });
}

/** Where the worker finds the function; undefined for functions that are not tasks. */
export function taskOf(fn: unknown): ModuleCode | undefined {
  return typeof fn === 'function' ? (fn as { [TASK]?: ModuleCode })[TASK] : undefined;
}

/** Imports the module of a task and finds the function in it. @throws TaskLoadError */
export async function loadTask({ url, name }: ModuleCode): Promise<Function> {
  let exports: Record<string, unknown>;
  try {
    exports = await import(url);
  } catch (error) {
    throw new TaskLoadError(`the module of the task ${JSON.stringify(name)} cannot be loaded: ${url}: ${(error as Error)?.message ?? error}`, {
      cause: error,
    });
  }
  const found = registry().get(url)?.functions.get(name) ?? exports[name] ?? (exports.default as Record<string, unknown> | undefined)?.[name];
  if (typeof found !== 'function') {
    const what = found === undefined ? 'has no function' : 'exports something else than a function as';
    throw new TaskLoadError(`${url} ${what} ${JSON.stringify(name)}: it must be exported, or passed to task() at the top level of the module`);
  }
  return found;
}

function marked<F extends AnyFunction>(fn: F, code: ModuleCode): F {
  try {
    return Object.defineProperty(fn, TASK, { value: code, configurable: true });
  } catch {
    throw typeError('task takes a function that can be marked; this one is frozen', fn);
  }
}

function exportedTask(url: string, name: string): AnyFunction {
  if (name === '') throw typeError('the name of an exported function must not be empty');
  const call = async (...args: never[]): Promise<unknown> => (await loadTask({ url, name }))(...args);
  Object.defineProperty(call, 'name', { value: name });
  return marked(call, { url, name });
}

/** Functions without a name are known by their number in the module. */
function nameUnnamed(registered: Registered, fn: AnyFunction): string {
  for (const [name, other] of registered.functions) if (name.startsWith('#') && isReload(other, fn)) return name;
  return `#${++registered.unnamed}`;
}

/** The module was evaluated again (a test runner, a reload): the same function of a newer script. */
function isReload(older: AnyFunction, newer: AnyFunction): boolean {
  if (String(older) !== String(newer)) return false;
  const script = inspectFunction(older)?.scriptId;
  return script !== undefined && script !== inspectFunction(newer)?.scriptId;
}

function moduleUrl(module: ModuleLocation): string {
  const given = typeof module === 'object' && module !== null && !(module instanceof URL) ? module.url : module;
  if (given === undefined || given === null || given === '') {
    throw typeError(
      'task needs the URL of its module: import.meta.url or __filename (a bundler that writes CommonJS leaves import.meta empty)',
      given,
    );
  }
  const text = String(given);
  if (isAbsolute(text)) return pathToFileURL(text).href;
  if (!URL.canParse(text)) throw typeError('task needs a file URL or an absolute path for its module', given);
  const url = new URL(text);
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  if (url.protocol !== 'file:') throw new TaskLoadError(`a task must be in a file, so that workers can import it; its module is ${shown}`);
  if (url.search !== '' || url.hash !== '') {
    throw new TaskLoadError(`a worker imports a task's module by its file alone, but this one has a query or hash: ${shown}`);
  }
  return pathToFileURL(fileURLToPath(url)).href;
}
