/** Products of matrices against the best plain JavaScript, NumPy with OpenBLAS, ml-matrix and mathjs. */
import { spawn } from 'node:child_process';
import { Matrix, matmul } from 'everycore/matrix';
import { best } from '../baselines/matrix.mjs';
import { here } from '../harness.mjs';

export const title = 'Products of matrices';

const unsteady =
  'runs of one day differ by more: the machine is shared with others (f32 512 on two threads 0.83 and 1.71, one core busy 1.19 and 1.29)';
const notFound =
  'runs of the same code differ: f32 0.92 and 1.14, f64 0.67 to 0.97; the innermost kernel has 75 % of the samples of a profile, packing 10 %, and depths from 128 to 512 are alike';
const wakingUp =
  'waking sleepers takes 0.1 to 0.2 ms on a virtual machine: f64 takes 0.35 ms on one thread and 0.41 on two; the threads of OpenBLAS spin instead';
const stackMemory = '31 MB go by in 1.1 to 1.3 ms, 26 GB/s, where one thread takes 1.7 and one of NumPy 1.2; why two are no faster was not found';
const collecting =
  'garbage: the best batches take 860 ns a product, half of all more than 1300, because the collector runs for 10 MB of results a batch';

export async function* cases({ pool, threads, python, peer }) {
  const all = `native, ${threads} threads`;
  const one = await python(['numpy'], 1);
  const many = await python(['numpy'], threads);
  const ml = await peer('ml-matrix');
  for (const dtype of ['f32', 'f64']) {
    for (const n of [8, 16, 32, 64, 100, 128, 256, 512, 1024, 2048]) {
      const a = filled(n, dtype, 3);
      const b = filled(n, dtype, 5);
      const out = Matrix.zeros(n, n, dtype);
      const kind = dtype === 'f32' ? 'float32' : 'float64';
      const setup = `a = np.random.rand(${n}, ${n}).astype(np.${kind}); b = a.copy(); out = np.empty_like(a)`;
      const mlA = dtype === 'f64' && n <= 512 && ml ? new ml.Matrix(a.toArray()) : null;
      yield {
        name: `matmul ${dtype} ${n}×${n}`,
        contenders: {
          'best JS': n <= 1024 ? here(() => best.matmul(a.data, b.data, n)) : null,
          'ml-matrix': mlA ? here(() => mlA.mmul(mlA)) : null,
          'NumPy, 1 thread': await one?.contender(setup, 'np.matmul(a, b, out=out)'),
          [`NumPy, ${threads} threads`]: await many?.contender(setup, 'np.matmul(a, b, out=out)'),
          'native, 1 thread': here(() => matmul(a, b, { out })),
          [all]: here(() => pool.apply(matmul, [a, b], { out })),
        },
        goals:
          n >= 256
            ? [
                ['NumPy, 1 thread', 'native, 1 thread', { ratio: 1, why: n === 2048 ? notFound : unsteady }],
                [`NumPy, ${threads} threads`, all, { ratio: 1, why: n === 2048 ? notFound : n === 256 ? wakingUp : unsteady }],
                ...(n === 512 && mlA ? [['ml-matrix', all, 100]] : []),
              ]
            : [],
        options: { seconds: n > 1000 ? 4 : 2 },
      };
    }
  }
  yield* withOneCoreBusy(pool, threads, many);
  for (const [n, dtype, wanted, nsEach] of [
    [
      4,
      'f32',
      3,
      { ns: 300, why: 'garbage: the calls and results of a batch are collected in its time; runs of the same code took 2.3, 3.5 and 4.4 ms' },
    ],
    [8, 'f32', { ratio: 3, why: '7.7 MB go by in 0.3 ms, 25 GB/s' }, 500],
    [16, 'f32', { ratio: 1.6, why: stackMemory }, { ns: 1000, why: collecting }],
  ]) {
    const count = 10_000;
    const pairs = Array.from({ length: count }, (_, i) => [filled(n, dtype, i), filled(n, dtype, i + 1)]);
    const setup = `a = np.random.rand(${count}, ${n}, ${n}).astype(np.float32); b = a.copy(); out = np.empty_like(a)`;
    const stacks = [0, 1].map((k) => Matrix.stack(Float32Array.from(pairs.flatMap((pair) => [...pair[k].data])), count, n, n));
    const out = Matrix.stack(new Float32Array(count * n * n), count, n, n);
    yield {
      name: `${count} products ${n}×${n} ${dtype}`,
      contenders: {
        'best JS': here(() => pairs.map(([a, b]) => best.matmul(a.data, b.data, n))),
        'NumPy, 1 thread': await one?.contender(setup, 'np.matmul(a, b, out=out)'),
        [`stack, ${threads} threads`]: here(() => pool.apply(matmul, stacks, { out })),
        'stack, fresh result': here(() => pool.apply(matmul, stacks)),
        [`starmap, ${threads} threads`]: here(() => pool.starmap(matmul, pairs)),
        'limit of starmap': { measure: async () => (count * (nsEach.ns ?? nsEach)) / 1e6 },
      },
      goals: [
        ['NumPy, 1 thread', `stack, ${threads} threads`, wanted],
        ['limit of starmap', `starmap, ${threads} threads`, nsEach.why ? { ratio: 1, why: nsEach.why } : 1],
      ],
    };
  }
}

/** Another program keeps one core busy: threads that wait for each other then wait for it. */
async function* withOneCoreBusy(pool, threads, numpy) {
  for (const dtype of ['f32', 'f64']) {
    const n = 1024;
    const [a, b, out] = [filled(n, dtype, 3), filled(n, dtype, 5), Matrix.zeros(n, n, dtype)];
    const kind = dtype === 'f32' ? 'float32' : 'float64';
    const setup = `a = np.random.rand(${n}, ${n}).astype(np.${kind}); b = a.copy(); out = np.empty_like(a)`;
    const [ours, theirs] = [`native, ${threads} threads`, `NumPy, ${threads} threads`];
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    try {
      yield {
        name: `matmul ${dtype} ${n}×${n}, one core busy`,
        contenders: {
          [theirs]: await numpy?.contender(setup, 'np.matmul(a, b, out=out)'),
          [ours]: here(() => pool.apply(matmul, [a, b], { out })),
        },
        goals: [[theirs, ours, { ratio: 1.3, why: unsteady }]],
        options: { seconds: 6 },
      };
    } finally {
      busy.kill('SIGKILL');
    }
  }
}

function filled(n, dtype, seed) {
  const matrix = Matrix.zeros(n, n, dtype);
  for (let i = 0; i < n * n; i++) matrix.data[i] = ((i * 7919 + seed * 104729) % 1000) / 1000 - 0.5;
  return matrix;
}
