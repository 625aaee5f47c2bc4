/** Counts the primes below a number, a stretch of the range an item. */
import { Pool } from 'everycore';

function primesBetween(begin, end) {
  let count = 0;
  for (let n = Math.max(begin, 2); n < end; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) count++;
  }
  return count;
}

const limit = Number(process.argv[2] ?? 1_000_000);
const step = 10_000;
const stretches = Array.from({ length: Math.ceil(limit / step) }, (_, i) => [i * step, Math.min((i + 1) * step, limit)]);
const pool = new Pool();
const counts = await pool.starmap(primesBetween, stretches);
console.log(`${counts.reduce((a, b) => a + b, 0)} primes below ${limit}`);
await pool.terminate();
