/**
 * Singular values and vectors of a square matrix, in TypeScript: reduction to bidiagonal form by
 * Householder reflectors, then implicit QR (Golub and Reinsch, "Singular value decomposition and least
 * squares solutions", 1970; Golub and Van Loan, "Matrix Computations", 8.6). The native kernel "svd" does the same.
 */
import { makeReflector, reflectColumns, reflectRows, scale, scaleOf, turned } from './householder';
import { rotateRows } from './rotations';

/** A = U·diag(s)·Vᵀ of n × n numbers: the vectors come as columns; s descends, a is used up. */
export function svdOfSquare(a: Float64Array, n: number, s: Float64Array, u: Float64Array, v: Float64Array): void {
  const factor = scaleOf(a);
  if (Number.isNaN(factor)) {
    for (const each of [u, s, v]) each.fill(NaN);
    return;
  }
  scale(a, factor);
  const off = new Float64Array(n);
  const [left, right] = bidiagonalize(a, n, s, off);
  new ImplicitQr(s, off, n, left, right).run();
  const order = Array.from(s.keys()).sort((i, j) => Math.abs(s[j]) - Math.abs(s[i]));
  const sorted = order.map((i) => Math.abs(s[i]) / factor);
  order.forEach((from, to) => {
    const sign = s[from] < 0 || Object.is(s[from], -0) ? -1 : 1;
    for (let j = 0; j < n; j++) {
      u[j * n + to] = left[from * n + j];
      v[j * n + to] = sign * right[from * n + j];
    }
  });
  s.set(sorted);
}

/** B = Qᵀ·A·P is upper bidiagonal: `d` and, beside it, `e`. Answers Qᵀ and Pᵀ. */
function bidiagonalize(a: Float64Array, n: number, d: Float64Array, e: Float64Array): [left: Float64Array, right: Float64Array] {
  const lefts: Float64Array[] = [];
  const rights: Float64Array[] = [];
  const tauLeft = new Float64Array(n);
  const tauRight = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    tauLeft[k] = makeReflector(a, k * n + k, n - k, n);
    d[k] = a[k * n + k];
    const v = new Float64Array(n - k);
    for (let i = k; i < n; i++) v[i - k] = i === k ? 1 : a[i * n + k];
    lefts.push(v);
    reflectRows(a, n, [k, n, k + 1, n], v, tauLeft[k]);
    if (k + 1 >= n) continue;
    tauRight[k] = makeReflector(a, k * n + k + 1, n - k - 1, 1);
    e[k] = a[k * n + k + 1];
    const w = a.slice(k * n + k + 1, (k + 1) * n);
    w[0] = 1;
    rights.push(w);
    reflectColumns(a, n, [k + 1, n, k + 1, n], w, tauRight[k]);
  }
  const [q, p] = [identity(n), identity(n)];
  for (let k = n - 1; k >= 0; k--) reflectRows(q, n, [k, n, k, n], lefts[k], tauLeft[k]);
  for (let k = n - 2; k >= 0; k--) reflectRows(p, n, [k + 1, n, k + 1, n], rights[k], tauRight[k]);
  return [turned(q, n, n), turned(p, n, n)];
}

