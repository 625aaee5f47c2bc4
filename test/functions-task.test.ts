/** Tasks: functions that a worker finds by importing their module. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { task } from 'everycore';
import { afterAll, describe, expect, test } from 'vitest';
import { TaskLoadError } from '../dist/errors.js';
import { shipFunction } from '../dist/functions/index.js';
import { receiveFunction } from '../dist/functions/receive.js';
import { root } from './run-program';
import { sent } from './support/shipped';

const folder = mkdtempSync(join(tmpdir(), 'everycore task '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const received = async (fn: unknown): Promise<Function> => receiveFunction(structuredClone(shipFunction(fn, 'process')));

describe('task', () => {
  const file = write('tasks.mjs', 'let n = 0\nexport const next = () => ++n\nexport default (x) => x + 1\nexport const seven = 7\n');
  const url = pathToFileURL(file).href;

  test('finds what a module exports, by URL, URL object and path', async () => {
    for (const module of [url, pathToFileURL(file), file, { url }]) expect((await received(task(module, 'default')))(1)).toBe(2);
  });
  test('imports the module once', async () => {
    const first = await received(task(url, 'next'));
    const before = first();
    expect((await received(task(url, 'next')))()).toBe(before + 1);
  });
  test('can be called here', async () => {
    await expect(task(url, 'default')(1)).resolves.toBe(2);
  });
  test('is the function itself, and is known by name', async () => {
    const fn = (x: number) => x;
    expect(task(url, fn)).toBe(fn);
    expect(shipFunction(fn, 'process')).toMatchObject({ kind: 'module', name: 'fn', payload: { code: { url, name: 'fn' } } });
  });
  test('is captured by reference', async () => {
    const plusOne = task(url, 'default');
    expect(await (await sent(async (x: number) => plusOne(x)))(4)).toBe(5);
  });
  test('functions without a name are found by their order', async () => {
    const unnamed = join(root, 'dist/index.js');
    const module = write(
      'unnamed.cjs',
      `const { task } = require(${JSON.stringify(unnamed)})\ntask(__filename, (x) => x + 1)\nexports.list = [task(__filename, (x) => x + 2)]\n`,
    );
    const shipped = { id: 'x', kind: 'module', name: '#2', payload: { code: { url: pathToFileURL(module).href, name: '#2' } } } as const;
    expect((await receiveFunction(shipped))(1)).toBe(3);
  });
});

describe('what goes wrong', () => {
  const file = write('wrong.mjs', 'export const seven = 7\n');
  const broken = write('broken.mjs', 'throw new Error("at import")\n');
  const url = pathToFileURL(file).href;

  test('a missing function, something else than one, a missing and a broken module', async () => {
    const failure = async (module: string, name: string): Promise<Error> =>
      received(task(module, name)).then(
        () => new Error('found'),
        (error) => error,
      );
    expect(await failure(url, 'missing')).toBeInstanceOf(TaskLoadError);
    expect((await failure(url, 'missing')).message).toContain('wrong.mjs has no function "missing"');
    expect((await failure(url, 'seven')).message).toContain('exports something else than a function as "seven"');
    expect((await failure(`${url}.not`, 'f')).message).toMatch(/the module of the task "f" cannot be loaded: .*wrong\.mjs\.not/);
    expect(await failure(broken, 'f')).toMatchObject({ name: 'TaskLoadError', cause: { message: 'at import' } });
  });
  test('two functions of one name', () => {
    const make = (n: number) =>
      task(url, function same() {
        return n;
      });
    make(1);
    expect(() => make(2)).toThrow(/registers two tasks named "same"/);
    const one = () => 1;
    expect(task(url, one)).toBe(task(url, one));
  });
  test('modules that workers cannot import', () => {
    expect(() => task('data:text/javascript,0', 'f')).toThrow(/must be in a file.*data:text/);
    expect(() => task('https://example.org/x.js', 'f')).toThrow(TaskLoadError);
    expect(() => task(`${url}?v=1`, 'f')).toThrow(/has a query or hash: .*\?v=1/);
    expect(() => task('./relative.js', 'f')).toThrow(/a file URL or an absolute path for its module, got "\.\/relative\.js"/);
    expect(() => task(undefined as never, 'f')).toThrow(/a bundler that writes CommonJS leaves import\.meta empty/);
    expect(() => task({} as never, 'f')).toThrow(TypeError);
    expect(() => task(url, 5 as never)).toThrow(/task takes a module and a function or the name of an exported one, got 5/);
    expect(() => task(url, '')).toThrow(TypeError);
  });
});

test('without an inspector, functions that use nothing from outside still travel', () => {
  const program = `const { shipFunction } = require(${JSON.stringify(join(root, 'dist/functions/index.js'))})
const load = require('node:module')._load
require('node:module')._load = (name, ...rest) => { if (name.endsWith('inspector')) throw new Error('not here'); return load(name, ...rest) }
const k = 2
const own = (list, { by = 1, ...rest } = {}) => { let sum = 0, n; for (const x of list) { sum += x * by; n = { sum } } try { label: for (;;) break label } catch (error) { return error }
  const inner = function fac(m) { return m < 2 ? 1 : m * fac(m - 1) }; class A { go(z) { return z } } return [n?.sum, Math.max(...list), inner(3), new A().go(1), typeof nowhere, rest, \`\${sum}\`] }
console.log(shipFunction(own, 'thread').kind)
try { shipFunction((x) => x * k, 'thread'); console.log('sent') } catch (error) { console.log(error.name + ': ' + error.message) }`;
  const lines = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim().split('\n');
  expect(lines[0]).toBe('source');
  expect(lines[1]).toMatch(/^FunctionNotShippableError: this function uses `k`, which cannot be read on this platform/);
});
