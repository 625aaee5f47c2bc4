/** Files in, files' bytes out: JPEGs of 12 megapixels to 1000 pixels, and with a kernel in the middle, against sharp and others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gaussianBlur, Image, pipeline, resize } from 'everycore/image';
import { here } from '../harness.mjs';

export const title = 'Pipelines: 16 JPEGs of 12 MP → 1000 px → JPEG';

const count = 16;

export async function* cases({ pool, threads, peer }) {
  const folder = mkdtempSync(join(tmpdir(), 'everycore-bench-'));
  try {
    const files = await photographs(folder);
    const sharp = ((await peer('sharp')) ?? (await import('sharp').catch(() => null)))?.default;
    const jimp = await peer('jimp');
    const napi = await peer('@napi-rs/image');
    const options = { seconds: 20, roundsMin: 5, sliceMs: 0 };
    /** As many at a time as threads and one, which is best for sharp; its own threads at one an image. */
    const tuned = async (work) => {
      sharp.concurrency(1);
      sharp.cache(false);
      let next = 0;
      await Promise.all(
        Array.from({ length: threads + 1 }, async () => {
          while (next < files.length) await work(files[next++]);
        }),
      );
    };
    const thumbnail = pipeline().resize({ width: 1000 }).jpeg({ quality: 80 });
    const fast = pipeline({ shrinkOnLoad: 'fast' }).resize({ width: 1000 }).jpeg({ quality: 80 });
    yield {
      name: '→ 1000 px → JPEG',
      contenders: {
        jimp: jimp && here(() => Promise.all(files.map((file) => withJimp(jimp.Jimp, file)))),
        '@napi-rs/image': napi && here(() => Promise.all(files.map((file) => withNapi(napi, file)))),
        'sharp, all at once': sharp && here(() => Promise.all(files.map((file) => sharp(file).resize(1000).jpeg({ quality: 80 }).toBuffer()))),
        'sharp, best tuned': sharp && here(() => tuned((file) => sharp(file).resize(1000).jpeg({ quality: 80 }).toBuffer())),
        'pipeline, whole decode': here(() => pool.map(pipeline({ shrinkOnLoad: false }).resize({ width: 1000 }).jpeg({ quality: 80 }), files)),
        pipeline: here(() => pool.map(thumbnail, files)),
        "pipeline, shrinkOnLoad 'fast'": here(() => pool.map(fast, files)),
      },
      goals: [['sharp, best tuned', "pipeline, shrinkOnLoad 'fast'", 1.15]],
      options,
    };
    const blur = gaussianBlur({ sigma: 1 });
    yield {
      name: '→ 1000 px → a kernel of one’s own → JPEG',
      contenders: {
        'sharp and a raw round trip': sharp && here(() => tuned((file) => roundTrip(sharp, blur, file))),
        "pipeline, shrinkOnLoad 'fast'": here(() =>
          pool.map(pipeline({ shrinkOnLoad: 'fast' }).resize({ width: 1000 }).custom(blur).jpeg({ quality: 80 }), files),
        ),
      },
      goals: [['sharp and a raw round trip', "pipeline, shrinkOnLoad 'fast'", 1.15]],
      options,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function roundTrip(sharp, kernel, file) {
  const raw = await sharp(file).resize(1000).raw().toBuffer({ resolveWithObject: true });
  const { data, width, height, channels } = kernel(Image.from(raw));
  return sharp(data, { raw: { width, height, channels } }).jpeg({ quality: 80 }).toBuffer();
}

async function withJimp(Jimp, file) {
  const image = await Jimp.read(file);
  return image.resize({ w: 1000 }).getBuffer('image/jpeg', { quality: 80 });
}

async function withNapi({ Transformer }, file) {
  const { readFile } = await import('node:fs/promises');
  return new Transformer(await readFile(file)).resize(1000).jpeg(80);
}

/** The photographs of the examples, enlarged, with a little noise such as cameras make. */
async function photographs(folder) {
  const names = ['coffee.png', 'astronaut.png'];
  const written = [];
  for (const [i, name] of names.entries()) {
    const source = await Image.open(new URL(`../../examples/photos/${name}`, import.meta.url));
    const large = resize({ width: 4000, height: 3000, fit: 'fill' })(source);
    for (let at = 0, state = 7 + i; at < large.data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      large.data[at] = Math.min(255, large.data[at] + (state >>> 29));
    }
    const bytes = await large.encode('jpeg', { quality: 90 });
    for (let copy = i; copy < count; copy += names.length) {
      const path = join(folder, `${copy}.jpg`);
      writeFileSync(path, bytes);
      written.push(path);
    }
  }
  return written;
}
