/** matmul against plain loops: every shape, stride, CPU level and cutting. */
import { Pool } from 'everycore';
import { Matrix, type MatrixStack, matmul } from 'everycore/matrix';
import { afterAll, describe, expect, test } from 'vitest';
import { planProduct } from '../dist/matrix/matmul-plan.js';
import { onEveryLevel } from './every-level';
import { distance, matrixOf } from './support/products.mjs';

const sameBits = (a: Float64Array, b: Float64Array) =>
  Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer, b.byteOffset, b.byteLength)) === 0;

describe('matmul against sums made one by one', () => {
  onEveryLevel('products.mjs', (made) => expect(made).toBeGreaterThan(2700), {
    about: ': every dtype, odd sizes, all kinds of views',
    args: ['run'],
    timeout: 580_000,
  });
});

describe('matmul by hand', () => {
  const a = Matrix.from([
    [1, 2],
    [3, 4],
  ]);
  const b = Matrix.from([
    [5, 6],
    [7, 8],
  ]);

  test('two by two', () => {
    expect(matmul(a, b).toArray()).toEqual([
      [19, 22],
      [43, 50],
    ]);
    expect(matmul(a, b, { transposeA: true }).toArray()).toEqual([
      [26, 30],
      [38, 44],
    ]);
    expect(matmul(a, b, { transposeB: true }).toArray()).toEqual([
      [17, 23],
      [39, 53],
    ]);
  });

  test('takes rows of numbers and ndarrays', () => {
    expect(matmul([[1, 2]], [[3], [4]]).toArray()).toEqual([[11]]);
    const nd = { data: Float64Array.of(1, 3, 2, 4), shape: [2, 2], stride: [1, 2], offset: 0 };
    expect(matmul(nd, b).toArray()).toEqual([
      [19, 22],
      [43, 50],
    ]);
  });

  test('alpha, beta and out', () => {
    const out = Matrix.from([
      [1, 1],
      [1, 1],
    ]);
    expect(matmul(a, b, { alpha: 2, beta: -1, out })).toBe(out);
    expect(out.toArray()).toEqual([
      [37, 43],
      [85, 99],
    ]);
  });

  test('beta 0 does not read out', () => {
    const out = Matrix.of(new Float64Array(4).fill(NaN), 2, 2);
    expect(matmul(a, b, { out }).toArray()).toEqual([
      [19, 22],
      [43, 50],
    ]);
  });

  test('whole numbers wrap', () => {
    const big = Matrix.of(Int32Array.of(2 ** 30, 3), 1, 2);
    expect(matmul(big, Matrix.of(Int32Array.of(4, 5), 2, 1)).get(0, 0)).toBe(15);
  });

  test('a sum over nothing is 0, and beta still applies', () => {
    const out = Matrix.from([[7, 8]]);
    matmul(Matrix.zeros(1, 0), Matrix.zeros(0, 2), { beta: 2, out });
    expect(out.toArray()).toEqual([[14, 16]]);
    expect(matmul(Matrix.zeros(2, 0), Matrix.zeros(0, 1)).toArray()).toEqual([[0], [0]]);
    expect(matmul(Matrix.zeros(0, 2), Matrix.zeros(2, 3)).rows).toBe(0);
  });
});

describe('what matmul leaves alone', () => {
  test.each([
    [5, 7, 3],
    [70, 90, 80],
    [130, 140, 150],
  ])('outside the view of out, %i×%i over %i', (rows, columns, depth) => {
    for (const turned of [false, true]) {
      const whole = Matrix.of(new Float64Array((rows + 4) * (columns + 6)).fill(-7), rows + 4, columns + 6);
      const inner = whole.slice(2, rows + 2, 3, columns + 3);
      const out = turned ? inner.transpose() : inner;
      const [m, n] = [out.rows, out.cols];
      matmul(matrixOf(m, depth, 'rows'), matrixOf(depth, n, 'columns'), { out });
      for (let i = 0; i < whole.rows; i++) {
        for (let j = 0; j < whole.cols; j++) {
          const inside = i >= 2 && i < rows + 2 && j >= 3 && j < columns + 3;
          if (inside === (whole.get(i, j) === -7)) expect.fail(`element ${i}, ${j}`);
        }
      }
    }
  });

  test.each([4, 37, 131])('NaN and Infinity stay in their row and column, n = %i', (n) => {
    for (const [value, kind] of [
      [NaN, 'rows'],
      [Infinity, 'columns'],
    ] as const) {
      const [a, b] = [matrixOf(n, n, 'rows'), matrixOf(n, n, kind)];
      a.set(2, 1, value);
      b.set(n - 1, n - 2, value);
      const c = matmul(a, b);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) expect(Number.isFinite(c.get(i, j)), `${i}, ${j}`).toBe(i !== 2 && j !== n - 2);
      }
    }
  });
});

