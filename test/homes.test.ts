import { readdirSync, readFileSync } from 'node:fs';
import { cpuCount, Pool } from 'everycore';
import { sort } from 'everycore/math';
import { expect, test, vi } from 'vitest';

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
