/** Options of pools and jobs that change how functions run, on both kinds of worker; and workers without the native binary. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, SerializationError, TaskTimeoutError, ThreadPool, WorkerDiedError } from 'everycore';
import { square } from 'everycore/math';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { runSource } from './run-program';
import { failure, range } from './support/contract';

describe.each(['process', 'thread'] as const)('%s', (kind) => {
  const Workers = kind === 'process' ? Pool : ThreadPool;
  const pool = new Workers(2);
  const folder = mkdtempSync(join(tmpdir(), 'everycore-options-'));
  afterAll(async () => {
    await pool.terminate();
    rmSync(folder, { recursive: true });
  });
  const left = kind === 'thread' ? 0 : 800_000;

  describe('transfer', () => {
    const length = (...all: ArrayLike<unknown>[]) => all.map((one) => one.length);

    test('gives the memory away where workers are threads', async () => {
      const [one, ...many] = range(4).map((i) => new Float64Array(100_000).fill(i));
      expect(await pool.apply((x: Float64Array) => [x.length, x[5]], [one], { transfer: [one.buffer] })).toEqual([100_000, 0]);
      expect(one.byteLength).toBe(left);
      expect(await pool.map((x: Float64Array) => x[9], many, { transfer: many.map((x) => x.buffer), chunksize: 2 })).toEqual([1, 2, 3]);
      expect(many.map((x) => x.byteLength)).toEqual([left, left, left]);
    });

    test('what is mentioned twice, in one call or in two, arrives twice', async () => {
      const x = new Float64Array(100_000);
      expect(await pool.apply(length, [x, x.subarray(0), x], { transfer: [x.buffer] })).toEqual([100_000, 100_000, 100_000]);
      const y = new Float64Array(100_000);
      const twice = range(4).map(() => pool.apply(length, [y], { transfer: [y.buffer] }));
      expect((await Promise.allSettled(twice)).map((one) => (one.status === 'fulfilled' ? one.value[0] : one.reason.code))).toEqual(
        expect.arrayContaining([100_000]),
      );
      expect(await pool.apply(() => 1)).toBe(1);
    });

    test('is not done where an item may have to be sent again', async () => {
      const x = new Float64Array(100_000);
      const mark = join(folder, `retry-${kind}`);
      const once = async (list: Float64Array, file: string) => {
        const { appendFileSync, readFileSync: read } = await import('node:fs');
        appendFileSync(file, '.');
        if (read(file).length === 1) process.exit(3);
        return list.length;
      };
      expect(await pool.apply(once, [x, mark], { transfer: [x.buffer], retries: 1 })).toBe(100_000);
      expect(x.byteLength).toBe(800_000);
    });

    test('of anything but buffers, and what was given away before, are refused', async () => {
      const x = new Float64Array(10);
      for (const wrong of [[5], [x], [new SharedArrayBuffer(8)], x.buffer]) {
        expect((await failure(pool.apply(() => 1, [], { transfer: wrong as never }))).message).toMatch(/^transfer must /);
      }
      structuredClone(x.buffer, { transfer: [x.buffer] });
      const error = await failure(pool.map((one) => one, [1, { deep: [x] }]));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error.message).toBe('items[1].deep[0] is on a detached buffer: its memory was transferred away');
    });
  });

  test('maxTasksPerChild: no worker runs more chunks, in every method', async () => {
    const own = new Workers({ processes: 2, maxTasksPerChild: 3 });
    const count = () => {
      const seen = globalThis as { runs?: number };
      seen.runs = (seen.runs ?? 0) + 1;
      return seen.runs;
    };
    const most = async (results: PromiseLike<number[]>) => Math.max(...(await results));
    expect(await most(own.map(count, range(20), 1))).toBe(3);
    expect(await most(Promise.all(range(20).map(() => own.apply(count))))).toBe(3);
    const seen: number[] = [];
    for await (const run of own.imap(count, range(20))) seen.push(run);
    expect([seen.length, Math.max(...seen)]).toEqual([20, 3]);
    // One that has done its share may still be ending while the next one starts.
    await vi.waitFor(() => expect(own.workers.length).toBeLessThanOrEqual(2), { timeout: 5000 });
    await own.terminate();
  });

  test('taskTimeout ends functions that wait as well as those that compute', async () => {
    const never = (x: number) => (x === 2 ? new Promise(() => {}) : x);
    const outcomes = await pool.mapSettled(never, range(6), { taskTimeout: 200, chunksize: 2 });
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason))).toEqual([0, 1, expect.any(TaskTimeoutError), 3, 4, 5]);
    const results = pool.imap(never, range(4), { taskTimeout: 200 });
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++)
      seen.push(
        await results.next().then(
          ({ value }) => value,
          (error) => [error.name, error.index],
        ),
      );
    expect(seen).toEqual([0, 1, ['TaskTimeoutError', 2], 3]);
  });

  test('retries: as often as asked, and no item that was well', async () => {
    const trace = async (x: number, prefix: string) => {
      const { appendFileSync, readFileSync: read } = await import('node:fs');
      appendFileSync(prefix + x, '.');
      if (x === 2 && read(prefix + x).length < 3) process.exit(9);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return x;
    };
    const prefix = join(folder, `well-${kind}-`);
    const args = range(4).map((x) => [x, prefix] as const);
    const error = await failure(pool.starmap(trace, args, { chunksize: 2, retries: 1 }));
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.taskIndices).toEqual([2]);
    rmSync(`${prefix}2`);
    expect(await pool.starmap(trace, args, { chunksize: 2, retries: 2 })).toEqual(range(4));
    expect(readFileSync(`${prefix}2`, 'utf8')).toBe('...');
    expect(readFileSync(`${prefix}0`, 'utf8').length).toBeLessThanOrEqual(2);
  });

  test('workers without the native binary: values, kernels, deaths, time-outs', async () => {
    const own = new Workers({ processes: 2, env: { EVERYCORE_NATIVE: '0' } });
    const large = new Float32Array(300_000).map((_, i) => i);
    const [back, squares] = await own.apply((x: Float32Array) => [x, square(x.subarray(0, 3))], [large]);
    expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(large.buffer))).toBe(0);
    expect(squares).toEqual(Float32Array.of(0, 1, 4));
    const outcomes = await own.mapSettled(
      async (x: number) => {
        if (x === 3) process.exit(2);
        if (x === 5) for (;;);
        await new Promise((resolve) => setTimeout(resolve, 10));
        return x;
      },
      range(8),
      { chunksize: 2, taskTimeout: 2000 },
    );
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.name))).toEqual([
      0,
      1,
      2,
      'WorkerDiedError',
      4,
      'TaskTimeoutError',
      6,
      7,
    ]);
    await own.terminate();
  });

  test('what workers print comes out whole, line by line, before they die too', async () => {
    const source = `
      import { Pool, ThreadPool } from 'everycore';
      const pool = new ${kind === 'process' ? 'Pool' : 'ThreadPool'}(2);
      const print = (x) => { for (let i = 0; i < 50; i++) console.log(x + ':' + String(i).repeat(3000 / String(i).length) + ';'); process.stderr.write('error ' + x + '\\n'); };
      await pool.map(print, [1, 2, 3, 4], 1);
      await pool.apply(() => { console.log('last words'); process.exit(1); }).catch(() => console.log('died'));`;
    const { stdout, stderr, code } = await runSource(source);
    const lines = stdout.trimEnd().split('\n');
    const expected = range(4).flatMap((x) => range(50).map((i) => `${x + 1}:${String(i).repeat(3000 / String(i).length)};`));
    expect(code).toBe(0);
    expect(lines.slice(0, -2).sort()).toEqual(expected.sort());
    expect(lines.slice(-2)).toEqual(['last words', 'died']);
    expect(stderr.trimEnd().split('\n').sort()).toEqual(range(4).map((x) => `error ${x + 1}`));
  });

  test('nothing of what workers print is lost on a slow reader, though the program ends at once', async () => {
    const source = `
      import { Pool, ThreadPool } from 'everycore';
      const pool = new ${kind === 'process' ? 'Pool' : 'ThreadPool'}(2);
      await pool.map((x) => { for (let i = 0; i < 300; i++) console.log(x + ':' + i + '.'.repeat(3000)); }, [1, 2], 1);`;
    const { stdout, code } = await runSource(source, { readAfter: 1500 });
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.every((line) => /^[12]:\d+\.{3000}$/.test(line))).toBe(true);
    expect(lines).toHaveLength(600);
  });
});
