/** Pipelines: data, files in and out, errors, limits, order and cancelling, over pools and alone. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { Pool, TaskTimeoutError } from 'everycore';
import { Image, pipeline } from 'everycore/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const fixtures = join(__dirname, 'fixtures', 'codec');
const names = ['rgb.png', 'gray.png', 'rgba.png', 'palette4.png'];
const files = names.map((name) => join(fixtures, name));
let folder: string;
let pool: Pool;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everycore-pipeline-'));
  pool = new Pool(2);
});
afterAll(async () => {
  await pool.terminate();
  rmSync(folder, { recursive: true, force: true });
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const broken = (): string => {
  const path = join(folder, 'broken.png');
  writeFileSync(path, readFileSync(files[0]).subarray(0, 400));
  return path;
};

describe('as data', () => {
  test('each method answers a new pipeline, and nothing of one can be changed', () => {
    const first = pipeline({ limitPixels: 1e6 });
    const second = first.png({ compressionLevel: 3 });
    expect(first.steps).toEqual([]);
    expect(second.steps).toEqual([{ encode: 'png', options: { compressionLevel: 3 } }]);
    expect(Object.isFrozen(second) && Object.isFrozen(second.steps) && Object.isFrozen(second.steps[0])).toBe(true);
    expect(() => Object.assign(second.options, { limitPixels: 2 })).toThrow(TypeError);
  });

  test('JSON and a structured clone of it make the same pipeline again', async () => {
    const whole = pipeline({ failOn: 'none' }).tee({ small: pipeline().png({ compressionLevel: 1 }), raw: pipeline().raw() });
    for (const data of [JSON.parse(JSON.stringify(whole)), structuredClone(whole.toJSON())]) {
      const again = pipeline.from(data);
      expect(JSON.stringify(again)).toBe(JSON.stringify(whole));
      expect(await again(files[0])).toEqual(await whole(files[0]));
    }
    expect(() => JSON.stringify(pipeline().custom((image) => image))).toThrow(/function/);
    expect(() => pipeline.from({ options: {}, steps: [{ kernel: 'nosuch' }] })).toThrow(/nosuch/);
  });

  test('it can be looked at', () => {
    const whole = pipeline().tee({ a: pipeline().jpeg({ quality: 70 }), b: pipeline().toDir('out') });
    expect(inspect(whole)).toBe('Pipeline { decode → tee { a: jpeg(quality: 70), b: toDir("out") } }');
    expect(whole.explain()).toMatch(/decode[\s\S]*tee[\s\S]*a:[\s\S]*jpeg[\s\S]*b:[\s\S]*toDir/);
    expect(pool.explain(pipeline().png(), files)).toMatch(/decode[\s\S]*png[\s\S]*2 at a time/);
  });

  test('wrong steps and options are errors when it is made', () => {
    expect(() => pipeline({ limit: 3 } as never)).toThrow(/limitPixels/);
    expect(() => pipeline({ limitPixels: 0 })).toThrow(RangeError);
    expect(() => pipeline({ onError: 'ignore' } as never)).toThrow(/onError/);
    expect(() => pipeline().png({ quality: 300 })).toThrow(RangeError);
    expect(() => pipeline().jpeg({ colour: 1 } as never)).toThrow(/quality/);
    expect(() => pipeline().toFile(3 as never)).toThrow(TypeError);
    expect(() => pipeline().toFile('a.bmp')).toThrow(/must end in one of/);
    expect(() => pipeline().png().jpeg()).toThrow(/png ends a pipeline/);
    expect(() => pipeline().toDir('a').raw()).toThrow(/toDir ends/);
    expect(() => pipeline().tee({ a: (() => 1) as never })).toThrow(/a is none/);
  });
});

describe('one source', () => {
  test('a path, a URL, bytes, an Image; each sink', async () => {
    const image = await Image.open(files[0]);
    for (const source of [files[0], pathToFileURL(files[0]), readFileSync(files[0]), image]) {
      expect((await pipeline()(source)).data).toEqual(image.data);
      expect((await pool.apply(pipeline().raw(), [source])).data).toEqual(image.data);
      expect((await Image.open(await pipeline().png()(source))).data).toEqual(image.data);
    }
    const path = join(folder, 'one.ppm');
    expect(await pipeline().toFile(path)(files[0])).toEqual({
      path,
      format: 'ppm',
      width: 37,
      height: 23,
      channels: 3,
      size: readFileSync(path).length,
    });
    expect((await Image.open(path)).data).toEqual(image.data);
    const named = await pipeline()
      .png()
      .toFile((source, index) => join(folder, `${index}-${String(source).length}.dat`))(files[0]);
    expect((await Image.probe(named.path)).format).toBe('png');
  });

  test('tee decodes once and answers an object with its keys', async () => {
    let seen = 0;
    const count = (image: Image) => {
      seen++;
      return image;
    };
    const answer = await pipeline()
      .custom(count)
      .tee({
        width: pipeline().custom((image) => image.width),
        file: pipeline().png().toDir(join(folder, 'tee')),
        inner: pipeline().tee({ raw: pipeline() }),
      })(files[1]);
    expect(seen).toBe(1);
    expect(answer.width).toBe(37);
    expect(answer.inner.raw.data).toEqual((await Image.open(files[1])).data);
    expect(readdirSync(join(folder, 'tee'))).toEqual(['gray.png']);
  });

  test('errors carry file, step and index, and say the file', async () => {
    const path = broken();
    await expect(pipeline()(path)).rejects.toMatchObject({
      name: 'ImageDecodeError',
      file: path,
      step: 'decode',
      index: 0,
      message: expect.stringContaining(path),
    });
    await expect(pipeline({ limitPixels: 100 })(files[0])).rejects.toMatchObject({ name: 'PixelLimitError', file: files[0], step: 'decode' });
    const fails = pipeline().custom(function tooDark() {
      throw new RangeError('too dark');
    });
    await expect(pool.map(fails, files.slice(0, 1))).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too dark',
      file: files[0],
      step: 'tooDark',
      index: 0,
    });
    const notImage = pipeline()
      .custom(() => 3)
      .png();
    await expect(notImage(files[0])).rejects.toMatchObject({ name: 'TypeError', step: 'png', message: expect.stringContaining(files[0]) });
    await expect(pipeline({ onError: 'return' })(path)).resolves.toMatchObject({ name: 'ImageDecodeError' });
    await expect(pool.apply(pipeline(), [42 as never])).rejects.toThrow(/item 0 is none.*42/);
  });
});

describe('many sources', () => {
  test('answers stand in the order of the items; all forms of a call agree', async () => {
    const size = pipeline().custom(async (image) => {
      await sleep(image.channels * 3);
      return image.channels;
    });
    expect(await pool.map(size, files)).toEqual([3, 1, 4, 3]);
    expect(await pool.mapAsync(size, files).get()).toEqual([3, 1, 4, 3]);
    const ordered: number[] = [];
    for await (const channels of pool.imap(size, files)) ordered.push(channels);
    expect(ordered).toEqual([3, 1, 4, 3]);
    const unordered: number[] = [];
    for await (const channels of pool.imapUnordered(
      size,
      (async function* () {
        yield* files;
      })(),
    ))
      unordered.push(channels);
    expect(unordered.sort()).toEqual([1, 3, 3, 4]);
    expect(
      await pool.map(
        size,
        (async function* () {
          yield* files;
        })(),
      ),
    ).toEqual([3, 1, 4, 3]);
    expect(await pool.map(size, [])).toEqual([]);
  });

  test('toDir makes the folder and names by source; numbers for bytes and Images', async () => {
    const into = join(folder, 'made', 'here');
    const answers = await pool.map(pipeline().png().toDir(into), [
      files[0],
      pathToFileURL(files[1]),
      readFileSync(files[2]),
      await Image.open(files[3]),
    ]);
    expect(readdirSync(into).sort()).toEqual(['000002.png', '000003.png', 'gray.png', 'rgb.png']);
    expect(answers.map(({ path }) => path)).toEqual(['rgb.png', 'gray.png', '000002.png', '000003.png'].map((name) => join(into, name)));
  });

  test('two outputs with one name are refused before anything is written', async () => {
    const into = join(folder, 'clash');
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'rgb.png'), readFileSync(files[0]));
    const clashing = [files[1], files[0], join(folder, 'other', 'rgb.png')];
    await expect(pool.map(pipeline().png().toDir(into), clashing)).rejects.toThrow(/two outputs.*rgb\.png/);
    await expect(pool.map(pipeline().toFile(join(into, 'x.png')), files)).rejects.toThrow(/two outputs/);
    const both = pipeline().tee({ a: pipeline().png().toDir(into), b: pipeline().toFile(join(into, 'rgb.png')) });
    await expect(both(files[0])).rejects.toThrow(/two outputs/);
    expect(() => readdirSync(into)).toThrow(/ENOENT/);
  });

  test('map ends at the first error, in the order of the items; the others can go on', async () => {
    const items = [files[0], broken(), files[1], join(folder, 'missing.png'), files[2]];
    await expect(pool.map(pipeline(), items)).rejects.toMatchObject({ name: 'ImageDecodeError', index: 1, file: items[1] });
    const returned = await pool.map(pipeline(), items, { onError: 'return' });
    expect(returned.map((each) => (each instanceof Error ? each.name : each.width))).toEqual([37, 'ImageDecodeError', 37, 'ImageDecodeError', 37]);
    expect((await pool.map(pipeline({ onError: 'return' }), items))[3]).toMatchObject({ cause: { code: 'ENOENT' }, index: 3 });
    const settled = await pool.mapSettled(pipeline(), items);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    const iterator = pool.imap(pipeline(), items);
    const seen: unknown[] = [];
    for (let i = 0; i < items.length; i++)
      seen.push(
        await iterator.next().then(
          ({ value }) => value?.width,
          (error) => error.index,
        ),
      );
    expect(seen).toEqual([37, 1, 37, 3, 37]);
    await expect(pool.map(pipeline(), [files[0], 3 as never])).rejects.toThrow(/item 1 is none/);
    expect((await pool.map(pipeline(), files)).length).toBe(4);
  });

  test('progress, taskTimeout and options that only pipelines have', async () => {
    const reports: { done: number; failed: number; total: number | null }[] = [];
    await pool.map(pipeline({ onError: 'return' }), [...files, broken()], { onProgress: (report) => reports.push(report) });
    expect(reports.at(-1)).toMatchObject({ done: 4, failed: 1, total: 5 });
    const slow = pipeline().custom(() => sleep(200));
    await expect(
      pool.map(
        slow.custom((x) => x),
        files,
        { taskTimeout: 20 },
      ),
    ).rejects.toThrow(TaskTimeoutError);
    await expect(pool.map(pipeline(), files, { maxInFlightBytes: -1 })).rejects.toThrow(RangeError);
    await expect(pool.map(Math.abs as never, [1], { onError: 'return' } as never)).rejects.toThrow(/pipeline/);
    expect((await pool.map(pipeline(), files, { maxInFlightBytes: 1 })).length).toBe(4);
  });

  test('no more items at a time than threads and one, also when iterated', async () => {
    let active = 0;
    let most = 0;
    const watch = pipeline().custom(async () => {
      most = Math.max(most, ++active);
      await sleep(5);
      active--;
    });
    const many = Array.from({ length: 20 }, () => files[0]);
    await pool.map(watch, many);
    for await (const _ of pool.imap(watch, many, { bufferSize: 20 }));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('a cancelled job rejects with the reason and leaves no part of a file', async () => {
    const into = join(folder, 'cancelled');
    const image = Image.alloc(900, 900, 3);
    const control = new AbortController();
    const job = pool.map(
      pipeline().png({ compressionLevel: 9 }).toDir(into),
      Array.from({ length: 40 }, () => image),
      { signal: control.signal },
    );
    setTimeout(() => control.abort(new Error('enough')), 40);
    await expect(job).rejects.toThrow('enough');
    const left = readdirSync(into);
    expect(left.length).toBeLessThan(40);
    for (const name of left) {
      expect(name).toMatch(/^\d{6}\.png$/);
      expect((await Image.open(join(into, name))).width).toBe(900);
    }
    await expect(pool.map(pipeline(), files, { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
    const own = new Pool(2);
    const pending = own.map(
      pipeline().png({ compressionLevel: 9 }),
      Array.from({ length: 40 }, () => image),
    );
    await own.terminate();
    await expect(pending).rejects.toMatchObject({ name: 'PoolTerminatedError' });
  });

  test('an unwritable folder is an error of its item', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(
      pool.map(
        pipeline()
          .png()
          .toDir(join(folder, 'file', 'in')),
        files,
      ),
    ).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) });
    await expect(pipeline().toFile(join(folder, 'no', 'such', 'a.png'))(files[0])).rejects.toMatchObject({
      code: 'ENOENT',
      step: 'toFile',
      index: 0,
    });
  });
});
