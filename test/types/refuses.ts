/** What must not compile: every line that ends in the mark. Checked by test/types.test.ts; never run. */
import { Pool } from 'everycore';
import { type Image, resize } from 'everycore/image';
import { add, sort, square, sum } from 'everycore/math';
import { type Matrix, matmul } from 'everycore/matrix';

export function calls(pool: Pool, f32: Float32Array, photo: Image, a: Matrix): void {
  void pool.map((x: number) => x + 1, ['a']); // refused
  void pool.apply((x: number) => x + 1, ['a']); // refused
  void pool.starmap((x: number, y: string) => `${x}${y}`, [[1, 2]]); // refused
  void pool.map((x: number) => x, [1], { chunkSize: 3 }); // refused
  void pool.map(square, ['a']); // refused
  void square('a'); // refused
  void pool.apply(square, ['a']); // refused
  void pool.apply(square, []); // refused
  void pool.apply(square, [f32], { out: new Float64Array(1) }); // refused
  void pool.map(square, f32, { out: [1] }); // refused
  void pool.apply(add, [f32, new Float64Array(1)]); // refused
  void pool.apply(sum, [f32, { axes: 0 }]); // refused
  void pool.map(sum, [1, 2]); // refused
  void pool.map(sort, ['a']); // refused
  void pool.apply(matmul, [a, f32]); // refused
  void pool.starmap(add, [['a', 1]]); // refused
  new Pool({ workers: 3 }); // refused
  pool.processes = 3; // refused
  photo.width = 3; // refused
  a.rows = 3; // refused
  resize({ width: '3' }); // refused
  resize({ widht: 3 }); // refused
  void pool.join(1000); // refused
  void f32;
}
