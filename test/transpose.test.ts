/** transpose as a copy: every dtype, odd sizes, all kinds of views, every CPU level, through a pool. */
import { Pool } from 'everycore';
import { Matrix, transpose } from 'everycore/matrix';
import { expect, test } from 'vitest';
import { onEveryLevel } from './every-level';

onEveryLevel('transposes.mjs', (made) => expect(made).toBe(6 * 11 * 5 * 6));

test('large ones, past the caches, through a pool', async () => {
  await using pool = new Pool(2);
  for (const [rows, cols] of [
    [2048, 2048],
    [2051, 2047],
  ]) {
    const a = Matrix.zeros(rows, cols, 'f32');
    for (let k = 0; k < a.data.length; k++) a.data[k] = k % 65521;
    const out = Matrix.zeros(cols, rows, 'f32');
    expect(await pool.apply(transpose, [a], { out })).toBe(out);
    expect(out.equals(a.transpose())).toBe(true);
  }
});

test('what out must be', () => {
  const a = Matrix.zeros(2, 3);
  expect(() => transpose(a, { out: a as Matrix })).toThrow('out of transpose must be 3×2, got 2×3');
  expect(() => transpose(a, { out: a.transpose() })).toThrow('out of transpose must not overlap an input');
  expect(() => transpose(a, { out: Matrix.zeros(3, 2, 'f32') as never })).toThrow('out of transpose must be made of Float64Array');
});
