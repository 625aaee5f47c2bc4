/** Linear algebra against NumPy with OpenBLAS, ml-matrix and mathjs; transposes against NumPy's copyto. */
import { cholesky, eigh, gram, inverse, Matrix, pairwiseDistances, qr, solve, svd, transpose } from 'everycore/matrix';
import { here } from '../harness.mjs';

export const title = 'Linear algebra';

/** By operation: the kernel's arguments, the same in Python (a and b are there), in ml-matrix and in mathjs. */
const operations = {
  solve: { kernel: solve, args: (a, b) => [a, b], python: 'np.linalg.solve(a, b)', ml: (ml, a, b) => ml.solve(a, b) },
  inverse: { kernel: inverse, python: 'np.linalg.inv(a)', ml: (ml, a) => ml.inverse(a), mathjs: (math, a) => math.inv(a) },
  cholesky: { kernel: cholesky, python: 'np.linalg.cholesky(a)', ml: (ml, a) => new ml.CholeskyDecomposition(a) },
  qr: { kernel: qr, python: 'np.linalg.qr(a)', ml: (ml, a) => new ml.QrDecomposition(a) },
  eigh: { kernel: eigh, python: 'np.linalg.eigh(a)', ml: (ml, a) => new ml.EigenvalueDecomposition(a, { assumeSymmetric: true }) },
  svd: { kernel: svd, python: 'np.linalg.svd(a)', ml: (ml, a) => new ml.SingularValueDecomposition(a, { autoTranspose: true }) },
};

const small =
  'each result of 80 KB is collected in time, beside the calls: in a loop of nothing else medians are 23 µs (cholesky; NumPy 32 to 36) and 44 µs (solve; 56 to 60)';

/** Operation, n, and by how much everycore is to be faster than each peer. ml-matrix and mathjs up to n = 300. */
const rows = [
  ['solve', 100, { NumPy: { ratio: 0.9, why: small } }],
  ['solve', 300, { 'ml-matrix': { ratio: 40, why: 'five blocks of columns: two threads, 467 to 555 µs, are no faster than one, 408 to 453' } }],
  ['solve', 1000, { NumPy: 1.2 }],
  ['inverse', 100, { NumPy: 0.9 }],
  ['inverse', 300, { 'ml-matrix': 40, mathjs: 40 }],
  ['inverse', 1000, { NumPy: 1.2 }],
  ['cholesky', 100, { NumPy: { ratio: 0.9, why: small } }],
  ['cholesky', 1000, { NumPy: 1.2 }],
  ['qr', 1000, { NumPy: 1 }],
  ['eigh', 300, { NumPy: 0.5, 'ml-matrix': 12 }],
  ['svd', 300, { NumPy: 0.5, 'ml-matrix': 25 }],
];

export async function* cases({ pool, threads, python, peer }) {
  const all = `native, ${threads} threads`;
  const one = await python(['numpy'], 1);
  const many = await python(['numpy'], threads);
  const [ml, math] = [await peer('ml-matrix'), await peer('mathjs')];
  for (const [name, n, wanted] of rows) {
    const operation = operations[name];
    const a = definite(n);
    const b = Matrix.random(n, 1, { seed: 2 });
    const args = operation.args?.(a, b) ?? [a];
    const setup = `x = np.random.rand(${n}, ${n}) - 0.5; a = x.T @ x + np.eye(${n}); b = np.random.rand(${n}, 1)`;
    const [mlA, mlB] = ml && n <= 300 ? [a, b].map((each) => new ml.Matrix(each.toArray())) : [];
    const mathA = math && n <= 300 && operation.mathjs ? math.matrix(a.toArray()) : null;
    yield {
      name: `${name} f64 ${n}×${n}`,
      contenders: {
        'ml-matrix': mlA ? here(() => operation.ml(ml, mlA, mlB)) : null,
        mathjs: mathA ? here(() => operation.mathjs(math, mathA)) : null,
        'NumPy, 1 thread': await one?.contender(setup, operation.python),
        [`NumPy, ${threads} threads`]: await many?.contender(setup, operation.python),
        'native, 1 thread': here(() => operation.kernel(...args)),
        [all]: here(() => pool.apply(operation.kernel, args)),
      },
      goals: Object.entries(wanted).map(([slow, ratio]) => [slow === 'NumPy' ? 'NumPy, 1 thread' : slow, all, ratio]),
    };
  }
  yield* transposes(pool, all, one);
  const [x, y] = [1, 2].map((seed) => Matrix.random(1000, 100, { seed }));
  yield {
    name: 'pairwiseDistances f64 1000×1000 of 100',
    contenders: {
      'native, 1 thread': here(() => pairwiseDistances(x, y)),
      [all]: here(() => pool.apply(pairwiseDistances, [x, y])),
    },
  };
}

async function* transposes(pool, all, one) {
  for (const [dtype, kind] of [
    ['f32', 'float32'],
    ['f64', 'float64'],
    ['u8', 'uint8'],
  ]) {
    const n = 4096;
    const a = Matrix.ones(n, n, dtype);
    const out = Matrix.zeros(n, n, dtype);
    yield {
      name: `transpose ${dtype} ${n}×${n}, with out`,
      contenders: {
        'NumPy, 1 thread': await one?.contender(`a = np.ones((${n}, ${n}), np.${kind}); out = np.empty_like(a)`, 'np.copyto(out, a.T)'),
        'native, 1 thread': here(() => transpose(a, { out })),
        [all]: here(() => pool.apply(transpose, [a], { out })),
      },
      goals: dtype === 'f32' ? [['NumPy, 1 thread', all, 8]] : [],
    };
  }
}

/** Symmetric and positive definite: every operation takes it. */
function definite(n) {
  const a = gram(Matrix.random(n, n, { seed: 1 }));
  for (let i = 0; i < n; i++) a.set(i, i, a.get(i, i) + 1);
  return a;
}
