/**
 * lu, solve, inverse, cholesky, qr, eigh and svd of matrices of all shapes and both dtypes: residuals and orthogonality in LAPACK's ratios,
 * against the TypeScript reference where results are unique, and what NaN, infinity and extreme sizes come to.
 * Run by the tests once per CPU level, in a process of its own: prints what it found wrong, and how many it made.
 */
import { cholesky, eigh, gram, inverse, lu, Matrix, matmul, qr, solve, svd } from 'everycore/matrix';
import { matrixOf } from './products.mjs';

const unit = { f64: 2 ** -52, f32: 2 ** -23 };
const wrong = [];
let made = 0;

function check(what, holds) {
  made++;
  if (!holds) wrong.push(what);
}

/** The largest row sum of |a - b|, over u·n·size. */
function ratio(a, b, size, dtype) {
  let largest = 0;
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    for (let j = 0; j < a.cols; j++) sum += Math.abs(a.get(i, j) - b.get(i, j));
    if (!(sum <= largest)) largest = sum;
  }
  return largest === 0 ? 0 : largest / (unit[dtype] * Math.max(a.rows, a.cols, 1) * size);
}

function sizeOf(a) {
  let largest = 0;
  for (const x of a.copy().data) largest = Math.max(largest, Math.abs(x));
  return largest * Math.max(a.rows, a.cols);
}

const wide = (a) => Matrix.of(Float64Array.from(a.copy().data), a.rows, a.cols);
const times = (a, b, options) => matmul(wide(a), wide(b), options);
const orthonormal = (q, dtype) => ratio(times(q, q, { transposeA: true }), Matrix.identity(q.cols), 1, dtype) < 30;
const triangular = (r) => r.toArray().every((row, i) => row.every((x, j) => j >= i || x === 0));
const sorted = (values, sign) => values.every((x, i) => i === 0 || sign * (x - values[i - 1]) >= 0);

function diagonal(values) {
  const d = Matrix.zeros(values.length, values.length);
  values.forEach((x, i) => {
    d.set(i, i, x);
  });
  return d;
}

function checkQr(what, a, dtype) {
  for (const full of [false, true]) {
    const { q, r } = qr(a, { full });
    const size = sizeOf(a);
    check(`qr ${what}`, ratio(times(q, r), wide(a), size, dtype) < 30 && orthonormal(q, dtype) && triangular(r));
  }
}

function checkSvd(what, a, dtype) {
  for (const full of [false, true]) {
    const { u, s, v } = svd(a, { full });
    const small = Math.min(a.rows, a.cols);
    const product = times(times(u.slice(0, a.rows, 0, small), diagonal(s)), v.slice(0, a.cols, 0, small), { transposeB: true });
    check(`svd ${what}`, ratio(product, wide(a), sizeOf(a), dtype) < 30);
    check(`svd ${what}, vectors`, orthonormal(u, dtype) && orthonormal(v, dtype));
    check(`svd ${what}, values`, sorted(s, -1) && s.every((x) => x >= 0));
  }
}

function checkEigh(what, a, dtype) {
  const { values, vectors } = eigh(a);
  check(`eigh ${what}`, ratio(times(a, vectors), times(vectors, diagonal(values)), sizeOf(a), dtype) < 30);
  check(`eigh ${what}, vectors`, orthonormal(vectors, dtype));
  check(`eigh ${what}, values`, sorted(values, 1));
}

function symmetric(n, dtype) {
  const a = matrixOf(n, n, 'rows', dtype);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a.set(j, i, a.get(i, j));
  return a;
}

/** A matrix of the given rank. */
function ofRank(rows, cols, rank, dtype) {
  return matmul(matrixOf(rows, rank, 'rows', dtype), matrixOf(rank, cols, 'rows', dtype));
}

const shapes = [
  [1, 1],
  [1, 5],
  [5, 1],
  [2, 2],
  [7, 4],
  [17, 33],
  [63, 63],
  [64, 64],
  [65, 65],
  [130, 129],
  [200, 70],
  [70, 200],
  [131, 260],
];

