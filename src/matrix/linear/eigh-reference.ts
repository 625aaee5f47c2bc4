/**
 * Eigenvalues and vectors of a symmetric matrix, in TypeScript: reduction to tridiagonal form by
 * Householder reflectors, then the implicit QL method (Bowdler, Martin, Reinsch and Wilkinson, "The QR and
 * QL algorithms for symmetric matrices", 1968). The native kernel "eigh" does the same.
 */
import { makeReflector, reflectRows, scale, scaleOf, turned } from './householder';
import { rotateRows } from './rotations';

/** Of a (n × n, its lower triangle counts; it is used up) the values, ascending, and the vectors as columns. */
export function eighInPlace(a: Float64Array, n: number, values: Float64Array, out: Float64Array): void {
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i];
  const factor = scaleOf(a);
  if (Number.isNaN(factor)) {
    out.fill(NaN);
    values.fill(NaN);
    return;
  }
  scale(a, factor);
  const off = new Float64Array(n);
  const vectors = turned(tridiagonalize(a, n, values, off), n, n);
  implicitQl(values, off, n, vectors);
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
  const sorted = order.map((i) => values[i] / factor);
  order.forEach((from, to) => {
    for (let i = 0; i < n; i++) out[i * n + to] = vectors[from * n + i];
  });
  values.set(sorted);
}

/** T = Qᵀ·A·Q has `diagonal` and, from 0 on, `off` beside it. Answers Q. */
function tridiagonalize(a: Float64Array, n: number, diagonal: Float64Array, off: Float64Array): Float64Array {
  const taus = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k + 1 < n; k++) {
    // The reflector lies in row k, behind the diagonal: what A has there is what stands below it, too.
    const at = k * n + k + 1;
    const length = n - k - 1;
    taus[k] = makeReflector(a, at, length, 1);
    off[k] = a[at];
    a[at] = 1;
    updateTrailing(a, n, k + 1, a.subarray(at, at + length), taus[k], w);
  }
  for (let k = 0; k < n; k++) diagonal[k] = a[k * n + k];
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) reflectRows(q, n, [k + 1, n, k + 1, n], a.subarray(k * n + k + 1, (k + 1) * n), taus[k]);
  return q;
}

/** The part of A from row and column r0 on becomes H·A·H = A - v·wᵀ - w·vᵀ. */
function updateTrailing(a: Float64Array, n: number, r0: number, v: Float64Array, tau: number, w: Float64Array): void {
  if (tau === 0) return;
  const length = n - r0;
  let vw = 0;
  for (let i = 0; i < length; i++) {
    const row = (r0 + i) * n + r0;
    let sum = 0;
    for (let j = 0; j < length; j++) sum += a[row + j] * v[j];
    w[i] = tau * sum;
    vw += w[i] * v[i];
  }
  for (let i = 0; i < length; i++) w[i] -= 0.5 * tau * vw * v[i];
  for (let i = 0; i < length; i++) {
    const row = (r0 + i) * n + r0;
    for (let j = 0; j < length; j++) a[row + j] -= v[i] * w[j] + w[i] * v[j];
  }
}

const iterationsMax = 60;

function implicitQl(d: Float64Array, e: Float64Array, n: number, vectors: Float64Array): void {
  const cosines = new Float64Array(n);
  const sines = new Float64Array(n);
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(d[i]) + Math.abs(e[i]));
  const negligible = (i: number) => Math.abs(e[i]) <= 2 ** -53 * Math.max(Math.abs(d[i]) + Math.abs(d[i + 1]), 2 ** -53 * largest);
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; iteration < iterationsMax; iteration++) {
      let m = l;
      while (m < n - 1 && !negligible(m)) m++;
      if (m === l) break;
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -1 : 1) * Math.hypot(g, 1));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        let r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) break;
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        cosines[i] = c;
        sines[i] = s;
      }
      rotateRows(vectors, n, m - 1, -1, m - 1 - i, cosines, sines);
      if (i >= l) {
        d[i + 1] -= p;
      } else {
        d[l] -= p;
        e[l] = g;
      }
      e[m] = 0;
    }
  }
}
