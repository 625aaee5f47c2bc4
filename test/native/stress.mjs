/** What pools can be put through, for sanitizers to watch: run by run.mjs, and by itself. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { info, kernels, Pool } from '../../dist/index.js';
import * as math from '../../dist/math.js';
import * as matrix from '../../dist/matrix.js';

const { square, add, sum } = math;
const { Matrix, matmul } = matrix;

/** Views at odd offsets over every type, through a pool and directly: the same elements. */
async function everyKernelWithOddViews() {
  const types = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array];
  const pool = new Pool(3);
  const unary = kernels()
    .filter(({ family }) => family === 'unary')
    .map(({ name }) => math[name])
    .filter(Boolean);
  for (const type of types) {
    for (const length of [1, 3, 17, 65, 1001]) {
      for (const buffer of [new ArrayBuffer(8 * (length + 9)), new SharedArrayBuffer(8 * (length + 9))]) {
        const x = new type(buffer, type.BYTES_PER_ELEMENT * 3, length).fill(3);
        for (const kernel of unary) {
          let direct;
          try {
            direct = kernel(x);
          } catch {
            continue; // not for this dtype
          }
          assert.deepEqual(await pool.map(kernel, x, 7), direct);
        }
        assert.deepEqual(await pool.apply(add, [x, x]), add(x, x));
        assert.equal(await pool.apply(sum, [x]), 3 * length);
      }
    }
  }
  await pool.terminate();
}

/** Kernels of several phases, where one thread reads what another has written: the same as on one thread. */
async function phasesOverThreads() {
  const pool = new Pool(3);
  const x = Float64Array.from({ length: 300_001 }, (_, i) => ((i * 7919) % 10_007) - 5000);
  for (const kernel of [
    math.sort,
    math.argsort,
    math.unique,
    math.cumsum,
    math.cumprod,
    math.mean,
    math.std,
    math.median,
    math.argmax,
    math.topk(100),
  ]) {
    for (const array of [x, Float32Array.from(x), Int32Array.from(x)]) {
      assert.deepEqual(await pool.apply(kernel, [array]), kernel(array), kernel.kernelName);
    }
  }
  for (const dtype of ['f64', 'f32']) {
    const a = Matrix.random(230, 230, { seed: 3, dtype });
    const spd = matrix.gram(a);
    for (let i = 0; i < 230; i++) spd.set(i, i, spd.get(i, i) + 1);
    for (const [kernel, args] of [
      [matmul, [a, a]],
      [matrix.transpose, [a]],
      [matrix.lu, [a]],
      [matrix.solve, [a, a]],
      [matrix.inverse, [a]],
      [matrix.qr, [a]],
      [matrix.svd, [a]],
      [matrix.cholesky, [spd]],
      [matrix.eigh, [spd]],
      [matrix.pairwiseDistances, [a, spd]],
    ]) {
      assert.deepEqual(await pool.apply(kernel, args), kernel(...args), kernel.kernelName);
    }
  }
  await pool.terminate();
}

async function manyJobsAndCancels() {
  const pool = new Pool(3);
  const x = new Float64Array(300_000).fill(2);
  const jobs = Array.from({ length: 200 }, (_, i) => {
    const controller = new AbortController();
    const job = pool.map(square, x, { signal: controller.signal });
    if (i % 3 === 0) setTimeout(() => controller.abort(new Error('enough')), i % 7);
    return job.then(
      (y) => assert.equal(y[299_999], 4),
      (error) => assert.equal(error.message, 'enough'),
    );
  });
  await Promise.all(jobs);
  const a = Matrix.of(new Float64Array(200 * 200).fill(1), 200, 200);
  const products = await pool.starmap(
    matmul,
    Array.from({ length: 20 }, () => [a, a]),
  );
  for (const product of products) assert.equal(product.data[39_999], 200);
  assert.equal(await pool.apply(sum, [x]), 600_000);
  await pool.terminate();
}

async function poolsClosedWithJobsInFlight() {
  const x = new Float64Array(500_000);
  for (let i = 0; i < 60; i++) {
    const pool = new Pool(2);
    const job = pool.map(square, x).then(
      () => 'done',
      (error) => error.code,
    );
    if (i % 2 === 0) await pool.terminate();
    else pool.close();
    assert.match(await job, i % 2 === 0 ? /^(done|ERR_EVERYCORE_POOL_TERMINATED)$/ : /^done$/);
  }
}

/** Transferred away while threads write to it: the receiver keeps the memory, the job says what happened. */
async function buffersTransferredAway() {
  const pool = new Pool(2);
  for (let i = 0; i < 20; i++) {
    const x = new Float64Array(400_000);
    const job = pool.map(square, x, { out: x }).then(
      () => 'done',
      (error) => error.code,
    );
    const kept = structuredClone(x, { transfer: [x.buffer] });
    assert.match(await job, /^(done|ERR_EVERYCORE_INVALID_ARG_TYPE)$/);
    assert.equal(kept.length, 400_000);
  }
  await pool.terminate();
}

/** Worker threads that end, by themselves or by force, while their jobs run. */
async function workerThreadsTerminated() {
  for (let i = 0; i < 12; i++) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { exits: i % 3 === 0 } });
    await once(worker, 'message');
    if (i % 3 !== 0) await worker.terminate();
    else await once(worker, 'exit');
  }
}

function runForever() {
  const pool = new Pool(2);
  const x = new Float64Array(2_000_000);
  const again = () => pool.map(square, x, { out: x }).then(again);
  again();
  again();
  parentPort.postMessage('running');
  if (workerData.exits) setTimeout(() => process.exit(), 5);
}

if (isMainThread) {
  const { native, nativeFile, nativeError, isas } = info();
  assert.ok(native, `the binary did not load: ${nativeError}`);
  console.log(`${nativeFile} (${isas.join(', ')})`);
  for (const part of [
    everyKernelWithOddViews,
    phasesOverThreads,
    manyJobsAndCancels,
    poolsClosedWithJobsInFlight,
    buffersTransferredAway,
    workerThreadsTerminated,
  ]) {
    const began = performance.now();
    await part();
    console.log(`ok   ${part.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  }
} else {
  runForever();
}
