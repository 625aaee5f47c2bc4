import { info, NotPositiveDefiniteError, Pool, SingularMatrixError } from 'everycore';
import {
  cholesky,
  det,
  eigh,
  gram,
  inverse,
  lstsq,
  lu,
  Matrix,
  matmul,
  matrixPower,
  matvec,
  norm,
  pairwiseDistances,
  pinv,
  qr,
  slogdet,
  solve,
  svd,
  transpose,
} from 'everycore/matrix';
import { describe, expect, test } from 'vitest';
import { matrixOf } from './support/products.mjs';

const unit = 2 ** -53;
const sizes = [0, 1, 2, 3, 5, 10, 16, 50, 200];

/** LAPACK's ratio: |a - b| in the 1-norm over u·n·scale. */
function ratio(a: Matrix, b: Matrix, scale: number, n = Math.max(a.rows, a.cols)): number {
  if (a.rows * a.cols === 0) return 0;
  const other = b.copy().data;
  const difference = Matrix.of(
    a.copy().data.map((x, i) => x - other[i]),
    a.rows,
    a.cols,
  );
  const off = norm(difference, '1');
  return off === 0 ? 0 : off / (2 * unit * Math.max(1, n) * scale);
}

const bytesOf = ({ data }: Matrix) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
const sameBits = (a: Matrix, b: Matrix) => Buffer.compare(bytesOf(a), bytesOf(b)) === 0;

const toIdentity = (q: Matrix) => ratio(gram(q), Matrix.identity(q.cols), 1, q.rows);

function diagonal(values: ArrayLike<number>): Matrix {
  const d = Matrix.zeros(values.length, values.length);
  for (let i = 0; i < values.length; i++) d.set(i, i, values[i]);
  return d;
}

const symmetric = (n: number) => {
  const a = matrixOf(n, n, 'rows');
  return Matrix.of(
    a.data.map((x, k) => x + a.data[(k % n) * n + Math.floor(k / n)]),
    n,
    n,
  );
};
/** Well away from singular. */
const definite = (n: number) => {
  const a = gram(matrixOf(n, n, 'rows'));
  for (let i = 0; i < n; i++) a.set(i, i, a.get(i, i) + 1);
  return a;
};
/** Singular values from 1 to 10^-12. */
const illConditioned = (n: number) => {
  const { q } = qr(matrixOf(n, n, 'rows'));
  return matmul(matmul(q, diagonal(Float64Array.from({ length: n }, (_, i) => 10 ** ((-12 * i) / Math.max(1, n - 1))))), q, { transposeB: true });
};

