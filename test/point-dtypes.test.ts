/** Point kernels of words and floats: their formulas, what is refused, numbers that are none, and chains of them in a pipeline. */
import * as image from 'everycore/image';
import { describe, expect, test } from 'vitest';
import { noise } from './support/image-cases.mjs';

const { Image } = image;
type Words = image.Image<Uint16Array>;
const words = (width: number, height: number, channels: number): Words => noise(Image, width, height, channels, 'u16');
const rint = (x: number): number => {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (below & 1) : Math.round(x);
};
const stored = (x: number): number => Math.min(65535, Math.max(0, rint(x)));

describe('words', () => {
  const formulas: [string, image.SamePixelsKernel, (x: number, c: number) => number][] = [
    ['linear', image.linear({ a: [1.5, 0.25, 3], b: [0.5, -100, 7] }), (x, c) => [1.5, 0.25, 3][c] * x + [0.5, -100, 7][c]],
    ['invert', image.invert(), (x) => 65535 - x],
    ['gamma', image.gamma({ gamma: 2.2 }), (x) => 65535 * (x / 65535) ** (1 / 2.2)],
    ['brightness', image.brightness({ factor: 1.7 }), (x) => x * 1.7],
    ['contrast', image.contrast({ factor: 1.25 }), (x) => (x - 32768) * 1.25 + 32768],
    ['levels', image.levels({ inBlack: 1000, gamma: 0.5 }), (x) => (Math.max(0, x - 1000) / 64535) ** 2 * 65535],
    ['posterize', image.posterize({ bits: 10 }), (x) => x - (x % 64)],
    ['solarize', image.solarize(), (x) => (x < 32768 ? x : 65535 - x)],
    ['threshold', image.threshold({ value: 999.5 }), (x) => (x > 999.5 ? 65535 : 0)],
    ['threshold with max', image.threshold({ value: 40000, max: 7, invert: true }), (x) => (x > 40000 ? 0 : 7)],
  ];
  test.each(formulas)('%s of every word, alpha untouched', (_, kernel, formula) => {
    const every = Image.alloc(256, 257, 4, 'u16');
    for (let i = 0; i < every.data.length; i++) every.data[i] = i >> 2;
    const answer = kernel(every);
    expect(answer.data).toBeInstanceOf(Uint16Array);
    const wrong = every.data.findIndex((x, i) => answer.data[i] !== (i % 4 === 3 ? x : stored(formula(x, i % 4))));
    expect(wrong).toBe(-1);
  });

  test('a chain in a pipeline is its kernels one after the other', async () => {
    for (const channels of [1, 2, 3, 4]) {
      const picture = words(37, 11, channels);
      const steps = image.pipeline().gamma({ gamma: 1.8 }).linear({ a: 0.9, b: 99 }).solarize({}).threshold({ value: 5000, max: 60000 });
      const alone = [
        image.gamma({ gamma: 1.8 }),
        image.linear({ a: 0.9, b: 99 }),
        image.solarize({}),
        image.threshold({ value: 5000, max: 60000 }),
      ].reduce((each, kernel) => kernel(each), picture);
      expect(await steps(picture as never)).toEqual(alone);
    }
  });

  test('what does not fit the dtype is said in one sentence', () => {
    const bytes = Image.alloc(2, 2, 3);
    const floats = Image.alloc(2, 2, 3, 'f32');
    expect(() => image.posterize({ bits: 9 })(bytes)).toThrow('bits of posterize must be a whole number from 1 to 8 for an Image of u8, got 9');
    expect(() => image.posterize({ bits: 2 })(floats)).toThrow(TypeError);
    expect(() => image.threshold({ value: 3, max: 256 })(bytes)).toThrow('from 0 to 255 for an Image of u8, got 256');
    expect(() => image.threshold({ value: 3, max: 0.5 })(words(2, 2, 1))).toThrow(RangeError);
    expect(() => image.levels({ inBlack: 300 })(bytes)).toThrow('inWhite of levels must be above inBlack (300), got 255');
    expect(() => image.lut({ table: new Uint8Array(256) })(words(2, 2, 1))).toThrow('takes an Image of u8, got one of u16');
    expect(() => image.lut({ table: new Uint16Array(256) })).toThrow('must have 65536 numbers of u16, got 256');
    expect(() => image.lut({ table: [new Uint16Array(65536), new Uint8Array(256)] })).toThrow('must be of one type');
    expect(() => image.linear({ a: [1, 2] })(words(2, 2, 4))).toThrow('one number or one per colour channel (3), got 2');
    expect(() => image.invert()(words(2, 2, 1), { out: Image.alloc(2, 2, 1) as never })).toThrow(TypeError);
  });
});

