/** The same with a kernel: the squaring itself runs in C++ threads, and on typed arrays nothing is copied. */
import { Pool } from 'everycore';
import { square } from 'everycore/math';

const pool = new Pool(5);
console.log(await pool.map(square, [1, 2, 3])); // [ 1, 4, 9 ]
const numbers = Float64Array.from({ length: 10_000_000 }, (_, i) => i);
await pool.map(square, numbers, { out: numbers });
console.log(numbers[9_999_999]); // 99999980000001
await pool.terminate();
