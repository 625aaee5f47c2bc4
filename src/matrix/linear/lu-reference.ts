/** LU with partial pivoting and what follows from it, in TypeScript: what the native kernels of these names do. */

/**
 * A row-interchanged becomes L (below the diagonal, ones on it left out) and U, in place; `p` the rows in
 * their new order. Answers the first zero pivot's column, -1 if there is none.
 */
export function luInPlace(a: Float64Array, rows: number, cols: number, p: Int32Array): number {
  let singular = -1;
  for (let i = 0; i < rows; i++) p[i] = i;
  for (let k = 0; k < Math.min(rows, cols); k++) {
    let pivot = k;
    for (let i = k + 1; i < rows; i++) if (Math.abs(a[i * cols + k]) > Math.abs(a[pivot * cols + k])) pivot = i;
    if (pivot !== k) {
      swapRows(a, cols, k, pivot);
      [p[k], p[pivot]] = [p[pivot], p[k]];
    }
    const head = a[k * cols + k];
    if (head === 0) {
      if (singular < 0) singular = k;
      continue;
    }
    for (let i = k + 1; i < rows; i++) {
      const factor = (a[i * cols + k] /= head);
      for (let j = k + 1; j < cols; j++) a[i * cols + j] -= factor * a[k * cols + j];
    }
  }
  return singular;
}

function swapRows(a: Float64Array, cols: number, i: number, j: number): void {
  for (let k = 0; k < cols; k++) {
    const kept = a[i * cols + k];
    a[i * cols + k] = a[j * cols + k];
    a[j * cols + k] = kept;
  }
}

/** X of A·X = B from the LU of A; X has `cols` columns. */
export function solveLu(lu: Float64Array, n: number, p: Int32Array, b: Float64Array, x: Float64Array, cols: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < cols; j++) x[i * cols + j] = b[p[i] * cols + j];
    for (let k = 0; k < i; k++) subtractRow(x, cols, i, k, lu[i * n + k]);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtractRow(x, cols, i, k, lu[i * n + k]);
    for (let j = 0; j < cols; j++) x[i * cols + j] /= lu[i * n + i];
  }
}

function subtractRow(x: Float64Array, cols: number, i: number, k: number, factor: number): void {
  for (let j = 0; j < cols; j++) x[i * cols + j] -= factor * x[k * cols + j];
}

/** L of A = L·Lᵀ in place, from the lower triangle of A. Answers the first minor that is not positive, 0 if there is none. */
export function choleskyInPlace(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i > j) a[i * n + j] = sum / a[j * n + j];
      else if (!(sum > 0)) return i + 1;
      else a[i * n + i] = Math.sqrt(sum);
    }
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return 0;
}
