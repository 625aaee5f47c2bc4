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

test('a subclass with its own run() has its fields and methods in the child', async () => {
  const { out, err } = await outputOf('subclass');
  expect(err).toBe('');
  expect(out.trim().split('\n')).toEqual([
    'target 5',
    'Counter-5 21 true null Counter-5',
    '5 null undefined',
    'FunctionNotShippableError Hidden has private fields, which cannot be read to be sent to the process: give it ordinary ones',
  ]);
});

test("names, parents and daemons are Python's", async () => {
  const { out, err } = await outputOf('names');
  expect(err).toBe('');
  expect(out.trim().split('\n')).toEqual([
    'MainProcess false null',
    'Process-1 Process-2 Mine Process-4 null null',
    'Process-1 false MainProcess true',
    'Process-1:1 false Process-1 true',
    'Process-1:2 false Process-1 true',
    'PoolWorker-1 true Process-1 true',
    'Process-2 true MainProcess true',
    'Mine false MainProcess true',
    'Other false MainProcess true',
    'Process-5:1 false Other true',
    'Process-5:2 false Other true',
    'PoolWorker-1 true Other true',
    'PoolWorker-1 true MainProcess true',
  ]);
});

test('a signal is a negative exit code', async () => {
  const { out, err } = await outputOf('signals');
  expect(err).toBe('');
  expect(out.trim().split('\n')).toEqual(['terminate -15 SIGTERM true false', 'kill -9 SIGKILL true false', 'interrupt -2 SIGINT true false', '0']);
});

test('what does not fit the state, or the constructor, is said', async () => {
  const { out, err } = await outputOf('states');
  expect(err).toBe('');
  expect(out.trim().split('\n')).toEqual([
    'StateError: process P has not been started: SIGTERM comes after start() StateError: process P has not been started: sentinel comes after start() false',
    'StateError',
    'StateError: process P was started already StateError: process P is still running: join() or terminate() it first true',
    'StateError: the process object is closed undefined',
    'TypeError: Process takes an options object: { target, args, name, … }, got 5',
    'TypeError: target must be a function, got 5',
    'TypeError: args must be an array, got 5',
    'TypeError: name must be a string, got 5',
    'TypeError: options of Process are target, args, name, daemon, env, execArgv, got "nice"',
  ]);
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
