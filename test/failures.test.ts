/** Everything that can go wrong with workers, each in a program of its own that must end by itself: nothing hangs, and the pool lives on. */
import { describe, expect, test } from 'vitest';
import { type RunOptions, runSource } from './run-program';

const kinds = ['process', 'thread'] as const;

const head = (kind: (typeof kinds)[number]) => `
import { Pool, ThreadPool, task } from 'everycore';
import { setTimeout as sleep } from 'node:timers/promises';
const Workers = ${kind === 'process' ? 'Pool' : 'ThreadPool'};
const told = (error) => ({ ...error, name: error.name, message: error.message, cause: error.cause && told(error.cause) });
const fate = (promise) => promise.then((value) => ({ value }), told);
const settled = (list) => list.map((one) => (one.status === 'fulfilled' ? one.value : told(one.reason)));
const say = (value) => console.log(JSON.stringify(value));
/** What a pool that has recovered answers. */
const health = async (pool) => [await pool.map((x) => sleep(20, x + 1), [1, 2, 3, 4], 1), pool.workers.length, pool.state];
`;

const healthy = [[2, 3, 4, 5], 2, 'RUN'];

/** What the program says, as one JSON value a line. */
async function sayings(kind: (typeof kinds)[number], source: string, options: RunOptions = {}): Promise<any[]> {
  const { code, signal, stdout, stderr } = await runSource(head(kind) + source, { timeout: 30_000, ...options });
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const processes = ['process'] as const;

/** Ways to die, what is told of it, and the workers that can. */
const deaths: [how: string, kinds: readonly (typeof kinds)[number][], code: string, told: object][] = [
  ['process.exit(7)', kinds, 'process.exit(7)', { exitCode: 7, signal: null }],
  ['process.exit(0)', kinds, 'process.exit(0)', { exitCode: 0, signal: null }],
  ['running out of memory', kinds, 'const all = []; for (;;) all.push(new Array(10_000).fill(x));', {}],
  ['abort() in native code', processes, 'process.abort()', { exitCode: null, signal: 'SIGABRT' }],
  ['SIGKILL', processes, "process.kill(process.pid, 'SIGKILL'); for (;;);", { exitCode: null, signal: 'SIGKILL' }],
  ['SIGTERM', processes, "process.kill(process.pid, 'SIGTERM'); await sleep(5000);", { exitCode: null, signal: 'SIGTERM' }],
  ['an error that nobody catches', kinds, "setTimeout(() => { throw new RangeError('later') }); await sleep(5000);", { exitCode: 1 }],
  ['a rejection that nobody handles', kinds, "Promise.reject(new RangeError('alone')); await sleep(5000);", { exitCode: 1 }],
];

describe('a worker that dies of', () => {
  const cases = deaths.flatMap(([how, where, code, told]) => where.map((kind) => [how, kind, code, told] as const));
  test.each(cases)('%s fails the item that had started, no other (%s)', async (_how, kind, code, told) => {
    const source = `
      const pool = new Workers({ processes: 2, execArgv: ['--max-old-space-size=40'] });
      const die = async (x) => { if (x === 3) { ${code} } return sleep(20, x); };
      say(settled(await pool.mapSettled(die, [0, 1, 2, 3, 4, 5, 6, 7], 1)));
      say(settled(await pool.mapSettled(die, [0, 1, 2, 3, 4, 5, 6, 7], 4)));
      say(await fate(pool.apply(die, [3])));
      say(await health(pool));
      say(pool.stats());`;
    const [single, chunks, applied, after, stats] = await sayings(kind, source);
    const death = { name: 'WorkerDiedError', code: 'ERR_EVERYCORE_WORKER_DIED', pid: expect.any(Number), ...told };
    const outcomes = [0, 1, 2, { ...death, index: 3, taskIndices: [3] }, 4, 5, 6, 7];
    expect(single).toMatchObject(outcomes);
    expect(chunks).toMatchObject(outcomes);
    expect(applied).toMatchObject({ ...death, taskIndices: [0] });
    // Two jobs of eight items, one of each lost with its worker; one of one item, lost; four items that were well.
    expect(stats).toMatchObject({ completed: 3, failed: 1, pending: 0, tasksDone: 7 + 7 + 4, workersLost: 3, workersStarted: 5 });
    expect(after).toEqual(healthy);
  });
});

describe.each(kinds)('workers that do not start (%s)', (kind) => {
  const fn = 'import.meta.url.replace("program", "nowhere")';
  test.each([
    ['an initializer that throws', `initializer: () => { throw new RangeError('no') }`, { name: 'RangeError', message: 'no' }],
    ['an initializer that rejects', `initializer: async () => { throw new RangeError('no') }`, { name: 'RangeError', message: 'no' }],
    ['an initializer that exits', 'initializer: () => process.exit(4)', { name: 'WorkerDiedError', exitCode: 4, taskIndices: [] }],
    ['an initializer whose module is missing', `initializer: task(${fn}, 'f')`, { name: 'TaskLoadError' }],
    ['options that Node does not know', `execArgv: ['--no-such-option']`, {}],
    ['NODE_OPTIONS that Node does not know', `env: { NODE_OPTIONS: '--no-such-option' }`, {}],
    ['a module to preload that is missing', `execArgv: ['--require', './nowhere.cjs']`, { name: 'WorkerDiedError', exitCode: 1 }],
  ])('%s: the pool is broken, with the cause', async (_how, options, cause) => {
    const source = `
      const pool = new Workers({ processes: 2, ${options} });
      const [applied, mapped] = [fate(pool.apply((x) => x, [1])), fate(pool.map((x) => x, [1, 2, 3]))];
      say([await applied, await mapped, await fate(pool.apply(() => 1)), pool.state]);
      say((await pool.mapSettled((x) => x, [1, 2])).map((one) => one.reason?.name));
      await pool.terminate();
      say(pool.workers.length);
      say(await health(new Workers(2)));`;
    const [fates, outcomes, left, other] = await sayings(kind, source);
    const broken = { name: 'BrokenPoolError', code: 'ERR_EVERYCORE_BROKEN_POOL', cause: expect.objectContaining(cause) };
    expect(fates).toMatchObject([broken, broken, broken, 'BROKEN']);
    expect(outcomes).toEqual(['BrokenPoolError', 'BrokenPoolError']);
    expect(left).toBe(0);
    expect(other).toEqual(healthy);
  });

  test.each(['new Promise(() => {})', '(() => { for (;;); })()'])('an initializer that never ends, %s: waiting can', async (never) => {
    const source = `
      const pool = new Workers({ processes: 2, initializer: () => ${never} });
      const result = pool.applyAsync(() => 1);
      say(await fate(result.get({ timeout: 300 })));
      say(await fate(pool.map((x) => x, [1], { signal: AbortSignal.timeout(50) })));
      await pool.terminate();
      say([await fate(result), pool.workers.length]);`;
    const [late, aborted, [ended, left]] = await sayings(kind, source);
    expect(late).toMatchObject({ name: 'TimeoutError', code: 'ERR_EVERYCORE_TIMEOUT' });
    expect(aborted).toMatchObject({ name: 'TimeoutError' });
    expect(ended).toMatchObject({ name: 'PoolTerminatedError' });
    expect(left).toBe(0);
  });
});

describe.each(kinds)('values that cannot travel (%s)', (kind) => {
  test('are refused with the place where they are, and fail nothing else', async () => {
    const source = `
      const pool = new Workers(2);
      const items = [1, { deep: [0, { socket: new WeakMap() }] }, 3, Symbol('s'), 5];
      say(settled(await pool.mapSettled((x) => x, items, 5)));
      say(await fate(pool.map((x) => x, items)));
      const seen = [];
      const results = pool.imap((x) => x, items);
      for (let i = 0; i < items.length; i++) seen.push(await fate(results.next()));
      say([seen, await results.next()]);
      say(settled(await pool.mapSettled((x) => (x === 2 ? { result: [Promise.resolve()] } : x), [1, 2, 3], 3)));
      say(await fate(pool.apply((x) => x, [1, { callback() {} }])));
      say(await health(pool));`;
    const [outcomes, mapped, [seen, end], results, applied, after] = await sayings(kind, source);
    const refused = (message: string) => ({ name: 'SerializationError', message: expect.stringContaining(message) });
    const [deep, symbol] = [refused('items[1].deep[1].socket is a WeakMap'), refused('items[3] is a symbol')];
    expect(outcomes).toMatchObject([1, deep, 3, symbol, 5]);
    expect(mapped).toMatchObject({ ...deep, index: 1 });
    expect(seen).toMatchObject([{ value: { value: 1 } }, deep, { value: { value: 3 } }, symbol, { value: { value: 5 } }]);
    expect(end).toEqual({ done: true });
    expect(results).toMatchObject([1, refused('the result.result[0] is a Promise'), 3]);
    expect(applied).toMatchObject(refused('args[1].callback is a function'));
    expect(after).toEqual(healthy);
  });
});
