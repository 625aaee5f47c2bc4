/** Scans and kernels of order against their plain definitions; natively, in TypeScript and on a pool's threads. */
import { Pool } from 'everycore';
import * as math from 'everycore/math';
import { Matrix } from 'everycore/matrix';
import { afterAll, expect, test } from 'vitest';
import { constructorOf, dtypes } from '../dist/kernels/dtype.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { run } from './run-program';

const { argsort, bincount, cumprod, cumsum, diff, histogram, sort, topk, unique } = math;
type Data = Float64Array;
const bad = (value: unknown) => value as never;
const pool = new Pool({ processes: 2 });
afterAll(() => pool.close());

const lengths = [0, 1, 2, 3, 63, 64, 65, 527, 528, 529, 1057, 4223, 4224, 4225, 10_000];
const big = (dtype: string) => dtype === 'i64' || dtype === 'u64';
const float = (dtype: string) => dtype === 'f32' || dtype === 'f64';

/** Numbers all over the dtype; floats also −0 and, `wild`, NaN and infinities. */
function sample(dtype: (typeof dtypes)[number], length: number, wild = false): Data {
  const uniform = math.random(length, { seed: length + 1 });
  const data = new (constructorOf(dtype))(length) as Data;
  for (let i = 0; i < length; i++) {
    if (big(dtype)) data[i] = (BigInt(Math.floor((uniform[i] - 0.5) * 2 ** 53)) << 11n) as never;
    else if (!float(dtype)) data[i] = Math.floor((uniform[i] - 0.3) * 2 ** 32) as never;
    else data[i] = i % 7 === 3 ? -0 : i % 11 === 5 ? 0 : (uniform[i] - 0.5) * 8;
    if (wild && float(dtype) && i % 97 === 41) data[i] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][i % 3];
  }
  return data;
}

/** The TypeScript kernel's answer. */
function reference(kernel: unknown, x: unknown): unknown {
  const call = declarationOf(kernel)?.call([x], undefined);
  if (call && call.phases.length > 0) call.reference();
  return call?.finish();
}

/** Bits, so that −0 and +0 differ. */
function expectSame(got: unknown, expected: unknown, message: string): void {
  const [a, b] = [got as Data, expected as Data];
  expect(a.constructor, message).toBe(b.constructor);
  expect(a.length, message).toBe(b.length);
  const at = Array.from(a).findIndex((value, i) => !Object.is(value, b[i]));
  if (at >= 0) expect.fail(`${message}: at ${at} ${a[at]}, expected ${b[at]}`);
}

const scans = { cumsum, cumprod, diff } as Record<string, (x: Data, options?: { out?: Data }) => Data>;

test.each(dtypes)('scans of %s: native, TypeScript and pool have the same bits', async (dtype) => {
  for (const [name, scan] of Object.entries(scans)) {
    for (const length of lengths) {
      for (const wild of [false, true]) {
        const x = sample(dtype, length, wild);
        const label = `${name} ${dtype} ${length}`;
        const expected = reference(scan, x);
        expectSame(scan(x), expected, label);
        if (length > 4000) expectSame(await pool.apply(scan as never, [x] as never), expected, `${label} on a pool`);
      }
    }
  }
});

test.each(dtypes)('scans of %s are what they say', (dtype) => {
  const Type = constructorOf(dtype);
  for (const length of lengths) {
    const x = sample(dtype, length);
    const differences = new Type(Math.max(length - 1, 0)) as Data;
    for (let i = 0; i + 1 < length; i++) differences[i] = x[i + 1] - x[i];
    expectSame(diff(x), differences, `diff ${dtype} ${length}`);
    if (float(dtype)) continue;
    // Integers are exact modulo 2^64; a store wraps or saturates them.
    const [sums, products] = [new Type(length) as Data, new Type(length) as Data];
    let [sum, product] = [0n, 1n];
    for (let i = 0; i < length; i++) {
      sum += BigInt(x[i]);
      product *= BigInt(x[i]);
      product = dtype === 'u8c' ? (product > 255n ? 255n : product) : BigInt.asIntN(64, product);
      const held = (value: bigint) => (dtype === 'u8c' ? Number(value > 255n ? 255n : value) : Number(BigInt.asIntN(32, value)));
      sums[i] = (big(dtype) ? sum : held(sum)) as never;
      products[i] = (big(dtype) ? product : held(product)) as never;
    }
    expectSame(cumsum(x), sums, `cumsum ${dtype} ${length}`);
    expectSame(cumprod(x), products, `cumprod ${dtype} ${length}`);
  }
});

test('float sums are within the error of a plain loop; f32 adds up in f64', () => {
  const x = math.random(20_000, { seed: 2 });
  const got = cumsum(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i];
    expect(Math.abs(got[i] - sum)).toBeLessThan(1e-11 * sum);
  }
  const single = Float32Array.from(x);
  const exact = cumsum(Float64Array.from(single));
  expect(cumsum(single)).toEqual(Float32Array.from(exact));
  const factors = math.random(3000, { seed: 3 }).map((each) => 0.5 + each);
  const products = cumprod(factors);
  let product = 1;
  for (let i = 0; i < factors.length; i++) {
    product *= factors[i];
    expect(Math.abs(products[i] / product - 1)).toBeLessThan(1e-12);
  }
});

