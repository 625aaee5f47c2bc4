/**
 * Values that a worker has too: the language's globals, Node's modules, everycore itself, CommonJS modules and what ES modules
 * export. They travel as the place where they are found, never as copies.
 */
import { builtinModules, createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import type { Reference, WorkerKind } from './types';

type Table = Map<unknown, Reference>;

/** Node's own globals, beside those of the language; a user's additions to `globalThis` are not in the worker. */
const NODE_GLOBALS = `AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto
CryptoKey CustomEvent DOMException DecompressionStream Event EventTarget FormData Headers MessageChannel MessageEvent MessagePort Performance
PerformanceEntry ReadableStream Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream URL
URLSearchParams WebAssembly WritableStream atob btoa clearImmediate clearInterval clearTimeout console crypto fetch performance process
queueMicrotask setImmediate setInterval setTimeout structuredClone`.split(/\s+/);

/** Loading these prints a warning or starts something. */
const NEVER_LOADED = /^_|^(?:punycode|sys|wasi|sqlite|test|trace_events|inspector|repl|cluster|sea)(?:\/|$)/;

const NOT_MEMBERS = new Set(['constructor', 'caller', 'arguments', 'cache', 'mainModule', 'main']);

let globals: Table | undefined;
let builtins: Table | undefined;
let allBuiltinsListed = false;
let library: Table | undefined;

/** Where the worker finds the very same thing; undefined for what is the user's own. */
export function wellKnown(value: unknown): Reference | undefined {
  globals ??= listGlobals();
  builtins ??= listBuiltins(loadedBuiltins());
  library ??= listLibrary();
  return library.get(value) ?? globals.get(value) ?? builtins.get(value);
}

/** Like wellKnown, for something that is known to be Node's own: looks into modules, too, that are not loaded. */
export function wellKnownBuiltin(value: unknown): Reference | undefined {
  if (!allBuiltinsListed) {
    allBuiltinsListed = true;
    builtins = listBuiltins(builtinModules.filter((name) => !NEVER_LOADED.test(name)));
  }
  return wellKnown(value);
}

/** Adds a value's own data properties, and what those hold, under `path`. */
function addMembers(table: Table, value: object, reference: (path: string[]) => Reference, path: string[], depth: number): void {
  for (const key of Object.getOwnPropertyNames(value)) {
    // Private members, and what holds the user's own modules.
    if (key.startsWith('_') || NOT_MEMBERS.has(key)) continue;
    const member = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (typeof member === 'symbol' && !table.has(member)) table.set(member, reference([...path, key]));
    if ((typeof member !== 'object' && typeof member !== 'function') || member === null) continue;
    if (table.has(member) || Array.isArray(member)) continue;
    table.set(member, reference([...path, key]));
    if (depth > 0) addMembers(table, member, reference, [...path, key], depth - 1);
  }
}

function listGlobals(): Table {
  const { runInNewContext } = require('node:vm') as typeof import('node:vm');
  const names: string[] = runInNewContext('Object.getOwnPropertyNames(globalThis)');
  const table: Table = new Map([[globalThis, { in: 'global', path: [] }]]);
  const reference = (path: string[]): Reference => ({ in: 'global', path });
  for (const name of [...names, ...NODE_GLOBALS]) {
    const own = Object.getOwnPropertyDescriptor(globalThis, name);
    if (own === undefined) continue;
    const value = 'value' in own ? own.value : (globalThis as Record<string, unknown>)[name];
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === globalThis) continue;
    if (!table.has(value)) table.set(value, reference([name]));
    addMembers(table, value, reference, [name], 2);
  }
  return table;
}

function loadedBuiltins(): string[] {
  const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList ?? [];
  const names = new Set(loaded.map((entry) => entry.replace('NativeModule ', '')));
  return builtinModules.filter((name) => names.has(name) && !NEVER_LOADED.test(name));
}

function listBuiltins(names: readonly string[]): Table {
  const table: Table = new Map();
  const load = createRequire(__filename);
  const modules = names.map((name): [string, object] => [`node:${name}`, load(`node:${name}`)]);
  // Modules before members: `require('node:path').posix` is also `node:path/posix`.
  for (const [module, exports] of modules) if (!table.has(exports)) table.set(exports, { in: 'builtin', module, path: [] });
  for (const [module, exports] of modules) addMembers(table, exports, (path) => ({ in: 'builtin', module, path }), [], 2);
  return table;
}

