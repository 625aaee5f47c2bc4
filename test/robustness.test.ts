/** What a program can do to pools without being punished for it by a crash, a leak or a hang; each in a process of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { info, Pool } from 'everycore';
import { square } from 'everycore/math';
import { describe, expect, test } from 'vitest';
import { cgroupQuota, cpuCountWithReason } from '../dist/cpu-count.js';
import { type RunOptions, runSource } from './run-program.js';

const head = `import { Pool, info } from 'everycore'; import { square, sum } from 'everycore/math';
const x = new Float64Array(2_000_000).fill(3);`;

/** Runs to its end without a word of complaint, and answers what it printed. */
async function prints(source: string, options?: RunOptions): Promise<string> {
  const { code, signal, stdout, stderr } = await runSource(`${head}\n${source}`, options);
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return stdout.trim();
}

describe('ends', () => {
  test('process.exit() in the middle of a job', async () => {
    const source = `const pool = new Pool(2); for (let i = 0; i < 50; i++) pool.map(square, x); setTimeout(() => { console.log('bye'); process.exit(0); }, 10);`;
    expect(await prints(source)).toBe('bye');
  });

  test('a forgotten close() does not keep the program, pending work does', async () => {
    expect(await prints(`const pool = new Pool(2); pool.map(square, x).then((y) => console.log(y[0]));`)).toBe('9');
    expect(await prints(`const pool = new Pool(2); await pool.map(square, x); console.log('done');`)).toBe('done');
  });

  test('worker threads that are terminated in the middle of a job', async () => {
    const source = `
      import { Worker, isMainThread, parentPort } from 'node:worker_threads';
      if (isMainThread) {
        for (let i = 0; i < 6; i++) {
          const worker = new Worker(new URL(import.meta.url));
          await new Promise((resolve) => worker.once('message', resolve));
          await worker.terminate();
        }
        console.log((await new Pool(2).map(square, x))[5]);
      } else {
        const pool = new Pool(2);
        const again = () => pool.map(square, x, { out: x }).then(again);
        again();
        parentPort.postMessage('running');
      }`;
    expect(await prints(source)).toBe('9');
  });

  test('a thousand pools opened and closed leave no threads and no memory behind', async () => {
    const source = `
      import { readdirSync } from 'node:fs';
      const threads = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);
      const once = async () => { const pool = new Pool(2); await pool.map(square, x.subarray(0, 1000), 64); await pool.terminate(); };
      for (let i = 0; i < 100; i++) await once();
      const before = { threads: threads(), rss: process.memoryUsage.rss() };
      for (let i = 0; i < 1000; i++) await once();
      console.log(threads() - before.threads <= 8, process.memoryUsage.rss() - before.rss < 64e6);`;
    expect(await prints(source)).toBe('true true');
  });

  test('pools that nobody holds any more end with their threads', async () => {
    const source = `
      import { readdirSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      for (let i = 0; i < 40; i++) await new Pool(2).map(square, x.subarray(0, 1000), 64);
      const count = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);
      for (let i = 0; i < 100 && count() > 40; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
      console.log(count() <= 40);`;
    expect(await prints(source)).toBe('true');
  });
});

describe('memory', () => {
  test('a buffer transferred away meanwhile is an error of its job, and of no other', async () => {
    const source = `
      const pool = new Pool(2);
      const outcomes = new Set();
      for (let i = 0; i < 20; i++) {
        const y = new Float64Array(4_000_000);
        const job = pool.map(square, y, { out: y }).then(() => 'done', (error) => error.code);
        const kept = structuredClone(y, { transfer: [y.buffer] });
        outcomes.add(await job);
        if (kept.length !== 4_000_000) throw new Error('lost');
      }
      console.log([...outcomes].join(), (await pool.apply(sum, [x])));`;
    expect(await prints(source)).toBe('ERR_EVERYCORE_INVALID_ARG_TYPE 6000000');
  });

  test('detached, resizable and partly overlapping buffers are refused before anything runs', async () => {
    const pool = new Pool(2);
    const detached = new Float64Array(8);
    structuredClone(detached, { transfer: [detached.buffer] });
    await expect(pool.map(square, detached)).rejects.toThrow(TypeError);
    const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
    await expect(pool.map(square, new Float64Array(new Resizable(64, { maxByteLength: 128 })))).rejects.toThrow('resizable');
    const both = new Float64Array(100_001);
    await expect(pool.map(square, both.subarray(0, 100_000), { out: both.subarray(1) })).rejects.toThrow(RangeError);
    expect(await pool.map(square, [2])).toEqual([4]);
    await pool.terminate();
  });
});

