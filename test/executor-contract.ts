/**
 * What a pool promises, whatever its workers are: methods, functions, values; run by test/workers-process.test.ts and
 * test/workers-thread.test.ts.
 */
import { FunctionNotShippableError, Pool, SerializationError, TaskLoadError, ThreadPool, TimeoutError, task } from 'everycore';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { failure, range, tasks } from './support/contract';

export function executorContract(kind: 'process' | 'thread'): void {
  const Workers = kind === 'process' ? Pool : ThreadPool;
  const pool = new Workers(2);
  afterAll(() => pool.terminate());
  const sleep = task(tasks, 'sleep');

  describe('methods', () => {
    test('apply calls with arguments and awaits async functions', async () => {
      expect(await pool.apply((a: number, b: string) => a + b, [1, 'x'])).toBe('1x');
      expect(await pool.apply(async () => 7)).toBe(7);
      expect(await pool.apply(() => undefined)).toBe(undefined);
    });

    test('a replaced clock stops no pool', async () => {
      vi.useFakeTimers();
      try {
        expect(await pool.apply((a: number) => a + 1, [1])).toBe(2);
        expect(await pool.map((x: number) => 2 * x, range(5))).toEqual([0, 2, 4, 6, 8]);
      } finally {
        vi.useRealTimers();
      }
    });

    test.each([0, 1, 2, 7, 8, 9, 100, 1000])('map answers %i results in order, for any chunksize', async (n) => {
      const expected = range(n).map((x) => 3 * x);
      expect(await pool.map((x: number) => 3 * x, range(n))).toEqual(expected);
      expect(await pool.map((x: number) => 3 * x, range(n), 3)).toEqual(expected);
      expect(await pool.map((x: number) => ({ x }), range(n), { chunksize: 5 })).toEqual(range(n).map((x) => ({ x })));
    });

    test('map takes iterables and async iterables', async () => {
      async function* numbers() {
        yield* range(10);
      }
      expect(await pool.map((x: number) => x + 1, new Set([1, 2]))).toEqual([2, 3]);
      expect(await pool.map((x: number) => x + 1, numbers())).toEqual(range(10).map((x) => x + 1));
      expect(await pool.map((x: number) => x / 2, Int16Array.of(1, 2))).toEqual([0.5, 1]);
    });

    test('starmap spreads each item', async () => {
      expect(
        await pool.starmap(
          (a: number, b: number) => a - b,
          [
            [3, 1],
            [5, 2],
          ],
        ),
      ).toEqual([2, 3]);
      expect((await failure(pool.starmap((a: number) => a, [[1], 2] as never))).message).toMatch(/item 1/);
    });

    test('the Async forms answer handles', async () => {
      const applied = pool.applyAsync((x: number) => x, [1]);
      expect(applied.ready()).toBe(false);
      expect(() => applied.successful()).toThrow(/not ready/);
      expect(await applied.get()).toBe(1);
      expect(applied.ready() && applied.successful()).toBe(true);
      expect(await pool.mapAsync((x: number) => x, [1, 2])).toEqual([1, 2]);
      expect(await pool.starmapAsync((x: number, y: number) => x * y, [[2, 3]])).toEqual([6]);
      expect(await failure(pool.applyAsync(sleep, [300]).get({ timeout: 5 }))).toBeInstanceOf(TimeoutError);
    });

    test('imap goes on after an error, whatever the chunksize', async () => {
      for (const chunksize of [1, 3]) {
        const seen: unknown[] = [];
        const results = pool.imap(
          (x: number) => {
            if (x === 2) throw new RangeError('two');
            return x;
          },
          range(7),
          chunksize,
        );
        for (;;) {
          try {
            const { done, value } = await results.next();
            if (done) break;
            seen.push(value);
          } catch (error) {
            seen.push((error as Error).message);
          }
        }
        expect(seen).toEqual([0, 1, 'two', 3, 4, 5, 6]);
      }
    });

    test('imapUnordered answers what is ready first', async () => {
      const order: unknown[] = [];
      for await (const ms of pool.imapUnordered(sleep, [1500, 1, 1, 1])) order.push(ms);
      expect(order).toEqual([1, 1, 1, 1500]);
    });

    test('imap reads no further ahead than bufferSize', async () => {
      let read = 0;
      function* source() {
        for (;;) yield read++;
      }
      const results = pool.imap((x: number) => x, source(), { bufferSize: 6 });
      for (let i = 0; i < 20; i++) {
        expect((await results.next()).value).toBe(i);
        expect(read).toBeLessThanOrEqual(i + 1 + 6 + 1);
      }
      await results.return();
    });

    test('mapSettled has an outcome for every item', async () => {
      const outcomes = await pool.mapSettled((x: number) => {
        if (x % 2) throw new Error(`odd ${x}`);
        return x;
      }, range(5));
      expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([0, 'odd 1', 2, 'odd 3', 4]);
    });
  });

  describe('functions', () => {
    test('a function without variables that is made anew for every call is one function in a worker', async () => {
      const counts: number[] = [];
      for (let i = 0; i < 20; i++) {
        const count = await pool.apply(function counted() {
          const seen = globalThis as { everSeen?: Set<unknown> };
          seen.everSeen ??= new Set();
          return seen.everSeen.add(counted).size;
        });
        counts.push(count);
      }
      expect(new Set(counts)).toEqual(new Set([1]));
    });

    test('take their variables along', async () => {
      const factor = 3;
      const table = new Map([['a', [1, 2]]]);
      const helper = (x: number) => x * factor;
      expect(await pool.map((x: number) => helper(x) + (table.get('a') as number[])[1], [1, 2])).toEqual([5, 8]);
    });

    test('their variables are captured anew at every call', async () => {
      let n = 1;
      const fn = (x: number) => x + n;
      expect(await pool.apply(fn, [1])).toBe(2);
      n = 10;
      expect(await pool.apply(fn, [1])).toBe(11);
    });

    test('are found by their module', async () => {
      expect(await pool.map(task(tasks, 'square'), [1, 2, 3])).toEqual([1, 4, 9]);
      expect(await pool.map(task(tasks.replace('.mjs', '.cjs'), 'cube'), [1, 2])).toEqual([1, 8]);
      expect(await failure(pool.apply(task(tasks, 'missing')))).toBeInstanceOf(TaskLoadError);
      expect(await failure(pool.apply(task(tasks.replace('tasks', 'nowhere'), 'square')))).toBeInstanceOf(TaskLoadError);
      expect(await pool.apply(task(tasks, 'square'), [3])).toBe(9);
    });

    test('that cannot travel are refused before anything runs', async () => {
      const socket = new WeakMap();
      expect(await failure(pool.apply(() => socket.has({})))).toBeInstanceOf(FunctionNotShippableError);
      expect((await failure(pool.apply(() => socket.has({})))).message).toContain('socket');
      expect(await failure(pool.apply(5 as never))).toBeInstanceOf(TypeError);
      expect(() => pool.applyAsync(Math.sin.bind(null) as never, [1])).toThrow(FunctionNotShippableError);
    });

    test('may use kernels and pools', async () => {
      expect(await pool.apply(task(tasks, 'kernel'), [Float64Array.of(1, 2)])).toEqual(Float64Array.of(1, 4));
      expect(await pool.apply(task(tasks, 'nested'), [kind])).toEqual([1, 4, 9]);
    });
  });

  describe('values', () => {
    test('come back as they were', async () => {
      const cyclic: Record<string, unknown> = { list: [1, , 3], nested: new Map([[{ k: 1 }, new Set(['é', '☃'])]]) };
      cyclic.self = cyclic;
      const values = [
        undefined,
        null,
        -0,
        NaN,
        2 ** 40,
        -1n,
        'a'.repeat(100),
        '☃',
        new Date(5),
        /x/gi,
        new URL('http://a/b'),
        Buffer.from('hi'),
        Float32Array.of(1.5),
        new DataView(new ArrayBuffer(3)),
        cyclic,
      ];
      expect(await pool.apply((x: unknown) => x, [values])).toEqual(values);
    });

    test('views are exactly their bytes', async () => {
      const large = new Uint8Array(1 << 20).fill(7);
      const view = large.subarray(5, 25);
      const back = (await pool.apply((x: Uint8Array) => [x, x.buffer.byteLength], [view])) as [Uint8Array, number];
      expect(back[0]).toEqual(view);
      expect(back[1]).toBe(20);
      const doubled = await pool.apply((x: Uint8Array) => x.map((b) => 2 * b), [large]);
      expect(doubled.length).toBe(large.length);
      expect(doubled.every((b: number) => b === 14)).toBe(true);
      expect(large.byteLength).toBe(1 << 20);
    });

    test('that cannot travel are refused with the way to them', async () => {
      const error = await failure(pool.map((x: unknown) => x, [1, { a: [{ callback() {} }] }] as unknown[]));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error.message).toContain('items[1].a[0].callback is a function');
      expect(error.index).toBe(1);
      expect((await failure(pool.apply((x: unknown) => x, [Symbol('s')]))).message).toContain('args[0]');
      const getter = {
        get now() {
          throw new Error('not today');
        },
      };
      expect((await failure(pool.apply((x: unknown) => x, [getter]))).message).toContain('args[0].now could not be read: its getter threw not today');
      expect(await failure(pool.map(() => () => 1, [1]))).toBeInstanceOf(SerializationError);
      expect(await pool.apply((x: number) => x, [1])).toBe(1);
    });

    test('shared memory crosses to threads only', async () => {
      const shared = new Int32Array(new SharedArrayBuffer(8));
      const add = (x: Int32Array) => Atomics.add(x, 0, 5);
      if (kind === 'process') {
        expect((await failure(pool.apply(add, [shared]))).message).toContain('SharedArrayBuffer');
      } else {
        await pool.apply(add, [shared]);
        expect(shared[0]).toBe(5);
      }
    });
  });
}
