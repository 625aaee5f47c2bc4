/**
 * Pools of other packages, and ours, behind one interface: `run(x)` answers a promise of x + 1, `end()` ends the workers. Every one
 * finds its task in a module, which is the fastest way each of them has.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Pool, ThreadPool } from 'everycore';
import { collect, increment } from './pool-task.mjs';

const { resolve } = createRequire(new URL('../peers/package.json', import.meta.url));
/** What a package exports under a name, be it of one kind of module or the other. */
const load = async (name, key) => {
  const loaded = await import(resolve(name));
  return loaded[key] ?? loaded.default[key];
};
const worker = (name) => fileURLToPath(new URL(`pool-workers/${name}.cjs`, import.meta.url));

const makers = {
  'everycore, threads': (size) => ours(new ThreadPool(size)),
  'everycore, processes': (size) => ours(new Pool(size)),
  'everycore, threads, as promises': (size) => {
    const pool = new ThreadPool(size);
    return { run: (x) => pool.apply(increment, [x]), end: () => pool.terminate() };
  },
  async piscina(size) {
    const Piscina = await load('piscina', 'Piscina');
    const pool = new Piscina({ filename: worker('module'), minThreads: size, maxThreads: size });
    return { run: (x) => pool.run(x), end: () => pool.destroy() };
  },
  async tinypool(size) {
    const Tinypool = await load('tinypool', 'Tinypool');
    const pool = new Tinypool({ filename: worker('module'), minThreads: size, maxThreads: size });
    return { run: (x) => pool.run(x), end: () => pool.destroy() };
  },
  async workerpool(size) {
    const make = await load('workerpool', 'pool');
    const pool = make(worker('workerpool'), { minWorkers: size, maxWorkers: size, workerType: 'thread' });
    return { run: (x) => pool.exec('increment', [x]), end: () => pool.terminate(true) };
  },
  async poolifier(size) {
    const FixedThreadPool = await load('poolifier', 'FixedThreadPool');
    const pool = new FixedThreadPool(size, worker('poolifier'));
    return { run: (x) => pool.execute(x), end: () => pool.destroy() };
  },
  async 'multiprocess-pool'(size) {
    const Other = await load('multiprocess-pool', 'Pool');
    const pool = new Other(size);
    return { run: (x) => pool.apply(x, worker('module')), map: (items) => pool.map(items, worker('module')), end: () => pool.terminate() };
  },
  'bare worker_threads': (size) => bare(size),
};

export const names = Object.keys(makers).filter((name) => !name.endsWith('promises'));

/** The pool of that name; null where its package is not installed. */
export async function makePool(name, size) {
  try {
    return await makers[name](size);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function ours(pool) {
  return {
    pool,
    run: (x) => pool.applyAsync(increment, [x]),
    map: (items, fn = increment) => pool.map(fn, items),
    collect: () => pool.map(collect, Array.from({ length: pool.processes }), 1),
    end: () => pool.terminate(),
  };
}

/** What one writes without a pool: a message a task, in turn; a list in as many parts as there are workers. */
function bare(size) {
  const workers = Array.from({ length: size }, () => {
    const thread = new Worker(worker('bare'));
    const waiting = [];
    let first = 0;
    thread.on('message', (answer) => {
      waiting[first++](answer);
      if (first === waiting.length) first = waiting.length = 0;
    });
    const send = (x) => {
      thread.postMessage(x);
      return new Promise((resolved) => waiting.push(resolved));
    };
    return { thread, send };
  });
  let turn = 0;
  return {
    run: (x) => workers[turn++ % size].send(x),
    async map(items) {
      const part = Math.ceil(items.length / size);
      return (await Promise.all(workers.map(({ send }, i) => send(items.slice(i * part, (i + 1) * part))))).flat();
    },
    end: () => Promise.all(workers.map(({ thread }) => thread.terminate())),
  };
}
