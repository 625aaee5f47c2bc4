/** What must not happen to a batch: memory that grows with it, half a file on a full disk, a crash over a broken file. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { vipsLibrary } from '../dist/image/codec/vips-library.js';

const folder = mkdtempSync(join(tmpdir(), 'everycore-robust-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixtures = join(__dirname, 'fixtures', 'codec');
const root = join(__dirname, '..');

/** Runs a program in a process of its own, through the shell where `before` sets limits; answers what it prints as JSON. */
function inProcess<T>(program: string, before = ''): T {
  const file = join(folder, 'program.cjs');
  writeFileSync(
    file,
    `const { Pool } = require(${JSON.stringify(root)});
    const { Image, pipeline } = require(${JSON.stringify(join(root, 'dist/image.js'))});
    const { readFileSync, readdirSync, mkdirSync, statSync } = require('node:fs');
    const fixtures = ${JSON.stringify(fixtures)}, folder = ${JSON.stringify(folder)};
    (async () => { ${program} })().then((answer) => { process.stdout.write(JSON.stringify(answer)); process.exit(); });`,
  );
  const node = `exec '${process.execPath}' --expose-gc --max-semi-space-size=2 '${file}'`;
  const { stdout, stderr, signal, status } = spawnSync('sh', ['-c', `${before}\n${node}`], { timeout: 100_000, encoding: 'utf8' });
  expect(signal, stderr).toBe(null);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe.runIf(vipsLibrary().open)('batches', () => {
  test('memory does not grow with the number of files', () => {
    const after = inProcess<number[]>(`
      const bytes = await Image.alloc(80, 60, 3).encode('jpeg');
      const pool = new Pool(2);
      const work = pipeline().gamma({ gamma: 2 }).medianBlur({ size: 3 }).resize({ width: 40 }).jpeg();
      const after = [];
      for (let done = 0; done < 10; done++) {
        for await (const answer of pool.imap(work, Array(1000).fill(bytes))) if (answer.length === 0) throw new Error('no file');
        gc();
        after.push(process.memoryUsage.rss() / 2 ** 20);
      }
      return after;`);
    expect(after).toHaveLength(10);
    // Between 1,000 and 10,000 files: a kilobyte kept of each would be 9 MB, a picture 130.
    expect(after[9] - after[0], String(after)).toBeLessThan(30);
  }, 120_000);

  test('a full disk is an error of its item, and half a file does not stay', () => {
    const answer = inProcess<{ answers: (string | number | null)[][]; left: string[] }>(
      `const noise = Image.from({ data: require('node:crypto').randomBytes(300 * 300 * 3), width: 300, height: 300, channels: 3 });
      const small = Image.alloc(8, 8, 3);
      mkdirSync(folder + '/full');
      const pool = new Pool(2);
      const answers = await pool.map(pipeline().png().toDir(folder + '/full'), [small, noise, small, noise], { onError: 'return' });
      return { answers: answers.map(({ code, step, index }) => [code, step, index]), left: readdirSync(folder + '/full') };`,
      // Files of 32 KiB at the most (the unit is 512 bytes), which is an error here and no signal.
      "trap '' XFSZ\nulimit -f 64",
    );
    expect(answer.left.sort()).toEqual(['000000.png', '000002.png']);
    const written = [null, null, null];
    expect(answer.answers).toEqual([written, ['EFBIG', 'toDir', 1], written, ['EFBIG', 'toDir', 3]]);
  });

  test('thousands of broken files, rows through steps: an image or an error each', () => {
    const counts = inProcess<{ images: number; errors: number; other: string[] }>(`
      let state = 11;
      const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
      const names = ['rgb.jpg', 'progressive.jpg', 'gray.jpg', 'palette4.png', 'gray16.png', 'rgba.png', 'rgb.webp', 'alpha.webp', 'rgb.tif', 'palette.gif'];
      const seeds = names.map((name) => readFileSync(fixtures + '/' + name));
      const items = Array.from({ length: 1000 }, (_, i) => {
        const bytes = Buffer.from(seeds[i % seeds.length]);
        for (let n = 1 + Math.floor(next() * 4); n > 0; n--) bytes[Math.floor(next() * bytes.length)] = next() * 256;
        return next() < 0.2 ? bytes.subarray(0, 1 + Math.floor(next() * bytes.length)) : bytes;
      });
      const pool = new Pool(2);
      const counts = { images: 0, errors: 0, other: [] };
      const steps = [
        pipeline({ limitPixels: 1e5, failOn: 'none' }).invert().gaussianBlur({ sigma: 2 }).resize({ width: 20 }),
        pipeline({ limitPixels: 1e5 }).resize({ width: 20 }).jpeg(),
        pipeline({ limitPixels: 1e5 }).medianBlur({ size: 5 }).webp(),
      ];
      for (const each of steps) {
        for (const answer of await pool.map(each, items, { onError: 'return' })) {
          if (!(answer instanceof Error)) counts.images++;
          else if (['ImageDecodeError', 'PixelLimitError', 'ImageEncodeError'].includes(answer.name) || /u16|Uint16|bytes/.test(answer.message)) counts.errors++;
          else counts.other.push(String(answer));
        }
      }
      return { ...counts, other: counts.other.slice(0, 5) };`);
    expect(counts.other).toEqual([]);
    expect(counts.images).toBeGreaterThan(500);
    expect(counts.errors).toBeGreaterThan(500);
  }, 120_000);
});
