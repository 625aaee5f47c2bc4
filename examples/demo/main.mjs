/**
 * The demo: photographs through the image kernels, ten million squares, a product of two matrices - on
 * every core - and a table that says what that is worth beside plain JavaScript.
 *
 *     npm run demo
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { info, Pool } from 'everycore';
import { gaussianBlur, grayscale, resize } from 'everycore/image';
import { comparison } from './comparison.mjs';
import { contactSheet, openPhotos } from './photos.mjs';
import { progressBar } from './progress.mjs';

const output = fileURLToPath(new URL('../output/', import.meta.url));
const { version, isa, cpuCount, cpuCountReason, native, nativeError } = info();
console.log(
  `everycore ${version}: ${native ? `native kernels (${isa})` : `TypeScript kernels (${nativeError})`}, ${cpuCount} threads (${cpuCountReason})\n`,
);

const photos = await openPhotos(new URL('../photos/', import.meta.url));
await mkdir(output, { recursive: true });
const steps = {
  blur: gaussianBlur({ sigma: 4 }),
  gray: grayscale(),
  small: resize({ width: 160, height: 160, fit: 'cover' }),
};

const pool = new Pool();
const images = photos.map(({ image }) => image);
const results = {};
for (const [step, kernel] of Object.entries(steps)) {
  const bar = progressBar(`${step} of ${photos.length} photographs`);
  results[step] = await pool.map(kernel, images, { onProgress: bar });
}

const files = [];
const saved = progressBar('files written');
for (const [i, { name }] of photos.entries()) {
  for (const step of Object.keys(steps)) {
    const path = `${output}${name}-${step}.png`;
    await results[step][i].save(path);
    files.push(path);
    saved({ done: files.length, total: photos.length * Object.keys(steps).length });
  }
}
const sheet = `${output}contact-sheet.png`;
await (await contactSheet(pool, photos, results)).save(sheet);
console.log(`\nContact sheet: ${sheet}\n`);

console.log(await comparison(pool, images));
await pool.terminate();
