/** Sequences of plane rotations of neighbouring rows. */

/**
 * `count` times, from i = first in steps of 1 or -1: rows i and i + 1 of a become c·row(i) - s·row(i + 1)
 * and s·row(i) + c·row(i + 1), with the i-th cosine and sine.
 */
export function rotateRows(
  a: Float64Array,
  cols: number,
  first: number,
  step: 1 | -1,
  count: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  for (let k = 0, i = first; k < count; k++, i += step) {
    const c = cosines[i];
    const s = sines[i];
    const upper = i * cols;
    const lower = upper + cols;
    for (let j = 0; j < cols; j++) {
      const x = a[upper + j];
      const y = a[lower + j];
      a[upper + j] = c * x - s * y;
      a[lower + j] = s * x + c * y;
    }
  }
}
