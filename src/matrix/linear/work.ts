/**
 * What the kernels of linear algebra share. They compute in f64, whatever comes in, on copies that lie row
 * by row; results have the dtype of the first argument.
 */
import { rangeError, typeError } from '../../errors';
import type { Call, Phase, TypedArray, View } from '../../kernels/call';
import { constructorOf, type Dtype, isTypedArray } from '../../kernels/dtype';
import { checkOptions, type Kernel, kernel, register } from '../../kernels/kernel';
import { allocate, allocateCopy } from '../../kernels/memory';
import { vectorView } from '../../kernels/operands';
import { Matrix } from '../matrix';
import { checkMatrixDtype, MatrixOperand, matrixOperand } from '../operands';
import { MatrixStack } from '../stack';

export const floats: readonly Dtype[] = ['f64', 'f32'];

/** Declares a matrix kernel: `operands` arguments, then an options object with the names in `options`, and `out` where it takes one. */
export function matrixKernel<K extends Kernel<never[], unknown>>(
  name: string,
  summary: string,
  operands: number,
  options: readonly string[],
  call: (args: readonly unknown[], options: Record<string, unknown>, out: unknown) => Call,
  dtypes: readonly Dtype[] = floats,
  takes: { out: boolean } = { out: false },
): K {
  const declaration = { name, entry: 'matrix' as const, family: 'matrix', dtypes, summary, elementwise: false };
  register(declaration);
  const checkedCall = (args: readonly unknown[], out: unknown): Call => {
    if (out !== undefined && !takes.out) throw typeError(`${name} takes no out`);
    checkOptions(name, args[operands], options);
    return call(args, (args[operands] ?? {}) as Record<string, unknown>, out);
  };
  return kernel<K>({ ...declaration, call: checkedCall }, operands);
}

/** A float matrix; a stack only where `stacks` is true. */
export function floatOperand(value: unknown, name: string, stacks = false): MatrixOperand {
  const operand = matrixOperand(value, name);
  checkMatrixDtype(operand, name, floats);
  if (operand.stacked && !stacks) throw typeError(`${name} must be one matrix`, value);
  return operand;
}

export function squareOperand(value: unknown, name: string, stacks = false): MatrixOperand {
  const operand = floatOperand(value, name, stacks);
  if (operand.shape[1] !== operand.shape[2]) throw rangeError(`${name} must be square, got ${operand.size}`);
  return operand;
}

/** A vector as a matrix of one column; undefined for what is no vector. */
export function columnOperand(value: unknown, name: string): MatrixOperand | undefined {
  if (!isTypedArray(value) && !(Array.isArray(value) && typeof value[0] === 'number')) return undefined;
  const data = isTypedArray(value) ? value : Float64Array.from(value as number[], (each, i) => numberAt(each, i, name));
  return new MatrixOperand(data, 0, [1, data.length, 1], [0, 1, 1], false);
}

function numberAt(value: unknown, index: number, name: string): number {
  if (typeof value !== 'number') throw typeError(`${name} must hold numbers, at index ${index} it`, value);
  return value;
}

/** A copy in f64, matrix after matrix, row by row. */
export function working({ data, offset, shape: [count, rows, cols], stride: [next, down, right] }: MatrixOperand): Float64Array {
  const size = count * rows * cols;
  const straight = (right === 1 || cols <= 1) && (down === cols || rows <= 1) && (next === rows * cols || count <= 1);
  if (straight) return allocateCopy(Float64Array, (data as Float64Array).subarray(offset, offset + size));
  const copy = allocate(Float64Array, size);
  for (let m = 0, to = 0; m < count; m++) {
    for (let i = 0; i < rows; i++) {
      const from = offset + m * next + i * down;
      for (let j = 0; j < cols; j++) copy[to++] = data[from + j * right] as number;
    }
  }
  return copy;
}

/** What native kernels read in f64, wherever it lies. */
export function inDoubles(operand: MatrixOperand): MatrixOperand {
  if (operand.dtype === 'f64') return operand;
  const [count, rows, cols] = operand.shape;
  return new MatrixOperand(working(operand), 0, [count, rows, cols], [rows * cols, cols, 1], operand.stacked);
}

