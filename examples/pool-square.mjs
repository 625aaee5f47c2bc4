/** The first program of Python's introduction to multiprocessing: a pool of 5 squaring [1, 2, 3]. */
import { Pool } from 'everycore';

function f(x) {
  return x * x;
}

const pool = new Pool(5);
console.log(await pool.map(f, [1, 2, 3])); // [ 1, 4, 9 ]
await pool.terminate();
