/** Makes the function again in the worker. */
import { Script } from 'node:vm';
import { TaskLoadError } from '../errors';
import { libraryEntry } from './references';
import { resolveReference } from './resolve';
import { loadTask } from './task';
import type { Entry, FunctionEntry, ModuleCode, Pairs, ShippedFunction, SourceCode, Unit, Values } from './types';

type Setter = (values: readonly unknown[]) => void;
type Maker = () => [set: Setter, make: () => Function];
type UnitFunction = (setters: Setter[], makers: Maker[]) => void;

const compiled = new Map<string, readonly UnitFunction[]>();
const tasks = new Map<string, Promise<Function>>();

/**
 * The function that was shipped. Its code may be left out once this worker has received it under the same id.
 * @throws TaskLoadError when its module or one that it uses cannot be loaded
 */
export async function receiveFunction({ id, kind, name, payload }: ShippedFunction): Promise<Function> {
  if (kind === 'module') {
    let found = tasks.get(id);
    if (found === undefined) tasks.set(id, (found = loadTask(payload.code as ModuleCode)));
    return found;
  }
  let units = compiled.get(id);
  if (units === undefined) {
    if (payload.code === undefined) throw new TaskLoadError(`the source of the function ${JSON.stringify(name)} did not arrive`);
    compiled.set(id, (units = (payload.code as SourceCode).units.map(compile)));
  }
  return build(units, payload.values as Values, name);
}

function compile({ text, filename, lineOffset, columnOffset }: Unit): UnitFunction {
  return new Script(text, { filename, lineOffset, columnOffset }).runInThisContext();
}

async function build(units: readonly UnitFunction[], values: Values, name: string): Promise<Function> {
  const references = new Map<number, unknown>();
  const waiting = values.map(async (entry, index) => {
    if (entry.t === 'reference') references.set(index, await resolveReference(entry.to));
  });
  await Promise.all(waiting);
  try {
    return new Builder(units, values, references).value(0) as Function;
  } catch (error) {
    throw new TaskLoadError(`the function ${JSON.stringify(name)} cannot be made again in the worker: ${(error as Error)?.message ?? error}`, {
      cause: error,
    });
  }
}

class Builder {
  readonly #units: readonly UnitFunction[];
  readonly #entries: Values;
  readonly #made: Map<number, unknown>;
  readonly #instances = new Map<number, Maker[]>();
  /** Classes on their way: what asks for one gets it at the end. */
  readonly #unfinished = new Set<number>();
  readonly #again: (() => void)[] = [];
  #depth = 0;

  constructor(units: readonly UnitFunction[], entries: Values, made: Map<number, unknown>) {
    this.#units = units;
    this.#entries = entries;
    this.#made = made;
  }

