/** What the tests of pools share. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const tasks = pathToFileURL(join(import.meta.dirname, '..', 'fixtures', 'tasks.mjs')).href;

/** Rejections as values. */
export async function failure(promise: PromiseLike<unknown>): Promise<any> {
  return promise.then(
    (value) => {
      throw new Error(`it was fulfilled with ${String(value)}`);
    },
    (error) => error,
  );
}

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