for (const dtype of ['f64', 'f32']) {
  for (const [rows, cols] of shapes) {
    const what = `${dtype} ${rows}×${cols}`;
    for (const kind of ['rows', 'columns', 'slice', 'backwards']) {
      checkQr(`${what} ${kind}`, matrixOf(rows, cols, kind, dtype), dtype);
    }
    checkSvd(what, matrixOf(rows, cols, 'rows', dtype), dtype);
    const rank = Math.max(1, Math.floor(Math.min(rows, cols) / 3));
    checkQr(`${what} of rank ${rank}`, ofRank(rows, cols, rank, dtype), dtype);
    checkSvd(`${what} of rank ${rank}`, ofRank(rows, cols, rank, dtype), dtype);
    checkQr(`${what} of zeros`, Matrix.zeros(rows, cols, dtype), dtype);
    checkSvd(`${what} of zeros`, Matrix.zeros(rows, cols, dtype), dtype);
  }
  for (const n of [1, 2, 3, 16, 63, 64, 65, 130, 201]) {
    checkEigh(`${dtype} ${n}`, symmetric(n, dtype), dtype);
    checkEigh(`${dtype} ${n}, identity`, Matrix.identity(n, dtype), dtype);
    const low = matrixOf(n, 1, 'rows', dtype);
    checkEigh(`${dtype} ${n} of rank 1`, matmul(low, low.transpose()), dtype);
    checkEigh(`${dtype} ${n} of zeros`, Matrix.zeros(n, n, dtype), dtype);
    // One value many times.
    const twice = Matrix.identity(n, dtype);
    twice.set(n - 1, 0, 0.5);
    twice.set(0, n - 1, 0.5);
    checkEigh(`${dtype} ${n} with equal values`, twice, dtype);
  }
}

for (const size of [1, 3, 12, 13, 63, 64, 65, 130, 201]) {
  for (const [rows, cols] of [
    [size, size],
    [size + 70, size],
    [size, size + 70],
  ]) {
    const a = matrixOf(rows, cols, 'rows');
    const { l, u, p } = lu(a);
    const permuted = Matrix.from(Array.from(p, (row) => Array.from(a.row(row))));
    check(`lu ${rows}×${cols}`, ratio(matmul(l, u), permuted, 4 * sizeOf(a), 'f64') < 30);
    check(`lu ${rows}×${cols}, pivots`, triangular(u) && l.data.every((x) => Math.abs(x) <= 1));
  }
  const a = gram(matrixOf(size + 3, size, 'rows'));
  for (let i = 0; i < size; i++) a.set(i, i, a.get(i, i) + 1);
  for (const cols of [1, 2, 33, 250]) {
    const b = matrixOf(size, cols, 'rows');
    const x = solve(a, b);
    check(`solve ${size}, ${cols} columns`, ratio(matmul(a, x), b, sizeOf(a) * sizeOf(x), 'f64') < 30);
  }
  check(`inverse ${size}`, ratio(matmul(a, inverse(a)), Matrix.identity(size), sizeOf(a) * sizeOf(inverse(a)), 'f64') < 30);
  const root = cholesky(a);
  check(`cholesky ${size}`, ratio(matmul(root, root, { transposeB: true }), a, sizeOf(a), 'f64') < 30 && triangular(root.transpose()));
}

// Sizes whose squares overflow or vanish.
for (const size of [1e200, 1e-200]) {
  const scaled = (a) =>
    Matrix.of(
      a.data.map((x) => x * size),
      a.rows,
      a.cols,
    );
  checkQr(`of size ${size}`, scaled(matrixOf(90, 70, 'rows')), 'f64');
  checkSvd(`of size ${size}`, scaled(matrixOf(90, 70, 'rows')), 'f64');
  checkEigh(`of size ${size}`, scaled(symmetric(70, 'f64')), 'f64');
}

// Bidiagonal already, with zeros on the diagonal: at the beginning, in the middle, at the end, and everywhere.
for (const zeros of [[0], [3], [7], [2, 5], [0, 1, 2, 3, 4, 5, 6, 7]]) {
  const a = Matrix.zeros(8, 8);
  for (let i = 0; i < 8; i++) {
    a.set(i, i, zeros.includes(i) ? 0 : i + 1);
    if (i < 7) a.set(i, i + 1, 1);
  }
  checkSvd(`bidiagonal with zeros at ${zeros}`, a, 'f64');
}

// Known values: the second difference has 2 - 2·cos(kπ/(n + 1)).
const n = 100;
const second = Matrix.zeros(n, n);
for (let i = 0; i < n; i++) {
  second.set(i, i, 2);
  if (i > 0) second.set(i, i - 1, -1);
  if (i > 0) second.set(i - 1, i, -1);
}
const known = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
check(
  'eigh of the second difference',
  eigh(second).values.every((x, k) => Math.abs(x - known[k]) < 1e-13),
);
check(
  'svd of the second difference',
  svd(second).s.every((x, k) => Math.abs(x - known[n - 1 - k]) < 1e-13),
);

// What is not finite: NaN, at once, in everything that it reaches.
for (const bad of [NaN, Infinity, -Infinity]) {
  for (const size of [2, 66, 150]) {
    const a = symmetric(size, 'f64');
    a.set(size - 1, 0, bad);
    a.set(0, size - 1, bad);
    check(`eigh with ${bad}`, eigh(a).values.every(Number.isNaN) && eigh(a).vectors.data.every(Number.isNaN));
    check(`svd with ${bad}`, svd(a).s.every(Number.isNaN));
    check(`qr with ${bad}`, qr(a).r.data.some(Number.isNaN));
  }
}

console.log(JSON.stringify({ made, wrong: wrong.slice(0, 20) }));
