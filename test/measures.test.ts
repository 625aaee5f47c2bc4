/** pairwiseDistances and norm on every CPU level, and through a pool. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { info, Pool } from 'everycore';
import { type Matrix, norm, pairwiseDistances } from 'everycore/matrix';
import { expect, test } from 'vitest';
import { matrixOf } from './support/products.mjs';

const script = join(__dirname, 'support', 'measures.mjs');

test.each(['js', ...info().isas])(
  'on the CPU level %s',
  async (isa) => {
    const env = { ...process.env, EVERYCORE_ISA: isa };
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env, timeout: 60_000 });
    const { made, wrong } = JSON.parse(stdout);
    expect(wrong).toEqual([]);
    expect(made).toBeGreaterThan(70_000);
  },
  70_000,
);

test('the same bits on one thread and on many', async () => {
  const [a, b] = [matrixOf(500, 60, 'rows') as Matrix, matrixOf(301, 60, 'columns') as Matrix];
  for (const threads of [1, 3]) {
    await using pool = new Pool(threads);
    expect((await pool.apply(pairwiseDistances, [a, b])).data).toEqual(pairwiseDistances(a, b).data);
    for (const kind of ['fro', '1', 'inf', 'max'] as const) expect(await pool.apply(norm, [a, kind])).toBe(norm(a, kind));
  }
});
