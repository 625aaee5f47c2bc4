/** The codecs that come with sharp, where it is installed: what they read and write, and what they do with broken files. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageDecodeError, info, PixelLimitError } from 'everycore';
import { Image } from 'everycore/image';
import { describe, expect, test } from 'vitest';
import { vipsLibrary } from '../dist/image/codec/vips-library.js';
import { vipsSuffix } from '../dist/image/codec/vips-suffix.js';

const fixtures = join(__dirname, 'fixtures', 'codec');
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

/** Peak signal to noise of what both show, in decibels; gray counts for all three colours. */
function decibels(a: Image, b: Image): number {
  let sum = 0;
  for (let i = 0; i < a.width * a.height; i++) {
    for (let c = 0; c < 3; c++) sum += (a.data[i * a.channels + (a.channels < 3 ? 0 : c)] - b.data[i * b.channels + (b.channels < 3 ? 0 : c)]) ** 2;
  }
  return 10 * Math.log10((255 * 255 * 3 * a.width * a.height) / sum);
}

/** Runs a program in a process of its own with its own choice of codec; answers what it printed as JSON. */
function inProcess(program: string, env: Record<string, string>): unknown {
  const text = `const { Image } = require(${JSON.stringify(join(__dirname, '..', 'dist', 'image.js'))});
    const { info } = require(${JSON.stringify(join(__dirname, '..', 'dist', 'index.js'))});
    const { readFileSync } = require('node:fs');
    const fixtures = ${JSON.stringify(fixtures)};
    (async () => { ${program} })().then((value) => console.log(JSON.stringify(value)));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', text], { env: { ...process.env, ...env }, timeout: 120_000, encoding: 'utf8' }));
}

test('without them, the error says what to install', () => {
  const program = `return Promise.all(['rgb.jpg', 'rgb.webp', 'make.py'].map((name) => Image.open(fixtures + '/' + name).catch(({ name, message }) => ({ name, message }))));`;
  const answers = inProcess(program, { EVERYCORE_CODEC: 'built-in' }) as { name: string; message: string }[];
  for (const { name, message } of answers) {
    expect(name).toBe('CodecMissingError');
    expect(message).toContain('npm install sharp');
  }
  expect(answers[0].message).toMatch(/rgb\.jpg.*jpeg/);
  const encoding = inProcess(`return Image.alloc(4, 4, 3).encode('webp').catch(({ name, message }) => name + ' ' + message)`, {
    EVERYCORE_CODEC: 'built-in',
  });
  expect(encoding).toMatch(/CodecMissingError.*webp.*npm install sharp/);
  expect(inProcess('return info().codecs', { EVERYCORE_CODEC: 'built-in' })).toEqual(['png', 'pgm', 'ppm', 'pam', 'pbm']);
});

test('options become libvips’ own words', () => {
  expect(vipsSuffix('jpeg', { quality: 70, progressive: true, chromaSubsampling: '4:4:4', background: [1, 2, 3] })).toBe(
    '.jpg[Q=70,optimize_coding=true,interlace=true,subsample_mode=off,background="1 2 3",keep=none]',
  );
  expect(vipsSuffix('png', { compressionLevel: 9, adaptiveFiltering: true })).toBe('.png[compression=9,filter=all,keep=none]');
  expect(vipsSuffix('avif', {})).toBe('.avif[Q=50,effort=4,subsample_mode=off,compression=av1,keep=none]');
});

describe.runIf(vipsLibrary().open)('libvips', () => {
  test('is among the codecs', () => {
    expect(info().codecs).toEqual(expect.arrayContaining(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'ppm']));
  });

  for (const name of ['rgb.jpg', 'gray.jpg', 'progressive.jpg', 'rgb.webp', 'rgb.tif', 'palette.gif', 'rgb.avif']) {
    test(`reads ${name} as Pillow does`, async () => {
      const image = await Image.open(fixture(name));
      expect(image.channels).toBe(name.startsWith('gray') ? 1 : 3);
      const near = await Image.open(fixture(`${name.replace('.', '-')}.near.png`));
      expect([image.width, image.height]).toEqual([near.width, near.height]);
      expect(decibels(image, near)).toBeGreaterThan(44);
    });
  }

  test('CMYK becomes RGB, through a profile', async () => {
    for (const name of ['cmyk.jpg', 'cmyk.tif']) {
      const image = await Image.open(fixture(name));
      expect(image.channels).toBe(3);
      expect(decibels(image, await Image.open(fixture(`${name.replace('.', '-')}.near.png`)))).toBeGreaterThan(18);
    }
  });

  test('of pictures with profiles and in other spaces a probe says what is opened', async () => {
    const { default: sharp } = await import('sharp');
    const from = () => sharp(join(fixtures, 'rgb.png'));
    const pictures = {
      jpeg: from().withIccProfile('p3').jpeg(),
      png: from().withIccProfile('p3').ensureAlpha(0.5).png(),
      wide: from().toColourspace('rgb16').withIccProfile('p3').png(),
      gray: from().grayscale().withIccProfile('p3').jpeg(),
      cmyk: from().toColourspace('cmyk').jpeg(),
      cmykTiff: from().toColourspace('cmyk').tiff(),
      lab: from().toColourspace('lab').tiff(),
      floats: from().toColourspace('scrgb').tiff(),
    };
    for (const [name, picture] of Object.entries(pictures)) {
      const bytes = await picture.toBuffer();
      const image = await Image.open(bytes);
      const { width, height, channels, dtype } = await Image.probe(bytes);
      const opened = { width: image.width, height: image.height, channels: image.channels, dtype: image.data instanceof Uint16Array ? 'u16' : 'u8' };
      expect({ width, height, channels, dtype }, name).toEqual(opened);
    }
  });

  test('every form of PNG and Netpbm, to the byte', async () => {
    const pixels: Record<string, { width: number; height: number; channels: number; dtype: string; sha256: string }> = JSON.parse(
      fixture('pixels.json').toString(),
    );
    for (const [name, { sha256, dtype, ...shape }] of Object.entries(pixels)) {
      const image = await Image.open<Uint16Array>(fixture(name));
      expect(image, name).toMatchObject(shape);
      expect(await Image.probe(join(fixtures, name)), name).toMatchObject({ ...shape, dtype });
      const bytes = new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.byteLength);
      expect(createHash('sha256').update(bytes).digest('hex'), name).toBe(sha256);
    }
  });

  test('16 bits stay 16 bits', async () => {
    const image = await Image.open<Uint16Array>(fixture('gray16.tif'));
    expect(image.data).toEqual(Uint16Array.from({ length: 48 * 64 }, (_, i) => i * 21));
    for (const format of ['png', 'tiff'] as const) expect((await Image.open<Uint16Array>(await image.encode(format))).data).toEqual(image.data);
  });

  test('orientation turns the picture once, and is not written again', async () => {
    const upright = await Image.open(fixture('orientation1.jpg'));
    const at = ({ data, width }: Image, x: number, y: number) => data[3 * (y * width + x)];
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = fixture(`orientation${orientation}.jpg`);
      const image = await Image.open(bytes);
      const probe = await Image.probe(bytes);
      const [w, h] = orientation < 5 ? [32, 16] : [16, 32];
      expect([image.width, image.height, probe.width, probe.height, probe.orientation]).toEqual([w, h, w, h, orientation]);
      const [x, y] = [3, 5]; // of the stored picture
      const [right, bottom] = [31 - x, 15 - y];
      const shown = [
        [x, y],
        [right, y],
        [right, bottom],
        [x, bottom],
        [y, x],
        [bottom, x],
        [bottom, right],
        [y, right],
      ][orientation - 1];
      expect(at(image, shown[0], shown[1])).toBe(at(upright, x, y));
      expect((await Image.probe(await image.encode('jpeg'))).orientation).toBe(1);
      expect((await Image.open(bytes, { autoOrient: false })).data).toEqual(upright.data);
    }
  });

  test('writes every format, with and without alpha, gray and colour', async () => {
    const source = await Image.open(fixture('rgba.png'));
    const picture = await Image.open(fixture('rgb.png'));
    const gray = await Image.open(fixture('gray.png'));
    for (const format of ['png', 'webp', 'tiff'] as const) {
      const options = format === 'webp' ? { lossless: true } : {};
      const back = await Image.open(await source.encode(format, options as object));
      expect(back.channels).toBe(4);
      const opaque = back.data.filter((_, i) => source.data[i | 3] > 0);
      expect(opaque).toEqual(source.data.filter((_, i) => source.data[i | 3] > 0));
      expect((await Image.open(await picture.view(2, 3, 20, 10).encode(format, options as object))).data).toEqual(
        picture.view(2, 3, 20, 10).copy().data,
      );
    }
    for (const [format, least] of [
      ['jpeg', 30],
      ['avif', 28],
      ['gif', 30],
    ] as const) {
      expect(decibels(await Image.open(await picture.encode(format)), picture), format).toBeGreaterThan(least);
    }
    expect((await Image.open(await gray.encode('jpeg'))).channels).toBe(1);
    expect((await picture.encode('jpeg', { quality: 20 })).length).toBeLessThan((await picture.encode('jpeg', { quality: 95 })).length);
    expect((await picture.encode('jpeg', { mozjpeg: true })).length).toBeGreaterThan(100);
    const clear = Image.alloc(8, 8, 4).view(0, 0, 8, 8);
    expect((await Image.open(await clear.encode('jpeg'))).data.every((v) => v <= 2)).toBe(true);
    expect((await Image.open(await clear.encode('jpeg', { background: [255, 255, 255] }))).data.every((v) => v >= 253)).toBe(true);
  });

  test('text, an SVG and broken files are ImageDecodeErrors; limits hold for every format', async () => {
    await expect(Image.open(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))).rejects.toThrow(ImageDecodeError);
    await expect(Image.open(join(fixtures, 'make.py'))).rejects.toMatchObject({ name: 'ImageDecodeError', file: join(fixtures, 'make.py') });
    for (const name of ['rgb.jpg', 'rgb.png', 'rgb.webp', 'rgb.avif', 'rgb.tif', 'palette.gif']) {
      const bytes = fixture(name);
      await expect(Image.open(bytes, { limitPixels: 500 }), name).rejects.toThrow(PixelLimitError);
      await expect(Image.open(bytes.subarray(0, bytes.length >> 1)), name).rejects.toThrow(ImageDecodeError);
      await expect(Image.open(bytes.subarray(0, 12)), name).rejects.toThrow(ImageDecodeError);
    }
    const jpeg = fixture('rgb.jpg');
    const some = await Image.open(jpeg.subarray(0, jpeg.length - 300), { failOn: 'none' });
    expect(some.width).toBe(64);
  });

  test('thousands of mutated files end in an image or an error', () => {
    const program = `
      let state = 7;
      const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
      const counts = { images: 0, errors: 0, other: [] };
      const seeds = ['rgb.jpg', 'progressive.jpg', 'cmyk.jpg', 'palette4.png', 'gray16.png', 'rgb.webp', 'alpha.webp', 'rgb.tif', 'palette.gif', 'rgb.avif', 'orientation6.jpg'].map((name) => readFileSync(fixtures + '/' + name));
      for (let i = 0; i < 3000; i++) {
        let bytes = Buffer.from(seeds[i % seeds.length]);
        for (let n = 1 + Math.floor(next() * 5); n > 0; n--) bytes[Math.floor(next() * bytes.length)] = next() * 256;
        if (next() < 0.2) bytes = bytes.subarray(0, 1 + Math.floor(next() * bytes.length));
        try {
          const { data, width, height, channels } = await Image.open(bytes, { failOn: ['none', 'error', 'warning'][i % 3], limitPixels: 1e6 });
          if (data.length !== width * height * channels) counts.other.push('size');
          counts.images++;
        } catch (error) {
          if (['ImageDecodeError', 'PixelLimitError'].includes(error.name)) counts.errors++;
          else counts.other.push(String(error));
        }
      }
      return counts;`;
    const counts = inProcess(program, {}) as { images: number; errors: number; other: string[] };
    expect(counts.other).toEqual([]);
    expect(counts.images).toBeGreaterThan(300);
    expect(counts.errors).toBeGreaterThan(300);
  });

  test('sharp’s JavaScript interface, the second choice, reads and writes the same', async () => {
    const program = `
      const hash = (data) => require('node:crypto').createHash('sha256').update(Buffer.from(data.buffer, data.byteOffset, data.byteLength)).digest('hex');
      const answers = {};
      for (const name of ['rgb.jpg', 'gray.jpg', 'orientation6.jpg', 'gray16.png', 'palette4.png', 'rgb.webp', 'rgb.tif']) {
        const { data, width, height, channels } = await Image.open(fixtures + '/' + name);
        answers[name] = [width, height, channels, hash(data)];
      }
      const png = await Image.open(await (await Image.open(fixtures + '/gray16.png')).encode('png'));
      answers.back = hash(png.data);
      answers.bad = await Image.open(Buffer.from([255, 216, 255, 1])).catch((error) => error.name);
      return answers;`;
    expect(inProcess(program, { EVERYCORE_CODEC: 'sharp' })).toEqual(inProcess(program, {}));
  });

  test('sharp in the same program goes on as it was, whoever comes first', () => {
    const ours = `const { width } = await Image.open(fixtures + '/rgb.jpg');`;
    const theirs = `const sharp = require(require.resolve('sharp', { paths: [${JSON.stringify(__dirname)}] }));`;
    const both = `
      const before = sharp.concurrency();
      const pictures = await Promise.all(Array.from({ length: 20 }, (_, i) => i % 2
        ? Image.open(fixtures + '/rgb.jpg').then(({ data }) => Buffer.from(data).toString('base64'))
        : sharp(fixtures + '/rgb.jpg').raw().toBuffer().then((data) => data.toString('base64'))));
      return [width, new Set(pictures).size, sharp.concurrency() === before];`;
    expect(inProcess(ours + theirs + both, {})).toEqual([64, 1, true]);
    expect(inProcess(theirs + ours + both, {})).toEqual([64, 1, true]);
  });

  test('memory stays flat over many pictures, read, written and in pipelines', () => {
    const program = `
      const { pipeline } = require(${JSON.stringify(join(__dirname, '..', 'dist', 'image.js'))});
      const { Pool } = require(${JSON.stringify(join(__dirname, '..', 'dist', 'index.js'))});
      const image = Image.alloc(1200, 1000, 3);
      for (let i = 0; i < image.data.length; i++) image.data[i] = (i * 7) >> 3;
      const bytes = await image.encode('jpeg');
      const pool = new Pool(2);
      const steps = pipeline().jpeg({ quality: 50 });
      const sizes = [];
      for (let round = 0; round < 4; round++) {
        await pool.map(steps, Array.from({ length: 40 }, () => bytes));
        for (let i = 0; i < 10; i++) await Image.open(bytes);
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
        sizes.push(process.memoryUsage.rss());
      }
      await pool.terminate();
      return sizes;`;
    const sizes = inProcess(program, { NODE_OPTIONS: '--expose-gc' }) as number[];
    expect(sizes[3] - sizes[1]).toBeLessThan(30e6);
  });

  test('works in a worker thread, also one that ends in the middle of it', () => {
    const program = `
      const { Worker } = require('node:worker_threads');
      const code = \`const { Image } = require(\${JSON.stringify(require.resolve(${JSON.stringify(join(__dirname, '..', 'dist', 'image.js'))}))});
        const { parentPort } = require('node:worker_threads');
        Image.alloc(1500, 1500, 3).encode('avif').catch(() => undefined);
        Image.open(\${JSON.stringify(fixtures + '/rgb.jpg')}).then(({ width }) => parentPort.postMessage(width));\`;
      const widths = [];
      for (let i = 0; i < 3; i++) {
        const worker = new Worker(code, { eval: true });
        widths.push(await new Promise((resolve, reject) => { worker.on('message', resolve); worker.on('error', reject); }));
        await worker.terminate();
      }
      return widths;`;
    expect(inProcess(program, {})).toEqual([64, 64, 64]);
  });
});
