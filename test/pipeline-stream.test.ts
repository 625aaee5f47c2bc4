/** Pictures that go from the decoder straight into the first kernel: the same bytes as when they are held whole. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'everycore';
import { crop, gaussianBlur, grayscale, Image, invert, medianBlur, pipeline, resize } from 'everycore/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vipsLibrary } from '../dist/image/codec/vips-library.js';
import type { Step } from '../dist/pipeline/data.js';
import { FrameStore, Frames } from '../dist/pipeline/frames.js';
import { makeSite } from '../dist/pipeline/pipeline.js';
import { flowOver } from '../dist/pipeline/stream.js';

const fixtures = join(__dirname, 'fixtures', 'codec');
const size = { format: 'jpeg' as const, width: 640, height: 480, channels: 3, dtype: 'u8' as const, orientation: 1 };

function picture(width: number, height: number, channels: number, dtype: 'u8' | 'u16' = 'u8') {
  const made = dtype === 'u8' ? Image.alloc(width, height, channels) : Image.alloc(width, height, channels, 'u16');
  for (let i = 0, state = 3; i < made.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made.data[i] = state >>> (dtype === 'u8' ? 24 : 16);
  }
  return made;
}

const bytesOf = ({ data }: { data: Uint8Array | Uint16Array | Int16Array | Float32Array }) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe.runIf(vipsLibrary().open)('streaming', () => {
  // With one thread every item is streamed: there are never more threads than items.
  // With two a lone item is encoded while it is decoded.
  let pool: Pool;
  let two: Pool;
  beforeAll(() => {
    pool = new Pool(1);
    two = new Pool(2);
  });
  afterAll(() => Promise.all([pool.terminate(), two.terminate()]));

  test('kernels that take rows are given rows, others and lone items that take long are not', () => {
    const site = makeSite(undefined, 2);
    const frames = new Frames(new FrameStore());
    const through = (...steps: Step[]) => flowOver(steps, size, site, frames)?.calls.length ?? 0;
    site.active = 2;
    expect(through({ kernel: 'resize', options: { width: 100 } })).toBe(1);
    expect(through({ kernel: 'grayscale' }, { kernel: 'invert' }, { custom: medianBlur({ size: 5 }) }, { kernel: 'flip' })).toBe(3);
    // Rows go through both passes of a resize.
    expect(through({ kernel: 'invert' }, { kernel: 'resize', options: { width: 100 } }, { kernel: 'invert' })).toBe(3);
    expect(through({ kernel: 'gaussianBlur', options: { sigma: 1 } })).toBe(1);
    expect(through({ kernel: 'gaussianBlur', options: { sigma: 1, border: 'wrap' } })).toBe(0);
    expect(through({ kernel: 'resize', options: { width: 100, filter: 'nearest' } })).toBe(0);
    // A copy of the same size is made row by row.
    expect(through({ kernel: 'resize', options: { width: 640, height: 480 } }, { kernel: 'invert' })).toBe(2);
    expect(through({ kernel: 'equalize' })).toBe(0);
    expect(through({ encode: 'jpeg' })).toBe(0);
    expect(through()).toBe(0);
    site.active = 1;
    // What a second thread could do of these is little beside the decoding.
    expect(through({ kernel: 'resize', options: { width: 100 } })).toBe(1);
    expect(through({ kernel: 'gaussianBlur', options: { sigma: 20 } }, { kernel: 'invert' })).toBe(0);
  });

  for (const [width, height] of [
    [37, 23],
    [640, 481],
    [1200, 900],
    [3000, 33],
    [20, 2000],
  ]) {
    for (const channels of [1, 2, 3, 4]) {
      test(`${width}×${height}×${channels}`, async () => {
        for (const dtype of ['u8', 'u16'] as const) {
          const source = picture(width, height, channels, dtype);
          const bytes = await (source as Image).encode('png', { compressionLevel: 1 });
          const steps = [
            { width: 17 },
            { width: 30, height: 9, fit: 'cover', position: 'top' },
            { width: 30, height: 9, fit: 'cover', position: 'bottom', filter: 'box' },
            { width: 50, height: 50, fit: 'contain', background: 7 },
            { width: 2 * width, filter: 'bilinear' },
          ] as const;
          for (const options of steps) {
            const answer = await pool.apply(pipeline().resize(options), [bytes]);
            expect(bytesOf(answer).equals(bytesOf(resize(options)(source))), JSON.stringify(options)).toBe(true);
          }
          if (dtype === 'u16') continue;
          const gray = await pool.apply(pipeline().grayscale().resize({ width: 20 }), [bytes]);
          expect(bytesOf(gray).equals(bytesOf(resize({ width: 20 })(grayscale()(source as Image))))).toBe(true);
        }
      });
    }
  }

  test('JPEG, progressive JPEG, CMYK, WebP and TIFF', async () => {
    for (const name of ['rgb.jpg', 'progressive.jpg', 'cmyk.jpg', 'rgb.webp', 'rgb.tif', 'orientation6.jpg', 'palette.gif']) {
      const bytes = readFileSync(join(fixtures, name));
      const expected = resize({ width: 21 })(await Image.open(bytes));
      expect((await pool.apply(pipeline({ shrinkOnLoad: false }).resize({ width: 21 }), [bytes])).data, name).toEqual(expected.data);
    }
  });

  test('a JPEG of any size is read at a half, a quarter, an eighth of it', async () => {
    for (const [width, height] of [
      [160, 97],
      [161, 98],
      [163, 100],
      [167, 103],
      [9, 1000],
    ] as const) {
      for (const options of [{}, { progressive: true }, { chromaSubsampling: '4:4:4' }] as const) {
        const file = await (picture(width, height, width % 2 ? 3 : 1) as Image).encode('jpeg', options);
        for (const shrink of [2, 4, 8]) {
          const small = {
            width: Math.max(1, Math.floor(width / shrink / 2)),
            height: Math.max(1, Math.floor(height / shrink / 2)),
            fit: 'fill',
          } as const;
          for (const threads of [pool, two]) {
            const answer = await threads.apply(pipeline().resize(small), [file]);
            expect([answer.width, answer.height]).toEqual([small.width, small.height]);
          }
        }
      }
    }
  });

  test('rows that the decoder has forgotten are not asked for again, wherever a part begins', async () => {
    const source = resize({ width: 90, height: 700, fit: 'fill', filter: 'bicubic' })(picture(20, 150, 3) as Image) as Image;
    for (const progressive of [false, true]) {
      const file = await source.encode('jpeg', { progressive });
      const whole = await Image.open(file);
      for (const y of [0, 5, 16, 63, 65, 301, 699]) {
        const part = { x: 1, y, width: 80, height: 700 - y };
        const expected = crop(part)(whole) as Image;
        expect(bytesOf(await pool.apply(pipeline().crop(part), [file])).equals(bytesOf(expected)), `from row ${y}`).toBe(true);
        const png = (await two.apply(pipeline().crop(part).png(), [file])) as Uint8Array;
        expect(bytesOf((await Image.open(png)) as Image).equals(bytesOf(expected)), `from row ${y}, encoded`).toBe(true);
      }
    }
  });

  describe('rows are encoded as they come, or held', () => {
    type Chain = (before: ReturnType<typeof pipeline>) => ReturnType<typeof pipeline>;
    const chains: [name: string, through: Chain, one: (image: Image) => Image][] = [
      ['nothing', (p) => p, (image) => image],
      ['a part', (p) => p.crop({ x: 3, y: 40, width: 70, height: 60 }), crop({ x: 3, y: 40, width: 70, height: 60 })],
      ['smaller', (p) => p.resize({ width: 60, fit: 'cover', height: 30 }), resize({ width: 60, fit: 'cover', height: 30 })],
      [
        'larger, with much background',
        (p) => p.resize({ width: 90, height: 300, fit: 'contain' }),
        resize({ width: 90, height: 300, fit: 'contain' }),
      ],
      [
        'a blur of a larger one',
        (p) => p.resize({ height: 200 }).gaussianBlur({ sigma: 2 }),
        (image) => gaussianBlur({ sigma: 2 })(resize({ height: 200 })(image)) as Image,
      ],
    ] as never;
    const formats = [
      ['jpeg', {}],
      ['jpeg', { progressive: true, chromaSubsampling: '4:4:4' }],
      ['jpeg', { mozjpeg: true }],
      ['png', {}],
      ['png', { progressive: true, adaptiveFiltering: true }],
      ['webp', {}],
      ['webp', { lossless: true }],
      ['tiff', {}],
      ['tiff', { compression: 'lzw', tile: true, tileWidth: 64, tileHeight: 64 }],
      ['gif', { effort: 1 }],
    ] as const;
    for (const [name, through, one] of chains) {
      test(name, async () => {
        for (const channels of [1, 2, 3, 4]) {
          const source = picture(80, 110, channels);
          const file = await (source as Image).encode('png', { compressionLevel: 1 });
          for (const [format, options] of formats) {
            const expected = await one(source as Image).encode(format, options);
            const steps = through(pipeline()) as unknown as Record<string, (options: object) => ReturnType<typeof pipeline>>;
            for (const [how, threads] of Object.entries({ held: pool, drawn: two })) {
              const answer = (await threads.apply(steps[format](options), [file])) as unknown as Uint8Array;
              expect(Buffer.from(answer).equals(expected), `${format} ${JSON.stringify(options)} of ${channels} channels, ${how}`).toBe(true);
            }
          }
        }
      });
    }

    test('AVIF, and 16 bits', async () => {
      const small = await (picture(40, 30, 3) as Image).encode('png');
      const expected = await (await Image.open(small)).encode('avif', { effort: 0 });
      expect(Buffer.from(await pool.apply(pipeline().avif({ effort: 0 }), [small])).equals(expected)).toBe(true);
      const wide = await picture(50, 60, 3, 'u16').encode('png');
      for (const format of ['png', 'tiff'] as const) {
        const one = await resize({ width: 20 })((await Image.open(wide)) as Image).encode(format);
        expect(Buffer.from(await pool.apply(pipeline().resize({ width: 20 })[format](), [wide])).equals(one)).toBe(true);
      }
      await expect(pool.apply(pipeline().resize({ width: 20 }).jpeg(), [wide])).rejects.toMatchObject({ step: 'jpeg', message: /u16/ });
    });

    test('errors are those of decoding or of encoding, and nothing is left behind', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'everycore-stream-'));
      try {
        const bytes = readFileSync(join(fixtures, 'rgb.jpg'));
        const steps = pipeline({ shrinkOnLoad: false }).invert().png().toDir(folder);
        await expect(pool.apply(steps, [bytes.subarray(0, 900)])).rejects.toMatchObject({ name: 'ImageDecodeError', step: 'decode' });
        const tall = await Image.alloc(3, 17000, 1).encode('png');
        const refused = pipeline().webp().toDir(folder);
        await expect(pool.apply(refused, [tall])).rejects.toMatchObject({ name: 'ImageEncodeError', step: 'toDir', index: 0 });
        expect(readdirSync(folder)).toEqual([]);
        const { path, width, size: length } = await pool.apply(steps, [bytes]);
        expect(readdirSync(folder)).toEqual(['000000.png']);
        expect((await Image.open(path)).data).toEqual(invert()(await Image.open(bytes)).data);
        expect([width, length]).toEqual([64, statSync(path).size]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  test('files are read as they are decoded: large ones, cut ones, those that change', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'everycore-pieces-'));
    try {
      const source = picture(400, 300, 3) as Image;
      for (const format of ['jpeg', 'png', 'webp'] as const) {
        const bytes = await source.encode(format, { quality: 90 } as object);
        const path = join(folder, `a.${format}`);
        writeFileSync(path, bytes);
        expect(bytes.length).toBeGreaterThan(100_000);
        for (const steps of [pipeline(), pipeline().resize({ width: 60 }), pipeline().rotate90()]) {
          expect(bytesOf(await pool.apply(steps, [path])).equals(bytesOf(await pool.apply(steps, [bytes])))).toBe(true);
        }
        writeFileSync(path, bytes.subarray(0, 70_000));
        await expect(pool.apply(pipeline().invert().png(), [path])).rejects.toMatchObject({ name: 'ImageDecodeError', step: 'decode', file: path });
        const partly = await pool.apply(pipeline({ failOn: 'none' }).invert(), [path]).catch((error) => error.name);
        expect(partly === 'ImageDecodeError' || partly.width === 400).toBe(true);
      }
      const path = join(folder, 'a.jpeg');
      const bytes = await source.encode('jpeg');
      writeFileSync(path, bytes);
      // Cut off while it waits for its turn or is decoded: an image or an error, nothing else.
      const answers = pool.map(pipeline().invert().jpeg(), Array(12).fill(path), { onError: 'return' });
      for (const length of [90_000, 70_000, 3000, 0]) truncateSync(path, Math.min(length, bytes.length));
      for (const answer of await answers) expect(answer instanceof Uint8Array || (answer as Error).name === 'ImageDecodeError').toBe(true);
      if (existsSync('/proc/self/fd')) {
        const left = readdirSync('/proc/self/fd').filter((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
          } catch {
            return false;
          }
        });
        expect(left).toEqual([]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a broken file is an error of decoding, and the next one is read', async () => {
    const bytes = readFileSync(join(fixtures, 'rgb.jpg'));
    const steps = pipeline({ shrinkOnLoad: false }).resize({ width: 21 });
    await expect(pool.apply(steps, [bytes.subarray(0, 900)])).rejects.toMatchObject({ name: 'ImageDecodeError', step: 'decode', index: 0 });
    expect((await pool.apply(steps, [bytes])).width).toBe(21);
  });
});
