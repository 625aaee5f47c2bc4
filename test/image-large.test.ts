/** Results so large that they are stored past the caches: the same bytes as in pieces that are not. */
import * as image from 'everycore/image';
import { expect, test } from 'vitest';
import { noise } from './support/image-cases.mjs';

const { Image } = image;
type Picture = InstanceType<typeof Image>;

/** 17 MB a result; odd, so that rows begin at any place. */
const sides = { 4: [2051, 2053] } as const;
const picture = (channels: keyof typeof sides, seed = 1): Picture => noise(Image, ...sides[channels], channels, 'u8', seed);

/** The number of the first sample that differs; comparing so much by toEqual takes minutes when it fails. */
function firstDifference(a: Picture, b: Picture): number {
  const samples = a.width * a.channels;
  for (let y = 0; y < a.height; y++) {
    const [one, other] = [a, b].map(({ data, stride }) => Buffer.from(data.buffer, data.byteOffset + y * stride, samples));
    if (one.compare(other) !== 0) return y * samples + one.findIndex((value, i) => value !== other[i]);
  }
  return -1;
}

test('composite: onto opaque pixels, some not so, as a result of its own and in place', () => {
  const base = picture(4);
  const over = picture(4, 2);
  for (let i = 3; i < base.data.length; i += 4) base.data[i] = i % 1013 === 0 ? 77 : 255;
  const answer = image.composite({ over })(base);
  const expected = answer.copy();
  for (let i = 0; i < base.data.length; i++) {
    const alpha = over.data[i | 3];
    if (base.data[i | 3] !== 255) continue;
    expected.data[i] = (i & 3) === 3 ? 255 : Math.round((over.data[i] * alpha + base.data[i] * (255 - alpha)) / 255);
  }
  expect(firstDifference(answer, expected)).toBe(-1);
  for (const [x, y, width, height] of [
    [0, 0, 2051, 1000],
    [1, 1000, 2050, 1053],
  ]) {
    const part = image.composite({ over: over.view(x, y, width, height) })(base.view(x, y, width, height));
    expect(firstDifference(part, answer.view(x, y, width, height))).toBe(-1);
  }
  expect(firstDifference(image.composite({ over })(base, { out: base }), answer)).toBe(-1);
});

test.each([1, 2, 3, 4])('lut, threshold and invert of %i channels: results that begin at any byte', (channels) => {
  const width = Math.ceil(8201 / channels);
  const from = noise(Image, width, 2053, channels, 'u8', 3);
  const table = Uint8Array.from({ length: 256 }, (_, i) => 255 - (i >> 1));
  for (const kernel of [image.lut({ table }), image.threshold({ value: 99, max: 7 }), image.invert()]) {
    const memory = new Uint8Array(from.data.length + 130).fill(77);
    for (const begin of [1, 2, 64, 67]) {
      const out = new Image(memory.subarray(begin, begin + from.data.length), width, 2053, channels);
      kernel(from, { out });
      const parts = [0, 1024].map((y) => kernel(from.view(0, y, width, y === 0 ? 1024 : 1029)));
      for (const [i, part] of parts.entries()) expect(firstDifference(part, out.view(0, 1024 * i, width, part.height))).toBe(-1);
      expect([memory[begin - 1], memory[begin + from.data.length]]).toEqual([77, 77]);
      memory.fill(77);
    }
  }
});

test.each([2048, 2051])('sobel of images %i pixels wide', (width) => {
  const from = noise(Image, width, 4200, 1, 'u8', 5);
  for (const dtype of ['s16', 'f32'] as const) {
    const sobel = image.sobel({ dx: 1, dtype });
    const whole = sobel(from);
    for (const [begin, rows] of [
      [0, 2000],
      [1998, 2202],
    ]) {
      const part = sobel(from.view(0, begin, width, rows));
      for (let y = 1; y < rows - 1; y++) {
        const row = ({ data, stride }: Picture, at: number) =>
          Buffer.from(data.buffer, data.byteOffset + at * stride * data.BYTES_PER_ELEMENT, width * data.BYTES_PER_ELEMENT);
        if (row(part as Picture, y).compare(row(whole as Picture, begin + y)) !== 0) expect.fail(`${dtype}: row ${begin + y}`);
      }
    }
  }
});
