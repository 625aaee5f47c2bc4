/** Prints a digest of what every image case answers: in place of comparing levels within one process, which uses one level. */
import { createHash } from 'node:crypto';
import { Pool } from 'everycore';
import * as kernels from 'everycore/image';
import { everyCase } from './image-cases.mjs';

// --pools: on one, two and three threads; --sample: every third case, on three threads.
const sample = process.argv.includes('--sample');
const counts = sample ? [3] : process.argv.includes('--pools') ? [1, 2, 3] : [];
const pools = counts.map((n) => new Pool(n));
const digests = {};
// Large enough to be handed to threads.
const sizes = pools.length > 0 ? [[611, 467]] : undefined;
let index = 0;
for (const { name, kernel, option, inputs, exact } of everyCase(kernels.Image, sizes)) {
  if (sample && index++ % 3 !== 0) continue;
  const made = kernels[kernel](option);
  const digest = digestOf(made(...inputs));
  if (exact || !process.argv.includes('--exact')) digests[name] = digest;
  for (const pool of pools) {
    const [split, [whole]] = await Promise.all([pool.apply(made, inputs), pool.starmap(made, [inputs, inputs], 1)]);
    if (digestOf(split) !== digest || digestOf(whole) !== digest) digests[name] = `other bytes on ${pool.processes} threads`;
  }
}
for (const pool of pools) await pool.terminate();
const wrong = Object.entries(digests).filter(([, digest]) => digest.startsWith('other'));
if (!sample) console.log(JSON.stringify(digests));
else if (wrong.length > 0) throw new Error(JSON.stringify(wrong));
else console.log(`ok   ${Object.keys(digests).length} cases of image kernels`);

function digestOf(answer) {
  const hash = createHash('sha1');
  add(hash, answer);
  return hash.digest('base64').slice(0, 12);
}

function add(hash, value) {
  if (ArrayBuffer.isView(value))
    hash.update(`${value.constructor.name}${value.length}`).update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  else if (typeof value === 'object' && value !== null) for (const key of Object.keys(value).sort()) add(hash.update(key), value[key]);
  else hash.update(`${typeof value} ${value}`);
}
