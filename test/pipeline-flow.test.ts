/** Whatever steps a pipeline has, and however rows flow through them: the bytes are those of the kernels one after the other. */
import { createHash } from 'node:crypto';
import { Pool } from 'everycore';
import * as image from 'everycore/image';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vipsLibrary } from '../dist/image/codec/vips-library.js';
import { fusedAt } from '../dist/pipeline/fuse.js';

const { Image, pipeline } = image;

type Options = Record<string, unknown> | undefined;
type Picture = InstanceType<typeof Image>;
type Factory = (options?: Options) => (picture: Picture) => unknown;
type Steps = Record<string, (options?: Options) => Steps>;

const table = Uint8Array.from({ length: 256 }, (_, i) => (i * 37) & 255);
const matrix = [
  [0.5, 0.2, 0.1],
  [0, 1, 0],
  [0.3, 0.3, 0.3],
];
const window = [
  [0, 1, 0],
  [1, -2, 1],
  [3, 1, 0],
];

/** Steps that answer bytes of the size that they are given. */
const samesize: [string, Options?][] = [
  ['invert'],
  ['linear', { a: 1.2, b: -7 }],
  ['gamma', { gamma: 2.2 }],
  ['lut', { table }],
  ['solarize', { threshold: 100 }],
  ['posterize', { bits: 3 }],
  ['threshold', { value: 100 }],
  ['gaussianBlur', { sigma: 1.5 }],
  ['gaussianBlur', { sigma: 4, border: 'replicate' }],
  ['gaussianBlur', { sigma: 1, border: 'wrap' }],
  ['boxBlur', { size: 9, border: 'constant', borderValue: 80 }],
  ['medianBlur', { size: 3 }],
  ['medianBlur', { size: 7 }],
  ['convolve', { kernel: window, divisor: 3, border: 'reflect' }],
  ['convolveSeparable', { x: [0.25, 0.5, 0.25], y: [0.1, 0.2, 0.4, 0.2, 0.1] }],
  ['erode', { size: 3, iterations: 3 }],
  ['dilate', { kernel: window.map((row) => row.map((x) => Number(x > 0))) }],
  ['morphology', { op: 'open', size: 5 }],
  ['morphology', { op: 'gradient', size: 3, iterations: 2 }],
  ['bilateral', { diameter: 5, sigmaColor: 30, sigmaSpace: 3 }],
  ['unsharp', { radius: 2, percent: 80, threshold: 3 }],
  ['sharpen'],
  ['sobelMagnitude'],
  ['laplacian', { size: 3, dtype: 'u8' }],
  ['flip'],
  ['equalize'],
];

/** Steps that only some pictures can take, or whose answer is of another size or kind. */
const others: [string, Options?][] = [
  ['grayscale'],
  ['colorMatrix', { matrix }],
  ['convertColor', { to: 'hsv' }],
  ['swapChannels', { order: [2, 1, 0] }],
  ['extractChannel', { channel: 1 }],
  ['premultiply'],
  ['crop', { x: 3, y: 17, width: 40, height: 50 }],
  ['pad', { left: 3, top: 4, right: 5, bottom: 6 }],
  ['resize', { width: 37 }],
  ['resize', { width: 50, height: 20, fit: 'cover', position: 'bottom' }],
  ['sobel', { dx: 1, dy: 0 }],
  ['adaptiveThreshold', { size: 11, c: 2 }],
  ['toTensor'],
  ['stats'],
  ['histogram'],
];

function picture(width: number, height: number, channels: number, seed: number): Picture {
  const made = Image.alloc(width, height, channels);
  for (let i = 0, state = seed; i < made.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made.data[i] = state >>> 24;
  }
  return made;
}

