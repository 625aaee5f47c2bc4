/** Ordinary functions in worker threads and processes, beside other pools and Python's own. */

import { fileURLToPath } from 'node:url';
import { cpuCount, Pool, ThreadPool, task } from 'everycore';
import { here } from '../harness.mjs';

export const title = 'Pools of workers, empty tasks';

const increment = (x) => x + 1;
/** Found again in the workers by its name, so that nothing but the argument travels. */
const incrementTask = task(import.meta.url, increment);
const plusOne = ({ n }) => ({ n: n + 1 });
const file = fileURLToPath(new URL('../peers/task.cjs', import.meta.url));

export async function* cases({ python, peer }) {
  const size = cpuCount();
  const threads = new ThreadPool(size);
  const processes = new Pool(size);
  const py = await python(['multiprocessing'], 1);
  const Piscina = (await peer('piscina'))?.default?.Piscina ?? (await peer('piscina'))?.Piscina;
  const Tinypool = (await peer('tinypool'))?.default;
  const workerpool = (await peer('workerpool'))?.default;
  const piscina = Piscina ? new Piscina({ filename: file, minThreads: size, maxThreads: size }) : null;
  const tinypool = Tinypool ? new Tinypool({ filename: file, minThreads: size, maxThreads: size }) : null;
  const others = workerpool ? workerpool.pool({ maxWorkers: size, workerType: 'thread' }) : null;
  const pythonSetup = `
import __main__
def f(x): return x + 1
def g(x): return {'n': x['n'] + 1}
__main__.f, __main__.g = f, g
p = multiprocessing.Pool(${size})
xs = list(range(100000))
ds = [{'n': x} for x in xs]`;

  const numbers = Array.from({ length: 100_000 }, (_, i) => i);
  const objects = numbers.map((n) => ({ n }));
  const options = { seconds: 3, roundsMin: 3 };
  yield {
    name: 'map over 100,000 numbers',
    contenders: {
      'everycore, threads': here(() => threads.map(increment, numbers)),
      'everycore, processes': here(() => processes.map(increment, numbers)),
      'Python, processes': await py?.contender(pythonSetup, 'p.map(f, xs)'),
    },
    goals: [['Python, processes', 'everycore, processes', 5]],
    options,
  };
  yield {
    name: 'map over 100,000 objects',
    contenders: {
      'everycore, threads': here(() => threads.map(plusOne, objects)),
      'everycore, processes': here(() => processes.map(plusOne, objects)),
      'Python, processes': await py?.contender(pythonSetup, 'p.map(g, ds)'),
    },
    options,
  };
  const burst = (count, submit) => here(() => Promise.all(Array.from({ length: count }, (_, i) => submit(i))));
  for (const count of [10_000, 100_000]) {
    const few = count === 10_000;
    yield {
      name: `${count} tasks at once, one by one`,
      contenders: {
        'everycore, threads': burst(count, (i) => threads.applyAsync(incrementTask, [i])),
        'everycore, processes': burst(count, (i) => processes.applyAsync(incrementTask, [i])),
        piscina: piscina ? burst(count, (i) => piscina.run(i)) : null,
        tinypool: tinypool && few ? burst(count, (i) => tinypool.run(i)) : null,
        workerpool: others && few ? burst(count, (i) => others.exec(increment, [i])) : null,
      },
      goals: few ? [] : [['piscina', 'everycore, threads', 10]],
      options: { ...options, roundsMin: few ? 3 : 2 },
    };
  }
  yield {
    name: 'one task, there and back',
    contenders: {
      'everycore, threads': here(() => threads.apply(incrementTask, [1])),
      'everycore, processes': here(() => processes.apply(incrementTask, [1])),
      piscina: piscina ? here(() => piscina.run(1)) : null,
      tinypool: tinypool ? here(() => tinypool.run(1)) : null,
      workerpool: others ? here(() => others.exec(increment, [1])) : null,
    },
    options,
  };
  const fresh = (Kind) =>
    here(async () => {
      const pool = new Kind(size);
      await pool.apply(incrementTask, [1]);
      await pool.terminate();
    });
  yield {
    name: 'a new pool, its first answer, and its end',
    contenders: { 'everycore, threads': fresh(ThreadPool), 'everycore, processes': fresh(Pool) },
    options,
  };
  await Promise.all([threads.terminate(), processes.terminate(), piscina?.destroy(), tinypool?.destroy(), others?.terminate()]);
}
