import {
  det,
  eigh,
  gram,
  inverse,
  lstsq,
  lu,
  Matrix,
  matrixPower,
  matvec,
  norm,
  outer,
  pairwiseDistances,
  qr,
  slogdet,
  solve,
  svd,
  trace,
  transpose,
} from 'everycore/matrix';
import { describe, expect, test } from 'vitest';
import { matrixOf } from './support/products.mjs';

function diagonal(values: ArrayLike<number>): Matrix {
  const d = Matrix.zeros(values.length, values.length);
  for (let i = 0; i < values.length; i++) d.set(i, i, values[i]);
  return d;
}

describe('known answers', () => {
  test('two by two', () => {
    const a = Matrix.from([
      [4, 3],
      [6, 3],
    ]);
    expect(det(a)).toBeCloseTo(-6, 12);
    expect(slogdet(a).sign).toBe(-1);
    expect(Math.exp(slogdet(a).logAbsDet)).toBeCloseTo(6, 12);
    expect(
      inverse(a)
        .toArray()
        .flat()
        .map((x) => Number(x.toFixed(12))),
    ).toEqual([-0.5, 0.5, 1, -0.666666666667]);
    expect(Array.from(solve(a, Float64Array.of(10, 12)))).toEqual([1, 2]);
    expect(
      solve(
        [
          [2, 0],
          [0, 4],
        ],
        [2, 8],
      ),
    ).toEqual([1, 2]);
    expect(trace(a)).toBe(7);
    expect(
      matrixPower(
        [
          [1, 1],
          [1, 0],
        ],
        10,
      ).toArray(),
    ).toEqual([
      [89, 55],
      [55, 34],
    ]);
    expect(matrixPower(a, 0).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(matrixPower(a.transpose(), 1).toArray()).toEqual([
      [4, 6],
      [3, 3],
    ]);
  });

  test('det of many factors neither overflows nor vanishes on the way', () => {
    expect(det(diagonal([...Array(100).fill(1e200), ...Array(100).fill(1e-200)]))).toBeCloseTo(1, 10);
    expect(slogdet(diagonal(Array(1000).fill(1e-3))).logAbsDet).toBeCloseTo(1000 * Math.log(1e-3), 6);
    expect(det(diagonal(Array(5).fill(1e-100)))).toBe(0);
    expect(det(Matrix.zeros(0, 0))).toBe(1);
    expect(
      det(
        Matrix.from([
          [0, 1],
          [1, 0],
        ]),
      ),
    ).toBe(-1);
  });

  test('products in other clothes', () => {
    const a = Matrix.from([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(matvec(a, Float64Array.of(1, 0, -1))).toEqual(Float64Array.of(-2, -2));
    expect(matvec(a, [1, 1, 1])).toEqual([6, 15]);
    expect(outer(Float64Array.of(1, 2), Float64Array.of(3, 4)).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(gram(a).toArray()).toEqual([
      [17, 22, 27],
      [22, 29, 36],
      [27, 36, 45],
    ]);
    expect(transpose(a).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  test.each(['u8', 'i16', 'f32', 'f64', 'i64'] as const)('transpose of %s in odd sizes', (dtype) => {
    for (const [rows, cols] of [
      [0, 3],
      [1, 1],
      [7, 1],
      [33, 65],
      [130, 71],
    ]) {
      const a = Matrix.zeros(rows, cols, dtype);
      for (let k = 0; k < a.data.length; k++) a.data[k] = (dtype === 'i64' ? BigInt(k) : k) as never;
      for (const each of [a, a.transpose(), a.slice(0, rows, Math.min(1, cols), cols)]) {
        expect(transpose(each as Matrix).equals(each.transpose())).toBe(true);
      }
    }
  });

  test('norms', () => {
    const a = Matrix.from([
      [1, -2],
      [3, 4],
    ]);
    expect(norm(a)).toBeCloseTo(Math.sqrt(30), 14);
    expect([norm(a, '1'), norm(a, 'inf'), norm(a, 'max')]).toEqual([6, 7, 4]);
    expect(norm(a, '2')).toBeCloseTo(5.116672736016927, 13);
    expect(norm([3, 4])).toBe(5);
    expect(norm(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -187);
  });

  test('distances', () => {
    const [a, b] = [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [3, 4],
        [1, 0],
        [0, 2],
      ],
    ];
    expect(pairwiseDistances(a, b).toArray()).toEqual([
      [5, 1, 2],
      [Math.sqrt(13), 1, Math.SQRT2],
    ]);
    expect(pairwiseDistances(a, b, { metric: 'sqeuclidean' }).get(1, 0)).toBe(13);
    expect(pairwiseDistances(a, b, { metric: 'manhattan' }).get(0, 0)).toBe(7);
    expect(pairwiseDistances([[1, 0]], [[0, 2]], { metric: 'cosine' }).get(0, 0)).toBe(1);
  });

  test('lstsq of a rank-deficient matrix is the shortest', () => {
    const x = lstsq(
      [
        [1, 1],
        [1, 1],
      ],
      [2, 2],
    );
    expect(x.map((each) => Number(each.toFixed(12)))).toEqual([1, 1]);
  });

  test('NaN comes out as NaN, at once', () => {
    const a = Matrix.from([
      [1, NaN],
      [NaN, 1],
    ]);
    expect(eigh(a).values.every(Number.isNaN)).toBe(true);
    expect(svd(a).s.every(Number.isNaN)).toBe(true);
    expect(Number.isNaN(det(a))).toBe(true);
  });

  test('f32 comes out as f32', () => {
    const a = matrixOf(20, 20, 'rows', 'f32') as Matrix<Float32Array>;
    for (const each of [inverse(a), qr(a).q, svd(a).u, eigh(a).vectors, lu(a).l]) expect(each.data).toBeInstanceOf(Float32Array);
  });
});
