/** Elementwise and reducing kernels against the best plain JavaScript and NumPy. */
import { add, square, sum } from 'everycore/math';
import { best, naive } from '../baselines/math.mjs';
import { here } from '../harness.mjs';

export const title = 'Elementwise and reducing kernels';

export async function* cases({ pool, threads, python }) {
  const all = `native, ${threads} threads`;
  const numpy = await python(['numpy'], 1);
  for (const n of [1e3, 1e5, 1e6, 1e7]) {
    const x = Float64Array.from({ length: n }, (_, i) => (i % 1000) / 7);
    const y = Float64Array.from(x).reverse();
    const out = new Float64Array(n);
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
              ['best JS', all, 5],
              ['NumPy', all, 1.8],
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
      goals: n === 1e7 ? [['with out', all, 1 / 1.3]] : [],
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
