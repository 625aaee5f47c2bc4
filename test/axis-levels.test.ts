/** Every reduction along an axis, of matrices, slices and transposes, for every dtype and CPU level against its TypeScript reference: the same bits. */
import { Pool } from 'everycore';
import * as math from 'everycore/math';
import { Matrix } from 'everycore/matrix';
import { afterAll, expect, test } from 'vitest';
import type { TypedArray } from '../dist/kernels/call.js';
import { type Dtype, dtypes } from '../dist/kernels/dtype.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { arrayOf, runAt, state } from './levels';

const pool = new Pool({ processes: 3 });
afterAll(() => pool.close());

const { sum, product, mean, variance, std, norm, min, max, argmin, argmax, count, any, all, median } = math;
const [first, most] = [math.quantile(0), math.quantile(0.83)];
const kernels = { sum, product, mean, variance, std, norm, min, max, argmin, argmax, count, any, all, median, first, most };
const needsSome = ['min', 'max', 'argmin', 'argmax'];
const dtypesOf = (kernel: unknown): readonly Dtype[] => declarationOf(kernel)?.dtypes ?? [];

/** The answers of the reference and of every level, which must have the same bits. */
function check(name: string, kernel: unknown, args: readonly unknown[], what: string): TypedArray {
  const call = () => {
    const declared = declarationOf(kernel)?.call(args, undefined);
    if (declared === undefined) throw new Error(`${name} is no kernel`);
    return declared;
  };
  const reference = call();
  if (reference.phases.length > 0) reference.reference();
  const expected = reference.finish() as TypedArray;
  for (const isa of state.isas) {
    const native = call();
    runAt(isa, native);
    const got = native.finish() as TypedArray;
    expect([got.constructor, got.length], what).toEqual([expected.constructor, expected.length]);
    for (let i = 0; i < got.length; i++) {
      if (!Object.is(got[i], expected[i])) expect.fail(`${name} ${what} at ${isa}: ${got[i]} of line ${i}, expected ${expected[i]}`);
    }
  }
  return expected;
}

// Around the lengths of strips, of lines taken by strips, of rows taken together, and of blocks.
const shapes: readonly (readonly [number, number])[] = [
  [1, 1],
  [3, 70],
  [70, 3],
  [9, 129],
  [130, 35],
  [65, 64],
  [4100, 3],
  [3, 4100],
  [0, 7],
  [7, 0],
];

test.each(dtypes)('%s: matrices, slices and transposes', async (dtype) => {
  const large: (readonly [number, number])[] = dtype === 'f32' || dtype === 'f64' ? [[8200, 34]] : [];
  for (const [rows, cols] of [...shapes, ...large]) {
    for (const wild of rows * cols > 100_000 ? [false] : [true, false]) {
      const data = arrayOf(dtype, (rows + 1) * (cols + 2), 1, false, rows + cols);
      if (!wild) for (let i = 0; i < data.length; i++) if (!Number.isFinite(Number(data[i]))) data[i] = 1.25 as never;
      const whole = Matrix.of(data, rows + 1, cols + 2);
      const slice = whole.slice(1, rows + 1, 1, cols + 1);
      const views = wild ? { slice, transposed: whole.transpose() } : { whole, transposed: slice.transpose() };
      for (const [shape, matrix] of Object.entries(views)) {
        for (const [name, kernel] of Object.entries(kernels)) {
          if (!dtypesOf(kernel).includes(dtype)) continue;
          for (const axis of [0, 1] as const) {
            const what = `${dtype} ${rows}×${cols} ${shape}, axis ${axis}`;
            const args = [matrix, { axis }];
            if ((axis === 0 ? matrix.rows : matrix.cols) === 0 && needsSome.includes(name)) {
              expect(() => declarationOf(kernel)?.call(args, undefined), what).toThrow(RangeError);
              continue;
            }
            const expected = check(name, kernel, args, what);
            if (rows * cols > 100_000) expect(await pool.apply(kernel as never, args as never), `${name} ${what}`).toEqual(expected);
          }
        }
      }
    }
  }
});

test.each(['f64', 'f32'] as const)('%s: elements that lie neither side by side nor in rows', (dtype) => {
  const matrix = new Matrix(arrayOf(dtype, 5000, 0, false, 3) as Float64Array, 90, 12, 0, 50, 3);
  for (const [name, kernel] of Object.entries(kernels)) {
    for (const axis of [0, 1] as const) check(name, kernel, [matrix, { axis }], `${dtype} with gaps, axis ${axis}`);
  }
});

test('one NaN, zero or infinity in a line, anywhere, and no other line has it', () => {
  for (const background of [-1, 0, -0, 1]) {
    for (const special of [Number.NaN, Number.POSITIVE_INFINITY, 0, -0, 5e-324]) {
      for (const at of [0, 1, 7, 8, 63, 64, 99]) {
        const matrix = Matrix.of(new Float64Array(100 * 9).fill(background), 100, 9);
        matrix.data[at * 9 + 4] = special;
        for (const [name, kernel] of Object.entries(kernels)) {
          check(name, kernel, [matrix, { axis: 0 }], `of ${background} with ${special} at ${at}`);
          check(name, kernel, [matrix.transpose(), { axis: 1 }], `of ${background} with ${special} at ${at}, transposed`);
        }
      }
    }
  }
});

test('a line has the answer of the same vector', () => {
  const matrix = Matrix.of(math.random(300 * 40, { seed: 4, distribution: 'normal' }), 300, 40);
  for (const [name, kernel] of Object.entries(kernels) as [string, (x: unknown, options?: object) => never][]) {
    const lines = kernel(matrix, { axis: 0 }) as unknown as TypedArray;
    for (let j = 0; j < 40; j++) {
      const column = Float64Array.from({ length: 300 }, (_, i) => matrix.data[i * 40 + j]);
      expect(lines[j], `${name} of column ${j}`).toBe(Number(kernel(column)));
    }
  }
});

test('ddof along an axis, and norms that would overflow', () => {
  const matrix = Matrix.of(Float64Array.of(1, 2, 4, 3, 8, 9), 3, 2);
  expect(math.variance(matrix, { axis: 0, ddof: 1 })).toEqual(
    Float64Array.of(math.variance([1, 4, 8], { ddof: 1 }), math.variance([2, 3, 9], { ddof: 1 })),
  );
  expect(math.std(matrix, { axis: 1, ddof: 2 })).toEqual(new Float64Array(3).fill(Number.NaN));
  const far = Matrix.of(Float64Array.of(3e200, 3e-200, 4e200, 4e-200), 2, 2);
  const norms = math.norm(far, { axis: 0 });
  for (const [j, expected] of [5e200, 5e-200].entries()) expect(norms[j] / expected).toBeCloseTo(1, 14);
  expect(math.norm(Matrix.of(Float32Array.of(3, 4), 1, 2), { axis: 1 })).toEqual(Float32Array.of(5));
});