describe('environment', () => {
  test('each CPU level can be forced and gives the same bytes', async () => {
    const source = `const y = await new Pool(2).map(square, x.map((_, i) => i / 7));
      let hash = 0; for (const word of new Uint32Array(y.buffer, y.byteOffset, 2 * y.length)) hash = (Math.imul(hash, 31) + word) | 0;
      console.log(info().isa, info().native, hash);`;
    const hashes = new Set<string>();
    for (const isa of info().isas) {
      const [got, native, hash] = (await prints(source, { env: { EVERYCORE_ISA: isa } })).split(' ');
      expect([got, native]).toEqual([isa, 'true']);
      hashes.add(hash);
    }
    expect(hashes.size).toBe(1);
  });

  test('EVERYCORE_NATIVE=0: the TypeScript kernels, with one warning', async () => {
    const source = `${head}\nconst pool = new Pool(2); console.log(info().isa, (await pool.map(square, x.subarray(0, 9)))[0], sum(x)); await pool.apply(sum, [x]);`;
    const { code, stdout, stderr } = await runSource(source, { env: { EVERYCORE_NATIVE: '0' } });
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: 'js 9 6000000' });
    expect(stderr.match(/no native binary/g)).toHaveLength(1);
  });

  test('EVERYCORE_NUM_THREADS is the default number of processes', async () => {
    expect(await prints(`console.log(new Pool().processes, (await new Pool().map(square, x))[1]);`, { env: { EVERYCORE_NUM_THREADS: '3' } })).toBe(
      '3 9',
    );
  });
});

describe('cpuCount', () => {
  const quotaOf = (files: Record<string, string>): number | null => {
    const root = mkdtempSync(join(tmpdir(), 'everycore-cgroup-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const quota = cgroupQuota(root);
    rmSync(root, { recursive: true });
    return quota;
  };

  test('quotas of cgroup versions 2 and 1, of the group and those above it', () => {
    const v2 = { 'proc/self/cgroup': '0::/a/b\n' };
    expect(quotaOf({})).toBeNull();
    expect(quotaOf({ ...v2, 'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n' })).toBeNull();
    expect(quotaOf({ ...v2, 'sys/fs/cgroup/a/b/cpu.max': '250000 100000\n' })).toBe(2.5);
    expect(quotaOf({ ...v2, 'sys/fs/cgroup/a/b/cpu.max': '250000 100000\n', 'sys/fs/cgroup/a/cpu.max': '50000 100000\n' })).toBe(0.5);
    const v1 = { 'proc/self/cgroup': '4:cpu,cpuacct:/docker/x\n1:memory:/docker/x\n' };
    const folder = 'sys/fs/cgroup/cpu,cpuacct/docker/x';
    expect(quotaOf({ ...v1, [`${folder}/cpu.cfs_quota_us`]: '150000\n', [`${folder}/cpu.cfs_period_us`]: '50000\n' })).toBe(3);
    expect(quotaOf({ ...v1, [`${folder}/cpu.cfs_quota_us`]: '-1\n', [`${folder}/cpu.cfs_period_us`]: '100000\n' })).toBeNull();
  });

  test('the least of affinity and quota, unless the user says otherwise', () => {
    expect(cpuCountWithReason({}, 8, null).count).toBe(8);
    expect(cpuCountWithReason({}, 8, 2.5).count).toBe(3);
    expect(cpuCountWithReason({}, 8, 0.25).count).toBe(1);
    expect(cpuCountWithReason({}, 2, 6).count).toBe(2);
    expect(cpuCountWithReason({ EVERYCORE_NUM_THREADS: '5' }, 2, 1).count).toBe(5);
    expect(cpuCountWithReason({ EVERYCORE_NUM_THREADS: 'many' }, 2, null).count).toBe(2);
  });
});
