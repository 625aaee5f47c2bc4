/**
 * The graph of a function: its free variables, what they hold, the functions among that with their own free variables, and
 * so on, as entries that can be sent.
 */
import { types } from 'node:util';
import { inspectFunction, scriptUrl } from './inspect';
import { Obstacle } from './obstacle';
import { PlainData } from './plain-data';
import { classOf, isCommonjsModule, isImportHelper, isRequire, isViteImport, isViteModule, refuseContext, refuseHiddenState } from './recognize';
import { fileOf, inCommonjs, inModule, isNamespace, wellKnown, wellKnownBuiltin } from './references';
import { PENDING, type ScopeNode, ScopeTree } from './scope-tree';
import { DYNAMIC_IMPORT, type FunctionSource, IMPORT_META, isNativeFunction, sourceOf } from './source';
import { taskOf } from './task';
import type { Entry, FunctionEntry, Pairs, Reference, WorkerKind } from './types';
import { coverageCounters, isLeaf, isOpaque, isPlainPrototype, leafObstacle, nameOfKind, remake } from './values';
import { isStrictFunction, variablesOf } from './variables';

/** A function or class that is sent as source, before it is put into a unit. */
export interface Captured {
  readonly fn: Function;
  readonly source: FunctionSource;
  readonly strict: boolean;
  readonly scriptId: string;
  readonly url: string;
  readonly isModule: boolean;
  readonly line: number;
  readonly column: number;
  readonly variables: Variable[];
  /** Innermost first. */
  readonly scopes: readonly ScopeNode[];
  /** Where its entry is. */
  readonly entry: number;
}

export interface Variable {
  readonly name: string;
  readonly entry: number;
  /** Where it is declared; undefined for what is not a variable in the user's file. */
  readonly scope: ScopeNode | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Capture {
  readonly entries: Entry[] = [];
  readonly functions: Captured[] = [];

  readonly #mode: WorkerKind;
  readonly #indices = new Map<unknown, number>();
  readonly #plain: PlainData;
  /** Namespaces of which members are sent: what is sent of each so far. */
  readonly #namespaces = new Map<object, { pairs: [string, number][] }>();
  readonly #scopes = new ScopeTree();
  #root: Function | undefined;
  #rootScript = '';

  constructor(mode: WorkerKind) {
    this.#mode = mode;
    this.#plain = new PlainData(mode, (value) => this.#indices.has(value) && this.entries[this.#indices.get(value) as number].t !== 'value');
  }

  /** @throws Obstacle */
  root(fn: Function): void {
    this.#root = fn;
    this.#function(fn, []);
  }

  #add(value: unknown, entry: Entry): number {
    const index = this.entries.push(entry) - 1;
    this.#indices.set(value, index);
    return index;
  }