test('scans: lists, zeros, NaN and out', () => {
  expect(cumsum([1, 2, 3])).toEqual([1, 3, 6]);
  expect(cumprod([1, 2, 3, 4])).toEqual([1, 2, 6, 24]);
  expect(diff([1, 4, 9])).toEqual([3, 5]);
  expect(cumsum([])).toEqual([]);
  expect(Object.is(cumsum([-0])[0], -0)).toBe(true);
  expect(cumsum([1, Number.NaN, 2])).toEqual([1, Number.NaN, Number.NaN]);
  for (const scan of [cumsum, cumprod]) {
    const x = sample('f64', 5000);
    const expected = scan(x);
    const out = new Float64Array(5000);
    expect(scan(x, { out })).toBe(out);
    expectSame(out, expected, 'out');
    expectSame(scan(x, { out: x }), expected, 'out on the input');
  }
  const x = new Float64Array(10);
  expect(() => cumsum(x.subarray(1), { out: x.subarray(0, 9) })).toThrow(RangeError);
  expect(() => cumsum(x, { out: new Float64Array(9) })).toThrow(RangeError);
  expect(() => cumsum(x, { out: bad(new Float32Array(10)) })).toThrow(TypeError);
  expect(() => diff(x, { out: x.subarray(0, 9) })).toThrow(RangeError);
  expectSame(diff(x, { out: new Float64Array(9) }), new Float64Array(9), 'diff out');
});

test.each(dtypes)('sort, argsort, unique and topk of %s', (dtype) => {
  for (const length of lengths) {
    const x = sample(dtype, length, true);
    const before = x.slice();
    const sorted = x.slice().sort();
    expectSame(sort(x), sorted, `sort ${dtype} ${length}`);
    expectSame(x, before, 'the input stays');
    const indices = argsort(x);
    expect(indices).toBeInstanceOf(Uint32Array);
    expectSame(Data.from(indices, x), sorted, `argsort ${dtype} ${length}`);
    for (let i = 1; i < length; i++) {
      if (Object.is(x[indices[i]], x[indices[i - 1]])) expect(indices[i]).toBeGreaterThan(indices[i - 1]);
    }
    const different = [...new Set(sorted)];
    const got = unique(x);
    expect(got.constructor).toBe(x.constructor);
    expect(Array.from(got)).toEqual(different.map((each, i) => (Object.is(got[i], -0) && each === 0 ? -0 : each)));
    for (const k of [1, 2, 17, length].filter((each) => each >= 1 && each <= length)) {
      // The reverse of a stable order has ties by higher index; so the order of the reversed elements is used.
      const flipped = argsort(x.slice().reverse()).reverse();
      const expected = flipped.map((i) => length - 1 - i).slice(0, k);
      const top = topk(k)(x);
      expectSame(top.indices, expected, `topk(${k}) ${dtype} ${length}`);
      expectSame(top.values, Data.from(top.indices, x), 'values');
    }
  }
});

/** The elements at the given indices, in an array of the same type. */
const Data = {
  from(indices: Uint32Array, x: Data): Data {
    const result = x.slice();
    const taken = result.subarray(0, indices.length);
    for (let i = 0; i < indices.length; i++) taken[i] = x[indices[i]];
    return taken;
  },
};

test('order: zeros, NaN, lists and out', () => {
  const x = [0, Number.NaN, -0, 3, Number.NEGATIVE_INFINITY, 3, 0];
  expect(sort(x)).toEqual([Number.NEGATIVE_INFINITY, -0, 0, 0, 3, 3, Number.NaN]);
  expect(argsort(x)).toEqual([4, 2, 0, 6, 3, 5, 1]);
  expect(unique(x)).toEqual([Number.NEGATIVE_INFINITY, -0, 3, Number.NaN]);
  expect(topk(3)(x)).toEqual({ values: [Number.NaN, 3, 3], indices: [1, 3, 5] });
  expect(unique([Number.NaN, Number.NaN])).toEqual([Number.NaN]);
  expect(sort([])).toEqual([]);
  expect(argsort(new Int8Array(0))).toEqual(new Uint32Array(0));
  expect(unique(new Int8Array(0))).toEqual(new Int8Array(0));
  const data = Float32Array.of(2, 1, 3);
  expect(sort(data, { out: data })).toBe(data);
  expect(data).toEqual(Float32Array.of(1, 2, 3));
  expect(() => sort(data.subarray(1), { out: data.subarray(0, 2) })).toThrow(RangeError);
  expect(() => (argsort as (x: unknown, o: unknown) => unknown)(data, { out: data })).toThrow(TypeError);
});