describe('floats', () => {
  const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e-45, -0.25, 0.5, 1, 2.5, 3e38];
  const picture = Image.from({ data: Float32Array.from(strange), width: strange.length, height: 1 });
  const formulas: [string, image.SamePixelsKernel, (x: number) => number][] = [
    ['linear', image.linear({ a: 2, b: 0.1 }), (x) => x * 2 + 0.1],
    ['invert', image.invert(), (x) => 1 - x],
    ['contrast', image.contrast({ factor: 2 }), (x) => (x - 0.5) * 2 + 0.5],
    ['gamma', image.gamma({ gamma: 2 }), (x) => Math.sqrt(Math.max(x, 0))],
    ['levels', image.levels({ inWhite: 2, outWhite: 4 }), (x) => Math.min(1, Math.max(0, x / 2)) * 4],
    ['solarize', image.solarize(), (x) => (x < 0.5 ? x : 1 - x)],
    ['threshold', image.threshold({ value: 0.5, max: 3.5 }), (x) => (x > 0.5 ? 3.5 : 0)],
  ];
  test.each(formulas)('%s, nothing cut off', (_, kernel, formula) => {
    const expected = Float32Array.from(picture.data, formula);
    kernel(picture).data.forEach((value, i) => {
      if (Number.isNaN(expected[i])) expect(value).toBeNaN();
      else if (Number.isFinite(expected[i])) expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(2 ** -24 * Math.abs(expected[i]));
      else expect(value).toBe(expected[i]);
    });
  });

  test('a power is the nearest float', () => {
    const floats = noise(Image, 501, 7, 1, 'f32');
    for (const gamma of [0.3, 1.1, 2.4]) {
      const answer = image.gamma({ gamma })(floats);
      const differing = answer.data.filter((value: number, i: number) => value !== Math.fround(floats.data[i] ** (1 / gamma)));
      expect(differing.length).toBeLessThanOrEqual(1);
    }
  });
});

describe('two images, tensors and statistics', () => {
  test('composite and blend take images of one dtype', () => {
    const [bytes, floats] = [Image.alloc(2, 2, 3), Image.alloc(2, 2, 3, 'f32')];
    expect(() => image.composite({ over: floats })(words(2, 2, 3))).toThrow('over of composite must be of u16 as the image, got one of f32');
    expect(() => image.blend({ over: bytes })(floats)).toThrow('over of blend must be of f32 as the image, got one of u8');
    const light = Image.from({ data: Float32Array.of(2, 4, 0.5), width: 1, height: 1 });
    const half = Image.from({ data: Float32Array.of(1, 0, -1, 0.5), width: 1, height: 1 });
    expect(image.composite({ over: half })(light).data).toEqual(Float32Array.of(1.5, 2, -0.25));
    expect(image.blend({ over: light, opacity: 0.25 })(light).data).toEqual(light.data);
  });

  test('words and floats as tensors', () => {
    const picture = Image.from({ data: Uint16Array.of(0, 65535, 13107, 1), width: 2, height: 1, channels: 2 });
    const f = Math.fround;
    const number = (x: number) => f(f(f(x / 65535) - f(0.5)) / f(0.25));
    expect(image.toTensor({ mean: 0.5, std: 0.25 })(picture)).toEqual({
      data: Float32Array.from([0, 13107, 65535, 1], number),
      shape: [2, 1, 2],
    });
    const floats = Image.from({ data: Float32Array.of(0.5, -3), width: 2, height: 1, channels: 1 });
    expect(image.toTensor()(floats).data).toEqual(floats.data);
  });

  test('statistics of words and floats', () => {
    const floats = Image.alloc(3, 70, 2, 'f32');
    for (let i = 0; i < floats.data.length; i++) floats.data[i] = i % 2 === 0 ? 1e6 + (i % 4) : -5;
    const [first, second] = image.stats()(floats);
    expect(first).toEqual({ mean: 1e6 + 1, std: expect.closeTo(1, 9), min: 1e6, max: 1e6 + 2 });
    expect(second).toEqual({ mean: -5, std: 0, min: -5, max: -5 });
    floats.data[210] = Number.NaN;
    const [strange, same] = image.stats()(floats);
    for (const value of Object.values(strange)) expect(value).toBeNaN();
    expect(same).toEqual(second);
    expect(image.stats()(words(1, 1, 1))[0].std).toBe(0);
  });
});
