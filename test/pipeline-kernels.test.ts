/** Every image kernel is a method of pipelines, and answers there what it answers alone, to the byte. */
import { createHash } from 'node:crypto';
import { kernels, Pool } from 'everycore';
import * as image from 'everycore/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const { Image, pipeline } = image;

type Made = (picture: unknown) => unknown;
type Factory = (options?: unknown) => Made;
type Steps = Record<string, (options?: unknown) => Steps> & ((source: unknown) => Promise<unknown>);

/** Options for kernels that need some. */
const options: Record<string, unknown> = {
  resize: { width: 321 },
  crop: { x: 10, y: 20, width: 500, height: 300 },
  pad: { left: 3, top: 4, right: 5, bottom: 6 },
  rotate90: { turns: 1 },
  autoOrient: { orientation: 6 },
  rotate: { angle: 10 },
  affine: { matrix: [1, 0.1, 3, -0.1, 1, 5] },
  perspective: { matrix: [1, 0.1, 3, -0.1, 1, 5, 0.0001, 0, 1] },
  remap: {
    mapX: Float32Array.from({ length: 64 }, (_, i) => i * 3),
    mapY: Float32Array.from({ length: 64 }, (_, i) => 200 - i),
    width: 8,
    height: 8,
  },
  swapChannels: { order: [2, 1, 0] },
  extractChannel: { channel: 1 },
  convertColor: { to: 'hsv' },
  colorMatrix: {
    matrix: [
      [0.5, 0.2, 0.1],
      [0, 1, 0],
      [0.3, 0.3, 0.3],
    ],
  },
  linear: { a: 1.2, b: -7 },
  gamma: { gamma: 2.2 },
  lut: { table: Uint8Array.from({ length: 256 }, (_, i) => 255 - i) },
  brightness: { factor: 1.3 },
  contrast: { factor: 1.4 },
  levels: { inBlack: 10, inWhite: 200 },
  posterize: { bits: 3 },
  solarize: { threshold: 128 },
  threshold: { value: 100 },
  adaptiveThreshold: { size: 11, c: 2 },
  convolve: {
    kernel: [
      [0, 1, 0],
      [1, 2, 1],
      [0, 1, 0],
    ],
    divisor: 6,
  },
  convolveSeparable: { x: [0.25, 0.5, 0.25], y: [0.25, 0.5, 0.25] },
  gaussianBlur: { sigma: 2 },
  boxBlur: { size: 5 },
  medianBlur: { size: 3 },
  bilateral: { diameter: 5, sigmaColor: 20, sigmaSpace: 5 },
  unsharp: { radius: 1, percent: 80, threshold: 3 },
  sobel: { dx: 1, dy: 0 },
  scharr: { dx: 1, dy: 0 },
  canny: { low: 50, high: 120 },
  erode: { size: 3 },
  dilate: { size: 3 },
  morphology: { op: 'open', size: 3 },
};

/** Kernels of two pictures, of a list of them, or of a tensor: no first steps. */
const others = ['absdiff', 'psnr', 'ssim', 'mergeChannels', 'fromTensor'];

/** Large enough for its memory to be passed on from step to step. */
function picture(channels: number) {
  const made = Image.alloc(900, 620, channels);
  for (let i = 0, state = 5; i < made.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made.data[i] = ((i >> 5) & 127) + (state >>> 26);
  }
  return made;
}

/** Pixels by their checksum: comparing millions of numbers one by one takes too long. */
function digest(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${createHash('sha1').update(bytes).digest('hex')}`;
  }
  if (Array.isArray(value)) return value.map(digest);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, digest(each)]));
}

const second = picture(3).view(0, 0, 90, 60).copy();
Object.assign(options, {
  composite: { over: second, x: 5, y: 6 },
  blend: { over: picture(3), opacity: 0.5 },
  matchTemplate: { template: second.view(0, 0, 9, 9).copy() },
});

const names = kernels()
  .filter(({ entry, name }) => entry === 'image' && !others.includes(name))
  .map(({ name }) => name);

let pool: Pool;
beforeAll(() => {
  pool = new Pool(2);
});
afterAll(() => pool.terminate());

/** Of these pictures the first that the kernel takes. */
function taken(made: Made): { source: ReturnType<typeof picture>; answer: unknown } {
  for (const channels of [3, 1, 4]) {
    const source = picture(channels);
    try {
      return { source, answer: made(source) };
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    }
  }
  throw new Error('the kernel takes none of the pictures: give it options in this test');
}

test('there are kernels, and all of them are methods', () => {
  expect(names.length).toBeGreaterThan(2);
  for (const name of names) expect(typeof (pipeline() as unknown as Steps)[name], name).toBe('function');
});

describe('as a step, and between steps', () => {
  for (const name of names) {
    test(name, async () => {
      const make = (image as unknown as Record<string, Factory>)[name];
      const made = make(options[name]);
      const { source, answer } = taken(made);
      const steps = (pipeline() as unknown as Steps)[name](options[name]);
      expect(digest(await steps(source))).toEqual(digest(answer));
      expect(JSON.stringify(pipeline.from(JSON.parse(JSON.stringify(steps))))).toBe(JSON.stringify(steps));
      expect(await (pipeline.from(JSON.parse(JSON.stringify(steps))) as unknown as Steps)(source).then(digest)).toEqual(digest(answer));
      // After a blur the kernel reads memory that was somebody else's, and many items share it.
      const before = image.gaussianBlur({ sigma: 1 });
      const expected = digest(made(before(source)));
      const chained = (pipeline() as unknown as Steps).gaussianBlur({ sigma: 1 })[name](options[name]);
      for (const each of await pool.map(chained as never, [source, source, source, source])) expect(digest(each)).toEqual(expected);
    });
  }
});

test('a chain over files is the kernels one after the other, also split over threads and in branches', async () => {
  const bytes = await picture(3).encode('png');
  const whole = await Image.open(bytes);
  const blurred = image.gaussianBlur({ sigma: 3 })(whole);
  const gray = image.grayscale()(image.resize({ width: 200 })(blurred));
  const small = image.resize({ width: 50 })(blurred);
  const steps = pipeline()
    .gaussianBlur({ sigma: 3 })
    .tee({ gray: pipeline().resize({ width: 200 }).grayscale(), small: pipeline().resize({ width: 50 }) });
  expect(digest(await pool.apply(steps, [bytes]))).toEqual(digest({ gray, small }));
  for (const each of await pool.map(steps, [bytes, bytes, bytes, bytes, bytes])) expect(digest(each)).toEqual(digest({ gray, small }));
});
