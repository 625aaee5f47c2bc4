/**
 * What a pool promises for the day when things go wrong, whatever its workers are: run by test/workers-process.test.ts and
 * test/workers-thread.test.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BrokenPoolError,
  Pool,
  PoolClosedError,
  PoolTerminatedError,
  TaskLoadError,
  TaskTimeoutError,
  ThreadPool,
  task,
  WorkerDiedError,
} from 'everycore';
import { afterAll, describe, expect, test } from 'vitest';
import { failure, range, tasks } from './support/contract';

export function trustContract(kind: 'process' | 'thread'): void {
  const Workers = kind === 'process' ? Pool : ThreadPool;
  const pool = new Workers(2);
  afterAll(() => pool.terminate());
  const exit = task(tasks, 'exit');
  const sleep = task(tasks, 'sleep');
  const block = task(tasks, 'block');

  describe('errors', () => {
    test('keep class, message, properties, cause and stack', async () => {
      const error = await failure(pool.map(task(tasks, 'fail'), [1]));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ name: 'OddError', message: 'odd', code: 'E_ODD', extra: { a: 1 }, index: 0 });
      expect(error.constructor.name).toBe('OddError');
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.stack).toContain('tasks.mjs');
      const many = await failure(pool.apply(() => Promise.reject(new AggregateError([new SyntaxError('a'), 1], 'many'))));
      expect(many).toBeInstanceOf(AggregateError);
      expect(many.errors[0]).toBeInstanceOf(SyntaxError);
      expect(
        await failure(
          pool.apply(() => {
            throw 'text';
          }),
        ),
      ).toBe('text');
    });

    test('map rejects with the lowest failed index', async () => {
      const error = await failure(
        pool.map(
          (x: number) => {
            if (x >= 3) throw new Error(String(x));
            return x;
          },
          range(50),
          1,
        ),
      );
      expect(error.index).toBe(3);
    });

    test('nothing of a map runs after it has rejected', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'everycore-traces-'));
      const file = join(folder, 'ran');
      const items = range(40).map((x: number) => [file, x]);
      expect((await failure(pool.starmap(task(tasks, 'failFirstWithTraces'), items, 1))).index).toBe(0);
      const ran = readFileSync(file, 'utf8');
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(readFileSync(file, 'utf8')).toBe(ran);
      rmSync(folder, { recursive: true });
      expect(pool.stats().pending).toBe(0);
    });

    test('a callback that throws fails the job', async () => {
      expect(
        (
          await failure(
            pool.apply(() => 1, [], {
              callback() {
                throw new Error('mine');
              },
            }),
          )
        ).message,
      ).toBe('mine');
      const heard: unknown[] = [];
      await failure(
        pool.mapAsync(
          () => {
            throw new Error('x');
          },
          [1],
          { errorCallback: (error) => heard.push(error) },
        ),
      );
      expect(heard).toHaveLength(1);
    });
  });

  describe('workers that die', () => {
    test('only what had started is lost, and the pool is whole again', async () => {
      const outcomes = await pool.mapSettled(exit, range(9), 3);
      const lost = outcomes.flatMap((one, i) => (one.status === 'rejected' ? [[i, one.reason]] : []));
      expect(lost.map(([i]) => i)).toEqual([4]);
      const error = lost[0][1] as WorkerDiedError;
      expect(error).toBeInstanceOf(WorkerDiedError);
      expect(error).toMatchObject({ exitCode: 5, signal: null, index: 4 });
      expect(error.taskIndices).toContain(4);
      expect(await pool.map((x: number) => x, range(10))).toEqual(range(10));
    });

    test('a lost item is tried again as often as asked', async () => {
      const error = await failure(pool.map(exit, range(9), { chunksize: 3, retries: 2 }));
      expect(error).toBeInstanceOf(WorkerDiedError);
      expect(error.taskIndices).toEqual([4]);
    });

    test('taskTimeout ends one item only', async () => {
      const outcomes = await pool.mapSettled(block, [1, 1, 60_000, 1, 1, 1], { taskTimeout: 150, chunksize: 3 });
      expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
      expect((outcomes[2] as PromiseRejectedResult).reason).toBeInstanceOf(TaskTimeoutError);
      expect((outcomes[2] as PromiseRejectedResult).reason.index).toBe(2);
    });

    test('cancelling ends running items, and no others', async () => {
      const long = pool.applyAsync(block, [60_000]);
      const other = pool.applyAsync(sleep, [200]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(long.cancel(new Error('enough'))).toBe(true);
      expect(long.cancel()).toBe(false);
      expect((await failure(long)).message).toBe('enough');
      expect(await other).toBe(200);
      const signal = AbortSignal.timeout(50);
      expect((await failure(pool.map(block, [60_000], { signal }))).name).toBe('TimeoutError');
      expect(await pool.apply((x: number) => x, [1])).toBe(1);
    });
  });

  describe('the pool itself', () => {
    test('initializer, initArgs, maxTasksPerChild', async () => {
      const own = new Workers({ processes: 1, initializer: task(tasks, 'initialize'), initArgs: [5], maxTasksPerChild: 2 });
      const seen = await own.map(task(tasks, 'initialized'), range(4), 1);
      expect(seen.map(({ value }: { value: number }) => value)).toEqual([5, 5, 5, 5]);
      expect(seen.map(({ count }: { count: number }) => count)).toEqual([1, 2, 1, 2]);
      await own.terminate();
    });

    test('a failing initializer breaks it', async () => {
      const own = new Workers({
        processes: 2,
        initializer: () => {
          throw new RangeError('no start');
        },
      });
      const error = await failure(own.map((x: number) => x, [1, 2]));
      expect(error).toBeInstanceOf(BrokenPoolError);
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(own.state).toBe('BROKEN');
      expect(await failure(own.apply(() => 1))).toBeInstanceOf(BrokenPoolError);
      expect(await own.mapSettled((x: number) => x, [1])).toMatchObject([{ status: 'rejected' }]);
      await own.terminate();
    });

    test('workers that die at their start break it', async () => {
      const own = new Workers({ processes: 1, initializer: () => process.exit(4) });
      const error = await failure(own.apply(() => 1));
      expect(error).toBeInstanceOf(BrokenPoolError);
      expect(error.cause).toBeInstanceOf(WorkerDiedError);
      await own.terminate();
    });

    test('a module that starts workers while a worker imports it is told so', async () => {
      const error = await failure(pool.apply(task(tasks.replace('tasks', 'unguarded'), 'f')));
      expect(error).toBeInstanceOf(TaskLoadError);
      expect(error.cause).toMatchObject({ name: 'BootstrapError', code: 'ERR_EVERYCORE_BOOTSTRAP' });
    });

    test("onWorkerDeath: 'break' breaks it at the first death", async () => {
      const own = new Workers({ processes: 1, onWorkerDeath: 'break' });
      expect(await failure(own.apply(exit, [4]))).toBeInstanceOf(WorkerDiedError);
      expect(await failure(own.apply(() => 1))).toBeInstanceOf(BrokenPoolError);
      await own.terminate();
    });

    test('close, join, terminate', async () => {
      const own = new Workers(2);
      const results = own.mapAsync(sleep, [20, 20, 20], 1);
      own.close();
      expect(await failure(own.apply(() => 1))).toBeInstanceOf(PoolClosedError);
      expect(() => own.imap(() => 1, [1])).toThrow(PoolClosedError);
      await own.join();
      expect(await results).toEqual([20, 20, 20]);
      expect(own.workers).toEqual([]);
      const other = new Workers(1);
      const pending = [other.applyAsync(block, [60_000]), other.applyAsync(sleep, [1])];
      await new Promise((resolve) => setTimeout(resolve, 100));
      await other.terminate();
      for (const one of pending) expect(await failure(one)).toBeInstanceOf(PoolTerminatedError);
      expect(other.workers).toEqual([]);
    });

    test('the finalizer runs when workers end in order', async () => {
      const shared = join(process.env.TMPDIR ?? '/tmp', `everycore-finalizer-${process.pid}-${kind}`);
      const { existsSync, rmSync } = await import('node:fs');
      const own = new Workers({ processes: 1, initializer: task(tasks, 'initialize'), initArgs: [shared], finalizer: task(tasks, 'finalize') });
      await own.apply(() => 1);
      own.close();
      await own.join();
      expect(existsSync(shared)).toBe(true);
      rmSync(shared);
    });

    test('tells how far it is', async () => {
      const reports: { done: number; failed: number; total: number | null }[] = [];
      await pool.map((x: number) => x, range(100), { onProgress: (report) => reports.push(report), chunksize: 10 });
      expect(reports.at(-1)).toMatchObject({ done: 100, failed: 0, total: 100 });
      expect(pool.workers.length).toBeLessThanOrEqual(2);
      for (const worker of pool.workers) expect(worker).toMatchObject({ name: expect.stringMatching(/^PoolWorker-\d+$/), alive: true });
      expect(pool.explain((x: number) => x, range(100))).toMatch(/2 worker (processes|threads), 100 items in 8 chunks of 13/);
    });

    test('refuses wrong arguments', async () => {
      for (const chunksize of [0, -1]) expect(await failure(pool.map((x) => x, [1], chunksize))).toBeInstanceOf(RangeError);
      expect(await failure(pool.map((x) => x, [1], 1.5))).toBeInstanceOf(RangeError);
      expect(await failure(pool.map((x) => x, 5 as never))).toBeInstanceOf(TypeError);
      expect(await failure(pool.apply(() => 1, [], { out: [] } as never))).toBeInstanceOf(TypeError);
    });
  });
}
