/**
 * What can be measured of a pool only in a process of its own. Arguments: the name of the pool, what to measure, how many tasks.
 * Answers a line of JSON: { ms, … }.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuCount } from 'everycore';
import { makePool } from './pools.mjs';

const [name, what, given] = process.argv.slice(2);
const count = Number(given);
const size = cpuCount();
const now = () => performance.timeOrigin + performance.now();
const answer = (value) => writeSync(1, `${JSON.stringify(value)}\n`);

async function start() {
  const pool = await makePool(name, size);
  if (pool !== null) return pool;
  answer({ missing: true });
  process.exit();
}

async function first(ask) {
  await (await start()).end();
  const began = now();
  await ask(await start());
  answer({ ms: now() - began });
  process.exit();
}

const programs = {
  /** A new pool's first answer; the packages are loaded before. */
  first: () => first(({ pool, run }) => (pool ? pool.apply((x) => x + 1, [1]) : run(1))),

  /** The same with a task, whose module the worker imports, and everycore with it. */
  firstTask: () => first(({ run }) => run(1)),

  /** From the end of a worker to the rejection of what it ran. */
  async crash() {
    const pool = await start();
    await pool.run(1);
    const began = now();
    setTimeout(() => {
      answer({ ms: null });
      process.exit();
    }, 2000);
    await pool.run(-1).then(
      () => undefined,
      () => undefined,
    );
    answer({ ms: now() - began });
    process.exit();
  },

  /** The end of a program that has its last result and closes nothing. */
  async exit() {
    const pool = await start();
    await Promise.all([pool.run(1), pool.run(2)]);
    answer({ endedAt: now() });
  },

  /** Many tasks at once: what one of them costs in memory while it waits, in time until its answer. */
  async queue() {
    const pool = await start();
    await Promise.all(Array.from({ length: 10_000 }, (_, i) => pool.run(i)));
    const kept = new Array(count);
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    const began = now();
    for (let i = 0; i < count; i++) kept[i] = pool.run(i);
    const submitted = now() - began;
    globalThis.gc();
    const bytes = (process.memoryUsage().heapUsed - before) / count;
    const again = now();
    await Promise.all(kept);
    answer({ ms: submitted + now() - again, figures: { 'bytes/task': bytes, 'µs/task': ((submitted + now() - again) * 1000) / count } });
    process.exit();
  },

  /** What the process has grown by after so many tasks, with all garbage collected; its own memory, that of threads included. */
  async growth() {
    const pool = await start();
    const wave = () => Promise.all(Array.from({ length: 1000 }, (_, i) => pool.run(i)));
    const rss = async () => {
      await pool.collect();
      globalThis.gc();
      await sleep(50);
      return process.memoryUsage.rss();
    };
    const quarter = async () => {
      for (let i = 0; i < count / 4; i += 1000) await wave();
      return rss();
    };
    const before = await quarter();
    const began = now();
    let after;
    for (let i = 0; i < 4; i++) after = await quarter();
    const ms = now() - began;
    answer({ ms, figures: { 'growth MB': Math.max(1, after - before) / 2 ** 20 } });
    process.exit();
  },
};

await programs[what]();
