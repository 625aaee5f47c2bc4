/** Every native reduction for every dtype, CPU level, awkward length and offset against its TypeScript reference: the same bits. */
import { Pool } from 'everycore';
import * as math from 'everycore/math';
import { afterAll, expect, test } from 'vitest';
import type { TypedArray } from '../dist/kernels/call.js';
import { constructorOf, type Dtype, dtypes } from '../dist/kernels/dtype.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { arrayOf, runAt, state } from './levels';

const pool = new Pool({ processes: 3 });
afterAll(() => pool.close());

const lengths = [1, 2, 3, 7, 8, 15, 16, 17, 31, 63, 64, 65, 127, 257, 511, 4095, 4096, 4097, 8191, 12_289, 20_481];
const names = ['sum', 'mean', 'product', 'variance', 'std', 'norm', 'min', 'max', 'argmin', 'argmax', 'count', 'any', 'all'] as const;
const kernels: [string, unknown][] = names.map((name) => [name, math[name]]);

/** The answers of the reference and of every level, which must be one. */
function check(name: string, kernel: unknown, args: readonly unknown[], what: string): unknown {
  const declaration = declarationOf(kernel);
  if (declaration === undefined) throw new Error(`${name} is no kernel`);
  const reference = declaration.call(args, undefined);
  reference.reference();
  const expected = reference.finish();
  for (const isa of state.isas) {
    const call = declaration.call(args, undefined);
    runAt(isa, call);
    const got = call.finish();
    if (!Object.is(got, expected)) expect.fail(`${name} ${what} at ${isa} is ${got}, expected ${expected}`);
  }
  return expected;
}

const dtypesOf = (kernel: unknown): readonly Dtype[] => declarationOf(kernel)?.dtypes ?? [];

test.each(dtypes)('%s: all levels have the bits of the reference', async (dtype) => {
  for (const [name, kernel] of kernels.filter(([, each]) => dtypesOf(each).includes(dtype))) {
    for (const length of lengths) {
      for (const [offset, shared] of [
        [0, false],
        [1, true],
        [3, false],
      ] as const) {
        const x = arrayOf(dtype, length, offset, shared, length + offset);
        // Without NaN and infinities there is something to add up.
        if (offset !== 1) for (let i = 0; i < length; i++) if (!Number.isFinite(Number(x[i]))) x[i] = 1.25 as never;
        check(name, kernel, [x], `${dtype} of ${length}, offset ${offset}`);
      }
    }
    const x = arrayOf(dtype, 100_000, 1, false, 5);
    const expected = check(name, kernel, [x], `${dtype}, long`);
    expect(await pool.apply(kernel as never, [x] as never), `${name} ${dtype} on a pool`).toBe(expected);
  }
});

test.each(dtypes)('%s: dot', async (dtype) => {
  for (const length of [...lengths, 100_000]) {
    const a = arrayOf(dtype, length, 1, false, length);
    const b = arrayOf(dtype, length, 2, true, length + 1);
    const expected = check('dot', math.dot, [a, b], `${dtype} of ${length}`);
    expect(await pool.apply(math.dot as never, [a, b] as never), `dot ${dtype} of ${length} on a pool`).toBe(expected);
  }
});

test.each(['f32', 'f64'] as const)('%s: one NaN, zero or infinity anywhere', (dtype) => {
  for (const length of [1, 70, 4097]) {
    for (const at of new Set([0, 1, length >> 1, length - 2, length - 1].filter((each) => each >= 0 && each < length))) {
      for (const background of [-1, 0, -0, 1]) {
        for (const special of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 5e-324]) {
          const x = new (constructorOf(dtype))(length).fill(background as never) as TypedArray;
          x[at] = special as never;
          for (const [name, kernel] of kernels) check(name, kernel, [x], `of ${length} ${background} with ${special} at ${at}`);
        }
      }
    }
  }
});

test('the greatest and least of the dtype, anywhere', () => {
  for (const dtype of dtypes) {
    for (const at of [0, 3, 70, 4095, 4096, 4999]) {
      const x = arrayOf(dtype, 5000, 0, false, 1).fill((typeof arrayOf(dtype, 1, 0, false, 1)[0] === 'bigint' ? 1n : 1) as never) as TypedArray;
      const [low, high] = [-1, 2].map((each) => (typeof x[0] === 'bigint' ? BigInt(each) : each));
      x[at] = high as never;
      expect([math.argmax(x as never), math.max(x as never)]).toEqual([at, high]);
      x[at] = low as never;
      const wrapped = x[at];
      expect([math.argmin(x as never), math.min(x as never)]).toEqual(
        wrapped < x[at === 0 ? 1 : 0] ? [at, wrapped] : [at === 0 ? 1 : 0, x[at === 0 ? 1 : 0]],
      );
    }
  }
});

test('the variance loses no digits to a large mean, at any length', () => {
  for (const length of [10, 4096, 100_001]) {
    const x = Float64Array.from({ length }, (_, i) => 1e9 + (i % 2));
    const odd = length % 2 === 1 ? Math.floor(length / 2) / length : 0.5;
    expect(math.variance(x)).toBeCloseTo(odd * (1 - odd), 9);
    expect(math.variance(new Float64Array(length).fill(0.1))).toBeLessThan(1e-30);
  }
});

test('any and all stop at what they look for, wherever it is', async () => {
  const x = new Float64Array(400_000);
  expect([math.any(x), math.all(x)]).toEqual([false, false]);
  for (const at of [0, 4095, 200_000, 399_999]) {
    const one = x.slice();
    one[at] = -3;
    expect(math.any(one)).toBe(true);
    expect(await pool.apply(math.any, [one])).toBe(true);
    const zero = x.slice().fill(2);
    zero[at] = -0;
    expect(math.all(zero)).toBe(false);
    expect(await pool.apply(math.all, [zero])).toBe(false);
  }
  expect(math.all(x.fill(Number.NaN))).toBe(true);
});