describe('matmul over threads', () => {
  const pools = [1, 2, 3].map((threads) => new Pool(threads));
  afterAll(() => Promise.all(pools.map((pool) => pool.terminate())));

  test.each([
    ['square', 300, 300, 300],
    ['odd', 401, 211, 333],
    ['wide', 7, 20_000, 33],
    ['long sums', 20, 30, 50_000],
    ['long sums of packed tiles', 100, 110, 9_000],
    ['tall', 9_000, 9, 101],
  ])('the same bits for every number of them: %s', async (_name, rows, columns, depth) => {
    for (const dtype of ['f64', 'f32', 'i32']) {
      const [a, b] = [matrixOf(rows, depth, 'rows', dtype), matrixOf(depth, columns, 'columns', dtype)];
      const here = matmul(a, b);
      for (const pool of pools) expect(sameBits((await pool.apply(matmul, [a, b])).data, here.data)).toBe(true);
      if (rows * columns * depth < 5e6) expect(distance(a, b, here)).toBeLessThanOrEqual(1);
    }
  });

  test('into a view given to the pool', async () => {
    const [a, b] = [matrixOf(200, 210, 'rows'), matrixOf(210, 220, 'rows')];
    const out = Matrix.zeros(300, 300).slice(5, 205, 7, 227);
    expect(await pools[1].apply(matmul, [a, b], { out })).toBe(out);
    expect(out.equals(matmul(a, b))).toBe(true);
  });

  test('a batch', async () => {
    const pairs = Array.from({ length: 500 }, (_, i) => [matrixOf(1 + (i % 19), 5, 'rows'), matrixOf(5, 1 + (i % 7), 'columns')] as [Matrix, Matrix]);
    for (const pool of pools) {
      const products = await pool.starmap(matmul, pairs);
      products.forEach((product, i) => expect(sameBits(product.data, matmul(...pairs[i]).data)).toBe(true));
    }
  });

  test('the plan covers every tile once', () => {
    for (const [rows, columns, depth] of [
      [300, 300, 300],
      [1000, 17, 64],
      [3, 100_000, 40],
      [50, 50, 100_000],
      [2048, 2048, 2048],
    ]) {
      const plan = planProduct({ count: 1, rows, columns, depth, bytesPerElement: 8, straightB: true, straightC: true });
      const [kind, tileRows, tileColumns, blockDepth, sliceBlocks] = plan.params;
      const tiles = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns) * Math.ceil(depth / (blockDepth * sliceBlocks));
      expect(plan.phases[kind === 2 ? 1 : 0].units).toBe(tiles);
      expect(plan.phases.length).toBe(1 + Number(kind === 2) + Number(depth > blockDepth * sliceBlocks));
    }
  });
});

