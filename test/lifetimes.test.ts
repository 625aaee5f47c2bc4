/** How long programs, pools and workers live: each case is a program of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, runSource } from './run-program';

const kinds = ['process', 'thread'] as const;

const head = (kind: (typeof kinds)[number]) => `
import { activeChildren, Pool, Process, ThreadPool } from 'everycore';
import { setTimeout as sleep } from 'node:timers/promises';
const Workers = ${kind === 'process' ? 'Pool' : 'ThreadPool'};
const isAlive = (pid) => { try { return process.kill(pid, 0); } catch { return false; } };
`;

/** Runs to its end without a word of complaint, and answers what it printed. */
async function prints(kind: (typeof kinds)[number], source: string, before: string[] = []): Promise<string> {
  const { code, signal, stdout, stderr } = await runSource(head(kind) + source, { timeout: 20_000, before });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return stdout.trim();
}

describe.each(kinds)('a program ends (%s)', (kind) => {
  test.each([
    ['without close()', `await pool.map((x) => x, [1, 2, 3]); console.log('end');`],
    [
      'with an initializer that has run',
      `const own = new Workers({ processes: 1, initializer: () => 1 }); await own.apply(() => 1); console.log('end');`,
    ],
    ['with a pool that did nothing', `console.log('end');`],
    ['with an imap that nobody goes on reading', `await pool.imap((x) => x, (function* () { for (;;) yield 1; })()).next(); console.log('end');`],
    [
      'after cancelling what ran',
      `const long = pool.applyAsync(() => sleep(1e6)); await sleep(300); long.cancel(); await long.wait(); console.log('end');`,
    ],
    ['after a worker has died', `await pool.apply(() => process.exit(3)).catch(() => console.log('end'));`],
    ['when its last result has come', `pool.apply(() => sleep(300, 'end')).then(console.log);`],
    ['when work that nobody waits for is done', `pool.applyAsync(() => sleep(300).then(() => console.log('end')));`],
    ['when the last callback was called', `pool.mapAsync((x) => sleep(100, x), [1, 2, 3], { callback: () => console.log('end') });`],
    [
      'when work was closed in on and is done',
      `pool.mapAsync((x) => sleep(100, x), [1, 2, 3], { callback: () => console.log('end') }); pool.close();`,
    ],
    [
      'when close() and join() have waited',
      `const all = pool.mapAsync((x) => sleep(50, x), [1, 2, 3]); pool.close(); await pool.join(); console.log('end');`,
    ],
    ['when join() has waited for idle workers', `await pool.map((x) => x, [1, 2, 3], 1); pool.close(); await pool.join(); console.log('end');`],
    [
      'when terminate() has waited',
      `pool.map(() => { for (;;); }, [1, 2]).catch(() => 1); await sleep(200); await pool.terminate(); console.log('end');`,
    ],
    ['by process.exit() in the middle of work', `pool.applyAsync(() => { for (;;); }); await sleep(300); console.log('end'); process.exit();`],
  ])('%s', async (_when, source) => {
    expect(await prints(kind, `const pool = new Workers(2); ${source}`)).toBe('end');
  });

  test('forgotten pools are collected, their workers with them', async () => {
    const source = `
      import { readdirSync } from 'node:fs';
      let collected = 0;
      const registry = new FinalizationRegistry(() => collected++);
      const pids = [];
      const use = async (options) => {
        const pool = new Workers({ processes: 2, ...options });
        registry.register(pool);
        await pool.map((x) => x, [1, 2, 3]);
        pids.push(...pool.workers.map(({ pid }) => pid));
      };
      const threads = () => readdirSync('/proc/self/task').length;
      const before = threads();
      const isLeft = () => (Workers === Pool ? pids.some(isAlive) : process.platform === 'linux' && threads() > before);
      for (const options of [{}, { initializer: () => 1 }, { maxTasksPerChild: 1 }]) await use(options);
      const wasLeft = isLeft();
      for (let i = 0; i < 200 && (collected < 3 || isLeft()); i++) { gc(); await sleep(20); }
      console.log(wasLeft, collected, isLeft());`;
    expect(await prints(kind, source, ['--expose-gc'])).toBe('true 3 false');
  });

  test('a pool that is forgotten with work pending finishes it', async () => {
    const source = `
      let pool = new Workers(1);
      const result = pool.apply(() => sleep(300, 'end'));
      pool = undefined;
      for (let i = 0; i < 10; i++) { gc(); await sleep(10); }
      console.log(await result);`;
    expect(await prints(kind, source, ['--expose-gc'])).toBe('end');
  });
});