describe.each(sizes)('residuals, n = %i', (n) => {
  test('lu', () => {
    for (const [rows, cols] of [
      [n, n],
      [n + 3, n],
      [n, n + 4],
    ]) {
      const a = matrixOf(rows, cols, 'columns');
      const { l, u, p } = lu(a);
      expect([...p].sort((i, j) => i - j)).toEqual(Array.from({ length: rows }, (_, i) => i));
      const permuted = Matrix.zeros(rows, cols);
      p.forEach((from, i) => {
        for (let j = 0; j < cols; j++) permuted.set(i, j, a.get(from, j));
      });
      expect(ratio(matmul(l, u), permuted, norm(a, '1') * 4)).toBeLessThan(30);
      expect(l.toArray().every((row, i) => row.every((x, j) => Math.abs(x) <= (j <= i ? 1 : 0)))).toBe(true);
    }
  });

  test('solve and inverse', () => {
    for (const a of [definite(n), matrixOf(n, n, 'slice'), illConditioned(n)]) {
      for (const cols of [1, 5, 130]) {
        const b = matrixOf(n, cols, 'rows');
        const x = solve(a, b);
        expect(ratio(matmul(a, x), b, norm(a, '1') * Math.max(norm(x, '1'), 1e-300), n)).toBeLessThan(30);
      }
    }
    const a = definite(n);
    const x = inverse(a);
    expect(ratio(matmul(a, x), Matrix.identity(n), norm(a, '1') * norm(x, '1'))).toBeLessThan(30);
  });

  test('cholesky', () => {
    const a = definite(n);
    const l = cholesky(a);
    expect(ratio(matmul(l, l, { transposeB: true }), a, norm(a, '1'))).toBeLessThan(30);
    expect(l.toArray().every((row, i) => row.every((x, j) => j <= i || x === 0))).toBe(true);
  });

  test('qr', () => {
    for (const [rows, cols] of [
      [n, n],
      [2 * n + 1, n],
      [n, n + 4],
    ]) {
      for (const full of [false, true]) {
        const a = matrixOf(rows, cols, 'rows');
        const { q, r } = qr(a, { full });
        expect([q.rows, q.cols, r.cols]).toEqual([rows, full ? rows : Math.min(rows, cols), cols]);
        expect(ratio(matmul(q, r), a, norm(a, '1'), rows)).toBeLessThan(30);
        expect(toIdentity(q)).toBeLessThan(30);
        expect(r.toArray().every((row, i) => row.every((x, j) => j >= i || x === 0))).toBe(true);
      }
    }
  });

  test('eigh', () => {
    for (const a of [symmetric(n), Matrix.identity(n), definite(n), gram(matrixOf(1, n, 'rows'))]) {
      const { values, vectors } = eigh(a);
      expect(ratio(matmul(a, vectors), matmul(vectors, diagonal(values)), norm(a, '1'))).toBeLessThan(30);
      expect(toIdentity(vectors)).toBeLessThan(30);
      expect([...values]).toEqual([...values].sort((x, y) => x - y));
    }
  });

  test('svd and pinv', () => {
    const low = matmul(matrixOf(n + 2, 1, 'rows'), matrixOf(1, n, 'rows'));
    for (const a of [matrixOf(n, n, 'rows'), matrixOf(2 * n, n, 'rows'), matrixOf(n, n + 7, 'columns'), illConditioned(n), low, Matrix.zeros(n, n)]) {
      for (const full of [false, true]) {
        const { u, s, v } = svd(a, { full });
        const small = Math.min(a.rows, a.cols);
        expect([u.rows, u.cols, v.rows, v.cols]).toEqual(full ? [a.rows, a.rows, a.cols, a.cols] : [a.rows, small, a.cols, small]);
        const product = matmul(matmul(u.slice(0, a.rows, 0, small), diagonal(s)), v.slice(0, a.cols, 0, small), { transposeB: true });
        expect(ratio(product, a, norm(a, '1'))).toBeLessThan(30);
        expect(Math.max(toIdentity(u), toIdentity(v))).toBeLessThan(30);
        expect([...s]).toEqual([...s].sort((x, y) => y - x));
        expect(s.every((x) => x >= 0)).toBe(true);
      }
    }
    const a = matrixOf(n + 3, n, 'rows');
    const x = pinv(a);
    expect(ratio(matmul(matmul(a, x), a), a, norm(a, '1') ** 2 * Math.max(1, norm(x, '1')))).toBeLessThan(30);
  });

  test('lstsq', () => {
    const [a, b] = [matrixOf(2 * n + 2, n, 'rows'), matrixOf(2 * n + 2, 2, 'rows')];
    const x = lstsq(a, b);
    const rest = matmul(a, x);
    const residual = Matrix.of(
      b.data.map((y, i) => y - rest.data[i]),
      b.rows,
      b.cols,
    );
    // What is left stands at right angles to the columns of A.
    const across = matmul(a, residual, { transposeA: true });
    expect(ratio(across, Matrix.zeros(n, 2), norm(a, '1') * norm(b, '1') * Math.max(1, norm(pinv(a), '1')))).toBeLessThan(30);
  });
});

