/** QR by Householder reflectors, in TypeScript: what the native kernel "qr" does. */
import { makeReflector, reflectRows, scale, scaleOf } from './householder';

/** a (rows × cols) becomes R, `q` (rows × width) the first columns of Q. */
export function qrInPlace(a: Float64Array, rows: number, cols: number, q: Float64Array, width: number): void {
  const steps = Math.min(rows, cols);
  const factor = scaleOf(a);
  if (!Number.isNaN(factor)) scale(a, factor);
  const taus = new Float64Array(steps);
  const vectors: Float64Array[] = [];
  for (let k = 0; k < steps; k++) {
    taus[k] = makeReflector(a, k * cols + k, rows - k, cols);
    const v = new Float64Array(rows - k);
    v[0] = 1;
    for (let i = k + 1; i < rows; i++) {
      v[i - k] = a[i * cols + k];
      a[i * cols + k] = 0;
    }
    vectors.push(v);
    reflectRows(a, cols, [k, rows, k + 1, cols], v, taus[k]);
  }
  if (!Number.isNaN(factor)) scale(a, 1 / factor);
  q.fill(0);
  for (let i = 0; i < width; i++) q[i * width + i] = 1;
  for (let k = steps - 1; k >= 0; k--) reflectRows(q, width, [k, rows, k, width], vectors[k], taus[k]);
}