/** Pixels as a hash, which is compared faster than they are. */
function summary(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(summary);
  if (typeof answer === 'object' && answer !== null && 'data' in answer) return { ...answer, data: summary(answer.data) };
  if (!ArrayBuffer.isView(answer)) return answer;
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  return `${answer.constructor.name} ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** What comes of it, errors included. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return summary(await run());
  } catch (error) {
    return (error as Error).message;
  }
}

const oneByOne = (source: Picture, steps: readonly [string, Options?][]) =>
  steps.reduce((value, [name, options]) => (image[name as keyof typeof image] as unknown as Factory)(options)(value) as Picture, source);

const piped = (steps: readonly [string, Options?][]) =>
  steps.reduce((made, [name, options]) => made[name](options), pipeline() as unknown as Steps) as unknown as ReturnType<typeof pipeline>;

describe.runIf(vipsLibrary().open)('rows that flow through steps', () => {
  // With one thread every item is streamed; with two and one item steps are split; an Image is not decoded.
  let one: Pool;
  let two: Pool;
  beforeAll(() => {
    one = new Pool(1);
    two = new Pool(2);
  });
  afterAll(() => Promise.all([one.terminate(), two.terminate()]));

  for (const [name, options] of [...samesize, ...others]) {
    test(`${name}(${JSON.stringify(options) ?? ''})`, async () => {
      for (const [width, height, channels] of [
        [700, 500, 3],
        [90, 1500, 4],
        [64, 70, 1],
        [80, 3, 3],
      ]) {
        const source = picture(width, height, channels, 11);
        const file = await source.encode('png', { compressionLevel: 1 });
        const steps: [string, Options?][] = [[name, options]];
        const expected = await outcome(() => oneByOne(source, steps));
        expect(await outcome(() => one.apply(piped(steps), [file])), `${width}×${height}×${channels}`).toEqual(expected);
      }
    });
  }

  test('steps that are tables are one', async () => {
    const points: [string, Options?][] = [
      ['invert'],
      ['linear', { a: [1, 0.5, 2], b: 3 }],
      ['gamma', { gamma: 1.7 }],
      ['lut', { table }],
      ['brightness', { factor: 1.3 }],
      ['contrast', { factor: 1.4 }],
      ['levels', { inBlack: 10, inWhite: 200 }],
      ['posterize', { bits: 4 }],
      ['solarize', { threshold: 128 }],
      ['threshold', { value: 77, max: 200 }],
    ];
    for (const channels of [3, 4]) {
      const source = picture(60, 40, channels, 3);
      const file = await source.encode('png');
      for (let end = 2; end <= points.length; end++) {
        const steps = piped(points.slice(0, end)).custom(image.invert());
        expect(fusedAt(steps.steps, 0, channels, 'u8').count).toBe(end + 1);
        const expected = await outcome(() => image.invert()(oneByOne(source, points.slice(0, end))));
        expect(await outcome(() => steps(source))).toEqual(expected);
        expect(await outcome(() => one.apply(steps, [file]))).toEqual(expected);
      }
    }
    const kinds = piped([['invert'], ['grayscale'], ['gamma', { gamma: 2 }], ['invert'], ['medianBlur', { size: 3 }]]).steps;
    expect(kinds.map((_, i) => fusedAt(kinds, i, 1, 'u8').count)).toEqual([1, 1, 2, 1, 1]);
    expect(fusedAt(kinds, 2, 1, 'u16').count).toBe(2);
    expect(fusedAt(kinds, 2, 1, 'f32').count).toBe(1);
    // What the second step refuses is its own error, not that of a table.
    const refused = piped([['invert'], ['linear', { a: [1, 2, 3] }]]);
    await expect(refused(picture(4, 4, 1, 1))).rejects.toMatchObject({ step: 'linear', message: expect.stringMatching(/^linear must have/) });
  });

  test('explain() tells of tables and rows', () => {
    const lines = pipeline().invert().gamma({ gamma: 2 }).boxBlur({ size: 3 }).equalize().invert().jpeg().explain().split('\n');
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^invert → gamma\(gamma: .*2\): one table of bytes, in one pass, rows as they are decoded/),
      expect.stringMatching(/^boxBlur.*: kernel, rows as they are decoded/),
      expect.stringMatching(/^equalize: kernel, the whole picture/),
      expect.stringMatching(/^invert: kernel, the whole picture/),
      'jpeg',
    ]);
  });

  test('any list of steps', async () => {
    const step = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...samesize) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
    const size = fc.record({
      width: fc.integer({ min: 1, max: 300 }),
      height: fc.integer({ min: 1, max: 400 }),
      channels: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), size, fc.nat(1000), async (steps, { width, height, channels }, seed) => {
        const source = picture(width, height, channels, seed);
        const file = await source.encode('png', { compressionLevel: 1 });
        const expected = await outcome(() => oneByOne(source, steps));
        expect(await outcome(() => one.apply(piped(steps), [file]))).toEqual(expected);
        expect(await outcome(() => two.apply(piped(steps), [file]))).toEqual(expected);
        expect(await outcome(() => one.apply(piped(steps), [source]))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