/** The library's entry points, as the worker loads them. */
export function libraryEntry(entry: string): object {
  switch (entry) {
    case 'everycore':
      return require('../index');
    case 'everycore/math':
      return require('../math');
    case 'everycore/matrix':
      return require('../matrix');
    default:
      return require('../image');
  }
}

function listLibrary(): Table {
  const table: Table = new Map();
  for (const entry of ['everycore/math', 'everycore/matrix', 'everycore/image', 'everycore']) {
    const exports = libraryEntry(entry) as Record<string, unknown>;
    table.set(exports, { in: 'everycore', entry, path: [] });
    for (const [name, value] of Object.entries(exports)) table.set(value, { in: 'everycore', entry, path: [name] });
  }
  return table;
}

/** True when a worker can load the file without the parent's transpiler. */
function isLoadable(file: string, mode: WorkerKind): boolean {
  if (/\.(?:[cm]?js|json|node)$/.test(file)) return true;
  if (!/\.[cm]?tsx?$/.test(file)) return false;
  const { typescript } = process.features as { typescript?: unknown };
  if (typescript && !file.includes('node_modules')) return true;
  // Processes are started with the parent's own options, the transpiler's hooks among them.
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  return mode === 'process' && /\b(?:tsx|ts-node|swc-node|jiti)\b/.test(options);
}

let commonjs: Table = new Map();
let commonjsCount = -1;

/** What a CommonJS module exports: the exports themselves or a member of them. */
export function inCommonjs(value: unknown, mode: WorkerKind, except: string): Reference | undefined {
  const cache = createRequire(__filename).cache ?? {};
  const files = Object.keys(cache);
  if (files.length !== commonjsCount) {
    commonjsCount = files.length;
    commonjs = new Map();
    for (const file of files) listCommonjs(file, cache[file]?.exports);
  }
  const found = commonjs.get(value);
  if (found?.in !== 'commonjs' || found.file === except || !isLoadable(found.file, mode)) return undefined;
  return found;
}

function listCommonjs(file: string, exports: unknown): void {
  const isObject = (value: unknown): value is object => (typeof value === 'object' || typeof value === 'function') && value !== null;
  if (!isObject(exports)) return;
  if (!commonjs.has(exports)) commonjs.set(exports, { in: 'commonjs', file, path: [] });
  const isCompiled = (exports as { __esModule?: unknown }).__esModule === true;
  for (const key of Object.keys(exports)) {
    const own = Object.getOwnPropertyDescriptor(exports, key);
    // Getters of compiled modules are re-exports; others may do anything.
    const value = isCompiled ? (exports as Record<string, unknown>)[key] : own?.value;
    if (isObject(value) && !commonjs.has(value)) commonjs.set(value, { in: 'commonjs', file, path: [key] });
  }
}

/** What the ES module at `url` exports; the module is loaded already, or nothing is found. */
export function inModule(value: unknown, url: string, mode: WorkerKind): Reference | undefined {
  if (!url.startsWith('file:')) return undefined;
  const file = fileURLToPath(url);
  const load = createRequire(__filename);
  const isCommonjs = load.cache?.[file] !== undefined;
  const canRequireModules = (process.features as { require_module?: boolean }).require_module === true;
  if (isCommonjs || !canRequireModules || !isLoadable(file, mode)) return undefined;
  let exports: Record<string, unknown>;
  try {
    exports = load(file);
  } catch {
    return undefined; // a module with top-level await
  }
  if (isSameNamespace(value, exports)) return { in: 'module', url, path: [] };
  const name = Object.keys(exports).find((key) => exports[key] === value);
  return name === undefined ? undefined : { in: 'module', url, path: [name] };
}

function isSameNamespace(value: unknown, exports: Record<string, unknown>): boolean {
  if (!types.isModuleNamespaceObject(value)) return false;
  const namespace = value as Record<string, unknown>;
  const keys = Object.keys(namespace);
  return keys.length > 0 && keys.every((key) => Object.is(namespace[key], exports[key]));
}

/** An ES module namespace, by whatever loader. */
export function isNamespace(value: unknown): boolean {
  if (types.isModuleNamespaceObject(value)) return true;
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  return Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module';
}

/** The file of a script's URL, as CommonJS names it. */
export function fileOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}

export function urlOf(file: string): string {
  return /^[a-z][a-z\d+.-]+:/i.test(file) ? file : pathToFileURL(file).href;
}
