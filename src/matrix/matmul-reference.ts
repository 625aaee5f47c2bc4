/** The product of matrices in TypeScript: its meaning, and what runs where no binary loads. */
import type { MatrixOperand } from './operands';

type Numbers = Float64Array | Float32Array | Int32Array;

/** C = alpha·A·B + beta·C for every matrix of a stack. */
export function multiplyReference(a: MatrixOperand, b: MatrixOperand, c: MatrixOperand, alpha: number, beta: number): void {
  const [count, rows, columns] = c.shape;
  const depth = a.shape[2];
  const whole = c.data instanceof Int32Array;
  // Columns of B become lines: a product is then a dot of two straight lines.
  const lines = whole ? new Int32Array(columns * depth) : new Float64Array(columns * depth);
  const line = whole ? new Int32Array(depth) : new Float64Array(depth);
  const dot = whole ? dotIntegers : dotFloats;
  for (let m = 0; m < count; m++) {
    if (m === 0 || b.stride[0] !== 0) turn(b, m, lines, columns, depth);
    for (let i = 0; i < rows; i++) {
      copyLine(a, m, i, line, depth);
      const data = c.data as Numbers;
      for (let j = 0; j < columns; j++) {
        const at = c.offset + m * c.stride[0] + i * c.stride[1] + j * c.stride[2];
        const sum = dot(line as never, lines as never, j * depth, depth);
        if (whole) data[at] = Math.imul(alpha, sum) + (beta === 0 ? 0 : Math.imul(beta, data[at]));
        else data[at] = alpha * sum + (beta === 0 ? 0 : beta * data[at]);
      }
    }
  }
}

function turn(b: MatrixOperand, m: number, lines: Numbers, columns: number, depth: number): void {
  const data = b.data as Numbers;
  for (let p = 0; p < depth; p++) {
    const from = b.offset + m * b.stride[0] + p * b.stride[1];
    for (let j = 0; j < columns; j++) lines[j * depth + p] = data[from + j * b.stride[2]];
  }
}

function copyLine(a: MatrixOperand, m: number, i: number, line: Numbers, depth: number): void {
  const data = a.data as Numbers;
  const from = a.offset + m * a.stride[0] + i * a.stride[1];
  for (let p = 0; p < depth; p++) line[p] = data[from + p * a.stride[2]];
}

function dotFloats(line: Float64Array, lines: Float64Array, from: number, depth: number): number {
  let sum = 0;
  for (let p = 0; p < depth; p++) sum += line[p] * lines[from + p];
  return sum;
}

function dotIntegers(line: Int32Array, lines: Int32Array, from: number, depth: number): number {
  let sum = 0;
  for (let p = 0; p < depth; p++) sum = (sum + Math.imul(line[p], lines[from + p])) | 0;
  return sum;
}