/** f64 results in the dtype they are to have. */
export function typed(data: Float64Array, dtype: Dtype): TypedArray {
  return dtype === 'f64' ? data : new (constructorOf(dtype) as unknown as typeof Float32Array)(data);
}

export function matrixOf(data: Float64Array, rows: number, cols: number, dtype: Dtype): Matrix<TypedArray> {
  return new Matrix(typed(data, dtype), rows, cols);
}

/** A Matrix, or a stack where a stack came in. */
export function sameKind(data: Float64Array, like: MatrixOperand, rows: number, cols: number): Matrix<TypedArray> | MatrixStack<TypedArray> {
  const numbers = typed(data, like.dtype);
  return like.stacked ? new MatrixStack(numbers, like.shape[0], rows, cols) : new Matrix(numbers, rows, cols);
}

/** A call that does `units` things of `ns` nanoseconds each over arrays in full. */
export function linearCall(
  name: string,
  arrays: readonly TypedArray[],
  params: readonly number[],
  [units, ns]: readonly [number, number],
  reference: () => void,
  finish: () => unknown,
  scratchBytes = 0,
): Call {
  const views: View[] = arrays.map(vectorView);
  return { kernel: name, views, params, phases: units > 0 ? [{ units, grain: 1, cost: ns }] : [], scratchBytes, reference, finish };
}

/** Blocks that the native factorisations go on by, as `blockWidth` and `updateRows` in native/kernels/linear/update-inl.h. */
export const blockWidth = 64;
const updateRows = 240;

/** Blocks of so many columns. */
export function blocksOf(columns: number): number {
  return Math.ceil(columns / blockWidth);
}

/**
 * The units of a factorisation by blocks of columns, `steps` of which become panels, as `runUnits` in
 * native/kernels/linear/blocks-inl.h has them: of a stack the matrices.
 */
export function blockPhase(count: number, steps: number, columns: number, ns: number): Phase {
  if (count !== 1) return { units: count, grain: 1, cost: ns };
  const [panels, blocks] = [blocksOf(steps), blocksOf(columns)];
  const units = 1 + panels * (blocks - 1) - (panels * (panels - 1)) / 2 + panels - 1;
  return { units, grain: 1, cost: ns / units, chained: true };
}

/** Bytes of the packed panels of two blocks of columns, which the blocks behind them read. */
export function panelsBytes(rows: number): number {
  return 2 * Math.ceil(rows / 24) * 24 * blockWidth * 8;
}

/** Bytes of the packed columns of one block; with a panel of so many rows as lines. */
export function blockBytes(rows = 0): number {
  return (Math.ceil(blockWidth / 24) * 24 + (rows === 0 ? 0 : Math.ceil(rows / 16) * 16 + 8)) * blockWidth * 8;
}

/** Bytes that native/kernels/linear/reflect-inl.h works in, `ReflectScratch` there. */
export const reflectBytes = (240 * 120 + updateRows * blockWidth + 2 * blockWidth * 240) * 8;

/** Columns of an orthogonal matrix that are one unit, as `formColumns` in native/kernels/linear/qr-inl.h. */
export const formColumns = 120;

/** Doubles that so many reflectors of `rows` elements take, with their triangles. */
export function reflectorSize(count: number, rows: number): number {
  if (count <= 0) return 0;
  return count * rows + Math.ceil(count / blockWidth) * blockWidth ** 2;
}

/** Rows of vectors that are rotated in one unit, and elements at a time, as in native/kernels/linear/rotate-inl.h. */
export const rotateRows = 32;

/**
 * Room for the plane rotations that make a matrix of n rows diagonal, and for runs of them. A usual one takes
 * 0.9·n²; when the room is full, those that are there are done before more are recorded.
 */
export function rotationRoom(
  n: number,
  pairs: number = Math.ceil(Math.min(1024 + 1.25 * n * n, Math.max(4e6, 64 * n))),
): { pairs: number; runs: number; doubles: number; scratchBytes: number } {
  const runs = 1024 + 8 * n;
  return { pairs, runs, doubles: 2 * pairs + 2 * runs + 2, scratchBytes: Math.max(reflectBytes, 8 * rotateRows * n) };
}