  value(index: number): unknown {
    if (this.#made.has(index)) return this.#made.get(index);
    if (this.#unfinished.has(index)) return undefined;
    this.#depth++;
    const value = this.#make(index, this.#entries[index]);
    if (--this.#depth === 0) for (const fill of this.#again.splice(0)) fill();
    return value;
  }

  #make(index: number, entry: Entry): unknown {
    switch (entry.t) {
      case 'value':
        return this.#keep(index, entry.v);
      case 'function':
        return this.#function(index, entry);
      case 'array': {
        const array = this.#keep(index, [] as unknown[]);
        if (entry.like !== undefined) Object.setPrototypeOf(array, this.#prototype(entry.like));
        return this.#filled(array, () => entry.items.forEach((item, i) => (array[i] = this.value(item))));
      }
      case 'map': {
        const map = this.#keep(index, this.#like(new Map(), entry.like));
        return this.#filled(map, () => {
          Map.prototype.clear.call(map);
          for (const [key, value] of entry.items) Map.prototype.set.call(map, this.value(key), this.value(value));
          this.#define(map, entry.pairs);
        });
      }
      case 'set': {
        const set = this.#keep(index, this.#like(new Set(), entry.like));
        return this.#filled(set, () => {
          Set.prototype.clear.call(set);
          for (const item of entry.items) Set.prototype.add.call(set, this.value(item));
          this.#define(set, entry.pairs);
        });
      }
      case 'object': {
        const proto = entry.proto === undefined ? Object.prototype : entry.proto === null ? null : (this.value(entry.proto) as object);
        const object = this.#keep(index, Object.create(proto) as object);
        return this.#filled(object, () => this.#define(object, entry.pairs));
      }
      case 'instance': {
        const object = this.#keep(index, Object.create(this.#prototype(entry.of)) as object);
        return this.#filled(object, () => this.#define(object, entry.pairs));
      }
      case 'made': {
        const made = entry.by.reduce<unknown>(
          (object, name) => (object as Record<string, unknown>)[name],
          entry.from === undefined ? globalThis : libraryEntry(entry.from),
        ) as new (
          ...args: unknown[]
        ) => object;
        return this.#keep(index, new made(...entry.args));
      }
      case 'symbol':
        return this.#keep(index, Symbol.for(entry.key));
      default:
        throw new Error(`an entry of an unknown kind: ${entry.t}`);
    }
  }

  #keep<T>(index: number, value: T): T {
    this.#made.set(index, value);
    return value;
  }

  /** Fills a container now, and once more at the end if classes were missing. */
  #filled<T>(value: T, fill: () => void): T {
    fill();
    if (this.#unfinished.size > 0) this.#again.push(fill);
    return value;
  }

  #like<T extends object>(value: T, like: number | undefined): T {
    return like === undefined ? value : Object.setPrototypeOf(value, this.#prototype(like));
  }

  #prototype(index: number): object {
    return (this.value(index) as { prototype: object }).prototype;
  }

  #define(object: object, pairs: Pairs = []): void {
    for (const [key, index] of pairs) {
      const entry = this.#entries[index];
      const own =
        entry.t === 'accessor' ? { get: this.#accessor(entry.get), set: this.#accessor(entry.set) } : { value: this.value(index), writable: true };
      Object.defineProperty(object, key, { ...own, enumerable: true, configurable: true });
    }
  }

  #accessor(index: number | undefined): (() => unknown) | undefined {
    return index === undefined ? undefined : (this.value(index) as () => unknown);
  }

  #function(index: number, entry: FunctionEntry): Function {
    const [set, make] = this.#makers(entry.unit)[entry.index]();
    const setOwn = (): void => set(entry.own.map((variable) => this.value(variable)));
    let fn: Function;
    if (entry.isClass) {
      // Its text is evaluated at once, and may use what it closes over.
      this.#unfinished.add(index);
      if (entry.parent !== undefined) this.value(entry.parent);
      setOwn();
      fn = make();
      this.#unfinished.delete(index);
      this.#keep(index, fn);
      this.#again.push(setOwn);
    } else {
      fn = this.#keep(index, make());
      this.#filled(fn, setOwn);
    }
    if (fn.name !== entry.name) Object.defineProperty(fn, 'name', { value: entry.name, configurable: true });
    this.#filled(fn, () => this.#define(fn, entry.pairs));
    const prototype = fn.prototype as object | undefined;
    if (prototype !== undefined) {
      if (entry.parent !== undefined && !entry.isClass) Object.setPrototypeOf(prototype, this.#prototype(entry.parent));
      this.#filled(fn, () => this.#define(prototype, entry.prototype));
    }
    return fn;
  }

  #makers(unit: number): Maker[] {
    const known = this.#instances.get(unit);
    if (known !== undefined) return known;
    const setters: Setter[] = [];
    const makers: Maker[] = [];
    this.#units[unit](setters, makers);
    this.#instances.set(unit, makers);
    const first = this.#entries.find((entry) => entry.t === 'function' && entry.unit === unit && entry.shared !== undefined);
    const shared = (first as FunctionEntry | undefined)?.shared ?? [];
    shared.forEach((variables, i) => this.#again.unshift(() => setters[i](variables.map((variable) => this.value(variable)))));
    return makers;
  }
}