function identity(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

const unit = 2 ** -53;
const iterationsMax = 60;

/** The bidiagonal matrix while its off-diagonal goes to zero; every rotation is done to the vectors as well. */
class ImplicitQr {
  readonly #small: number;
  readonly #leftCosines: Float64Array;
  readonly #leftSines: Float64Array;
  readonly #rightCosines: Float64Array;
  readonly #rightSines: Float64Array;

  constructor(
    readonly d: Float64Array,
    readonly e: Float64Array,
    readonly n: number,
    readonly left: Float64Array,
    readonly right: Float64Array,
  ) {
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(d[i]) + Math.abs(e[i]));
    this.#small = unit * largest;
    [this.#leftCosines, this.#leftSines, this.#rightCosines, this.#rightSines] = Array.from({ length: 4 }, () => new Float64Array(n));
  }

  run(): void {
    const { d, e } = this;
    let last = this.n - 1;
    for (let iteration = 0; last > 0 && iteration < iterationsMax * this.n; iteration++) {
      for (let i = 0; i < last; i++) {
        if (Math.abs(e[i]) <= unit * Math.max(Math.abs(d[i]) + Math.abs(d[i + 1]), this.#small)) e[i] = 0;
      }
      while (last > 0 && e[last - 1] === 0) last--;
      let first = last;
      while (first > 0 && e[first - 1] !== 0) first--;
      if (first === last) continue;
      if (this.#zeroDiagonal(first, last)) continue;
      this.#step(first, last);
    }
  }

  /** Where the diagonal is zero, the off-diagonal beside it can be rotated away. True when there was one. */
  #zeroDiagonal(first: number, last: number): boolean {
    const { d, e, n, left, right } = this;
    for (let i = last; i >= first; i--) {
      if (Math.abs(d[i]) > this.#small * unit) continue;
      d[i] = 0;
      if (i < last) {
        let f = e[i];
        e[i] = 0;
        for (let j = i + 1; j <= last && f !== 0; j++) {
          const r = Math.hypot(f, d[j]);
          const [c, s] = [d[j] / r, f / r];
          d[j] = r;
          if (j < last) {
            f = -s * e[j];
            e[j] *= c;
          }
          rotatePair(left, n, i, j, c, s);
        }
      } else {
        let f = e[last - 1];
        e[last - 1] = 0;
        for (let j = last - 1; j >= first && f !== 0; j--) {
          const r = Math.hypot(f, d[j]);
          const [c, s] = [d[j] / r, f / r];
          d[j] = r;
          if (j > first) {
            f = -s * e[j - 1];
            e[j - 1] *= c;
          }
          rotatePair(right, n, last, j, c, s);
        }
      }
      return true;
    }
    return false;
  }

  /** One step of Golub and Kahan on the block from `first` to `last`. */
  #step(first: number, last: number): void {
    const { d, e, n } = this;
    const t11 = d[last - 1] ** 2 + (last - 1 > first ? e[last - 2] ** 2 : 0);
    const t12 = d[last - 1] * e[last - 1];
    const t22 = d[last] ** 2 + e[last - 1] ** 2;
    const half = (t11 - t22) / 2;
    const root = half + (half < 0 ? -1 : 1) * Math.sqrt(half * half + t12 * t12);
    const shift = root === 0 ? t22 : t22 - (t12 * t12) / root;
    let y = d[first] - shift / d[first];
    let z = e[first];
    for (let k = first; k < last; k++) {
      let r = Math.sqrt(y * y + z * z);
      let [c, s] = r === 0 ? [1, 0] : [y / r, z / r];
      if (k > first) e[k - 1] = r;
      this.#rightCosines[k] = c;
      this.#rightSines[k] = -s;
      y = c * d[k] + s * e[k];
      e[k] = c * e[k] - s * d[k];
      z = s * d[k + 1];
      d[k + 1] *= c;
      r = Math.sqrt(y * y + z * z);
      [c, s] = r === 0 ? [1, 0] : [y / r, z / r];
      d[k] = r;
      this.#leftCosines[k] = c;
      this.#leftSines[k] = -s;
      y = c * e[k] + s * d[k + 1];
      d[k + 1] = c * d[k + 1] - s * e[k];
      e[k] = y;
      if (k + 1 < last) {
        z = s * e[k + 1];
        e[k + 1] *= c;
      }
    }
    rotateRows(this.right, n, first, 1, last - first, this.#rightCosines, this.#rightSines);
    rotateRows(this.left, n, first, 1, last - first, this.#leftCosines, this.#leftSines);
  }
}

/** Row i becomes c·row(i) - s·row(j), row j s·row(i) + c·row(j). */
function rotatePair(a: Float64Array, cols: number, i: number, j: number, c: number, s: number): void {
  for (let k = 0; k < cols; k++) {
    const [x, y] = [a[i * cols + k], a[j * cols + k]];
    a[i * cols + k] = c * x - s * y;
    a[j * cols + k] = s * x + c * y;
  }
}
