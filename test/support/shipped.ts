/** Helpers for tests of functions that travel. */
import { expect } from 'vitest';
import { FunctionNotShippableError } from '../../dist/errors.js';
import { shipFunction } from '../../dist/functions/index.js';
import { receiveFunction } from '../../dist/functions/receive.js';

type Any = any;

/** The function as a worker has it: everything has gone through a structured clone. */
export async function sent<F extends (...args: Any[]) => unknown>(fn: F): Promise<F> {
  return (await receiveFunction(structuredClone(shipFunction(fn, 'thread')))) as unknown as F;
}

/** Calls the original and the copy, which must answer the same. */
export async function same(fn: (...args: Any[]) => unknown, ...args: unknown[]): Promise<unknown> {
  const copy = await sent(fn);
  const answer = await copy(...args);
  expect(answer).toEqual(await fn(...args));
  return answer;
}

/** The message with which it is refused. */
export const refusal = (fn: unknown, mode: 'process' | 'thread' = 'process'): string => {
  try {
    shipFunction(fn, mode);
  } catch (error) {
    expect(error).toBeInstanceOf(FunctionNotShippableError);
    expect(error).toHaveProperty('code', 'ERR_EVERYCORE_FUNCTION_NOT_SHIPPABLE');
    return (error as Error).message;
  }
  throw new Error('it was not refused');
};
