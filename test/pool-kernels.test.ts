/** Every method of a Pool with kernels: results, order, options, errors, and what a closed pool does. */
import { type IMapIterator, Pool, PoolClosedError, PoolTerminatedError, type Progress, StateError, TimeoutError } from 'everycore';
import { add, square, sum } from 'everycore/math';
import { afterAll, describe, expect, test } from 'vitest';

const pool = new Pool(2);
afterAll(() => pool.terminate());

const big = Float64Array.from({ length: 600_000 }, (_, i) => i % 1000);
const bigSquares = square(big);

/** By bytes: comparing half a million elements one by one takes seconds. */
function expectSame(got: Float64Array | readonly Float64Array[], expected: Float64Array): void {
  const bytes = (array: Float64Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  for (const array of Array.isArray(got) ? got : [got]) expect(bytes(array).equals(bytes(expected))).toBe(true);
}

async function* asynchronously<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

async function collected<T>(iterator: IMapIterator<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of iterator) list.push(item);
  return list;
}

describe('results', () => {
  test('map: numbers, typed arrays small and large, batches, iterables', async () => {
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(await pool.map(square, Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 4));
    expectSame(await pool.map(square, big), bigSquares);
    expectSame(await pool.map(square, [big, big]), bigSquares);
    expect(await pool.map(square, new Set([1, 2]))).toEqual([1, 4]);
    expect(await pool.map(square, asynchronously([3, 4]))).toEqual([9, 16]);
    expect(await pool.map(square, [])).toEqual([]);
    expect(await pool.map(square, new Float64Array(0))).toEqual(new Float64Array(0));
  });

  test('apply, starmap and mapSettled', async () => {
    expect(await pool.apply(sum, [big])).toBe(sum(big));
    expect(await pool.apply(square, [7])).toBe(49);
    expect(
      await pool.starmap(add, [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([3, 7]);
    expectSame(await pool.starmap(add, [[big, big]]), add(big, big));
    const [first, second] = await pool.mapSettled(square, [2, 'two' as never]);
    expect(first).toEqual({ status: 'fulfilled', value: 4 });
    expect(second).toMatchObject({ status: 'rejected', reason: { index: 1 } });
  });

  test('the Async forms are handles that can be awaited and asked', async () => {
    const handle = pool.mapAsync(square, big);
    expectSame(await handle, bigSquares);
    expect(handle.ready()).toBe(true);
    expect(handle.successful()).toBe(true);
    expect(await pool.applyAsync(square, [3]).get()).toBe(9);
    expect(await pool.starmapAsync(add, [[1, 1]]).get({ timeout: 60_000 })).toEqual([2]);
    expect(handle.cancel()).toBe(false);
  });

  test('imap in order, imapUnordered in any; with chunks, from async iterables', async () => {
    const items = [3, 1, 2, 5, 4];
    expect(await collected(pool.imap(square, items))).toEqual([9, 1, 4, 25, 16]);
    expect(await collected(pool.imap(square, items, { chunksize: 2 }))).toEqual([9, 1, 4, 25, 16]);
    expect((await collected(pool.imapUnordered(square, asynchronously(items)))).sort((a, b) => a - b)).toEqual([1, 4, 9, 16, 25]);
    expectSame(await collected(pool.imap(square, [big, big])), bigSquares);
  });

  test('imap reads no further ahead than its buffer, and return() ends it', async () => {
    let read = 0;
    const endless = function* () {
      for (;;) yield ++read;
    };
    const iterator = pool.imap(square, endless(), { bufferSize: 4 });
    expect((await iterator.next()).value).toBe(1);
    expect((await iterator.next()).value).toBe(4);
    expect(read).toBeLessThanOrEqual(7);
    await iterator.return();
    expect((await iterator.next()).done).toBe(true);
  });

  test('any chunksize and any number of threads give the same bytes', async () => {
    for (const processes of [1, 3, 5]) {
      const other = new Pool(processes);
      expectSame(await other.map(square, big, 1000), bigSquares);
      expectSame(await other.map(square, [big, big, big], { chunksize: 2 }), bigSquares);
      expect(await other.apply(sum, [big])).toBe(sum(big));
      await other.terminate();
    }
  });

  test('out holds the result, also in place', async () => {
    const out = new Float64Array(big.length);
    expect(await pool.map(square, big, { out })).toBe(out);
    expectSame(out, bigSquares);
    const x = big.slice();
    await pool.apply(add, [x, x], { out: x });
    expect(x[999]).toBe(1998);
  });
});

describe('watching', () => {
  test('progress is told at most 60 times a second, and at the end', async () => {
    const reports: Progress[] = [];
    const began = performance.now();
    await pool.map(
      square,
      Array.from({ length: 40 }, () => big),
      { onProgress: (progress) => reports.push(progress) },
    );
    const last = reports[reports.length - 1];
    expect(last).toMatchObject({ done: 40, failed: 0, total: 40 });
    expect(reports.length).toBeLessThanOrEqual(2 + ((performance.now() - began) / 1000) * 60);
    const done = reports.map((report) => report.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  test('callbacks come after the call has returned; one that throws fails the job', async () => {
    let seen: unknown;
    const handle = pool.applyAsync(square, [4], { callback: (value) => (seen = value) });
    expect(seen).toBeUndefined();
    expect(await handle).toBe(16);
    expect(seen).toBe(16);
    const thrown = new Error('callback');
    const fail = () => {
      throw thrown;
    };
    await expect(pool.map(square, big, { callback: fail })).rejects.toBe(thrown);
    await expect(pool.map(square, [1], { callback: fail })).rejects.toBe(thrown);
  });

  test('explain and stats', async () => {
    expect(pool.explain(square, big.slice(0, 10))).toMatch(/^square: on the calling thread/);
    expect(pool.explain(square, new Float64Array(1e7))).toMatch(/^square: split over 2 threads, \d+ chunks/);
    const fresh = new Pool(2);
    await fresh.map(square, [1, 2]);
    await fresh.map(square, new Float64Array(1e6), 1000);
    expect(fresh.stats()).toMatchObject({ processes: 2, completed: 2, failed: 0, pending: 0, kernels: { inline: 1, split: 1, items: 0 } });
    await fresh.terminate();
  });
});

describe('cancelling and failing', () => {
  const long = () => Array.from({ length: 400 }, () => big);

  test('a signal, before or meanwhile, rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(pool.map(square, big, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const job = pool.map(square, long(), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 2);
    await expect(job).rejects.toBe(reason);
    expect(await pool.map(square, [2])).toEqual([4]);
  });

  test('cancel() of a handle; nobody has to look at the failure', async () => {
    const handle = pool.mapAsync(square, long());
    expect(handle.cancel('no more')).toBe(true);
    await expect(handle.get()).rejects.toBe('no more');
    expect(pool.mapAsync(square, long()).cancel()).toBe(true);
  });

  test('waiting shorter than the job takes leaves the job as it is', async () => {
    const handle = pool.mapAsync(square, long());
    await expect(handle.get({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
    expectSame((await handle)[399], bigSquares);
    await expect(handle.get(5 as never)).rejects.toThrow(TypeError);
  });

  test('the lowest wrong item is named, and nothing has run', async () => {
    const out = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
    const items = [Float64Array.of(2), 'x', null] as never;
    await expect(pool.map(square, items, { out })).rejects.toMatchObject({ code: 'ERR_EVERYCORE_INVALID_ARG_TYPE', index: 1 });
    expect(out[0][0]).toBe(0);
  });

  test('wrong options are named', async () => {
    await expect(pool.map(square, [1], { chunkSize: 2 } as never)).rejects.toThrow('chunkSize');
    await expect(pool.map(square, [1], 0)).rejects.toThrow(RangeError);
    await expect(pool.apply(square, 5 as never)).rejects.toThrow(TypeError);
    expect(() => new Pool(0)).toThrow(RangeError);
  });
});

describe('the end', () => {
  test('close() lets accepted work finish and takes no more; join() waits for it', async () => {
    const closing = new Pool(2);
    await expect(closing.join()).rejects.toBeInstanceOf(StateError);
    const job = closing.map(square, big);
    closing.close();
    expect(closing.state).toBe('CLOSE');
    await expect(closing.map(square, [1])).rejects.toBeInstanceOf(PoolClosedError);
    expect(() => closing.mapAsync(square, [1])).toThrow(PoolClosedError);
    expect(() => closing.imap(square, [1])).toThrow(PoolClosedError);
    await closing.join({ timeout: 60_000 });
    expectSame(await job, bigSquares);
  });

  test('terminate() rejects what is pending', async () => {
    const ending = new Pool(2);
    const job = ending.map(
      square,
      Array.from({ length: 400 }, () => big),
    );
    const outcome = job.catch((error) => error);
    await ending.terminate();
    expect(await outcome).toBeInstanceOf(PoolTerminatedError);
    expect(ending.state).toBe('TERMINATE');
    await expect(ending.apply(square, [1])).rejects.toBeInstanceOf(PoolTerminatedError);
    await ending.join();
    await ending.terminate();
  });

  test('leaving its block terminates it', async () => {
    const ending = new Pool(2);
    await ending[Symbol.asyncDispose]();
    expect(ending.state).toBe('TERMINATE');
  });
});
