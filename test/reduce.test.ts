/** Reductions against simple definitions: awkward lengths, every dtype, NaN, −0, nothing, axes, pools and bad input. */
import { execFileSync } from 'node:child_process';
import { Pool } from 'everycore';
import * as math from 'everycore/math';
import { Matrix, dot as matrixDot } from 'everycore/matrix';
import { expect, test } from 'vitest';
import { constructorOf, dtypes, numberDtypes } from '../dist/kernels/dtype.js';
import { nativeState } from '../dist/native.js';

const { all, any, argmax, argmin, count, dot, max, mean, median, min, norm, product, quantile, std, sum, variance } = math;
const lengths = [1, 2, 3, 7, 63, 64, 65, 4095, 4096, 4097, 12345];

/** Small whole numbers, so that simple loops are exact in every dtype. */
const whole = (length: number): number[] => Array.from({ length }, (_, i) => (i * 7919 + 3) % 11);
const loose = (fn: unknown) => fn as (...args: any[]) => any;

test.each(dtypes)('%s: whole numbers of awkward lengths', (dtype) => {
  const Type = constructorOf(dtype);
  const big = dtype === 'i64' || dtype === 'u64';
  for (const length of lengths) {
    const list = whole(length);
    const x = new Type(length);
    for (let i = 0; i < length; i++) x[i] = (big ? BigInt(list[i]) : list[i]) as never;
    const same = (value: number) => (big ? BigInt(value) : value);
    const [least, most] = [Math.min(...list), Math.max(...list)];
    expect(loose(min)(x)).toBe(same(least));
    expect(loose(max)(x)).toBe(same(most));
    expect(loose(argmin)(x)).toBe(list.indexOf(least));
    expect(loose(argmax)(x)).toBe(list.indexOf(most));
    expect(loose(count)(x)).toBe(list.filter((value) => value !== 0).length);
    expect(loose(any)(x)).toBe(list.some((value) => value !== 0));
    expect(loose(all)(x)).toBe(list.every((value) => value !== 0));
    expect(loose(sum)(x)).toBe(same(list.reduce((a, b) => a + b)));
    expect(loose(dot)(x, x)).toBe(same(list.reduce((a, b) => a + b * b, 0)));
    expect(loose(product)(x.subarray(0, 3))).toBe(same(list.slice(0, 3).reduce((a, b) => a * b, 1)));
    if (big) continue;
    const average = list.reduce((a, b) => a + b) / length;
    const spread = list.reduce((a, b) => a + (b - average) ** 2, 0) / length;
    expect(loose(mean)(x)).toBe(average);
    expect(loose(variance)(x)).toBeCloseTo(spread, 10);
    expect(loose(std)(x)).toBeCloseTo(Math.sqrt(spread), 10);
    expect(loose(norm)(x)).toBe(Math.sqrt(list.reduce((a, b) => a + b * b, 0)));
    const sorted = [...list].sort((a, b) => a - b);
    expect(loose(median)(x)).toBe((sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2);
  }
});

test('integers are exact and wrap at 64 bits', () => {
  expect(product(Int32Array.of(-3, 1 << 30, 5))).toBe(-3 * 2 ** 30 * 5);
  expect(product(BigInt64Array.of(2n ** 62n, 2n))).toBe(-(2n ** 63n));
  expect(product(BigUint64Array.of(2n ** 62n, 2n))).toBe(2n ** 63n);
  const x = new Int32Array(3000).fill(-(2 ** 31));
  expect(dot(x, new Int32Array(3000).fill(1))).toBe(-3000 * 2 ** 31);
  expect(dot(Int32Array.of(2 ** 30, 1, -(2 ** 30)), Int32Array.of(2 ** 30, 3, 2 ** 30))).toBe(3);
  expect(dot(BigInt64Array.of(2n ** 40n, 1n), BigInt64Array.of(2n ** 20n, 1n))).toBe(2n ** 60n + 1n);
  expect(matrixDot).toBe(dot);
});

test('NaN, −0 and ties', () => {
  for (const Type of [Float32Array, Float64Array]) {
    const x = Type.of(3, Number.NaN, 1, Number.NaN);
    expect([max(x), min(x), median(x), mean(x)]).toEqual([NaN, NaN, NaN, NaN]);
    expect([argmax(x), argmin(x), count(x)]).toEqual([1, 1, 4]);
    expect(min(Type.of(0, -0))).toBe(-0);
    expect(max(Type.of(-0, 0))).toBe(0);
    expect(max(Type.of(-0, -0))).toBe(-0);
    expect([argmin(Type.of(0, -0)), argmax(Type.of(-0, 0))]).toEqual([0, 0]);
    expect(any(Type.of(0, -0))).toBe(false);
    expect(max(Type.of(-Infinity))).toBe(-Infinity);
  }
});

test('nothing', () => {
  const none = new Float64Array(0);
  expect([sum(none), product(none), count(none), norm(none), dot(none, none)]).toEqual([0, 1, 0, 0, 0]);
  expect([mean(none), variance(none), std(none), median(none)]).toEqual([NaN, NaN, NaN, NaN]);
  expect([any(none), all(none)]).toEqual([false, true]);
  expect(product(new BigInt64Array(0))).toBe(1n);
  for (const fn of [min, max, argmin, argmax]) expect(() => fn(none)).toThrow(RangeError);
});

test('variance, norm and quantile as defined', () => {
  expect(variance([1, 2, 3, 4])).toBe(1.25);
  expect(variance([1, 2, 3, 4], { ddof: 1 })).toBeCloseTo(5 / 3, 15);
  expect(std([5], { ddof: 1 })).toBeNaN();
  expect(variance([1e9, 1e9 + 1, 1e9 + 2])).toBeCloseTo(2 / 3, 12);
  expect(norm([3e200, 4e200])).toBeCloseTo(5e200, -190);
  expect(norm([3e-200, 4e-200]) / 5e-200).toBeCloseTo(1, 14);
  expect(norm([1, Infinity])).toBe(Infinity);
  expect(quantile(0.25)([4, 1, 3, 2])).toBe(1.75);
  expect(quantile(1)(Int8Array.of(-5, 7))).toBe(7);
  expect(quantile(0.1)([0, 10, 20])).toBe(2);
  expect(median(7)).toBe(7);
  const x = Float64Array.of(3, 1, 2);
  median(x);
  expect([...x]).toEqual([3, 1, 2]);
});

test('axes of matrices, their slices and transposes', () => {
  for (const dtype of numberDtypes) {
    const data = new (constructorOf(dtype))(35) as Float64Array;
    data.set(whole(35));
    const matrix = Matrix.of(data, 5, 7).slice(1, 5, 2, 7);
    const rows = Array.from({ length: 4 }, (_, i) => Array.from({ length: 5 }, (_, j) => data[(i + 1) * 7 + j + 2]));
    const cols = rows[0].map((_, j) => rows.map((row) => row[j]));
    for (const [name, fn] of Object.entries({ sum, product, mean, variance, std, norm, median, min, max, argmin, argmax, count, any, all })) {
      const expected = (lines: number[][]) => lines.map((line) => Math.fround(Number(loose(fn)(line))));
      const got = (m: unknown, axis: number) => Array.from(loose(fn)(m, { axis }) as Float64Array, Math.fround);
      expect(got(matrix, 1), `${name} ${dtype}`).toEqual(expected(rows));
      expect(got(matrix, 0), `${name} ${dtype}`).toEqual(expected(cols));
      expect(got(matrix.transpose(), 0), `${name} ${dtype}`).toEqual(expected(rows));
      expect(Number(loose(fn)(matrix)), `${name} ${dtype}`).toBe(Number(loose(fn)(rows.flat())));
    }
  }
  const single = Matrix.of(Float32Array.of(1, 2, 3, 4), 2, 2);
  expect(mean(single, { axis: 0 })).toEqual(Float32Array.of(2, 3));
  expect(argmax(single, { axis: 1 })).toEqual(Uint32Array.of(1, 1));
  expect(any(single, { axis: 1 })).toEqual(Uint8Array.of(1, 1));
});

const script = `
const math = require('everycore/math');
const x = new Float64Array(50001);
for (let i = 0; i < x.length; i++) x[i] = Math.sqrt(i * 7919 % 1009) - 12.3;
const near = x.map((v) => 1 + v * 1e-6);
const f = Float32Array.from(x);
const of = (a, b) => ['sum', 'mean', 'variance', 'std', 'norm', 'median', 'min', 'max'].map((name) => math[name](a)).concat(math.dot(a, a), math.product(b));
console.log(JSON.stringify([of(x, near), of(f, Float32Array.from(near))]));`;

test('the same bits at every CPU level, in TypeScript, and from pools of 1 to 3 threads', async () => {
  const run = (env: Record<string, string>) =>
    execFileSync(process.execPath, ['-e', script], { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 60_000 });
  const expected = run({ EVERYCORE_NATIVE: '0' });
  for (const isa of nativeState().isas) expect(run({ EVERYCORE_ISA: isa }), isa).toBe(expected);
  const x = Float64Array.from({ length: 50001 }, (_, i) => Math.sqrt((i * 7919) % 1009) - 12.3);
  for (const workers of [1, 2, 3]) {
    const pool = new Pool(workers);
    for (const fn of [sum, mean, variance, norm, median, argmax]) {
      expect(await loose(pool.apply.bind(pool))(fn, [x])).toBe(loose(fn)(x));
    }
    expect(await loose(pool.apply.bind(pool))(dot, [x, x])).toBe(dot(x, x));
    expect(await loose(pool.apply.bind(pool))(variance, [x, { ddof: 1 }])).toBe(variance(x, { ddof: 1 }));
    // An image kernel is called median, too.
    expect(await loose(pool.apply.bind(pool))(median, [Uint8Array.of(9, 1, 5)])).toBe(5);
    await pool.close();
  }
});

test('what is refused', () => {
  const x = Float64Array.of(1, 2);
  expect(() => loose(mean)('12')).toThrow(TypeError);
  expect(() => loose(mean)([1, null])).toThrow(/index 1/);
  expect(() => loose(mean)(BigInt64Array.of(1n))).toThrow(TypeError);
  expect(() => loose(max)(x, { axis: 0 })).toThrow(TypeError);
  expect(() => loose(sum)(x, { axis: 0 })).toThrow(TypeError);
  expect(() => loose(max)(Matrix.of(x, 1, 2), { axis: 2 })).toThrow(RangeError);
  expect(() => loose(max)(Matrix.of(x, 1, 2), { axis: '0' })).toThrow(TypeError);
  expect(() => loose(mean)(x, { ddof: 1 })).toThrow(/ddof/);
  expect(() => loose(variance)(x, { ddof: -1 })).toThrow(RangeError);
  expect(() => loose(variance)(x, { ddof: '1' })).toThrow(TypeError);
  expect(() => loose(max)(x, { out: x })).toThrow(TypeError);
  for (const q of [-0.1, 1.1, Number.NaN]) expect(() => quantile(q)).toThrow(RangeError);
  expect(() => loose(quantile)('0.5')).toThrow(TypeError);
  expect(() => loose(dot)(x, Float32Array.of(1, 2))).toThrow(TypeError);
  expect(() => dot(x, Float64Array.of(1))).toThrow(RangeError);
  expect(() => loose(dot)(x, 2)).toThrow(TypeError);
  expect(() => loose(dot)(Matrix.of(x, 1, 2), x)).toThrow(TypeError);
});