  /** The index of the value's entry. */
  #value(value: unknown, path: readonly string[]): number {
    const known = this.#indices.get(value);
    // Map treats 0 and -0 as one key.
    if (known !== undefined && value !== 0) return known;
    if (typeof value === 'symbol') return this.#symbol(value, path);
    if (typeof value === 'function') return this.#functionOrReference(value, path);
    if (typeof value !== 'object' || value === null) return this.#add(value, { t: 'value', v: value });
    return this.#object(value, path);
  }

  #symbol(value: symbol, path: readonly string[]): number {
    const key = Symbol.keyFor(value);
    if (key !== undefined) return this.#add(value, { t: 'symbol', key });
    const reference = wellKnown(value);
    if (reference === undefined) throw new Obstacle('is a symbol of its own, which has no counterpart in the worker', path);
    return this.#add(value, { t: 'reference', to: reference });
  }

  #functionOrReference(fn: Function, path: readonly string[]): number {
    const task = taskOf(fn);
    if (task !== undefined) return this.#add(fn, { t: 'reference', to: { in: 'task', ...task } });
    const reference = wellKnown(fn);
    if (reference !== undefined) return this.#add(fn, { t: 'reference', to: reference });
    if (types.isProxy(fn)) throw new Obstacle('is a Proxy', path);
    if (isNativeFunction(fn)) return this.#native(fn, path);
    const isOwnRequire = path.length > 0 && isRequire(fn);
    if (isOwnRequire) return this.#file(fn, 'require', (fn as NodeJS.Require).main?.filename);

    const inspected = inspectFunction(fn);
    const url = inspected === null ? '' : scriptUrl(inspected.scriptId);
    if (url.startsWith('node:')) return this.#native(fn, path);
    const isPackage = url.includes('/node_modules/');
    if (isPackage) {
      const exported = this.#exported(fn, url);
      if (exported !== undefined) return this.#add(fn, { t: 'reference', to: exported });
    }
    return this.#attempt(
      () => this.#function(fn, path, inspected, url),
      () => (isPackage ? undefined : this.#exported(fn, url)),
      fn,
    );
  }

  /** By value; when that fails, by reference, if there is one. */
  #attempt(byValue: () => number, reference: () => Reference | undefined, value: unknown): number {
    const entries = this.entries.length;
    const functions = this.functions.length;
    const indices = this.#indices.size;
    const members = [...this.#namespaces].map(([namespace, { pairs }]) => [namespace, pairs.length] as const);
    try {
      return byValue();
    } catch (error) {
      const found = error instanceof Obstacle ? reference() : undefined;
      if (found === undefined) throw error;
      // What was added for it is forgotten; nothing before it can point there.
      this.entries.length = entries;
      this.functions.length = functions;
      for (const key of [...this.#indices.keys()].slice(indices)) this.#indices.delete(key);
      const before = new Map(members);
      for (const [namespace, { pairs }] of this.#namespaces) {
        pairs.length = before.get(namespace) ?? 0;
        if (!before.has(namespace)) this.#namespaces.delete(namespace);
      }
      return this.#add(value, { t: 'reference', to: found });
    }
  }

  /** A place outside of the root function's own file that exports it. */
  #exported(value: unknown, url: string): Reference | undefined {
    const found = inCommonjs(value, this.#mode, fileOf(this.#rootScript));
    if (found !== undefined || url === '' || url === this.#rootScript) return found;
    return inModule(value, url, this.#mode);
  }

  #native(fn: Function, path: readonly string[]): number {
    const reference = wellKnownBuiltin(fn);
    if (reference !== undefined) return this.#add(fn, { t: 'reference', to: reference });
    const kind = fn.name.startsWith('bound ') ? 'a bound function' : 'a native function';
    throw new Obstacle(`is ${kind} (${fn.name || 'without a name'}), which has no source text to send`, path);
  }

  #file(value: unknown, what: 'require' | 'module' | 'meta' | 'import', file: string | undefined): number {
    return this.#add(value, { t: 'reference', to: { in: 'file', what, file: file ?? fileOf(this.#rootScript) } });
  }

  #function(
    fn: Function,
    path: readonly string[],
    inspected = inspectFunction(fn),
    url = inspected === null ? '' : scriptUrl(inspected.scriptId),
  ): number {
    const isRoot = fn === this.#root;
    if (isRoot) this.#rootScript = url;
    const source = attempt(() => sourceOf(fn), path);
    const isModule = inspected?.scopes.some((scope) => scope.description.startsWith('Module')) ?? false;
    const strict = isModule || source.kind === 'class' || isStrictFunction(fn, source, url);
    refuseContext(source, isRoot, path);
    const entry: Mutable<FunctionEntry> = { t: 'function', unit: -1, index: 0, name: fn.name, own: [] };
    const index = this.#add(fn, entry);
    const captured: Captured = {
      fn,
      source,
      strict,
      url,
      isModule,
      scriptId: inspected?.scriptId ?? '',
      line: inspected?.line ?? 0,
      column: inspected?.column ?? 0,
      variables: [],
      entry: index,
      scopes: inspected === null ? [] : this.#scopes.nodes(fn, inspected),
    };
    this.functions.push(captured);
    if (source.kind === 'class') this.#class(fn, entry, path);
    for (const { name, value, scope } of attempt(() => variablesOf(captured, inspected), path)) {
      captured.variables.push({ name, scope, entry: this.#variable(captured, name, value, [...path, name]) });
    }
    this.#functionMembers(fn, entry, path);
    return index;
  }

  #variable(user: Captured, name: string, value: unknown, path: readonly string[]): number {
    if (value === PENDING) throw new Obstacle('is not initialised yet', path);
    const file = user.url.startsWith('file:') ? (user.isModule ? user.url : fileOf(user.url)) : '';
    if ((name === IMPORT_META && value === undefined) || name === '__vite_ssr_import_meta__') return this.#file({}, 'meta', file);
    if (name === DYNAMIC_IMPORT && value === undefined) return this.#file({}, 'import', file);
    if (isViteImport(name)) return this.#file({}, 'import', file);
    if (name === 'require' && isRequire(value)) return this.#file(value, 'require', file);
    if (name === 'module' && isCommonjsModule(value)) return this.#file(value, 'module', file);
    if (typeof value === 'object' && value !== null) {
      const isCommonjsExports = name === 'exports' && user.scriptId !== '';
      const asNamespace = this.#namespace(value, user, path, isCommonjsExports);
      if (asNamespace !== undefined) return asNamespace;
    }
    return this.#value(value, path);
  }

  /** A module as an object: where it is, or else the members that the function mentions. */
  #namespace(value: object, user: Captured, path: readonly string[], isOwnExports: boolean): number | undefined {
    if (isViteModule(path[path.length - 1])) return this.#namespaceReferenceEntry(value) ?? this.#members(value, user, path);
    if (types.isProxy(value)) return undefined;
    const isModule = isNamespace(value) || Object.getOwnPropertyDescriptor(value, '__esModule')?.value === true || isImportHelper(value);
    if (!isModule && !isOwnExports) return undefined;
    return this.#namespaceReferenceEntry(value) ?? this.#members(value, user, path);
  }

  #namespaceReferenceEntry(value: object): number | undefined {
    const known = this.#indices.get(value);
    if (known !== undefined && !this.#namespaces.has(value)) return known;
    const reference = this.#namespaceReference(value);
    return reference && this.#add(value, { t: 'reference', to: reference });
  }

  #members(value: object, user: Captured, path: readonly string[]): number {
    let sent = this.#namespaces.get(value);
    let index = this.#indices.get(value);
    if (sent === undefined || index === undefined) {
      sent = { pairs: [] };
      this.#namespaces.set(value, sent);
      index = this.#add(value, { t: 'object', pairs: sent.pairs });
    }
    const keys = [...user.source.words].filter((word) => word in value && !(word in Object.prototype));
    for (const key of keys) {
      if (sent.pairs.some(([name]) => name === key)) continue;
      const pair: [string, number] = [key, -1];
      sent.pairs.push(pair);
      const member = attempt(() => (value as Record<string, unknown>)[key], [...path, key]);
      pair[1] = this.#variable(user, '', member, [...path, key]);
    }
    return index;
  }

  #namespaceReference(value: object): Reference | undefined {
    const known = wellKnown(value) ?? inCommonjs(value, this.#mode, fileOf(this.#rootScript));
    if (known !== undefined) return known;
    if (!types.isModuleNamespaceObject(value)) return undefined;
    const members = Object.values(value);
    const whole = wellKnown((value as { default?: unknown }).default);
    if (whole?.in === 'builtin' && whole.path.length === 0) return { ...whole, namespace: true };
    if (whole?.in === 'everycore' && whole.path.length === 0) return whole;
    for (const member of members) {
      if (typeof member !== 'function' || isNativeFunction(member)) continue;
      const scriptId = inspectFunction(member)?.scriptId;
      const url = scriptId === undefined ? '' : scriptUrl(scriptId);
      if (url === '' || url === this.#rootScript) continue;
      const reference = inModule(value, url, this.#mode);
      if (reference !== undefined) return reference;
    }
    return undefined;
  }

  #object(value: object, path: readonly string[]): number {
    const reference = wellKnown(value) ?? (this.#isModuleExports(value) ? this.#exported(value, '') : undefined);
    if (reference !== undefined) return this.#add(value, { t: 'reference', to: reference });
    const counters = coverageCounters(value);
    if (counters !== undefined) return this.#add(value, { t: 'value', v: counters });
    if (isCommonjsModule(value)) return this.#file(value, 'module', value.filename);
    if (this.#plain.has(value)) return this.#add(value, { t: 'value', v: value });
    return this.#attempt(
      () => this.#parts(value, path),
      () => this.#exported(value, ''),
      value,
    );
  }

  #isModuleExports(value: object): boolean {
    const found = inCommonjs(value, this.#mode, fileOf(this.#rootScript));
    return found?.in === 'commonjs' && found.path.length === 0;
  }

  /** An object that holds more than plain data. */
  #parts(value: object, path: readonly string[]): number {
    if (isLeaf(value)) {
      const reason = leafObstacle(value, this.#mode);
      if (reason !== undefined) throw new Obstacle(reason, path);
      return this.#add(value, { t: 'value', v: value });
    }
    const made = remake(value);
    if (made !== undefined) {
      for (const part of made.args) {
        const reason = typeof part === 'object' && part !== null ? leafObstacle(part, this.#mode) : undefined;
        if (reason !== undefined) throw new Obstacle(reason, path);
      }
      return this.#add(value, { t: 'made', ...made });
    }
    if (isOpaque(value)) throw new Obstacle(`is ${nameOfKind(value)}, which cannot leave this thread`, path);
    if (Array.isArray(value)) {
      const entry: Mutable<Entry & { t: 'array' }> = { t: 'array', items: [] };
      const index = this.#add(value, entry);
      entry.like = this.#subclass(value, Array.prototype, path);
      entry.items = Array.from(value, (item, i) => this.#value(item, [...path, `[${i}]`]));
      return index;
    }
    if (types.isMap(value)) {
      const entry: Mutable<Entry & { t: 'map' }> = { t: 'map', items: [] };
      const index = this.#add(value, entry);
      entry.like = this.#subclass(value, Map.prototype, path);
      entry.items = [...value].map(
        ([key, item], i) => [this.#value(key, [...path, `(key ${i})`]), this.#value(item, [...path, `(value ${i})`])] as const,
      );
      if (entry.like !== undefined) entry.pairs = this.#pairs(value, path);
      return index;
    }
    if (types.isSet(value)) {
      const entry: Mutable<Entry & { t: 'set' }> = { t: 'set', items: [] };
      const index = this.#add(value, entry);
      entry.like = this.#subclass(value, Set.prototype, path);
      entry.items = [...value].map((item, i) => this.#value(item, [...path, `(value ${i})`]));
      if (entry.like !== undefined) entry.pairs = this.#pairs(value, path);
      return index;
    }
    return this.#instance(value, path);
  }

  #subclass(value: object, base: object, path: readonly string[]): number | undefined {
    const proto = Object.getPrototypeOf(value) as object;
    if (proto === base || Object.prototype.toString.call(proto) === '[object Array]') return undefined;
    const made = classOf(proto);
    if (made === undefined || isNativeFunction(made)) return undefined;
    return this.#value(made, [...path, 'constructor']);
  }

  #instance(value: object, path: readonly string[]): number {
    const proto = Object.getPrototypeOf(value) as object | null;
    if (isPlainPrototype(proto)) {
      const entry: Mutable<Entry & { t: 'object' }> = { t: 'object', pairs: [], ...(proto === null && { proto: null }) };
      const index = this.#add(value, entry);
      entry.pairs = this.#pairs(value, path);
      return index;
    }
    const made = classOf(proto as object);
    if (made === undefined) {
      const entry: Mutable<Entry & { t: 'object' }> = { t: 'object', pairs: [] };
      const index = this.#add(value, entry);
      entry.proto = this.#value(proto, [...path, '(prototype)']);
      entry.pairs = this.#pairs(value, path);
      return index;
    }
    refuseHiddenState(value, made, path);
    const entry: Mutable<Entry & { t: 'instance' }> = { t: 'instance', of: -1, pairs: [] };
    const index = this.#add(value, entry);
    entry.of = this.#value(made, [...path, 'constructor']);
    entry.pairs = this.#pairs(value, path);
    return index;
  }

  #pairs(value: object, path: readonly string[], keys = Object.keys(value)): Pairs {
    return keys.map((key) => {
      const own = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      const at = [...path, key];
      if ('value' in own) return [key, this.#value(own.value, at)];
      const get = own.get && this.#value(own.get, at);
      const set = own.set && this.#value(own.set, at);
      return [key, this.#add(own, { t: 'accessor', get, set })];
    });
  }

  #class(fn: Function, entry: Mutable<FunctionEntry>, path: readonly string[]): void {
    entry.isClass = true;
    const parent = Object.getPrototypeOf(fn) as unknown;
    if (typeof parent === 'function' && parent !== Function.prototype) entry.parent = this.#value(parent, [...path, 'extends']);
  }

  /** Own properties of a function, the static fields of a class, and what was put on its prototype. */
  #functionMembers(fn: Function, entry: Mutable<FunctionEntry>, path: readonly string[]): void {
    const pairs = this.#pairs(fn, path);
    if (pairs.length > 0) entry.pairs = pairs;
    const proto = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value as object | undefined;
    if (typeof proto !== 'object' || proto === null || types.isGeneratorFunction(fn)) return;
    const members = this.#pairs(proto, [...path, 'prototype']);
    if (members.length > 0) entry.prototype = members;
    const above = Object.getPrototypeOf(proto) as object | null;
    if (entry.isClass || above === null || isPlainPrototype(above)) return;
    const made = classOf(above);
    if (made !== undefined) entry.parent = this.#value(made, [...path, 'prototype', 'constructor']);
  }
}

function attempt<T>(action: () => T, path: readonly string[]): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Obstacle) throw new Obstacle(error.message, [...path, ...error.path], { cause: error.cause });
    throw new Obstacle(`cannot be read (${String(error)})`, path, { cause: error });
  }
}