describe('batches of small products', () => {
  const pairs = (count: number, dtype: 'f64' | 'f32' | 'i32', rows = 3, depth = 5, columns = 4) =>
    Array.from({ length: count }, () => [matrixOf(rows, depth, 'rows', dtype), matrixOf(depth, columns, 'rows', dtype)] as const);

  test.each(['f64', 'f32', 'i32'] as const)('of one size, %s: the same bits as one by one, each with data of its own', async (dtype) => {
    await using pool = new Pool(2);
    for (const count of [64, 1000]) {
      const items = pairs(count, dtype);
      const results = await pool.starmap(matmul, items);
      expect(results.length).toBe(count);
      items.forEach(([a, b], i) => {
        expect(results[i]).toEqual(matmul(a, b));
      });
      results[1].data.fill(0);
      expect(results[2]).toEqual(matmul(...items[2]));
    }
  });

  test('a batch is not kept in memory by one of its results', async () => {
    await using pool = new Pool(2);
    const [first] = await pool.starmap(matmul, pairs(20_000, 'f64'));
    expect(first.data.buffer.byteLength).toBeLessThanOrEqual(1 << 16);
  });

  test('of sizes, dtypes, views and options that differ', async () => {
    await using pool = new Pool(2);
    for (const other of [pairs(1, 'f64', 2, 5, 4)[0], pairs(1, 'f32')[0], [matrixOf(5, 3, 'rows').transpose(), matrixOf(5, 4, 'rows')] as const]) {
      const items = [...pairs(80, 'f64'), other, ...pairs(80, 'f64')] as [Matrix, Matrix][];
      const results = await pool.starmap(matmul, items);
      items.forEach(([a, b], i) => {
        expect(results[i]).toEqual(matmul(a, b));
      });
    }
    const squares = pairs(80, 'f64', 4, 4, 4).map(([a, b]) => [a, b, { transposeA: true }] as const);
    const results = await pool.starmap(matmul, squares);
    squares.forEach(([a, b, options], i) => {
      expect(results[i]).toEqual(matmul(a, b, options));
    });
  });

  test('wrong items are named', async () => {
    await using pool = new Pool(2);
    const items = [...pairs(80, 'f64'), [matrixOf(3, 2, 'rows'), matrixOf(3, 2, 'rows')] as const];
    const error = await pool.starmap(matmul, items).catch((reason) => reason);
    expect(error.message).toBe('matmul takes matrices with as many columns in the first as rows in the second, got 3×2 and 3×2');
    expect(error.index).toBe(80);
    const detached = pairs(80, 'f64');
    structuredClone(0, { transfer: [detached[7][0].data.buffer] });
    await expect(pool.starmap(matmul, detached)).rejects.toThrow(TypeError);
  });

  test('chunks count products', async () => {
    await using pool = new Pool(2);
    const seen: number[] = [];
    await pool.starmap(matmul, pairs(100, 'f64'), { chunksize: 10, onProgress: ({ done }) => seen.push(done) });
    expect(seen.at(-1)).toBe(100);
  });
});

describe('stacks', () => {
  const stackOf = (count: number, rows: number, cols: number) => Matrix.stack(matrixOf(count * rows, cols, 'rows').data, count, rows, cols);
  const check = (c: MatrixStack, a: (i: number) => Matrix, b: (i: number) => Matrix) => {
    for (let i = 0; i < c.count; i++) expect(distance(a(i), b(i), c.at(i))).toBeLessThanOrEqual(1);
  };

  test.each([
    [1, 1, 1],
    [4, 4, 4],
    [8, 8, 8],
    [3, 17, 5],
    [40, 41, 42],
    [110, 105, 104],
  ])('of %i×%i over %i', (rows, columns, depth) => {
    const [a, b] = [stackOf(7, rows, depth), stackOf(7, depth, columns)];
    check(
      matmul(a, b),
      (i) => a.at(i),
      (i) => b.at(i),
    );
    check(
      matmul(a, b.at(3)),
      (i) => a.at(i),
      () => b.at(3),
    );
    check(
      matmul(a.at(2), b),
      () => a.at(2),
      (i) => b.at(i),
    );
    const [at, bt] = [stackOf(7, depth, rows), stackOf(7, columns, depth)];
    check(
      matmul(at.transpose(), bt.transpose()),
      (i) => at.at(i).transpose(),
      (i) => bt.at(i).transpose(),
    );
  });

  test('over threads, the same bits', async () => {
    await using pool = new Pool(2);
    const [a, b] = [stackOf(5000, 8, 9), stackOf(5000, 9, 7)];
    expect(sameBits((await pool.apply(matmul, [a, b])).data, matmul(a, b).data)).toBe(true);
  });

  test('into a stack', () => {
    const out = stackOf(3, 2, 2);
    expect(matmul(stackOf(3, 2, 4), stackOf(3, 4, 2), { out })).toBe(out);
  });
});

