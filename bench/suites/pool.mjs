/** Ordinary functions in worker threads and processes, beside other pools and Python's own. */
import { cpuCount } from 'everycore';
import { makePool, names } from '../contenders/pools.mjs';
import { program } from '../contenders/program.mjs';
import { here } from '../harness.mjs';

export const title = 'Pools of workers, empty tasks';

const [threads, processes] = names;
const python = 'Python, processes';
const size = cpuCount();
const programFile = new URL('../contenders/pool-program.mjs', import.meta.url);
const options = { seconds: 2, roundsMin: 3, patience: 1000 };

export async function* cases(context) {
  const pools = {};
  for (const name of names) pools[name] = await makePool(name, size);
  // All workers are there before anything is measured.
  for (const pool of Object.values(pools)) await Promise.all(Array.from({ length: 100 }, (_, i) => pool?.run(i)));
  const inPython = await startPython(context);
  yield* lists(pools, inPython);
  yield* tasks(pools, inPython);
  yield* closures(pools);
  await Promise.all(Object.values(pools).map((pool) => pool?.end()));
  // These run programs as soon as they are made.
  for (const [name, make] of Object.entries(programsOf)) if (context.wanted(name)) yield { name, ...(await make()) };
}

/** Python's Pool, with the same functions and as warm as ours. */
async function startPython({ python: start }) {
  const prelude = `
import __main__
def f(x): return x + 1
def g(x): return {'n': x['n'] + 1}
__main__.f, __main__.g = f, g
p = multiprocessing.Pool(${size})
xs = list(range(100000))
ds = [{'n': x} for x in xs]`;
  const peer = await start(['multiprocessing'], 1, prelude);
  return (run) => peer?.contender('', run);
}

function contenders(pools, call) {
  return Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, pool && here(() => call(pool))]));
}

/** Five times Python's speed, where both send through pipes. */
const fiveTimes = { ratio: 5, why: 'chunks and results go through pipes, as Python’s do; more would need memory that both processes share' };
const bareTask = 'what a bare worker thread takes for its messages stands beside it; a promise, a job and its accounts come on top';

/** Milliseconds for so many at that many a second. */
const at = (count, perSecond) => (count * 1000) / perSecond;

async function* lists(pools, inPython) {
  const { [threads]: first, [processes]: second, 'bare worker_threads': bare, 'multiprocess-pool': other } = pools;
  const numbers = Array.from({ length: 100_000 }, (_, i) => i);
  const objects = numbers.map((n) => ({ n }));
  const plusOne = ({ n }) => ({ n: n + 1 });
  yield {
    name: 'map over 100,000 numbers',
    contenders: {
      ...contenders({ [threads]: first, [processes]: second, 'bare worker_threads': bare, 'multiprocess-pool': other }, ({ map }) => map(numbers)),
      [python]: await inPython('p.map(f, xs)'),
    },
    goals: [
      [at(100_000, 30e6), threads, 1],
      [at(100_000, 10e6), processes, 1],
      [python, processes, fiveTimes],
    ],
    options,
  };
  yield {
    name: 'map over 100,000 objects',
    contenders: {
      ...contenders({ [threads]: first, [processes]: second, 'bare worker_threads': bare }, ({ map }) => map(objects, plusOne)),
      [python]: await inPython('p.map(g, ds)'),
    },
    goals: [
      [at(100_000, 3e6), threads, 1],
      [at(100_000, 1e6), processes, 1],
      [python, processes, fiveTimes],
    ],
    options,
  };
}