test('bincount counts whole numbers', () => {
  for (const dtype of dtypes.filter((each) => !big(each))) {
    const x = new (constructorOf(dtype))(1000) as Data;
    for (let i = 0; i < x.length; i++) x[i] = (i * i) % 101;
    const expected = new Uint32Array(101).map((_, value) => x.filter((each) => each === value).length);
    expectSame(bincount(x), expected.subarray(0, Math.max(...x) + 1), dtype);
  }
  expect(bincount([3, 1, 1])).toEqual(Uint32Array.of(0, 2, 0, 1));
  expect(bincount([])).toEqual(new Uint32Array(0));
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 40]) expect(() => bincount([0, wrong])).toThrow(/index 1/);
  expect(() => bincount(bad(new BigInt64Array(2)))).toThrow(TypeError);
});

test('histogram has the edges of NumPy', async () => {
  // numpy.histogram([...], bins=4, range=(0, 1))
  const x = [0, 0.25, 0.24999, 0.5, 0.75, 1, 1.0000001, -1e-9, Number.NaN, Number.POSITIVE_INFINITY];
  expect(histogram({ bins: 4, min: 0, max: 1 })(x)).toEqual(Uint32Array.of(2, 1, 1, 2));
  for (const dtype of dtypes.filter((each) => !big(each))) {
    for (const length of lengths) {
      const data = sample(dtype, length, true);
      const [bins, min, max] = float(dtype) ? [30, -2.1, 3.3] : [7, -20, 100];
      const edges = math.linspace(min, max, bins + 1);
      const expected = new Uint32Array(bins).map(
        (_, bin) => Array.from(data).filter((v) => v >= edges[bin] && (v < edges[bin + 1] || (bin === bins - 1 && v === max))).length,
      );
      expectSame(histogram({ bins, min, max })(data), expected, `${dtype} ${length}`);
    }
  }
  // Many stretches, on threads.
  const long = sample('f64', 200_003, true);
  const kernel = histogram({ bins: 50, min: -3, max: 3 });
  expect(kernel(long)).toEqual(reference(kernel, long));
  expect(await pool.apply(kernel as never, [long] as never)).toEqual(reference(kernel, long));
  // Every edge belongs to the bin above it, however the division rounds.
  const edges = math.linspace(0.1, 0.7, 62);
  const counts = new Uint32Array(61).fill(1);
  counts[60] = 2;
  expect(histogram({ bins: 61, min: 0.1, max: 0.7 })(edges)).toEqual(counts);
});

test('bad input is refused before anything runs', () => {
  const all = [cumsum, cumprod, diff, sort, argsort, unique, bincount, topk(1), histogram({ bins: 1, min: 0, max: 1 })];
  for (const kernel of all as ((x: unknown, options?: unknown) => unknown)[]) {
    const wrong = [1, 'abc', null, undefined, {}, Matrix.ones(2, 2), ['1'], new Array(2), new DataView(new ArrayBuffer(8))];
    for (const value of wrong) expect(() => kernel(value), String(value)).toThrow(TypeError);
    expect(() => kernel([1, 2], { axis: 1 })).toThrow(/axis/);
  }
  for (const k of [0, -1, 1.5, Number.NaN]) expect(() => topk(k)).toThrow(RangeError);
  expect(() => topk(bad('1'))).toThrow(TypeError);
  expect(() => topk(3)([1, 2])).toThrow(RangeError);
  expect(() => histogram(bad(undefined))).toThrow(TypeError);
  expect(() => histogram(bad({ bins: 3, min: 0 }))).toThrow(TypeError);
  expect(() => histogram(bad({ bins: 3, min: 0, max: 1, density: true }))).toThrow(/density/);
  for (const options of [
    { bins: 0, min: 0, max: 1 },
    { bins: 1.5, min: 0, max: 1 },
    { bins: 2, min: 1, max: 1 },
    { bins: 2, min: 0, max: Number.POSITIVE_INFINITY },
    { bins: 2, min: Number.NaN, max: 1 },
  ]) {
    expect(() => histogram(options)).toThrow(RangeError);
  }
});

test('pools run them all', async () => {
  const rows = [sample('f64', 700), sample('f64', 5000)];
  const each = async (kernel: unknown) => (await pool.map(kernel as never, rows as never)) as unknown[];
  for (const kernel of [cumsum, diff, sort, argsort, unique, topk(5), histogram({ bins: 9, min: -4, max: 4 })] as ((x: Data) => unknown)[]) {
    expect(await each(kernel)).toEqual(rows.map((row) => kernel(row)));
  }
});

test('without the binary the answers are the same', async () => {
  const program = `
    const math = require('everycore/math');
    const x = math.random(3000, { seed: 9 });
    const parts = [math.cumsum(x), math.cumprod(x.map((v) => v + 0.6)), math.diff(x), math.sort(x), math.argsort(x), math.histogram({ bins: 9, min: 0, max: 1 })(x)];
    process.stdout.write(require('node:crypto').createHash('sha256').update(parts.map((part) => part.join()).join(';')).digest('hex'));`;
  const results = [await run(['-e', program], { env: { EVERYCORE_NATIVE: '0' } }), await run(['-e', program])];
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(results[0].stdout).toMatch(/^[0-9a-f]{64}$/);
  expect(results[0].stdout).toBe(results[1].stdout);
});
