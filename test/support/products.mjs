/**
 * Checks products of all dtypes, sizes and kinds of views against sums made one by one in double
 * precision, |C - AB| <= (k + 2)·u·|A||B|. Run by the tests once per CPU level, in a process of its own:
 * prints what it found wrong, and how many products it made.
 */
import { Matrix, matmul } from 'everycore/matrix';

const arrays = { f64: Float64Array, f32: Float32Array, i32: Int32Array };
const unit = { f64: 2 ** -53, f32: 2 ** -24 };

let state = 7;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state / 2 ** 31;
}

/** A matrix of random numbers in memory that lies as `kind` says. */
export function matrixOf(rows, cols, kind, dtype = 'f64') {
  const fill = (size) => new arrays[dtype](size).map(() => (dtype === 'i32' ? Math.floor(random() * 1e6) : random()));
  switch (kind) {
    case 'rows':
      return Matrix.of(fill(rows * cols), rows, cols);
    case 'columns':
      return Matrix.of(fill(rows * cols), cols, rows).transpose();
    case 'slice':
      return Matrix.of(fill((rows + 3) * (cols + 5)), rows + 3, cols + 5).slice(1, rows + 1, 2, cols + 2);
    case 'strided':
      return new Matrix(fill(6 * rows * cols + 2), rows, cols, 1, 6 * cols, 3);
    case 'backwards':
      return new Matrix(fill(rows * cols), rows, cols, Math.max(0, rows * cols - 1), -cols, -1);
  }
}

/** How far a result is from the sums, in units of the bound; for i32, 0 or Infinity. */
export function distance(a, b, c, { alpha = 1, beta = 0, old } = {}) {
  const whole = c.data instanceof Int32Array;
  const u = c.data instanceof Float32Array ? unit.f32 : unit.f64;
  const left = a.copy().data;
  const right = b.transpose().copy().data;
  const depth = a.cols;
  let worst = 0;
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.cols; j++) {
      let sum = 0;
      let size = 0;
      for (let p = 0, atA = i * depth, atB = j * depth; p < depth; p++, atA++, atB++) {
        if (whole) {
          sum = (sum + Math.imul(left[atA], right[atB])) | 0;
        } else {
          const product = left[atA] * right[atB];
          sum += product;
          size += Math.abs(product);
        }
      }
      if (whole) {
        const expected = (Math.imul(alpha, sum) + (beta === 0 ? 0 : Math.imul(beta, old.get(i, j)))) | 0;
        if (expected !== c.get(i, j)) return Infinity;
        continue;
      }
      const expected = alpha * sum + (beta === 0 ? 0 : beta * old.get(i, j));
      const bound = (a.cols + 2) * u * (Math.abs(alpha) * size + (beta === 0 ? 0 : Math.abs(beta * old.get(i, j))));
      const off = Math.abs(c.get(i, j) - expected);
      // The sums here have errors of their own when u is that of doubles.
      worst = Math.max(worst, off === 0 ? 0 : off / (u === unit.f64 ? 2 * bound : bound));
      if (!(worst <= 1)) return worst;
    }
  }
  return worst;
}

const sizes = [
  [0, 3, 2],
  [2, 0, 3],
  [3, 2, 0],
  [1, 1, 1],
  [1, 9, 5],
  [2, 3, 4],
  [5, 7, 3],
  [8, 8, 8],
  [13, 17, 11],
  [16, 16, 16],
  [33, 65, 31],
  [12, 200, 200],
  [130, 129, 127],
  [157, 200, 190],
  [5, 3, 10000],
  [1, 500, 700],
  [500, 1, 700],
  [200, 3, 3000],
];
const kinds = ['rows', 'columns', 'slice', 'strided', 'backwards'];

/** Every small number of rows and columns, into a slice: what lies around it must stay. */
function runSmall(wrong) {
  let made = 0;
  for (const dtype of Object.keys(arrays)) {
    for (let rows = 1; rows <= 20; rows++) {
      for (let columns = 1; columns <= 20; columns++, made++) {
        const depth = 1 + ((7 * rows + 3 * columns) % 20);
        const [kindA, kindB] = [kinds[made % 5], kinds[(made + rows) % 5]];
        const [a, b] = [matrixOf(rows, depth, kindA, dtype), matrixOf(depth, columns, kindB, dtype)];
        const around = matrixOf(rows + 2, columns + 3, 'rows', dtype);
        const out = around.slice(1, rows + 1, 2, columns + 2);
        const before = around.copy();
        const options = made % 2 === 0 ? { beta: 0, out } : { alpha: -2, beta: 3, out };
        matmul(a, b, options);
        const off = distance(a, b, out, { ...options, old: before.slice(1, rows + 1, 2, columns + 2) });
        const what = `${dtype} ${rows}×${depth}×${columns} ${kindA} ${kindB} into a slice`;
        if (!(off <= 1)) wrong.push(`${what}: ${off}`);
        for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.set(i, j, before.get(i + 1, j + 2));
        if (!around.equals(before)) wrong.push(`${what}: wrote beside it`);
      }
    }
  }
  return made;
}

function run() {
  const wrong = [];
  let made = runSmall(wrong);
  let turn = 0;
  for (const dtype of Object.keys(arrays)) {
    for (const [rows, columns, depth] of sizes) {
      for (const kindA of kinds) {
        for (const kindB of kinds) {
          // Large ones: not every pair, and not with every out.
          const large = rows * columns * depth > 1e5;
          if (large && turn++ % 3 > 0) continue;
          const outs = large ? [[undefined, 'rows', 'columns', 'slice', 'strided'][turn++ % 5]] : [undefined, ...kinds];
          for (const kindOut of outs) {
            const [a, b] = [matrixOf(rows, depth, kindA, dtype), matrixOf(depth, columns, kindB, dtype)];
            const out = kindOut && matrixOf(rows, columns, kindOut, dtype);
            const options = out ? { alpha: kindOut === 'slice' ? -2 : 1, beta: kindOut === 'rows' ? 0 : 3, out } : {};
            const old = out?.copy();
            const c = matmul(a, b, options);
            made++;
            const off = distance(a, b, c, { ...options, old });
            if (!(off <= 1)) wrong.push(`${dtype} ${rows}×${depth}×${columns} ${kindA} ${kindB} ${kindOut}: ${off}`);
          }
        }
      }
    }
  }
  console.log(JSON.stringify({ made, wrong: wrong.slice(0, 20) }));
}

if (process.argv[2] === 'run') run();