async function* tasks(pools, inPython) {
  const { tinypool, workerpool, 'multiprocess-pool': other, ...linear } = pools;
  const burst = (count) => (pool) => Promise.all(Array.from({ length: count }, (_, i) => pool.run(i)));
  yield {
    name: '10,000 tasks at once',
    contenders: {
      ...contenders(pools, burst(10_000)),
      [python]: await inPython('[r.get() for r in [p.apply_async(f, (i,)) for i in range(10000)]]'),
    },
    options,
  };
  yield {
    name: '100,000 tasks at once',
    contenders: contenders(linear, burst(100_000)),
    goals: [
      [at(100_000, 300e3), threads, { ratio: 1, why: bareTask }],
      ['piscina', threads, { ratio: 10, why: bareTask }],
    ],
    options,
  };
  const inFlight = (pool) => {
    let left = 3200;
    const lane = async () => {
      while (left-- > 0) await pool.run(1);
    };
    return Promise.all(Array.from({ length: 64 }, lane));
  };
  yield {
    name: '3,200 tasks, 64 in flight',
    contenders: contenders(pools, inFlight),
    goals: [[at(3200, 100e3), threads, 1]],
    options,
  };
  // A path this short is measured when the compilers are through with it.
  for (const pool of Object.values(pools)) for (let i = 0; pool && i < 3000; i++) await pool.run(1);
  yield {
    name: 'one task, there and back',
    contenders: { ...contenders(pools, ({ run }) => run(1)), [python]: await inPython('p.apply(f, (1,))') },
    goals: [
      [0.04, threads, { ratio: 1, why: 'a bare worker thread takes about as long: the wake-ups of two threads by Node’s message ports' }],
      [0.1, processes, 1],
    ],
    options: { ...options, roundsMin: 7 },
  };
}

/** Functions that travel as source, with what they close over. */
async function* closures(pools) {
  const ours = { [threads]: pools[threads], [processes]: pools[processes] };
  const step = 1;
  const list = [1, 2, 3];
  const add = (x) => x + step;
  const calls = (fn) => contenders(ours, ({ pool }) => Promise.all(Array.from({ length: 1000 }, (_, i) => pool.applyAsync(fn, [i]))));
  yield { name: '1,000 calls of a function without variables', contenders: calls((x) => x + 1), options };
  yield { name: '1,000 calls of a closure over a number', contenders: calls(add), options };
  yield { name: '1,000 calls of a closure over a list and a closure', contenders: calls((x) => add(x) + list[0]), options };
}

/** Programs of the names given, with what each is to do. */
async function programs(given, what, count = 0, nodeOptions) {
  return Object.fromEntries(await Promise.all(given.map(async (name) => [name, await program(programFile, [name, what, count], nodeOptions)])));
}

const once = { ...options, roundsMin: 5, roundsMax: 5, sliceMs: 0 };
const others = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'bare worker_threads'];
const few = `${threads}, 100,000 tasks`;
const many = `${threads}, a million`;

/** Both within so many milliseconds. */
const within = (inThreads, inProcesses, why) => [
  [inThreads, threads, { ratio: 1, why }],
  [inProcesses, processes, { ratio: 1, why }],
];

const programsOf = {
  'a new pool’s first answer': async () => ({
    contenders: {
      ...(await programs([threads, processes], 'first')),
      [`${threads}, a task`]: await program(programFile, [threads, 'firstTask', 0]),
      ...(await programs(others, 'first')),
    },
    goals: within(60, 150, 'most of it is Node’s start, as that of bare worker_threads shows; ours starts a worker for each CPU, all at once'),
    options: once,
  }),
  'from the end of a worker to the rejection': async () => ({
    contenders: await programs([threads, processes, 'piscina', 'tinypool', 'workerpool'], 'crash'),
    goals: within(100, 100),
    options: { ...once, roundsMin: 3 },
  }),
  'from the last result to the end of the program': async () => ({
    contenders: await programs([threads, processes], 'exit'),
    goals: within(50, 50),
    options: once,
  }),
  'tasks that wait, 20,000 where nothing else is said': async () => ({
    contenders: {
      [many]: await program(programFile, [threads, 'queue', 1e6]),
      [few]: await program(programFile, [threads, 'queue', 1e5]),
      ...(await programs(['everycore, threads, as promises', ...others], 'queue', 2e4)),
    },
    goals: [
      [200, many, 1, 'bytes/task'],
      [few, many, 0.75, 'µs/task'],
    ],
    options: { ...once, patience: 0 },
  }),
  'a million tasks, a thousand at a time': async () => ({
    // A young generation of one size: V8 makes it larger when it pleases.
    contenders: await programs([threads, processes], 'growth', 1e6, ['--max-semi-space-size=2']),
    goals: [
      [5, threads, 1, 'growth MB'],
      [5, processes, 1, 'growth MB'],
    ],
    options: { ...once, patience: 0 },
  }),
};
