/** pairwiseDistances and norm on every CPU level, and through a pool. */
import { Pool } from 'everycore';
import { type Matrix, norm, pairwiseDistances } from 'everycore/matrix';
import { expect, test } from 'vitest';
import { onEveryLevel } from './every-level';
import { matrixOf } from './support/products.mjs';

onEveryLevel('measures.mjs', (made) => expect(made).toBeGreaterThan(70_000));

test('the same bits on one thread and on many', async () => {
  const [a, b] = [matrixOf(500, 60, 'rows') as Matrix, matrixOf(301, 60, 'columns') as Matrix];
  for (const threads of [1, 3]) {
    await using pool = new Pool(threads);
    expect((await pool.apply(pairwiseDistances, [a, b])).data).toEqual(pairwiseDistances(a, b).data);
    for (const kind of ['fro', '1', 'inf', 'max'] as const) expect(await pool.apply(norm, [a, kind])).toBe(norm(a, kind));
  }
});
