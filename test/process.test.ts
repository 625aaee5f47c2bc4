/** Process and what happens at the end of programs: each case is a program of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, 'fixtures', 'processes.mjs');

function start(part: string): ChildProcess {
  return spawn(process.execPath, [program, part], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
}

async function outputOf(part: string): Promise<{ out: string; err: string; code: number | null }> {
  const child = start(part);
  let out = '';
  let err = '';
  child.stdout?.on('data', (text) => (out += text));
  child.stderr?.on('data', (text) => (err += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { out, err, code };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('four processes print their names and numbers, whole lines each', async () => {
  const { out, err } = await outputOf('hello');
  const lines = out.trim().split('\n');
  expect(err).toBe('');
  expect(lines).toContain('4');
  expect(lines.at(-1)).toBe('0,0,0,0');
  expect(lines.filter((line) => line.includes('says')).sort()).toEqual([1, 2, 3, 4].map((n) => `Process-${n} says ${n}, child of MainProcess`));
});

test('exit codes, errors and signals', async () => {
  const { out, err } = await outputOf('codes');
  expect(out.trim().split('\n')).toEqual(['true null', '3 1 RangeError -9 SIGKILL']);
  expect(err).toContain('Process Process-2: RangeError: lost');
});

test('a pool that nobody closes lets the program end', async () => {
  expect(await outputOf('forgotten')).toEqual({ out: '[ 1, 4, 9 ]\n', err: '', code: 0 });
});

test('workers that compute die with their parent, also when it is killed', async () => {
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    const parent = start('busy');
    const worker = Number(await new Promise((resolve) => parent.stdout?.once('data', resolve)));
    expect(isAlive(worker)).toBe(true);
    const gone = new Promise((resolve) => parent.on('exit', resolve));
    parent.kill(signal);
    await gone;
    for (let tries = 0; isAlive(worker) && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAlive(worker)).toBe(false);
  }
});
