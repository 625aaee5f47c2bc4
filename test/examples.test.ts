/** The programs in examples/ do what they say. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './run-program';

async function printed(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(args);
  expect(stderr.replace(/^.*files hashed.*\n/gm, '')).toBe('');
  expect(code).toBe(0);
  return stdout.trim().split('\n');
}

test('a pool of 5 squares [1, 2, 3]', async () => {
  expect(await printed('examples/pool-square.mjs')).toEqual(['[ 1, 4, 9 ]']);
});

test('the same with a kernel', async () => {
  expect(await printed('examples/kernel-square.mjs')).toEqual(['[ 1, 4, 9 ]', '99999980000001']);
});

test('four processes print their names, then the main one is finished', async () => {
  const lines = await printed('examples/processes.mjs');
  expect(lines.slice(0, 4).sort()).toEqual(['Process-1: 1', 'Process-2: 2', 'Process-3: 3', 'Process-4: 4']);
  expect(lines[4]).toBe('Main process finished.');
});

test('primes', async () => {
  expect(await printed('examples/primes.mjs', '200000')).toEqual(['17984 primes below 200000']);
});

test('a folder of files hashed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'everycore-hash-'));
  try {
    for (let i = 0; i < 20; i++) writeFileSync(join(folder, `${i}.txt`), `file ${i}`);
    const lines = await printed('examples/hash-files.mjs', folder);
    expect(lines).toHaveLength(20);
    for (const line of lines) {
      const [hash, path] = line.split('  ');
      expect(hash).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
