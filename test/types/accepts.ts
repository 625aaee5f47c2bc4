/** What must compile, with the types users expect. Checked by test/types.test.ts; never run. */
import { type AsyncResult, type Pool, Process, type ThreadPool } from 'everycore';
import { gamma, gaussianBlur, grayscale, Image, invert, pipeline, resize } from 'everycore/image';
import {
  add,
  argmax,
  argsort,
  clip,
  cumsum,
  dot,
  exp,
  fma,
  fused,
  isNaN as isNaNKernel,
  less,
  mean,
  sort,
  sqrt,
  square,
  sum,
  topk,
  where,
} from 'everycore/math';
import { gram, type Matrix, type MatrixStack, matmul, matvec, outer, transpose } from 'everycore/matrix';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

export async function calls(pool: Pool, threads: ThreadPool, photo: Image, a: Matrix, f32: Float32Array, i32: Int32Array): Promise<void> {
  const numbers = await pool.map(square, [1, 2, 3]);
  same<typeof numbers, number[]>(true);
  const floats = await pool.map(square, f32, { out: f32 });
  same<typeof floats, Float32Array>(true);
  const batch = await pool.map(square, [f32, f32]);
  same<typeof batch, Float32Array[]>(true);
  const total = await pool.apply(sum, [f32]);
  same<typeof total, number>(true);
  const added = await pool.apply(add, [f32, f32], { out: f32 });
  same<typeof added, Float32Array>(true);
  const product = await pool.apply(matmul, [a, a]);
  same<typeof product, Matrix<Float64Array>>(true);
  const products = await pool.starmap(matmul, [[a, a]]);
  same<typeof products, Matrix<Float64Array>[]>(true);
  const root = sqrt(f32);
  same<typeof root, Float32Array>(true);
  const roots = await pool.map(sqrt, i32);
  same<typeof roots, Float64Array>(true);
  const masks = await pool.map(isNaNKernel, f32);
  same<typeof masks, Uint8Array>(true);
  const smaller = await pool.apply(less, [i32, i32]);
  same<typeof smaller, Uint8Array>(true);
  const fmas = await pool.apply(fma, [f32, f32, f32]);
  same<typeof fmas, Float32Array>(true);
  const chain = await pool.map(fused(square, clip(0, 1)), f32);
  same<typeof chain, Float32Array>(true);
  const plain = await pool.map((x: number) => x + 1, [1, 2]);
  same<typeof plain, number[]>(true);
  const texts = await threads.map(async (x: number) => String(x), [1, 2], 10);
  same<typeof texts, string[]>(true);
  const powers = await pool.starmap((x: number, y: number) => x ** y, [[2, 3]]);
  same<typeof powers, number[]>(true);
  const later = pool.applyAsync((x: number) => x > 1, [3]);
  same<typeof later, AsyncResult<boolean>>(true);
  for await (const value of pool.imap((x: number) => x * 2, [1, 2])) same<typeof value, number>(true);
  const outcomes = await pool.mapSettled((x: number) => x, [1]);
  same<typeof outcomes, PromiseSettledResult<number>[]>(true);
  await pool.map(grayscale(), [photo], { onProgress: ({ done }) => void done });
  await pool.apply(gaussianBlur({ sigma: 2 }), [photo]);
  await pool.map(exp, [1, 2, 3]);
  await pool.map(pipeline().resize({ width: 10 }).png(), ['a.png']);
  const small = resize({ width: 10 })(photo);
  same<typeof small, Image<Uint8Array>>(true);
  const [negative] = await pool.map(invert(), [photo]);
  same<typeof negative, Image<Uint8Array>>(true);
  const brighter = await pool.apply(gamma({ gamma: 2.2 }), [Image.alloc(2, 2, 3, 'f32')]);
  same<typeof brighter, Image<Float32Array>>(true);
  await new Process({ target: (name: string) => name, args: ['x'] }).start();
  pool.close();
  await pool.join({ timeout: 1000 });
}

/** Every family says what it answers, through all methods of a pool. */
export async function families(
  pool: Pool,
  f32: Float32Array,
  u8: Uint8Array,
  big: BigInt64Array,
  a: Matrix,
  m32: Matrix<Float32Array>,
): Promise<void> {
  const stack = {} as MatrixStack<Float32Array>;
  const lone = await pool.apply(square, [3]);
  same<typeof lone, number>(true);
  const list = await pool.apply(less, [[1, 2], 3]);
  same<typeof list, boolean[]>(true);
  const mixed = await pool.apply(add, [2, m32]);
  same<typeof mixed, Matrix<Float32Array>>(true);
  const chosen = await pool.apply(where, [u8, f32, 0]);
  same<typeof chosen, Float32Array>(true);
  const bigs = await pool.apply(sum, [big]);
  same<typeof bigs, bigint>(true);
  const lines = await pool.apply(sum, [m32, { axis: 0 }]);
  same<typeof lines, Float32Array>(true);
  const middle = await pool.apply(mean, [f32]);
  same<typeof middle, number>(true);
  const middles = pool.applyAsync(mean, [m32, { axis: 1 }]);
  same<typeof middles, AsyncResult<Float32Array>>(true);
  const where32 = await pool.apply(argmax, [m32, { axis: 1 }]);
  same<typeof where32, Uint32Array>(true);
  const product = await pool.apply(dot, [big, big]);
  same<typeof product, bigint>(true);
  const scanned = await pool.apply(cumsum, [f32]);
  same<typeof scanned, Float32Array>(true);
  const indices = await pool.map(argsort, [f32, f32]);
  same<typeof indices, Uint32Array[]>(true);
  const top = await pool.apply(topk(3), [[1, 2]]);
  same<typeof top, { values: number[]; indices: number[] }>(true);
  const stacked = await pool.apply(matmul, [stack, m32]);
  same<typeof stacked, MatrixStack<Float32Array>>(true);
  const nested = await pool.apply(matmul, [[[1, 2]], [[1], [2]], { alpha: 2 }]);
  same<typeof nested, Matrix<Float64Array>>(true);
  const pairs = await pool.starmap(matmul, [[m32, m32]]);
  same<typeof pairs, Matrix<Float32Array>[]>(true);
  const sums = await pool.starmap(add, [[1, 2]]);
  same<typeof sums, number[]>(true);
  const turned = await pool.apply(transpose, [stack]);
  same<typeof turned, MatrixStack<Float32Array>>(true);
  const grams = await pool.map(gram, [m32]);
  same<typeof grams, Matrix<Float32Array>[]>(true);
  const vector = await pool.apply(matvec, [m32, f32]);
  same<typeof vector, Float32Array>(true);
  const table = await pool.apply(outer, [f32, f32]);
  same<typeof table, Matrix<Float32Array>>(true);
  const masks = await pool.mapSettled(isNaNKernel, [f32]);
  same<typeof masks, PromiseSettledResult<Uint8Array>[]>(true);
  for await (const value of pool.imap(sqrt, [1, 2])) same<typeof value, number>(true);
  for await (const value of pool.imapUnordered(sort, [f32])) same<typeof value, Float32Array>(true);
  const settled = await pool.map(sum, [f32, a, [1, 2]]);
  same<typeof settled, number[]>(true);
  const squares = pool.mapAsync(square, new Set([1, 2]));
  same<typeof squares, AsyncResult<number[]>>(true);
}
