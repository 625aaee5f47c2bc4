/**
 * Householder reflectors H = I - tau·v·vᵀ with v[0] = 1, and orthogonal matrices made of them. All
 * matrices are dense, row by row, in a Float64Array (Golub and Van Loan, "Matrix Computations", 5.1).
 */

/** Turns x[at…] of `length` elements `step` apart into v (its first element becomes beta); answers tau. */
export function makeReflector(x: Float64Array, at: number, length: number, step: number): number {
  let rest = 0;
  for (let i = 1; i < length; i++) rest += x[at + i * step] ** 2;
  if (rest === 0) return 0;
  const alpha = x[at];
  const beta = alpha > 0 ? -Math.sqrt(alpha * alpha + rest) : Math.sqrt(alpha * alpha + rest);
  for (let i = 1; i < length; i++) x[at + i * step] /= alpha - beta;
  x[at] = beta;
  return (beta - alpha) / beta;
}

/** Rows r0 to r1, columns c0 to c1 of a become H times them; v has one element a row. */
export function reflectRows(
  a: Float64Array,
  cols: number,
  [r0, r1, c0, c1]: readonly [number, number, number, number],
  v: Float64Array,
  tau: number,
): void {
  if (tau === 0) return;
  const w = new Float64Array(c1 - c0);
  for (let i = r0; i < r1; i++) {
    const factor = v[i - r0];
    for (let j = c0; j < c1; j++) w[j - c0] += factor * a[i * cols + j];
  }
  for (let i = r0; i < r1; i++) {
    const factor = tau * v[i - r0];
    for (let j = c0; j < c1; j++) a[i * cols + j] -= factor * w[j - c0];
  }
}

/** Rows r0 to r1, columns c0 to c1 of a become them times H; v has one element a column. */
export function reflectColumns(
  a: Float64Array,
  cols: number,
  [r0, r1, c0, c1]: readonly [number, number, number, number],
  v: Float64Array,
  tau: number,
): void {
  if (tau === 0) return;
  for (let i = r0; i < r1; i++) {
    const row = i * cols + c0;
    let sum = 0;
    for (let j = 0; j < c1 - c0; j++) sum += a[row + j] * v[j];
    sum *= tau;
    for (let j = 0; j < c1 - c0; j++) a[row + j] -= sum * v[j];
  }
}

/** The power of two by which to multiply so that the largest element is near 1; NaN when not all are finite. */
export function scaleOf(a: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]);
    if (!(size < Infinity)) return NaN;
    if (size > largest) largest = size;
  }
  return largest === 0 ? 1 : 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
}

/** a·factor, in place. */
export function scale(a: Float64Array, factor: number): void {
  if (factor === 1) return;
  for (let i = 0; i < a.length; i++) a[i] *= factor;
}

/** The transpose of `rows × cols` numbers. */
export function turned(a: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j * rows + i] = a[i * cols + j];
  return out;
}
