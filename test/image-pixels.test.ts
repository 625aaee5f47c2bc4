/** What kernels of pixels, channels and colours do beside what the tables of cases say: several images in or out, wrong options. */
import * as exported from 'everycore/image';
import { describe, expect, test } from 'vitest';
import { noise } from './support/image-cases.mjs';

const kernels = exported as unknown as Record<string, (options?: unknown) => unknown>;
const testImage = (width: number, height: number, channels: number): exported.Image => noise(exported.Image, width, height, channels, 'u8');

test('mergeChannels undoes splitChannels', () => {
  for (const channels of [1, 2, 3, 4]) {
    const image = testImage(37, 11, channels);
    expect(exported.mergeChannels()(exported.splitChannels()(image))).toEqual(image);
  }
  const [small, large] = [testImage(3, 3, 1), testImage(4, 3, 1)];
  expect(() => exported.mergeChannels()([small, large])).toThrow(RangeError);
  expect(() => exported.mergeChannels()([testImage(3, 3, 2)])).toThrow(TypeError);
  expect(() => exported.mergeChannels()([])).toThrow(RangeError);
  expect(() => exported.mergeChannels()([small, small], { out: exported.Image.from({ ...small, data: small.data, width: 3, height: 3 }) })).toThrow(
    RangeError,
  );
});

test('lut by one table, and by one for each colour', () => {
  const tables = [1, 7, 11].map((factor) => Uint8Array.from({ length: 256 }, (_, x) => (x * factor + 3) & 255));
  const image = testImage(201, 7, 4);
  const answer = exported.lut({ table: tables })(image);
  const expected = image.data.map((x, i) => (i % 4 === 3 ? x : tables[i % 4][x]));
  expect(answer.data).toEqual(expected);
  expect(exported.lut({ table: tables[1] })(image).data).toEqual(image.data.map((x, i) => (i % 4 === 3 ? x : tables[1][x])));
  const inPlace = image.copy();
  expect(exported.invert()(inPlace, { out: inPlace })).toBe(inPlace);
  expect(inPlace).toEqual(exported.invert()(image));
});

test('fromTensor undoes toTensor', () => {
  for (const channels of [1, 2, 3, 4]) {
    const image = testImage(37, 11, channels);
    for (const options of [
      { layout: 'hwc', bgr: true },
      { mean: 0.45, std: 0.2 },
    ] as const) {
      expect(exported.fromTensor(options)(exported.toTensor(options)(image))).toEqual(image);
    }
  }
  expect(() => exported.fromTensor()({ data: new Float32Array(5), shape: [1, 2, 3] })).toThrow(RangeError);
  expect(() => exported.fromTensor()({} as never)).toThrow(TypeError);
});

test('composite: an opaque image covers, a clear one does not, and what sticks out is cut off', () => {
  const base = testImage(20, 10, 4);
  const over = testImage(8, 8, 3);
  const answer = exported.composite({ over, x: 16, y: -3 })(base);
  expect(answer.view(0, 0, 16, 10).copy()).toEqual(base.view(0, 0, 16, 10).copy());
  expect(answer.view(16, 5, 4, 5).copy()).toEqual(base.view(16, 5, 4, 5).copy());
  const covered = exported.swapChannels({ order: [0, 1, 2] })(answer.view(16, 0, 4, 5));
  expect(covered).toEqual(over.view(0, 3, 4, 5).copy());
  expect(() => exported.composite({ over })(testImage(20, 10, 1))).toThrow(TypeError);
  expect(() => exported.blend({ over })(base)).toThrow(RangeError);
});

describe('wrong options', () => {
  const wrong: [string, Record<string, unknown>][] = [
    ['crop', {}],
    ['crop', { width: 0, height: 1 }],
    ['crop', { x: -1, width: 1, height: 1 }],
    ['pad', { left: 1.5 }],
    ['pad', { border: 'nowhere' }],
    ['rotate90', { turns: 4 }],
    ['autoOrient', { orientation: 0 }],
    ['extractChannel', {}],
    ['swapChannels', { order: [] }],
    ['swapChannels', { order: [4] }],
    ['linear', { a: Number.NaN }],
    ['linear', { a: [1, 2], b: [1, 2, 3] }],
    ['gamma', { gamma: 0 }],
    ['lut', { table: new Uint8Array(255) }],
    ['brightness', {}],
    ['levels', { inBlack: 9, inWhite: 9 }],
    ['posterize', { bits: 0 }],
    ['affine', { matrix: [1, 2, 3] }],
    ['affine', { matrix: [1, 2, 3, 4, 5, Number.NaN] }],
    ['perspective', {}],
    ['rotate', {}],
    ['remap', { width: 2, height: 2, mapX: new Float32Array(3), mapY: new Float32Array(4) }],
    ['composite', {}],
    ['blend', { over: exported.Image.alloc(2, 2, 1), opacity: 2 }],
    ['colorMatrix', { matrix: [[1, 0, 0]] }],
    ['toTensor', { std: 0 }],
    ['flatten', { background: Number.NaN }],
  ];
  test.each(wrong)('%s %o', (kernel, options) => {
    expect(() => kernels[kernel](options)).toThrow(/^(?:(?!\. ).)+$/);
  });

  test('of an image they do not fit', () => {
    expect(() => exported.crop({ x: 3, width: 3, height: 1 })(testImage(5, 5, 1))).toThrow(RangeError);
    expect(() => exported.extractChannel({ channel: 1 })(testImage(5, 5, 1))).toThrow(RangeError);
    expect(() => exported.linear({ a: [1, 2] })(testImage(5, 5, 3))).toThrow(RangeError);
  });
});
