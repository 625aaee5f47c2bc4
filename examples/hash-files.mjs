/** Hashes every file below a folder, as many at once as there are cores, with a progress bar. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'everycore';
import { progressBar } from './demo/progress.mjs';

async function hashFile(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { path, sha256: hash.digest('hex') };
}

async function* filesBelow(folder) {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const pool = new Pool();
const paths = [];
for await (const path of filesBelow(process.argv[2] ?? '.')) paths.push(path);
const hashes = await pool.map(hashFile, paths.sort(), { chunksize: 1, onProgress: progressBar('files hashed') });
for (const { path, sha256 } of hashes) console.log(`${sha256}  ${path}`);
await pool.terminate();
