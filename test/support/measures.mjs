/**
 * pairwiseDistances and norm of all kinds of views and odd sizes against sums made one by one. Run by the tests
 * once per CPU level, in a process of its own: prints what it found wrong, and how many it made.
 */
import { Matrix, norm, pairwiseDistances } from 'everycore/matrix';
import { matrixOf } from './products.mjs';

const wrong = [];
let made = 0;
const unit = { f64: 2 ** -53, f32: 2 ** -24 };
const kinds = ['rows', 'columns', 'slice', 'strided', 'backwards'];

function near(what, got, expected, tolerance) {
  made++;
  const same = Object.is(got, expected) || Math.abs(got - expected) <= tolerance;
  if (!same) wrong.push(`${what}: ${got}, expected ${expected}`);
}

const distances = {
  sqeuclidean: (x, y) => x.reduce((sum, each, k) => sum + (each - y[k]) ** 2, 0),
  euclidean: (x, y) => Math.sqrt(distances.sqeuclidean(x, y)),
  manhattan: (x, y) => x.reduce((sum, each, k) => sum + Math.abs(each - y[k]), 0),
  cosine: (x, y) => {
    const dot = (a, b) => a.reduce((sum, each, k) => sum + each * b[k], 0);
    return 1 - dot(x, y) / (Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y)));
  },
};

for (const dtype of ['f64', 'f32']) {
  for (const [rows, cols, depth] of [
    [1, 1, 1],
    [3, 5, 2],
    [7, 17, 33],
    [8, 16, 3],
    [33, 31, 65],
    [70, 9, 100],
    [2, 3, 0],
  ]) {
    kinds.forEach((kind, turn) => {
      const a = matrixOf(rows, depth, kind, dtype);
      const b = matrixOf(cols, depth, kinds[(turn + 2) % kinds.length], dtype);
      const [rowsA, rowsB] = [a.toArray(), b.toArray()];
      for (const metric of Object.keys(distances)) {
        const got = pairwiseDistances(a, b, { metric });
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < cols; j++) {
            const expected = distances[metric](rowsA[i], rowsB[j]);
            near(
              `${metric} ${dtype} ${rows}×${cols}×${depth} ${kind}`,
              got.get(i, j),
              expected,
              unit[dtype] * (depth * 1e-3 + 4) * (1 + expected) * 8,
            );
          }
        }
      }
      // Of a row from itself: nothing at all.
      const own = pairwiseDistances(a, a);
      for (let i = 0; i < rows; i++) near('own', own.get(i, i), 0, 0);
    });
  }
  const near1 = matrixOf(5, 4, 'rows', dtype);
  near1.set(2, 1, NaN);
  near1.set(3, 0, Infinity);
  const got = pairwiseDistances(near1, near1);
  near('NaN', got.get(2, 0), NaN, 0);
  near('infinity', got.get(3, 0), Infinity, 0);
  near('beside them', got.get(0, 0), 0, 0);
}

const norms = {
  fro: (rows) => Math.sqrt(rows.flat().reduce((sum, x) => sum + x * x, 0)),
  max: (rows) => Math.max(0, ...rows.flat().map(Math.abs)),
  inf: (rows) => Math.max(0, ...rows.map((row) => row.reduce((sum, x) => sum + Math.abs(x), 0))),
  1: (rows) => norms.inf((rows[0] ?? []).map((_, j) => rows.map((row) => row[j]))),
};

for (const dtype of ['f64', 'f32']) {
  for (const [rows, cols] of [
    [0, 3],
    [1, 1],
    [3, 50],
    [16, 16],
    [50, 3],
    [37, 133],
  ]) {
    for (const kind of kinds) {
      const a = matrixOf(rows, cols, kind, dtype);
      for (const which of Object.keys(norms)) {
        const expected = norms[which](a.toArray());
        near(`norm ${which} ${dtype} ${rows}×${cols} ${kind}`, norm(a, which), expected, 1e-14 * expected);
        if (rows === 0) continue;
        for (const [bad, comes] of [
          [NaN, NaN],
          [-Infinity, Infinity],
        ]) {
          const copy = Matrix.of(a.copy().data, rows, cols);
          copy.set(rows - 1, cols >> 1, bad);
          near(`norm ${which} with ${bad}`, norm(copy, which), comes, 0);
          near(`norm ${which} with ${bad}, turned`, norm(copy.transpose(), which), comes, 0);
        }
      }
    }
  }
}
for (const size of [1e200, 1e-200, 1e-310]) {
  near(`norm of size ${size}`, norm(Matrix.from([[3 * size, 4 * size]])), 5 * size, 1e-15 * 5 * size + 1e-323);
}
console.log(JSON.stringify({ made, wrong: wrong.slice(0, 20) }));
