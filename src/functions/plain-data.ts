/** Data that the transport copies as it is, in one piece: no functions, no classes' instances, no getters anywhere in it. */
import { types } from 'node:util';
import { isNamespace, wellKnown } from './references';
import type { WorkerKind } from './types';
import { isLeaf, isOpaque, isPlainPrototype, leafObstacle } from './values';

export class PlainData {
  readonly #mode: WorkerKind;
  readonly #isTaken: (value: object) => boolean;
  readonly #known = new Set<object>();

  /** `isTaken` says of an object whether it is sent in parts already. */
  constructor(mode: WorkerKind, isTaken: (value: object) => boolean) {
    this.#mode = mode;
    this.#isTaken = isTaken;
  }

  /** Whether the object and all it holds is plain data. */
  has(root: object): boolean {
    if (this.#known.has(root)) return true;
    const seen = new Set<object>([root]);
    const waiting: object[] = [root];
    const isData = (value: unknown): boolean => {
      if (typeof value === 'function' || typeof value === 'symbol') return false;
      if (typeof value === 'object' && value !== null && !seen.has(value) && !this.#known.has(value)) {
        seen.add(value);
        waiting.push(value);
      }
      return true;
    };
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      if (value !== root && this.#isTaken(value)) return false;
      if (!this.#partsAre(value, isData)) return false;
    }
    for (const value of seen) this.#known.add(value);
    return true;
  }

  #partsAre(value: object, isData: (value: unknown) => boolean): boolean {
    if (isLeaf(value)) return leafObstacle(value, this.#mode) === undefined;
    if (isOpaque(value) || isNamespace(value) || wellKnown(value) !== undefined) return false;
    const proto = Object.getPrototypeOf(value) as object | null;
    if (Array.isArray(value)) return (proto === Array.prototype || proto?.constructor?.name === 'Array') && value.every(isData);
    if (types.isMap(value)) return proto === Map.prototype && [...value.keys(), ...value.values()].every(isData);
    if (types.isSet(value)) return proto === Set.prototype && [...value].every(isData);
    if (!isPlainPrototype(proto) || proto === null) return false;
    return Object.keys(value).every((key) => {
      const own = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      return 'value' in own && isData(own.value);
    });
  }
}