/** Everything that can compute: workers of a pool, a Process, a pool in a Process, threads. Each says its pid. */
const computing = `
  const spin = () => { console.log(process.pid); for (;;); };
  const pool = new Pool(2), threads = new ThreadPool(1);
  for (const one of [pool, pool, threads]) one.applyAsync(spin);
  const child = new Process({ target: spin });
  const parent = new Process({ target: async () => { const inner = new Pool(1); await inner.apply(spin); } });
  await child.start();
  await parent.start();`;

/** Starts the program in a process group of its own, as a shell does; resolves when so many lines have come. */
async function startGroup(source: string, lines: number, env: NodeJS.ProcessEnv) {
  const folder = join(root, 'build-programs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `group-${process.pid}-${Math.random()}.mjs`);
  writeFileSync(file, head('process') + source);
  const program = spawn(process.execPath, [file], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  let [out, err] = ['', ''];
  program.stderr.on('data', (text) => (err += text));
  // Its end is that of the last process that holds the other side.
  const ended = new Promise<void>((resolve) => program.stdout.on('end', resolve));
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    program.on('exit', (code, signal) => resolve({ code, signal })),
  );
  await new Promise<void>((resolve) =>
    program.stdout.on('data', (text) => {
      out += text;
      if (out.split('\n').length > lines) resolve();
    }),
  );
  const heard = async () => {
    const exit = await exited;
    await ended;
    return { ...exit, out: out.trim().split('\n').slice(lines), err };
  };
  return { pid: program.pid as number, heard };
}

describe.skipIf(process.platform === 'win32').each(['1', '0'])(
  'a program that is killed while everything computes, EVERYCORE_NATIVE=%s',
  (native) => {
    const env = { EVERYCORE_NATIVE: native };

    test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('%s: nothing of it is left', async (signal) => {
      const { pid, heard } = await startGroup(computing, 5, env);
      process.kill(pid, signal);
      expect(await heard()).toEqual({ code: null, signal, out: [], err: '' });
    });

    test('SIGKILL while workers start', async () => {
      const { pid, heard } = await startGroup(
        `const pool = new Pool(2); pool.applyAsync(() => { for (;;); }); await sleep(1); console.log('started');`,
        1,
        env,
      );
      process.kill(pid, 'SIGKILL');
      expect(await heard()).toEqual({ code: null, signal: 'SIGKILL', out: [], err: '' });
    });

    test('Ctrl-C ends everything, without a word', async () => {
      const { pid, heard } = await startGroup(computing, 5, env);
      process.kill(-pid, 'SIGINT');
      expect(await heard()).toEqual({ code: null, signal: 'SIGINT', out: [], err: '' });
    });

    test('Ctrl-C is for the program to answer, if it wants to', async () => {
      const source = `
      process.once('SIGINT', async () => {
        await Promise.all([pool.terminate(), threads.terminate(), child.join(), parent.join()]);
        await sleep(100);
        const left = process.getActiveResourcesInfo().filter((name) => /Timeout|Process|Message/.test(name));
        console.log(child.exitCode, parent.exitCode, pool.workers.length, activeChildren().length, left.length);
      });`;
      const { pid, heard } = await startGroup(computing + source, 5, env);
      process.kill(-pid, 'SIGINT');
      expect(await heard()).toEqual({ code: 0, signal: null, out: ['-2 -2 0 0 0'], err: '' });
    });

    test('Ctrl-C disturbs no work of a program that goes on', async () => {
      const source = `
      const pool = new Pool(2);
      process.on('SIGINT', () => undefined);
      const results = pool.map((x) => sleep(400, x), [1, 2, 3, 4], 1);
      setTimeout(() => console.log('working'), 500);
      console.log((await results).join());`;
      const { pid, heard } = await startGroup(source, 1, env);
      process.kill(-pid, 'SIGINT');
      expect(await heard()).toEqual({ code: 0, signal: null, out: ['1,2,3,4'], err: '' });
    });
  },
);
