/** What handing work over costs: a tiny job through the threads, small work through a pool, one thread against two. */
import { Pool } from 'everycore';
import { add, square } from 'everycore/math';
import { Matrix, matmul } from 'everycore/matrix';
import { here } from '../harness.mjs';

export const title = 'Dispatch';
export const threads = 1;

const randomMatrix = (n) => Matrix.of(Float64Array.from({ length: n * n }, Math.random), n, n);

/** The pool against the kernel called directly. */
const nearlyDirect = {
  ratio: 0.95,
  why: 'a checked job and its promise cost 0.7 to 1.4 µs a call, more than 5 % of one that takes less than 20 µs',
};

const handedOver = {
  128: { ratio: 0.95, why: 'a call of 55 µs, of which a job and its promise are 2 %; rounds differ by more' },
  256: { ratio: 0.95, why: 'estimated at 490 µs it is handed over, which pays from there on; it takes 350 to 520' },
};

/** A figure to compare with, in milliseconds. */
const limit = (ms) => ({ measure: () => ms });

export async function* cases() {
  yield* handOver();
  yield* throughPool();
  yield* oneAndTwoThreads();
}

/** A chunksize makes even the smallest job go through the threads, which look out for the next one for a moment. */
async function* handOver() {
  const pool = new Pool();
  const x = new Float64Array(64);
  const tiny = () => pool.map(square, x, { out: x, chunksize: 64 });
  for (let i = 0; i < 20_000; i++) await tiny(); // until the compilers have done what they can
  const why = 'two threads tell each other things, by futex and by event descriptor, twice: 8.5 and 12 µs were measured on two other machines';
  const goals = [['10 µs', 'pool.map', { ratio: 1, why }]];
  yield {
    name: 'tiny job, submit to resolve, threads awake',
    contenders: { '10 µs': limit(0.01), 'pool.map': here(tiny) },
    goals,
    options: { sliceMs: 40 },
  };
  const many = () => Promise.all(Array.from({ length: 1000 }, tiny));
  yield { name: '1000 tiny jobs in flight', contenders: { 'pool.map': here(many) } };
}

/**
 * `pool.apply` and the kernel called directly; both calls are awaited, so that the loops are alike. The pool
 * costs a fixed part of a microsecond, so the ratio is a goal only where a call takes several.
 */
async function* throughPool() {
  const pool = new Pool();
  for (const size of [1, 16, 256, 1000, 4096, 16384, 65536, 262144, 1_000_000, 4_000_000]) {
    const x = Float64Array.from({ length: size }, (_, i) => i);
    const out = new Float64Array(size);
    const contenders = {
      direct: here(async () => square(x, { out })),
      'pool.apply': here(() => pool.apply(square, [x], { out })),
    };
    yield { name: `square f64, ${size}`, contenders, goals: size < 16384 ? [] : [['direct', 'pool.apply', size < 500_000 ? nearlyDirect : 0.95]] };
  }
  for (const size of [16, 64, 128, 256]) {
    const a = randomMatrix(size);
    const out = randomMatrix(size);
    const contenders = {
      direct: here(async () => matmul(a, a, { out })),
      'pool.apply': here(() => pool.apply(matmul, [a, a], { out })),
    };
    yield {
      name: `matmul f64, ${size}×${size}`,
      contenders,
      goals: size < 64 ? [] : [['direct', 'pool.apply', size < 128 ? nearlyDirect : handedOver[size]]],
    };
  }
}

async function* oneAndTwoThreads() {
  const one = new Pool(1);
  const two = new Pool(2);
  const goals = [['1 thread', '2 threads', { ratio: 1.8, why: 'runs of one day differ by more, 1.6 to 2.2' }]];
  const pair = (work) => ({ '1 thread': here(() => work(one)), '2 threads': here(() => work(two)) });
  const a = randomMatrix(1024);
  const out = randomMatrix(1024);
  yield { name: 'matmul f64, 1024×1024', contenders: pair((pool) => pool.apply(matmul, [a, a], { out })), goals };
  const batch = Array.from({ length: 2000 }, () => [randomMatrix(32), randomMatrix(32)]);
  const outs = batch.map(() => randomMatrix(32));
  yield { name: 'matmul f64, 2000 of 32×32', contenders: pair((pool) => pool.starmap(matmul, batch, { out: outs })) };
  const x = new Float64Array(1e7);
  yield { name: 'add f64, 1e7 (bound by memory)', contenders: pair((pool) => pool.apply(add, [x, x], { out: x })) };
}
