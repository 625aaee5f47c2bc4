/** What must compile, with the types users expect. Checked by test/types.test.ts; never run. */
import { type AsyncResult, type Pool, Process, type ThreadPool } from 'everycore';
import { gaussianBlur, grayscale, type Image, pipeline, resize } from 'everycore/image';
import { add, clip, exp, fma, fused, isNaN as isNaNKernel, less, sqrt, square, sum } from 'everycore/math';
import { type Matrix, matmul } from 'everycore/matrix';

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
  await new Process({ target: (name: string) => name, args: ['x'] }).start();
  pool.close();
  await pool.join({ timeout: 1000 });
}
