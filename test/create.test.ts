/** linspace, arange, fill, random and Matrix.random. */
import { arange, fill, linspace, random } from 'everycore/math';
import { Matrix } from 'everycore/matrix';
import { expect, test } from 'vitest';
import { philox } from '../dist/kernels/philox.js';
import { run } from './run-program';

const bad = (value: unknown) => value as never;

test('linspace begins at start, ends exactly at stop and steps evenly', () => {
  expect(linspace(0, 1, 5)).toEqual(Float64Array.of(0, 0.25, 0.5, 0.75, 1));
  expect(linspace(3, -3, 3, 'f32')).toEqual(Float32Array.of(3, 0, -3));
  expect(linspace(2, 9, 1)).toEqual(Float64Array.of(2));
  expect(linspace(2, 9, 0)).toEqual(new Float64Array(0));
  expect(linspace(0, 10, 4, 'i32')).toEqual(Int32Array.of(0, 3, 6, 10));
  expect(linspace(-1e308, 1e308, 3)).toEqual(Float64Array.of(-1e308, 0, 1e308));
  for (const n of [7, 50, 1001]) expect(linspace(0.1, 0.7, n)[n - 1]).toBe(0.7);
});

test('arange goes up to before stop', () => {
  expect(arange(0, 5)).toEqual(Float64Array.of(0, 1, 2, 3, 4));
  expect(arange(5, 0, -2)).toEqual(Float64Array.of(5, 3, 1));
  expect(arange(0, 1, 0.3)).toEqual(Float64Array.of(0, 0.3, 0.6, 3 * 0.3));
  expect(arange(3, 3)).toEqual(new Float64Array(0));
  expect(arange(0, 5, -1)).toEqual(new Float64Array(0));
  expect(arange(250, 258, undefined, 'u8')).toEqual(Uint8Array.of(250, 251, 252, 253, 254, 255, 0, 1));
});

test('fill repeats a value in every dtype', () => {
  expect(fill(3, 1.5)).toEqual(Float64Array.of(1.5, 1.5, 1.5));
  expect(fill(2, 300, 'u8c')).toEqual(Uint8ClampedArray.of(255, 255));
  expect(fill(2, -1, 'u16')).toEqual(Uint16Array.of(65535, 65535));
  expect(fill(2, -1n, 'i64')).toEqual(BigInt64Array.of(-1n, -1n));
  expect(fill(0, 1)).toEqual(new Float64Array(0));
  expect(() => fill(2, bad(1), 'i64')).toThrow(TypeError);
  expect(() => fill(2, bad(1n), bad('f64'))).toThrow(TypeError);
});

