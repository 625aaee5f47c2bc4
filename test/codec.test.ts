/** The built-in codec: every kind of PNG and Netpbm, damage of every kind, limits, and files written whole or not at all. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Image } from 'everycore/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDecodeOptions } from '../dist/image/codec/options.js';
import { readPng } from '../dist/image/codec/png-read.js';
import { writePng } from '../dist/image/codec/png-write.js';
import { readPnm } from '../dist/image/codec/pnm-read.js';
import { chunk, type PngSpec, png, samplesOf } from './support/png.js';

// Whatever else is installed: this is about the codec that is always there. Read at the first use of any.
process.env.EVERYCORE_CODEC = 'built-in';

const fixtures = join(__dirname, 'fixtures', 'codec');
const options = checkDecodeOptions(undefined);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everycore-codec-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers that repeat from run to run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function noise(width: number, height: number, channels: number, dtype: 'u8' | 'u16' = 'u8') {
  const next = random(width * 31 + height * 7 + channels);
  const image = dtype === 'u8' ? Image.alloc(width, height, channels) : Image.alloc(width, height, channels, 'u16');
  for (let i = 0; i < image.data.length; i++) image.data[i] = next() * (dtype === 'u8' ? 256 : 65536);
  return image;
}

const kinds: [colourType: number, depth: number][] = [
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 8],
  [0, 16],
  [2, 8],
  [2, 16],
  [3, 1],
  [3, 2],
  [3, 4],
  [3, 8],
  [4, 8],
  [4, 16],
  [6, 8],
  [6, 16],
];

describe('PNG, reading', () => {
  for (const [colourType, depth] of kinds) {
    for (const interlaced of [false, true]) {
      test(`colour type ${colourType}, ${depth} bits${interlaced ? ', interlaced' : ''}`, async () => {
        for (const [width, height] of [
          [1, 1],
          [3, 2],
          [8, 8],
          [13, 11],
          [5, 1],
          [1, 9],
        ]) {
          const next = random(width + height);
          const table = Array.from({ length: width * height * samplesOf[colourType] }, () => Math.floor(next() * 2 ** depth));
          const sample = (x: number, y: number, c: number) => table[(y * width + x) * samplesOf[colourType] + c];
          const palette = Buffer.from(Array.from({ length: 3 << depth }, () => Math.floor(next() * 256)));
          const before = colourType === 3 ? [chunk('PLTE', palette.subarray(0, 768))] : [];
          const bytes = png({ width, height, depth, colourType, sample, interlaced, before, idatBytes: 7 });
          const image = await readPng(bytes, options);
          const channels = colourType === 3 ? 3 : samplesOf[colourType];
          expect([image.width, image.height, image.channels]).toEqual([width, height, channels]);
          const scale = depth < 8 && colourType === 0 ? 255 / (2 ** depth - 1) : 1;
          const expected = colourType === 3 ? table.flatMap((index) => [...palette.subarray(3 * index, 3 * index + 3)]) : table.map((v) => v * scale);
          expect([...image.data]).toEqual(expected);
          expect(image.data).toBeInstanceOf(depth === 16 ? Uint16Array : Uint8Array);
        }
      });
    }
  }

  test('tRNS adds alpha: gray, RGB, palette, at every depth', async () => {
    const spec = { width: 4, height: 3, filter: () => 0 };
    const grays = await readPng(png({ ...spec, depth: 2, colourType: 0, sample: (x) => x, before: [chunk('tRNS', Buffer.from([0, 2]))] }), options);
    expect([...grays.data.subarray(0, 8)]).toEqual([0, 255, 85, 255, 170, 0, 255, 255]);
    const wide = await readPng(
      png({ ...spec, depth: 16, colourType: 0, sample: (x) => 1000 * x, before: [chunk('tRNS', Buffer.from([0x03, 0xe8]))] }),
      options,
    );
    expect([...wide.data.subarray(0, 6)]).toEqual([0, 65535, 1000, 0, 2000, 65535]);
    const colour = await readPng(
      png({ ...spec, depth: 8, colourType: 2, sample: (x, _y, c) => x + c, before: [chunk('tRNS', Buffer.from([0, 1, 0, 2, 0, 3]))] }),
      options,
    );
    expect([...colour.data.subarray(0, 8)]).toEqual([0, 1, 2, 255, 1, 2, 3, 0]);
    const before = [chunk('PLTE', Buffer.from([10, 20, 30, 40, 50, 60])), chunk('tRNS', Buffer.from([7]))];
    const indexed = await readPng(png({ ...spec, depth: 1, colourType: 3, sample: (x) => x & 1, before, interlaced: true }), options);
    expect([...indexed.data.subarray(0, 8)]).toEqual([10, 20, 30, 7, 40, 50, 60, 255]);
  });

  test('gAMA changes nothing, and an orientation turns the picture once', async () => {
    const spec: PngSpec = { width: 3, height: 2, depth: 8, colourType: 0, sample: (x, y) => 10 * y + x };
    const plain = await readPng(png(spec), options);
    expect((await readPng(png({ ...spec, before: [chunk('gAMA', Buffer.from([0, 0, 0x40, 0]))] }), options)).data).toEqual(plain.data);
    const turned: Record<number, number[]> = {
      1: [0, 1, 2, 10, 11, 12],
      2: [2, 1, 0, 12, 11, 10],
      3: [12, 11, 10, 2, 1, 0],
      4: [10, 11, 12, 0, 1, 2],
      5: [0, 10, 1, 11, 2, 12],
      6: [10, 0, 11, 1, 12, 2],
      7: [12, 2, 11, 1, 10, 0],
      8: [2, 12, 1, 11, 0, 10],
    };
    for (const [orientation, pixels] of Object.entries(turned)) {
      const exif = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, Number(orientation), 0, 0, 0, 0, 0, 0]);
      const bytes = png({ ...spec, before: [chunk('eXIf', exif)] });
      const image = await Image.open(bytes);
      expect([...image.data]).toEqual(pixels);
      const probe = await Image.probe(bytes);
      expect(probe).toMatchObject({ format: 'png', width: image.width, height: image.height, orientation: Number(orientation) });
      expect([...(await Image.open(bytes, { autoOrient: false })).data]).toEqual(turned[1]);
    }
  });

  test('the files that Pillow wrote', async () => {
    const pixels: Record<string, { width: number; height: number; channels: number; dtype: string; sha256: string }> = JSON.parse(
      readFileSync(join(fixtures, 'pixels.json'), 'utf8'),
    );
    expect(Object.keys(pixels).length).toBeGreaterThan(10);
    for (const [name, { sha256, dtype, ...shape }] of Object.entries(pixels)) {
      const bytes = readFileSync(join(fixtures, name));
      const image = await (name.endsWith('.png') ? readPng(bytes, options) : readPnm(bytes, options));
      expect(image, name).toMatchObject(shape);
      expect(image.data.BYTES_PER_ELEMENT, name).toBe(dtype === 'u16' ? 2 : 1);
      const own = new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.byteLength);
      expect(createHash('sha256').update(own).digest('hex'), name).toBe(sha256);
    }
  });
});

describe('PNG, writing', () => {
  for (const dtype of ['u8', 'u16'] as const) {
    for (const channels of [1, 2, 3, 4]) {
      test(`${channels} channels of ${dtype} come back as they were`, async () => {
        for (const [width, height] of [
          [1, 1],
          [17, 5],
          [300, 200],
        ]) {
          const image = noise(width, height, channels, dtype);
          for (const given of [{}, { compressionLevel: 0 }, { compressionLevel: 9, adaptiveFiltering: false }]) {
            const bytes = await writePng(image, given);
            const back = await readPng(bytes, options);
            expect(back).toMatchObject({ width, height, channels });
            expect(Buffer.from(back.data.buffer, back.data.byteOffset, back.data.byteLength).equals(Buffer.from(image.data.buffer))).toBe(true);
          }
        }
      });
    }
  }

  test('a view is written as what it shows', async () => {
    const view = noise(20, 20, 3).view(3, 4, 10, 11);
    const back = await Image.open(await view.encode('png'));
    expect(back.data).toEqual(view.copy().data);
  });

  test('filters and levels make a smooth picture smaller', async () => {
    const image = Image.alloc(256, 256, 3);
    for (let i = 0; i < image.data.length; i++) image.data[i] = (i / 9) % 251;
    const sizes = await Promise.all(
      [{ compressionLevel: 0 }, { adaptiveFiltering: false }, {}].map(async (each) => (await writePng(image, each)).length),
    );
    expect(sizes[0]).toBeGreaterThan(image.data.length);
    expect(sizes[2]).toBeLessThan(sizes[0] / 2);
  });
});

describe('Netpbm', () => {
  const open = (text: string | Buffer) => Image.open(Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1'));

  test('plain and raw files, comments, and other maxima', async () => {
    expect([...(await open('P2 # gray\n#more\n3 1\n255\n0 128 255')).data]).toEqual([0, 128, 255]);
    expect([...(await open('P3\n1 2\n15\n0 5 15\n 1 2 3\n')).data]).toEqual([0, 85, 255, 17, 34, 51]);
    expect([...(await open('P1\n4 2\n0110 1 0 0 1')).data]).toEqual([255, 0, 0, 255, 0, 255, 255, 0]);
    expect([...(await open(Buffer.from('P4\n9 1\n\xa5\x80', 'latin1'))).data]).toEqual([0, 255, 0, 255, 255, 0, 255, 0, 0]);
    expect([...(await open(Buffer.from('P5 2 1 100 \x00\x32', 'latin1'))).data]).toEqual([0, 128]);
    const wide = await Image.open<Uint16Array>(Buffer.from('P5 2 1 65535 \x01\x02\xff\xfe', 'latin1'));
    expect(wide.data).toEqual(Uint16Array.of(258, 65534));
    expect([...(await Image.open<Uint16Array>(Buffer.from('P2 2 1 1023 1023 0'))).data]).toEqual([65535, 0]);
  });

  test('round trips', async () => {
    for (const dtype of ['u8', 'u16'] as const) {
      for (const [format, channels] of [
        ['pgm', 1],
        ['ppm', 3],
        ['pam', 1],
        ['pam', 2],
        ['pam', 3],
        ['pam', 4],
      ] as const) {
        const image = noise(31, 17, channels, dtype);
        const bytes = await Image.prototype.encode.call(image, format);
        expect(await Image.probe(bytes)).toMatchObject({ format, width: 31, height: 17, channels, dtype });
        expect((await Image.open<Uint16Array>(bytes)).data).toEqual(image.data);
      }
    }
    await expect(noise(2, 2, 4).encode('ppm')).rejects.toThrow(/3 channels.*got an Image of 4/);
  });
});

describe('sources, names and files', () => {
  test('a path, a file: URL, a data: URL, a Buffer, bytes in the middle of a buffer', async () => {
    const image = noise(9, 7, 3);
    const path = join(folder, 'nine.png');
    await image.save(path);
    const bytes = readFileSync(path);
    const holder = new Uint8Array(bytes.length + 8);
    holder.set(bytes, 3);
    const inside = holder.subarray(3, 3 + bytes.length);
    for (const source of [path, pathToFileURL(path), new URL(`data:image/png;base64,${bytes.toString('base64')}`), bytes, inside]) {
      expect((await Image.open(source)).data).toEqual(image.data);
      expect(await Image.probe(source)).toEqual({ format: 'png', width: 9, height: 7, channels: 3, dtype: 'u8', orientation: 1 });
    }
  });

  test('what cannot be read names the file and keeps the reason', async () => {
    const missing = join(folder, 'missing.png');
    await expect(Image.open(missing)).rejects.toMatchObject({
      name: 'ImageDecodeError',
      file: missing,
      step: 'decode',
      cause: { code: 'ENOENT' },
      message: expect.stringContaining('missing.png'),
    });
    await expect(Image.probe(missing)).rejects.toMatchObject({ cause: { code: 'ENOENT' } });
    await expect(Image.open(folder)).rejects.toMatchObject({ file: folder, cause: { code: 'EISDIR' } });
    const empty = join(folder, 'empty.png');
    writeFileSync(empty, '');
    await expect(Image.open(empty)).rejects.toMatchObject({ name: 'ImageDecodeError', file: empty });
    const broken = join(folder, 'broken.png');
    writeFileSync(broken, readFileSync(join(fixtures, 'rgb.png')).subarray(0, 300));
    await expect(Image.open(broken)).rejects.toMatchObject({
      name: 'ImageDecodeError',
      file: broken,
      message: expect.stringContaining('broken.png'),
    });
    await expect(Image.open(broken, { limitPixels: 10 })).rejects.toMatchObject({ name: 'PixelLimitError', file: broken });
    await expect(Image.open(42 as never)).rejects.toThrow(TypeError);
    await expect(Image.open(broken, { limit: 3 } as never)).rejects.toThrow(/limitPixels/);
  });

  test('wrong formats, options and pixels are TypeErrors before anything is written', async () => {
    const image = noise(4, 4, 3);
    await expect(image.encode('bmp' as never)).rejects.toThrow(/the format must be one of png.*got "bmp"/);
    await expect(image.encode('png', { compression: 3 } as never)).rejects.toThrow(/compressionLevel/);
    await expect(image.encode('png', { compressionLevel: 10 })).rejects.toThrow(RangeError);
    await expect(image.encode('png', { compressionLevel: '9' } as never)).rejects.toThrow(TypeError);
    await expect(image.save(join(folder, 'picture'))).rejects.toThrow(/must end in one of/);
    await expect(Image.prototype.encode.call(Image.alloc(2, 2, 3, 'f32'), 'png')).rejects.toThrow(/convert/);
    await expect(Image.prototype.encode.call(Image.alloc(2, 2, 3, 'u16'), 'jpeg')).rejects.toThrow(/convert/);
    expect(readdirSync(folder).filter((name) => name.startsWith('picture'))).toEqual([]);
  });

  test('a file is written whole or not at all', async () => {
    const into = join(folder, 'whole');
    mkdirSync(into);
    await noise(5, 5, 1).save(join(into, 'a.png'));
    await noise(6, 6, 1).save(join(into, 'a.png'));
    expect((await Image.probe(join(into, 'a.png'))).width).toBe(6);
    mkdirSync(join(into, 'b.png'));
    await expect(noise(5, 5, 1).save(join(into, 'b.png'))).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(noise(5, 5, 1).save(join(into, 'no', 'c.png'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(into).sort()).toEqual(['a.png', 'b.png']);
    if (process.getuid?.() !== 0) {
      chmodSync(into, 0o500);
      await expect(noise(5, 5, 1).save(join(into, 'd.png'))).rejects.toMatchObject({ code: 'EACCES' });
      chmodSync(into, 0o700);
    }
  });

  test('the event loop turns while a large picture is written and read', async () => {
    const image = noise(1500, 1000, 3);
    let beats = 0;
    const timer = setInterval(() => beats++, 1);
    const back = await readPng(await writePng(image, { compressionLevel: 1 }), options);
    clearInterval(timer);
    expect(back.data.length).toBe(image.data.length);
    expect(beats).toBeGreaterThan(5);
  });
});
