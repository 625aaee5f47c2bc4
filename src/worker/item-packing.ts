/** What makes messages short: lists of plain numbers, and objects with the same keys. */

export function packNumbers(list: ArrayLike<unknown>, from: number, to: number): Float64Array | undefined {
  if (list instanceof Float64Array) return list.slice(from, to);
  const numbers = new Float64Array(to - from);
  for (let i = from; i < to; i++) {
    const value = list[i];
    if (typeof value !== 'number') return undefined;
    numbers[i - from] = value;
  }
  return numbers;
}

export function isRecord(value: unknown, keys: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  let i = 0;
  for (const key in value) {
    if (key !== keys[i++]) return false;
    const own = (value as Record<string, unknown>)[key];
    if (typeof own === 'object' ? own !== null : typeof own === 'function' || typeof own === 'symbol') return false;
  }
  return i === keys.length;
}

/** Numbers for lists of keys: each list is described once in a message. */
export class Shapes {
  readonly #numbers = new Map<string, number>();
  #last: readonly string[] | undefined;
  #lastNumber = 0;
  /** True when the last number was given for the first time. */
  isNew = false;

  numberOf(keys: readonly string[]): number {
    this.isNew = false;
    if (this.#last !== undefined && sameKeys(keys, this.#last)) return this.#lastNumber;
    const text = `${keys.length}\0${keys.join('\0')}`;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      this.isNew = true;
    }
    this.#last = keys;
    this.#lastNumber = number;
    return number;
  }

  get count(): number {
    return this.#numbers.size;
  }

  /** Forgets all but the first: the descriptions of the others were dropped. */
  truncate(count: number): void {
    for (const [text, number] of this.#numbers) if (number >= count) this.#numbers.delete(text);
    this.#last = undefined;
  }
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