describe('bad input is refused in a sentence', () => {
  const a = Matrix.zeros(2, 3);
  test.each<[string, () => unknown, string]>([
    ['sizes', () => matmul(a, a), 'matmul takes matrices with as many columns in the first as rows in the second, got 2×3 and 2×3'],
    [
      'no matrix',
      () => matmul(a, 5 as never),
      'the second argument of matmul must be a Matrix, a stack of matrices, an ndarray or an array of rows, got 5',
    ],
    [
      'mixed dtypes',
      () => matmul(a, Matrix.zeros(3, 2, 'f32') as never),
      'both arguments of matmul must have one dtype, got Float64Array and Float32Array',
    ],
    [
      'other dtypes',
      () => matmul(Matrix.zeros(2, 2, 'u8'), Matrix.zeros(2, 2, 'u8')),
      'the first argument of matmul must be made of Float64Array or Float32Array or Int32Array, got Uint8Array(4)',
    ],
    [
      'holes',
      () => matmul([[1, 2], , [3, 4]] as never, a),
      'the first argument of matmul must be a Matrix or an array of rows, got a hole at index 1',
    ],
    ['strings', () => matmul([['1', 2]] as never, a), 'Matrix.from takes numbers, at row 0, column 0, got "1"'],
    ['options', () => matmul(a, a, { transpose: true } as never), 'matmul has the options alpha, beta, transposeA, transposeB, got "transpose"'],
    ['alpha', () => matmul(a, a, { alpha: '2' } as never), 'alpha of matmul must be a number, got "2"'],
    ['beta without out', () => matmul(a, a, { beta: 2, transposeA: true }), 'beta of matmul goes with out, which it multiplies'],
    ['size of out', () => matmul(a, a, { transposeB: true, out: a }), 'out of matmul must be 2×2, got 2×3'],
    [
      'dtype of out',
      () => matmul(a, a, { transposeB: true, out: Matrix.zeros(2, 2, 'f32') as never }),
      'out of matmul must be made of Float64Array, got Float32Array(4)',
    ],
    [
      'alpha of i32',
      () => matmul(Matrix.zeros(1, 1, 'i32'), Matrix.zeros(1, 1, 'i32'), { alpha: 0.5 }),
      'alpha of matmul must be a whole number of 32 bits for Int32Array, got 0.5',
    ],
  ])('%s', (_name, run, message) => {
    expect(run).toThrow(message);
  });

  test('out that overlaps an input', () => {
    const whole = matrixOf(6, 6, 'rows');
    const [left, right] = [whole.slice(0, 3, 0, 3), whole.slice(0, 3, 3, 6)];
    const other = matrixOf(3, 3, 'rows');
    expect(() => matmul(left, other, { out: left })).toThrow(/must not overlap/);
    expect(() => matmul(other, left, { out: whole.slice(2, 5, 2, 5) })).toThrow(RangeError);
    const expected = matmul(left, other);
    expect(matmul(left, other, { out: right }).equals(expected)).toBe(true);
    expect(matmul(left, other, { out: whole.slice(3, 6, 0, 3) }).equals(expected)).toBe(true);
  });

  test('out with elements that are the same memory', () => {
    expect(() => matmul(a, a, { transposeB: true, out: new Matrix(new Float64Array(2), 2, 2, 0, 0, 1) })).toThrow(/memory of its own/);
  });

  test('a detached buffer, and the pool goes on', async () => {
    const gone = Matrix.zeros(3, 3);
    structuredClone(gone.data.buffer, { transfer: [gone.data.buffer] });
    await using pool = new Pool(2);
    await expect(pool.apply(matmul, [gone, gone])).rejects.toThrow(TypeError);
    expect((await pool.apply(matmul, [Matrix.identity(3), Matrix.identity(3)])).equals(Matrix.identity(3))).toBe(true);
  });
});
