/** Elementwise and reducing kernels against the best plain JavaScript and NumPy. */
import { add, fill, square, sum } from 'everycore/math';
import { Matrix } from 'everycore/matrix';
import { best, naive } from '../baselines/math.mjs';
import { here } from '../harness.mjs';
import { axes, memorySpeed, prepare, readingSpeed, rows } from '../math/rows.mjs';

export const title = 'Elementwise and reducing kernels';

/** Less than a second each: there are many. */
const options = { seconds: 0.6, roundsMin: 3, roundsMax: 25 };

const marking =
  'V8 counts results as garbage and marks its heap for every one of 80 MB, 4 to 10 ms beside the threads; the kernel takes 2.7 to 4.5 in memory that is used again';

export async function* cases(context) {
  yield* sizes(context);
  for (const row of rows) yield* tenMillion(row, context);
  for (const row of axes) yield* byAxis(row, context);
}

/** A Python of its own for each row, so that its arrays go with it. */
async function* tenMillion(row, { pool, threads, python }) {
  const all = `native, ${threads} threads`;
  const [numpy, numexpr] = [await python(['numpy'], 1), row.numexpr ? await python(['numpy', 'numexpr'], threads) : null];
  const { x, out, setup } = prepare(row);
  const [kernel, args, where] = row.run(x, out);
  const { js } = row;
  yield {
    name: row.name,
    contenders: {
      ...(js ? { 'best JS': here(() => js(x, out)) } : {}),
      NumPy: await numpy?.contender(setup, row.python),
      ...(numexpr ? { numexpr: await numexpr.contender(setup, `numexpr.evaluate('${row.numexpr}', out=out)`) } : {}),
      'native, 1 thread': here(() => kernel(...args, ...(where ? [where] : []))),
      [all]: here(() => pool.apply(kernel, args, where)),
    },
    goals: Object.entries(row.goals).map(([peer, ratio]) => [peer, all, ratio]),
    options,
  };
  numpy?.close();
  numexpr?.close();
}

async function* byAxis({ name, axis, kernel }, { pool, threads, python }) {
  const numpy = await python(['numpy'], 1);
  // The library's own memory, as below.
  const x = fill(4e6, 0);
  for (let i = 0; i < x.length; i++) x[i] = i % 1000;
  const matrix = Matrix.of(x, 2000, 2000);
  yield {
    name: `${name} f64 2000×2000, axis ${axis}`,
    contenders: {
      NumPy: await numpy?.contender('x = (np.arange(4000000) % 1000.0).reshape(2000, 2000)', `np.${name}(x, axis=${axis})`),
      'native, 1 thread': here(() => kernel(matrix, { axis })),
      [`native, ${threads} threads`]: here(() => pool.apply(kernel, [matrix, { axis }])),
    },
    options,
  };
  numpy?.close();
}

async function* sizes({ pool, threads, python }) {
  const all = `native, ${threads} threads`;
  const numpy = await python(['numpy'], 1);
  for (const n of [1e3, 1e5, 1e6, 1e7]) {
    // The library's own memory, as NumPy's arrays are in NumPy's: both ask for large pages.
    const [x, y, out] = [fill(n, 0), fill(n, 0), fill(n, 0)];
    for (let i = 0; i < n; i++) x[i] = y[n - 1 - i] = (i % 1000) / 7;
    const setup = `x = (np.arange(${n}) % 1000) / 7; y = x[::-1].copy(); out = np.empty_like(x)`;
    yield {
      name: `square f64 ${n}, with out`,
      contenders: {
        'best JS': here(() => best.square(x, out)),
        NumPy: await numpy?.contender(setup, 'np.square(x, out=out)'),
        'native, 1 thread': here(() => square(x, { out })),
        [all]: here(() => pool.map(square, x, { out })),
      },
      goals:
        n === 1e7
          ? [
              ['best JS', all, { ratio: 5, why: memorySpeed }],
              ['NumPy', all, { ratio: 1.8, why: memorySpeed }],
            ]
          : [],
    };
    yield {
      name: `square f64 ${n}, fresh result`,
      contenders: {
        'best JS': here(() => best.square(x, new Float64Array(n))),
        NumPy: await numpy?.contender(setup, 'np.square(x)'),
        'native, 1 thread': here(() => square(x)),
        [all]: here(() => pool.map(square, x)),
        'with out': here(() => pool.map(square, x, { out })),
      },
      goals: n === 1e7 ? [['with out', all, { ratio: 1 / 1.3, why: marking }]] : [],
    };
    yield {
      name: `add f64 ${n}, with out`,
      contenders: {
        'best JS': here(() => best.add(x, y, out)),
        NumPy: await numpy?.contender(setup, 'np.add(x, y, out=out)'),
        'native, 1 thread': here(() => add(x, y, { out })),
        [all]: here(() => pool.apply(add, [x, y], { out })),
      },
    };
    yield {
      name: `sum f64 ${n}`,
      contenders: {
        'best JS': here(() => best.sum(x)),
        NumPy: await numpy?.contender(setup, 'np.sum(x)'),
        'native, 1 thread': here(() => sum(x)),
        [all]: here(() => pool.apply(sum, [x])),
      },
      goals:
        n === 1e7
          ? [
              ['best JS', all, { ratio: 6, why: readingSpeed }],
              ['NumPy', all, 1.2],
            ]
          : [],
    };
  }
  const list = Array.from({ length: 1e6 }, (_, i) => i % 1000);
  const loop = () => {
    const result = new Array(list.length);
    for (let i = 0; i < list.length; i++) result[i] = list[i] * list[i];
    return result;
  };
  yield {
    name: 'square of a number[] of 1e6',
    contenders: { 'best JS': here(loop), 'JS map': here(() => naive.square(list)), [all]: here(() => pool.map(square, list)) },
    goals: [['best JS', all, 1 / 1.3]],
  };
}
