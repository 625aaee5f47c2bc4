/** qr, eigh and svd on every CPU level, and the same bits on any number of threads. */
import { Pool } from 'everycore';
import { eigh, type Matrix, qr, svd } from 'everycore/matrix';
import { describe, expect, test } from 'vitest';
import { compute } from '../dist/executors/inline.js';
import { eighCall } from '../dist/matrix/linear/eigh.js';
import { svdCall } from '../dist/matrix/linear/svd.js';
import { rotationRoom } from '../dist/matrix/linear/work.js';
import { onEveryLevel } from './every-level';
import { matrixOf } from './support/products.mjs';

onEveryLevel('factorisations.mjs', (made) => expect(made).toBeGreaterThan(700), {
  about: ': residuals, orthogonality, extreme and missing numbers',
  timeout: 100_000,
});

describe('the same bits on one thread and on many', () => {
  test.each([
    [300, 300],
    [400, 150],
    [150, 400],
  ])('%i × %i', async (rows, cols) => {
    const a = matrixOf(rows, cols, 'rows') as Matrix;
    const here = qr(a, { full: true });
    for (const threads of [1, 3]) {
      await using pool = new Pool(threads);
      const there = await pool.apply(qr, [a, { full: true }]);
      expect(there.q.data).toEqual(here.q.data);
      expect(there.r.data).toEqual(here.r.data);
    }
  });
});

describe('vectors that are rotated piece by piece', () => {
  const n = 150;
  const a = matrixOf(n, n, 'rows') as Matrix;

  test('the same bits on one thread and on many', async () => {
    const here = { eigh: eigh(a), svd: svd(a) };
    for (const threads of [1, 3]) {
      await using pool = new Pool(threads);
      expect({ eigh: await pool.apply(eigh, [a]), svd: await pool.apply(svd, [a]) }).toEqual(here);
    }
  });

  test('the same bits when there is room for few rotations at a time', () => {
    const rooms = [n, undefined].map((pairs) => rotationRoom(n, pairs));
    const results = rooms.map((room) =>
      [eighCall, svdCall].map((callOf) => {
        const call = callOf(a.data.slice(), n, room, (...arrays: Float64Array[]) => arrays);
        compute(call);
        return call.finish();
      }),
    );
    expect(results[0]).toEqual(results[1]);
  });
});