describe('stacks and pools', () => {
  test('stacks answer stacks', () => {
    const all = new Float64Array(6 * 16);
    for (let i = 0; i < 6; i++) all.set(definite(4).data, i * 16);
    const stack = Matrix.stack(all, 6, 4, 4);
    const [inverses, roots, turned, dets] = [inverse(stack), cholesky(stack), transpose(stack), det(stack)];
    const x = solve(stack, Matrix.identity(4));
    for (let i = 0; i < 6; i++) {
      expect(inverses.at(i).equals(inverse(stack.at(i)))).toBe(true);
      expect(roots.at(i).equals(cholesky(stack.at(i)))).toBe(true);
      expect(turned.at(i).equals(stack.at(i).transpose())).toBe(true);
      expect(x.at(i).equals(inverses.at(i))).toBe(true);
      expect(dets[i]).toBe(det(stack.at(i)));
    }
  });

  test('stacks of matrices of several blocks', () => {
    const n = 70;
    const stack = Matrix.stack(Float64Array.from([...definite(n).data, ...matrixOf(n, n, 'rows').data]), 2, n, n);
    const [inverses, x] = [inverse(stack), solve(stack, Matrix.identity(n))];
    for (let i = 0; i < 2; i++) {
      expect(inverses.at(i).equals(inverse(stack.at(i)))).toBe(true);
      expect(x.at(i).equals(solve(stack.at(i), Matrix.identity(n)))).toBe(true);
    }
    expect(
      cholesky(Matrix.stack(stack.data.slice(0, n * n), 1, n, n))
        .at(0)
        .equals(cholesky(stack.at(0))),
    ).toBe(true);
  });

  test('factorisations whose blocks several threads make: the same bits', async () => {
    const [square, tall, wide] = [
      [330, 330],
      [300, 200],
      [200, 400],
    ].map(([rows, cols]) => matrixOf(rows, cols, 'rows'));
    const [spd, other] = [definite(330), definite(260)];
    const b = matrixOf(330, 250, 'rows');
    for (const threads of [1, 2, 3]) {
      await using pool = new Pool(threads);
      for (const a of [square, tall, wide]) {
        const [here, there] = [lu(a), await pool.apply(lu, [a])];
        expect([sameBits(there.l, here.l), sameBits(there.u, here.u), there.p]).toEqual([true, true, here.p]);
      }
      expect(sameBits(await pool.apply(inverse, [square]), inverse(square))).toBe(true);
      expect(sameBits(await pool.apply(solve, [square, b]), solve(square, b))).toBe(true);
      expect(sameBits(await pool.apply(cholesky, [spd]), cholesky(spd))).toBe(true);
      // Calls side by side, each with threads that wait for one another.
      const all = await pool.map(cholesky, [spd, other]);
      expect(all.map((l, i) => sameBits(l, cholesky([spd, other][i])))).toEqual([true, true]);
    }
  });

  test.skipIf(!info().native)('threads that wait for one another hear that the job is cancelled', async () => {
    const a = Matrix.random(1200, 1200, { seed: 1 });
    for (const threads of [2, 3]) {
      await using pool = new Pool(threads);
      for (const ms of [1, 7]) await expect(pool.apply(inverse, [a], { signal: AbortSignal.timeout(ms) })).rejects.toThrow(/abort|time/i);
      expect((await pool.apply(det, [Matrix.identity(300)])) as number).toBe(1);
    }
  });

  test('blocks that have no pivot, or are not positive, end as they should on several threads', async () => {
    await using pool = new Pool(2);
    const a = matrixOf(300, 300, 'rows') as Matrix;
    for (let i = 0; i < 300; i++) a.set(i, 200, 0);
    await expect(pool.apply(inverse, [a])).rejects.toThrow(
      'inverse takes matrices that have an inverse, but the matrix is singular: no pivot in column 200',
    );
    const spd = definite(300);
    spd.set(130, 130, -1);
    await expect(pool.apply(cholesky, [spd])).rejects.toThrow('the leading minor 131 of the matrix is not positive');
  });

  test('through a pool, the same bits', async () => {
    await using pool = new Pool(2);
    const a = definite(150);
    expect((await pool.apply(inverse, [a])).data).toEqual(inverse(a).data);
    expect((await pool.apply(svd, [a])).s).toEqual(svd(a).s);
    const [first, second] = await pool.map(cholesky, [a, definite(3)]);
    expect(first.data).toEqual(cholesky(a).data);
    expect(second.rows).toBe(3);
    expect((await pool.apply(matrixPower, [a, 3])).rows).toBe(150);
  });
});

describe('what cannot be is refused in a sentence', () => {
  test('singular', () => {
    for (const a of [
      Matrix.zeros(3, 3),
      Matrix.from([
        [1, 2],
        [2, 4],
      ]),
    ]) {
      expect(() => inverse(a)).toThrow(SingularMatrixError);
      expect(() => solve(a, Matrix.zeros(a.rows, 1))).toThrow(/singular: no pivot in column/);
      expect(det(a)).toBe(0);
      expect(slogdet(a)).toEqual({ sign: 0, logAbsDet: -Infinity });
    }
  });

  test('not positive definite, naming the minor', () => {
    const a = diagonal([1, 2, -3, 4]);
    expect(() => cholesky(a)).toThrow(NotPositiveDefiniteError);
    try {
      cholesky(a);
    } catch (error) {
      expect((error as NotPositiveDefiniteError).minor).toBe(3);
    }
    expect(() => cholesky(Matrix.from([[NaN]]))).toThrow(/leading minor 1/);
  });

  test.each<[string, () => unknown, string]>([
    ['not square', () => inverse(Matrix.zeros(2, 3)), 'the argument of inverse must be square, got 2×3'],
    ['other dtypes', () => svd(Matrix.zeros(2, 2, 'i32')), 'the argument of svd must be made of Float64Array or Float32Array, got Int32Array(4)'],
    [
      'sizes',
      () => solve(Matrix.identity(2), Matrix.zeros(3, 1)),
      'solve takes as many rows in the second argument as in the first, got 2×2 and 3×1',
    ],
    ['option', () => qr(Matrix.zeros(2, 2), { thin: true } as never), 'qr has the options full, got "thin"'],
    ['kind', () => norm(Matrix.zeros(2, 2), 'l2' as never), 'the kind of norm must be one of fro, 1, inf, 2, max, got "l2"'],
    ['power', () => matrixPower(Matrix.identity(2), -1), 'n of matrixPower must be a whole number from 0 up, got -1'],
    [
      'metric',
      () => pairwiseDistances([[1]], [[1]], { metric: 'l2' as never }),
      'metric of pairwiseDistances must be one of euclidean, sqeuclidean, manhattan, cosine, got "l2"',
    ],
    ['lengths', () => matvec(Matrix.zeros(2, 3), [1, 2]), 'matvec takes a vector as long as the matrix has columns, got 2×3 and 2 elements'],
  ])('%s', (_name, run, message) => {
    expect(run).toThrow(message);
  });
});
