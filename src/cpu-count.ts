/**
 * How many things this process can really run at once: CPU affinity, the quota of its cgroup (containers)
 * and the user's own word, whichever is least. Node 20 knows the first only.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

export interface CpuCount {
  readonly count: number;
  /** Why that many, for `info()`. */
  readonly reason: string;
}

/** Number of CPUs this process may use: affinity, cgroup quota and EVERYCORE_NUM_THREADS respected. */
export function cpuCount(): number {
  return cpuCountWithReason().count;
}

export function cpuCountWithReason(
  env: NodeJS.ProcessEnv = process.env,
  affinity: number = availableParallelism(),
  quota: number | null = cgroupQuota(),
): CpuCount {
  const asked = Number(env.EVERYCORE_NUM_THREADS);
  if (Number.isInteger(asked) && asked >= 1) return { count: asked, reason: `EVERYCORE_NUM_THREADS=${asked}` };
  // A quota of 2.5 CPUs keeps three threads busy for most of the time; of 0.25, still one.
  const limit = quota === null ? Infinity : Math.max(1, Math.ceil(quota));
  if (limit < affinity) return { count: limit, reason: `the cgroup's quota of ${quota} CPUs` };
  return { count: affinity, reason: `${affinity} CPUs this process may run on` };
}

/** CPUs that the cgroup of this process and those above it may use, null without a limit. */
export function cgroupQuota(root = '/'): number | null {
  const read = (...path: string[]): string | null => {
    try {
      return readFileSync(join(root, ...path), 'utf8').trim();
    } catch {
      return null;
    }
  };
  let least: number | null = null;
  const take = (quota: number | null) => {
    if (quota !== null && (least === null || quota < least)) least = quota;
  };
  for (const line of (read('proc/self/cgroup') ?? '').split('\n')) {
    // hierarchy:controllers:path - version 2 has the hierarchy 0 and no controllers.
    const [hierarchy, controllers, path] = splitCgroupLine(line);
    if (path === undefined) continue;
    if (hierarchy === '0' && controllers === '') {
      for (const folder of upwards(path)) take(quotaV2(read('sys/fs/cgroup', folder, 'cpu.max')));
    } else if (controllers.split(',').includes('cpu')) {
      for (const mount of ['cpu', 'cpu,cpuacct']) {
        for (const folder of upwards(path)) {
          const file = (name: string) => read('sys/fs/cgroup', mount, folder, name);
          take(quotaV1(file('cpu.cfs_quota_us'), file('cpu.cfs_period_us')));
        }
      }
    }
  }
  return least;
}

function splitCgroupLine(line: string): string[] {
  const first = line.indexOf(':');
  const second = line.indexOf(':', first + 1);
  return second < 0 ? [line] : [line.slice(0, first), line.slice(first + 1, second), line.slice(second + 1)];
}

/** '/a/b' → '/a/b', '/a', '' - a container may see its own folder at the top. */
function* upwards(path: string): Generator<string> {
  for (let at = path === '/' ? '' : path; ; at = at.slice(0, at.lastIndexOf('/'))) {
    yield at;
    if (at === '' || !at.includes('/')) return;
  }
}

function quotaV2(text: string | null): number | null {
  const [quota, period] = (text ?? 'max').split(/\s+/);
  return ratio(quota, period ?? '100000');
}

function quotaV1(quota: string | null, period: string | null): number | null {
  return quota === null || period === null ? null : ratio(quota, period);
}

function ratio(quota: string, period: string): number | null {
  const value = Number(quota) / Number(period);
  return value > 0 && Number.isFinite(value) ? value : null;
}
