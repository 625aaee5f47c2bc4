/** Scans at every CPU level, around the lengths of blocks and tiles, in place and past the caches, against the TypeScript reference: the same bits. */
import { Pool } from 'everycore';
import * as math from 'everycore/math';
import { afterAll, expect, test } from 'vitest';
import type { Call, TypedArray } from '../dist/kernels/call.js';
import { constructorOf, dtypes } from '../dist/kernels/dtype.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { arrayOf, runAt, state } from './levels';

const pool = new Pool({ processes: 3 });
afterAll(() => pool.close());

const block = 528;
const tile = 32 * block;
const lengths = [1, 7, block - 1, block, block + 1, 8 * block, 8 * block + 3, tile - 1, tile, tile + 1, 2 * tile + 9 * block + 5];
const scans = { cumsum: math.cumsum, cumprod: math.cumprod };

function expectSame(got: TypedArray, expected: TypedArray, what: string): void {
  expect(got.length, what).toBe(expected.length);
  for (let i = 0; i < got.length; i++) if (!Object.is(got[i], expected[i])) expect.fail(`${what}: ${got[i]} at ${i}, expected ${expected[i]}`);
}

function callOf(kernel: unknown, x: TypedArray, out?: TypedArray): Call<TypedArray> {
  const declaration = declarationOf(kernel);
  if (declaration === undefined) throw new Error('no kernel');
  return declaration.call([x], out) as Call<TypedArray>;
}

function reference(kernel: unknown, x: TypedArray): TypedArray {
  const call = callOf(kernel, x);
  call.reference();
  return call.finish();
}

/** Numbers without NaN and infinities, so that sums go on; products stay near one. */
function tame(x: TypedArray, name: string): void {
  for (let i = 0; i < x.length; i++) {
    if (typeof x[i] === 'number' && !(Math.abs(x[i] as number) < 1e6)) x[i] = 0.75 as never;
    if (name === 'cumprod' && (x instanceof Float64Array || x instanceof Float32Array)) x[i] = 1 + ((i * 7919) % 2000) / 1e6 - 1e-3;
  }
}

test.each(dtypes)('%s: every level, apart and in place, touching nothing beside', (dtype) => {
  for (const [name, kernel] of Object.entries(scans)) {
    for (const length of lengths) {
      const x = arrayOf(dtype, length, length % 4, length % 2 === 0, length);
      if (length % 3 !== 0) tame(x, name);
      const expected = reference(kernel, x);
      for (const isa of state.isas) {
        const what = `${name} of ${length} ${dtype} at ${isa}`;
        const room = new (constructorOf(dtype))(length + 20).fill((typeof x[0] === 'bigint' ? 7n : 7) as never);
        const inside = room.subarray(10, 10 + length) as TypedArray;
        runAt(isa, callOf(kernel, x, inside));
        expectSame(inside, expected, what);
        inside.set(x as never);
        runAt(isa, callOf(kernel, inside, inside));
        expectSame(inside, expected, `${what}, in place`);
        for (const beside of [...room.subarray(0, 10), ...room.subarray(10 + length)]) expect(Number(beside), what).toBe(7);
      }
    }
  }
});

test.each(['f64', 'f32', 'i32'] as const)('%s: results too large for the caches, at every alignment', async (dtype) => {
  const bytes = (16 << 20) + 5000;
  const Type = constructorOf(dtype);
  const length = Math.ceil(bytes / Type.BYTES_PER_ELEMENT);
  const x = new Type(length) as TypedArray;
  for (let i = 0; i < length; i++) x[i] = ((i * 7919) % 1000) as never;
  const expected = reference(math.cumsum, x);
  const room = new Type(length + 16);
  for (const offset of [0, 1, 3]) {
    const out = room.subarray(offset, offset + length) as TypedArray;
    for (const isa of state.isas) {
      out.fill(0 as never);
      runAt(isa, callOf(math.cumsum, x, out));
      expectSame(out, expected, `${dtype} at ${isa}, offset ${offset}`);
    }
    out.fill(0 as never);
    await pool.apply(math.cumsum as never, [x] as never, { out: out as never });
    expectSame(out, expected, `${dtype} on a pool, offset ${offset}`);
  }
});

test('sums of what is not negative never fall, across blocks and tiles', () => {
  const x = Float64Array.from({ length: 3 * tile }, (_, i) => ((i * 7919) % 1000) / 7);
  const sums = math.cumsum(x);
  for (let i = 1; i < sums.length; i++) if (!(sums[i] >= sums[i - 1])) expect.fail(`${sums[i]} at ${i} after ${sums[i - 1]}`);
});