// The known answers that the authors of Philox publish with Random123.
test.each([
  [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
] as const)('philox of %j and %j', (counter, [low, high], expected) => {
  const words = Uint32Array.from(counter);
  philox(words, low, high);
  expect([...words].map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(expected);
});

test('random: a seed gives the same numbers again, and a shorter array is the beginning of a longer one', () => {
  for (const dtype of ['f64', 'f32'] as const) {
    for (const distribution of ['uniform', 'normal'] as const) {
      const long = random(1001, { seed: 7, dtype, distribution });
      expect(random(1001, { seed: 7, dtype, distribution })).toEqual(long);
      for (const n of [0, 1, 2, 3, 5, 1000]) expect(random(n, { seed: 7, dtype, distribution })).toEqual(long.slice(0, n));
      expect(random(1001, { seed: 8, dtype, distribution })).not.toEqual(long);
      expect(random(1001, { seed: 7 + 2 ** 40, dtype, distribution })).not.toEqual(long);
    }
  }
  expect(random(4)).not.toEqual(random(4));
  // The first two numbers of seed 0 are the known answer's bits.
  const [first, second] = random(2, { seed: 0 });
  expect(Math.floor(first * 2 ** 27)).toBe(0x6627e8d5 >>> 5);
  expect(Math.floor(second * 2 ** 27)).toBe(0xbc57ac4c >>> 5);
});

test('random: moments and limits', () => {
  const n = 200_000;
  const mean = (x: ArrayLike<number>, power = 1) => Array.from(x).reduce((sum, value) => sum + value ** power, 0) / x.length;
  for (const dtype of ['f64', 'f32'] as const) {
    const uniform = random(n, { seed: 1, dtype });
    expect(uniform.every((x: number) => x >= 0 && x < 1)).toBe(true);
    expect(Math.abs(mean(uniform) - 1 / 2)).toBeLessThan(0.005);
    expect(Math.abs(mean(uniform, 2) - 1 / 3)).toBeLessThan(0.005);
    const normal = random(n, { seed: 1, dtype, distribution: 'normal' });
    expect(Math.abs(mean(normal))).toBeLessThan(0.02);
    expect(Math.abs(mean(normal, 2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean(normal, 3))).toBeLessThan(0.06);
    expect(Math.abs(mean(normal, 4) - 3)).toBeLessThan(0.15);
  }
});

test('random: normal numbers follow from the uniform ones by the polar method', () => {
  const uniform = random(400, { seed: 3 });
  const expected: number[] = [];
  for (let i = 0; i < uniform.length; i += 2) {
    const [x, y] = [2 * uniform[i] - 1, 2 * uniform[i + 1] - 1];
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    expected.push(x * scale, y * scale);
  }
  const normal = random(expected.length, { seed: 3, distribution: 'normal' });
  expected.forEach((value, i) => {
    expect(Math.abs(normal[i] / value - 1)).toBeLessThan(1e-14);
  });
});

test('bad input is refused', () => {
  for (const n of [-1, 1.5, Number.NaN, 2 ** 60]) {
    expect(() => random(n)).toThrow(RangeError);
    expect(() => linspace(0, 1, n)).toThrow(RangeError);
    expect(() => fill(n, 0)).toThrow(RangeError);
  }
  expect(() => random(bad('3'))).toThrow(TypeError);
  expect(() => random(3, bad(null))).toThrow(TypeError);
  expect(() => random(3, bad({ sead: 1 }))).toThrow(/sead/);
  expect(() => random(3, { seed: -1 })).toThrow(RangeError);
  expect(() => random(3, { seed: 0.5 })).toThrow(RangeError);
  expect(() => random(3, bad({ seed: '1' }))).toThrow(TypeError);
  expect(() => random(3, bad({ distribution: 'cauchy' }))).toThrow(TypeError);
  expect(() => random(3, bad({ dtype: 'i32' }))).toThrow(TypeError);
  expect(() => linspace(0, Number.POSITIVE_INFINITY, 3)).toThrow(RangeError);
  expect(() => linspace(bad('0'), 1, 3)).toThrow(TypeError);
  expect(() => linspace(0, 1, 3, bad('i64'))).toThrow(TypeError);
  expect(() => arange(0, 1, 0)).toThrow(RangeError);
  expect(() => arange(0, Number.NaN)).toThrow(RangeError);
  expect(() => arange(0, 1e300, 1e-10)).toThrow(RangeError);
});

test('Matrix.random has the numbers of random, row by row', () => {
  const matrix = Matrix.random(3, 5, { seed: 11, dtype: 'f32' });
  expect([matrix.rows, matrix.cols]).toEqual([3, 5]);
  expect(matrix.data).toEqual(random(15, { seed: 11, dtype: 'f32' }));
  expect(Matrix.random(0, 4).data.length).toBe(0);
  expect(Matrix.random(2, 2).data).toBeInstanceOf(Float64Array);
  expect(() => Matrix.random(-1, 2)).toThrow(RangeError);
  expect(() => Matrix.random(2, 2, bad({ dtype: 'u8' }))).toThrow(TypeError);
});

test('another program makes the same numbers', async () => {
  const program = "const { random } = require('everycore/math'); process.stdout.write(random(3, { seed: 5, distribution: 'normal' }).join())";
  const { stdout } = await run(['-e', program]);
  expect(stdout).toBe(random(3, { seed: 5, distribution: 'normal' }).join());
});
