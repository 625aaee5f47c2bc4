/** Results that are ready wait behind nothing: not behind a long item of the same message, nor are they lost with a worker that dies in it. */
import { Pool, ThreadPool, TimeoutError, WorkerDiedError } from 'everycore';
import { afterAll, describe, expect, test } from 'vitest';

/** Holds the thread so long; below zero it takes it along. */
const hold = (ms: number): number => {
  if (ms < 0) process.exit(5);
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
};

describe.each([
  ['process', '1'],
  ['process', '0'],
  ['thread', '1'],
] as const)('%s, EVERYCORE_NATIVE=%s', (kind, native) => {
  const pool = new (kind === 'process' ? Pool : ThreadPool)({ processes: 1, env: { EVERYCORE_NATIVE: native } });
  afterAll(() => pool.terminate());

  /** So that the pool takes all that follows for short, and sends it in one message. */
  const warmUp = () => pool.map(hold, new Array(2000).fill(0), 1);

  test('short tasks before a long one', async () => {
    await warmUp();
    const short = Array.from({ length: 20 }, () => pool.applyAsync(hold, [0.01]));
    const long = pool.applyAsync(hold, [1500]);
    const after = pool.applyAsync(hold, [0.01]);
    await Promise.all(short);
    expect([long.ready(), after.ready()]).toEqual([false, false]);
    expect(await Promise.all([long, after])).toEqual([1500, 0.01]);
  });

  test('imap, with results of every kind', async () => {
    await warmUp();
    const object = (x: number) => {
      hold(x === 5 ? 1500 : 0.01);
      return { x, text: `☃${x}`, list: [x, { deep: new Map([[x, x]]) }], large: x === 3 ? new Uint8Array(10_000) : null };
    };
    await pool.map(object, new Array(500).fill(0), 1);
    const results = pool.imap(object, [0, 1, 2, 3, 4, 5, 6, 7], { bufferSize: 20 });
    const seen: unknown[] = [];
    for (let i = 0; i < 5; i++) seen.push((await results.next()).value);
    // The sixth runs, and has most of its time before it.
    await expect(results.next({ timeout: 100 })).rejects.toBeInstanceOf(TimeoutError);
    for (let i = 5; i < 8; i++) seen.push((await results.next()).value);
    expect(seen).toEqual(
      Array.from({ length: 8 }, (_, x) => ({
        x,
        text: `☃${x}`,
        list: [x, { deep: new Map([[x, x]]) }],
        large: x === 3 ? new Uint8Array(10_000) : null,
      })),
    );
  });

  test('a worker that dies takes only what runs', async () => {
    await warmUp();
    const tasks = [0.01, 0.01, 0.01, 0.01, -1, 0.01, 0.01].map((ms) => pool.applyAsync(hold, [ms]));
    const outcomes = await Promise.allSettled(tasks);
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.constructor))).toEqual([
      0.01,
      0.01,
      0.01,
      0.01,
      WorkerDiedError,
      0.01,
      0.01,
    ]);
    const chunk = await pool.mapSettled(hold, [2, 2, 2, -1, 2, 2], 6);
    expect(chunk.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.taskIndices))).toEqual([2, 2, 2, [3], 2, 2]);
    const waits = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (x === 3) process.exit(5);
      return x;
    };
    const waiting = await pool.mapSettled(waits, [0, 1, 2, 3, 4, 5], 6);
    expect(waiting.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.taskIndices))).toEqual([0, 1, 2, [3], 4, 5]);
  });
});
