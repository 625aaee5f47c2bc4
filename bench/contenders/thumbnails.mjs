/**
 * The programs that the pipeline suite compares, each run in a process of its own: `{ name, files, … }` comes as
 * the argument, a message runs the batch once, which writes a file for each into the folder `out`. A program is known by what it uses and what it does.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const given = JSON.parse(process.argv[2]);
const peers = createRequire(new URL('../peers/package.json', import.meta.url));
const jpeg = { quality: 80 };

/** Runs `work` over the files, so many at a time. */
async function together(files, parallel, work) {
  let next = 0;
  const worker = async () => {
    while (next < files.length) await work(files[next++]);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Where the file goes that is made of another. */
const written = (file) => join(given.out, basename(file));

/** The step of one's own: a table, which brightens the shadows. */
const table = Uint8Array.from({ length: 256 }, (_, x) => Math.round(255 * (x / 255) ** 0.8));

async function everycore({ step, options, files, out }) {
  const { Pool } = await import('everycore');
  const { pipeline, lut } = await import('everycore/image');
  const pool = new Pool();
  const begun = step ? pipeline(options).custom(lut({ table })) : pipeline(options);
  const whole = begun.resize({ width: 1000 }).jpeg(jpeg).toDir(out);
  return () => pool.map(whole, files);
}

/** `threads` of its own an image, `parallel` images at a time; without them its defaults, all images at once. */
async function sharp({ step, threads, parallel, files }) {
  const sharp = peers('sharp');
  if (threads !== undefined) {
    sharp.concurrency(threads);
    sharp.cache(false);
  }
  const withStep = async (file) => {
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    for (let i = 0; i < data.length; i++) data[i] = table[data[i]];
    const { width, height, channels } = info;
    return sharp(data, { raw: { width, height, channels } }).resize(1000).jpeg(jpeg).toFile(written(file));
  };
  const plain = (file) => sharp(file).resize(1000).jpeg(jpeg).toFile(written(file));
  return () => together(files, parallel ?? files.length, step ? withStep : plain);
}

async function jimp({ files }) {
  const { Jimp } = peers('jimp');
  return () => together(files, 1, async (file) => (await Jimp.read(file)).resize({ w: 1000 }).write(written(file), jpeg));
}

async function napi({ files, parallel }) {
  const { Transformer } = peers('@napi-rs/image');
  return () =>
    together(files, parallel, async (file) => {
      await writeFile(written(file), await new Transformer(await readFile(file)).resize(1000).jpeg(jpeg.quality));
    });
}

/** The most memory that this process has had. The figure of getrusage would begin with that of the parent, which made the photographs. */
function peakBytes() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kilobytes) * 1024;
}

const run = await { everycore, sharp, jimp, napi }[given.name](given).catch((error) => {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
});
process.send({ missing: run === undefined });
process.on('message', async () => {
  const before = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const began = performance.now();
  await run();
  const ms = performance.now() - began;
  const jsMs = performance.eventLoopUtilization(loop).active;
  const { user, system } = process.cpuUsage(before);
  process.send({ ms, jsMs, cpuMs: (user + system) / 1000, peakBytes: peakBytes() });
});
process.on('disconnect', () => process.exit());
