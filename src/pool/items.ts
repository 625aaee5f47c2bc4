/** What users give to a pool's methods: the function, and the items. */
import { typeError } from '../errors';

export type Items = Iterable<unknown> | AsyncIterable<unknown>;

export function functionOrThrow(fn: unknown): Function {
  if (typeof fn !== 'function') throw typeError('the first argument must be a function or a kernel', fn);
  return fn;
}

export function checkIterable(items: unknown): asserts items is Items {
  const iterable = typeof items === 'object' && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items);
  if (!iterable) throw typeError('the items must be an iterable or an async iterable', items);
}

/** All items of an async iterable, or those that came before it was stopped. */
export async function collect(items: AsyncIterable<unknown>, stopped: () => boolean): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) {
    if (stopped()) break;
    list.push(item);
  }
  return list;
}
