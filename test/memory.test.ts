/** What a million items cost in memory, measured in a program of its own. */
import { describe, expect, test } from 'vitest';
import { runSource } from './run-program';

async function measure(kind: 'process' | 'thread', source: string): Promise<any> {
  const program = `
    import { Pool, ThreadPool } from 'everycore';
    const pool = new ${kind === 'process' ? 'Pool' : 'ThreadPool'}(2);
    const bytes = () => { gc(); gc(); const { heapUsed, external } = process.memoryUsage(); return heapUsed + external; };
    const n = 1e6;
    const next = (x) => x + 1;
    const say = (value) => console.log(JSON.stringify(value));
    ${source}`;
  const { code, signal, stdout, stderr } = await runSource(program, { before: ['--expose-gc'], timeout: 120_000 });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

const MB = 1e6;

describe.each(['process', 'thread'] as const)('a million (%s)', (kind) => {
  test.each([
    ['imap', 'function*'],
    ['imap', 'async function*'],
    ['imapUnordered', 'function*'],
  ])(
    'items through %s of a %s: read ahead no further than asked, in constant memory',
    async (method, generator) => {
      const source = `
      let read = 0, taken = 0, sum = 0, ahead = 0, inOrder = true;
      ${generator} numbers() { while (read < n) yield read++; }
      const marks = [];
      for await (const value of pool.${method}(next, numbers(), { chunksize: 100, bufferSize: 1000 })) {
        inOrder &&= value === taken + 1;
        taken++;
        sum += value;
        ahead = Math.max(ahead, read - taken);
        if (taken % 200_000 === 0) marks.push(bytes());
      }
      say({ taken, sum, ahead, inOrder, grown: Math.max(...marks) - marks[0] });`;
      const { taken, sum, ahead, inOrder, grown } = await measure(kind, source);
      expect([taken, sum]).toEqual([1e6, (1e6 * (1e6 + 1)) / 2]);
      if (method === 'imap') expect(inOrder).toBe(true);
      expect(ahead).toBeLessThanOrEqual(1000 + 100);
      expect(ahead).toBeGreaterThanOrEqual(100);
      expect(grown).toBeLessThan(1 * MB);
    },
    120_000,
  );

  test('items of a map: nothing is kept but the results', async () => {
    const source = `
      const items = Array.from({ length: n }, (_, i) => i + 0.5);
      await pool.map(next, items);
      const before = bytes();
      let results = await pool.map(next, items);
      const last = results[n - 1];
      const during = bytes() - before;
      results = undefined;
      say({ last, during, after: bytes() - before });`;
    const { last, during, after } = await measure(kind, source);
    expect(last).toBe(1e6 + 0.5);
    // Eight bytes a result, in the array that is answered.
    expect(during).toBeLessThan(8 * MB + 5 * MB);
    expect(after).toBeLessThan(5 * MB);
  }, 120_000);

  test('queued tasks: little each, however many; nothing of them is left', async () => {
    const source = `
      await pool.map(next, [1, 2, 3]);
      const before = bytes();
      let last;
      for (let i = 0; i < n; i++) last = pool.applyAsync(next, [i]);
      const each = (bytes() - before) / n;
      pool.close();
      await pool.join();
      const answer = await last;
      last = undefined;
      say({ each, answer, pending: pool.stats().pending, after: bytes() - before });`;
    const { each, answer, pending, after } = await measure(kind, source);
    expect(each).toBeLessThan(300);
    expect([answer, pending]).toEqual([1e6, 0]);
    expect(after).toBeLessThan(5 * MB);
  }, 120_000);
});

test('results of a loop that never waits: recycled memory is not piled up', async () => {
  const source = `
    import { add, fill } from 'everycore/math';
    const one = fill(1e6, 1);
    let sum = one;
    for (let i = 0; i < 400; i++) sum = add(sum, one);
    console.log(JSON.stringify({ last: sum[999_999], peak: process.resourceUsage().maxRSS * 1024 }));`;
  const { code, stdout } = await runSource(source, { timeout: 60_000 });
  expect(code).toBe(0);
  const { last, peak } = JSON.parse(stdout);
  expect(last).toBe(401);
  // 3.2 GB of results went by.
  expect(peak).toBeLessThan(800 * MB);
}, 60_000);

test('every turn of the event loop gives new pages, however much is alive', async () => {
  const source = `
    import { createRequire } from 'node:module';
    import { setImmediate } from 'node:timers/promises';
    import { fill } from 'everycore/math';
    const { nativeState } = createRequire(import.meta.url)('../dist/native.js');
    const used = () => nativeState().binding.memory().usedBytes;
    const alive = [];
    const granted = [];
    for (let turn = 0; turn < 6; turn++) {
      const before = used();
      // Two mebibytes each, and more than a turn gives pages to.
      for (let i = 0; i < 40; i++) alive.push(fill(1 << 18, alive.length));
      granted.push((used() - before) / (1 << 21));
      await setImmediate();
    }
    const right = alive.every((array, i) => array[0] === i && array.at(-1) === i);
    console.log(JSON.stringify({ granted, right }));`;
  const { code, stdout, stderr } = await runSource(source, { timeout: 60_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { granted, right } = JSON.parse(stdout);
  expect(granted).toEqual(Array(6).fill(granted[0]));
  expect(granted[0]).toBeGreaterThan(0);
  expect(granted[0]).toBeLessThan(40);
  expect(right).toBe(true);
}, 60_000);

test('a result longer than buffers over foreign memory can be is made, or refused in a sentence', async () => {
  const source = `
    import { createRequire } from 'node:module';
    import { Image, resize } from 'everycore/image';
    const { declarationOf } = createRequire(import.meta.url)('../dist/kernels/kernel.js');
    try {
      // The call alone: nothing is computed.
      declarationOf(resize({ width: 100_000, height: 70_000 })).call([Image.alloc(2, 2, 3)], undefined);
    } catch (error) {
      console.log(error.message);
    }
    console.log('still there');`;
  const { code, stdout } = await runSource(source, { timeout: 60_000 });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^(.*memory.*100000×70000.*\n)?still there\n$/);
}, 60_000);

test('a loop that awaits one small job after the other: the event loop turns, and results come back', async () => {
  const source = `
    import { Pool } from 'everycore';
    import { fill, square } from 'everycore/math';
    const pool = new Pool(2);
    const numbers = fill(32_768, 3);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let last;
    for (let i = 0; i < 3000; i++) last = await pool.apply(square, [numbers]);
    clearInterval(timer);
    console.log(JSON.stringify({ last: last[32_767], ticks, peak: process.resourceUsage().maxRSS * 1024 }));
    await pool.terminate();`;
  const { code, stdout, stderr } = await runSource(source, { timeout: 60_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { last, ticks, peak } = JSON.parse(stdout);
  expect(last).toBe(9);
  // Every job runs inline: nothing else would let the timer be heard.
  expect(ticks).toBeGreaterThan(0);
  // 750 MB of results went by.
  expect(peak).toBeLessThan(600 * MB);
}, 60_000);

test('memory that a program uses no more goes back to the system, without another call', async () => {
  const source = `
    import { createRequire } from 'node:module';
    import { setImmediate, setTimeout } from 'node:timers/promises';
    import { fill } from 'everycore/math';
    const { nativeState } = createRequire(import.meta.url)('../dist/native.js');
    const memory = () => nativeState().binding.memory();
    let large = fill(1 << 23, 1);
    const small = fill(1 << 20, 2);
    large = undefined;
    for (let i = 0; i < 50 && memory().usedBytes > 1 << 26; i++) {
      globalThis.gc();
      await setImmediate();
    }
    const kept = memory().keptBytes;
    for (let i = 0; i < 30 && memory().keptBytes > 1 << 23; i++) await setTimeout(500);
    console.log(JSON.stringify({ kept, later: memory().keptBytes, right: small.every((x) => x === 2) }));`;
  const { code, stdout, stderr } = await runSource(source, { timeout: 60_000, before: ['--expose-gc'] });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { kept, later, right } = JSON.parse(stdout);
  expect(kept).toBeGreaterThan(60 * MB);
  expect(later).toBeLessThan(8.5 * MB);
  expect(right).toBe(true);
}, 60_000);
