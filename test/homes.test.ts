/** Where idle threads wait (native/core/home.h), on Linux. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpuCount, Pool } from 'everycore';
import { sort } from 'everycore/math';
import { expect, test, vi } from 'vitest';
import { runSource } from './run-program';

const statusOf = (path: string) => {
  const text = readFileSync(path, 'utf8');
  return { name: /^Name:\s+(.*)$/m.exec(text)?.[1], cpus: /^Cpus_allowed_list:\s+(.*)$/m.exec(text)?.[1] };
};

/** The CPUs on which each thread of the pools in this process may run. */
function threadsCpus(): string[] {
  return readdirSync('/proc/self/task')
    .map((id) => statusOf(`/proc/self/task/${id}/status`))
    .filter(({ name }) => name === 'everycore')
    .map(({ cpus }) => cpus ?? '');
}

test.runIf(process.platform === 'linux' && cpuCount() >= 2)('idle threads are at home on different CPUs, working ones go anywhere', async () => {
  const everywhere = statusOf('/proc/self/status').cpus ?? '';
  await using pool = new Pool(2);
  const numbers = Float64Array.from({ length: 4_000_000 }, (_, i) => (i * 7919) % 1_000_003);
  const job = pool.applyAsync(sort, [numbers]);
  await vi.waitFor(() => expect(threadsCpus()).toContain(everywhere), { timeout: 5000, interval: 1 });
  await job.get();
  await vi.waitFor(
    () => {
      const homes = threadsCpus();
      expect(homes).toHaveLength(2);
      expect(new Set([...homes, everywhere]).size).toBe(3);
    },
    { timeout: 5000 },
  );
});

test('a sleeping thread that is given other CPUs from outside still wakes, works and goes home', async ({ skip }) => {
  skip(process.platform !== 'linux' || cpuCount() < 2, 'threads have homes on Linux, where there are two CPUs or more');
  skip(spawnSync('taskset', ['--version']).status !== 0, 'there is no taskset here');
  const source = `
    import { execFileSync } from 'node:child_process';
    import { readdirSync, readFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    import { Pool } from 'everycore';
    import { sort } from 'everycore/math';

    const field = (id, name) => readFileSync('/proc/self/task/' + id + '/status', 'utf8').match(new RegExp('^' + name + ':\\\\s+(.*)$', 'm'))[1];
    const threads = () => readdirSync('/proc/self/task').filter((id) => field(id, 'Name') === 'everycore');
    const cpus = (id) => field(id, 'Cpus_allowed_list');
    const pool = new Pool(2);
    const numbers = Float64Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1_000_003);
    const sorted = numbers.slice().sort();
    const right = async () => (await pool.apply(sort, [numbers])).every((x, i) => x === sorted[i]);
    const asleep = () => threads().every((id) => field(id, 'State').startsWith('S'));
    const home = () => new Set([...threads(), process.pid].map(cpus)).size === 3;
    let wrong = 0;
    for (let round = 0; round < 6; round++) {
      // A thread goes home when it has worked.
      do {
        if (!(await right())) wrong++;
        while (!asleep()) await setTimeout(1);
      } while (!home());
      const both = threads();
      const [cpu] = cpus(both[round % 2]).match(/^\\d+/);
      // Both where one of them lives: the other is away from home when it wakes.
      for (const id of both) execFileSync('taskset', ['-cp', cpu, id], { stdio: 'ignore' });
      if (home()) throw new Error('taskset does nothing');
    }
    console.log(wrong);`;
  const { code, signal, stdout, stderr } = await runSource(source, { timeout: 50_000 });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  expect(stdout).toBe('0\n');
});
