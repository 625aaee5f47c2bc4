/** Sorting and selecting natively, for every dtype and CPU level, of data of many shapes, against the TypeScript reference. */
import { Pool } from 'everycore';
import * as math from 'everycore/math';
import { afterAll, describe, expect, test } from 'vitest';
import type { TypedArray } from '../dist/kernels/call.js';
import { constructorOf, type Dtype, dtypes, numberDtypes } from '../dist/kernels/dtype.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { arrayOf, runAt, state } from './levels';

const pool = new Pool({ processes: 3 });
afterAll(() => pool.close());

// Around the lengths of networks, where insertion ends, where there are two buckets and where there are several stretches.
const lengths = [1, 2, 3, 8, 9, 24, 25, 33, 64, 128, 129, 256, 257, 383, 511, 513, 4097, 5792, 5793, 12_000, 33_000, 70_001];

/** Data as a sort may meet it; `random` has NaN, zeros of both signs and infinities among its floats. */
const shapes: Record<string, (x: TypedArray) => unknown> = {
  random: () => undefined,
  ascending: (x) => x.sort(),
  descending: (x) => x.sort().reverse(),
  'all alike': (x) => x.fill(x[0] as never),
  'few different': (x) => x.forEach((_, i) => (x[i] = x[(i * 7919) % Math.min(5, x.length)] as never)),
  'organ pipe': (x) => {
    x.sort();
    x.set([...x.filter((_, i) => i % 2 === 0), ...x.filter((_, i) => i % 2 === 1).reverse()] as never);
  },
  'sorted but for the end': (x) =>
    x
      .sort()
      .reverse()
      .subarray(0, x.length - (x.length >> 4))
      .sort(),
  'one apart': (x) => x.fill(x[0] as never).set([x[x.length >> 1]] as never, x.length >> 1),
};

function shaped(dtype: Dtype, length: number, shape: string): TypedArray {
  const x = arrayOf(dtype, length, 1, length % 2 === 0, length);
  const filled = new (constructorOf(dtype))(length);
  filled.set(x as never);
  shapes[shape](filled);
  x.set(filled as never);
  return x;
}

type Answer = TypedArray | number | { values: TypedArray; indices: TypedArray };

function expectSame(got: Answer, expected: Answer, what: string): void {
  if (typeof got === 'object' && 'indices' in got) {
    const wanted = expected as typeof got;
    expectSame(got.values, wanted.values, `values of ${what}`);
    expectSame(got.indices, wanted.indices, `indices of ${what}`);
  } else if (typeof got === 'number') {
    if (!Object.is(got, expected)) expect.fail(`${what} is ${got}, expected ${expected}`);
  } else {
    const wanted = expected as TypedArray;
    expect(got.constructor, what).toBe(wanted.constructor);
    expect(got.length, what).toBe(wanted.length);
    for (let i = 0; i < got.length; i++) if (!Object.is(got[i], wanted[i])) expect.fail(`${what}: ${got[i]} at ${i}, expected ${wanted[i]}`);
  }
}

/** The kernel at every level, and on a pool's threads where there is enough to do, has the reference's answer. */
async function check(kernel: unknown, x: TypedArray, what: string): Promise<void> {
  const declaration = declarationOf(kernel);
  if (declaration === undefined) throw new Error(`${what}: no kernel`);
  const reference = declaration.call([x], undefined);
  reference.reference();
  const expected = reference.finish() as Answer;
  for (const isa of state.isas) {
    const call = declaration.call([x], undefined);
    runAt(isa, call);
    expectSame(call.finish() as Answer, expected, `${what} at ${isa}`);
  }
  if (x.length > 10_000) expectSame((await pool.apply(kernel as never, [x] as never)) as Answer, expected, `${what} on a pool`);
}

describe.each(dtypes)('%s', (dtype) => {
  test.each(Object.keys(shapes))('%s', async (shape) => {
    for (const length of lengths) {
      const x = shaped(dtype, length, shape);
      const what = (name: string) => `${name} of ${length} ${shape} ${dtype}`;
      await check(math.sort, x, what('sort'));
      await check(math.argsort, x, what('argsort'));
      for (const k of new Set([1, Math.min(length, 10), Math.ceil(length / 3), length])) {
        // The reference of many is slow.
        if (k < 500) await check(math.topk(k), x, what(`topk(${k})`));
      }
      if (length < 6000) await check(math.unique, x, what('unique'));
      if (!numberDtypes.includes(dtype)) continue;
      await check(math.median, x, what('median'));
      for (const q of [0, 0.001, 0.3, 0.75, 1]) await check(math.quantile(q), x, what(`quantile(${q})`));
    }
  });

  test('sorts in place, and touches nothing beside', async () => {
    for (const length of [1, 24, 6000, 40_000]) {
      const expected = shaped(dtype, length, 'random').slice().sort();
      const room = new (constructorOf(dtype))(length + 20).fill((dtype === 'i64' || dtype === 'u64' ? 7n : 7) as never);
      const x = room.subarray(10, 10 + length);
      x.set(shaped(dtype, length, 'random') as never);
      if (length < 30_000) expect((math.sort as unknown as (x: unknown, o: unknown) => unknown)(x, { out: x })).toBe(x);
      else expect(await pool.apply(math.sort as never, [x] as never, { out: x as never })).toBe(x);
      expectSame(x as TypedArray, expected, `in place, ${length}`);
      for (const beside of [...room.subarray(0, 10), ...room.subarray(10 + length)]) expect(Number(beside)).toBe(7);
    }
  });
});

test('a topk of nearly all and of all is the order from behind', () => {
  const x = shaped('f64', 20_000, 'random') as Float64Array;
  const ascending = math.argsort(x.slice().reverse()).reverse();
  const expected = ascending.map((i) => x.length - 1 - i);
  for (const k of [19_000, 20_000]) expectSame(math.topk(k)(x).indices, expected.subarray(0, k), `topk(${k})`);
});

test.each(dtypes)('%s: a topk of few, where most are passed over at a glance', async (dtype) => {
  for (const shape of ['random', 'ascending', 'descending', 'all alike', 'few different']) {
    const x = shaped(dtype, 70_001, shape);
    for (const k of [1, 100]) await check(math.topk(k), x, `topk(${k}) of ${shape} ${dtype}`);
  }
  const x = shaped(dtype, 70_001, 'all alike');
  for (const at of [0, 31, 32, 69_999, 70_000]) x[at] = (typeof x[0] === 'bigint' ? 3n : 3) as never;
  await check(math.topk(7), x, `topk(7) of ${dtype} with five others`);
});

test.each(numberDtypes)('%s: bincount', async (dtype) => {
  for (const [length, top] of [
    [1, 100],
    [40_000, 3],
    [40_000, 100],
    [300, 100_000],
  ]) {
    const x = new (constructorOf(dtype))(length) as TypedArray;
    for (let i = 0; i < length; i++) x[i] = Math.abs(((i * 7919) % (top + 1)) % 128) as never;
    if (x.BYTES_PER_ELEMENT > 2) x[length >> 1] = top as never;
    await check(math.bincount, x, `bincount of ${length} ${dtype} to ${top}`);
  }
});
