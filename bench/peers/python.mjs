/**
 * Contenders in Python (NumPy, OpenCV, Pillow): one process that times calls itself and answers seconds.
 * Not there until `bench/peers/setup` has run; then `python()` answers null and the columns stay empty.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** How long the threads of OpenBLAS keep a core busy after their last work: the next contender is not to pay for it. */
const spinMs = 40;

const script = fileURLToPath(new URL('./peer.py', import.meta.url));
const interpreter = process.env.EVERYCORE_BENCH_PYTHON ?? '/usr/bin/python3';

/** Starts an interpreter with the given number of threads, in which `prelude` runs. `null` when a module is missing. */
export async function python(modules, { threads = 1, prelude = '' } = {}) {
  const env = {
    ...process.env,
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    NUMEXPR_NUM_THREADS: String(threads),
    EC_THREADS: String(threads),
  };
  // Set on some machines to work around faults of older OpenBLAS builds; they slow a current one down.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  const child = spawn(interpreter, [script, ...modules], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  const failed = new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', () => {
      resolve(null);
      for (const { reject } of waiting.splice(0)) reject(new Error('the Python peer has ended'));
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  const ask = (message) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(message)}\n`);
    });
  child.stdin.on('error', () => undefined);
  const versions = await Promise.race([ask({ prelude }).catch(() => null), failed]);
  if (versions === null || versions.error) {
    child.kill();
    return null;
  }
  let last = 0;
  return {
    versions,
    /** A contender: `setup` runs once, `run` is one call. Both are Python source. */
    async contender(setup, run) {
      const id = ++last;
      const answer = await ask({ id, setup, run });
      if (answer.error) throw new Error(answer.error);
      return {
        async measure(times) {
          const { seconds, error } = await ask({ id, times });
          if (error) throw new Error(error);
          if (threads > 1) await setTimeout(spinMs);
          return (seconds * 1000) / times;
        },
        /** Gives back what the snippet holds. */
        close: () => void ask({ id, close: true }),
      };
    },
    close: () => child.stdin.end(),
  };
}
