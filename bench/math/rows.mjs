/**
 * What the math suite measures at ten million elements (sorting: a million): the call, the same in NumPy (and in
 * numexpr), in plain JavaScript, and the goals - how many times as long the others should take, or { ratio, why }
 * where it is known why that is not reached.
 */
import * as math from 'everycore/math';

const n = 1e7;

/** Random numbers below 100; bytes are all of them. JavaScript and Python have the same distribution, not the same numbers. */
const arrays = {
  f64: { dtype: 'float64', scale: 100 },
  f32: { dtype: 'float32', scale: 100 },
  i32: { dtype: 'int32', scale: 2 ** 31 },
  u8: { dtype: 'uint8', scale: 256 },
};

function input(type, length) {
  const { dtype, scale } = arrays[type];
  const uniform = math.random(length, { seed: 1 });
  // The library's own memory, as NumPy's arrays are in NumPy's: both ask for large pages.
  const x = math.fill(length, 0, type);
  for (let i = 0; i < length; i++) x[i] = uniform[i] * scale;
  return { x, setup: `x = (np.random.default_rng(1).random(${length}) * ${scale}).astype(np.${dtype}); out = np.empty_like(x)` };
}

/** A plain loop, made anew for each row: one that has seen two types of arrays is slower. */
const loop = (expression) => new Function('x', 'out', `for (let i = 0; i < x.length; i++) out[i] = ${expression}; return out;`);
const fold = (start, step, end = 'r') =>
  new Function('x', `let r = ${start}; for (let i = 0; i < x.length; i++) { const v = x[i]; ${step}; } return ${end};`);

/** An elementwise kernel that writes to `out`. */
const onto = (name, type, kernel, python, js, goals, numexpr) => ({
  name: `${name} ${type}, with out`,
  type,
  length: n,
  python,
  numexpr,
  js: loop(js),
  run: (x, out) => [kernel, [x], { out }],
  goals,
});
/** A reduction. */
const total = (name, type, kernel, python, js, goals) => ({
  name: `${name} ${type}`,
  type,
  length: n,
  python,
  js,
  run: (x) => [kernel, [x], undefined],
  goals,
});
const order = (name, type, kernel, python, js, goals) => ({ ...total(name, type, kernel, python, js, goals), length: 1e6 });

/** Why more is not to be had, as measured on an EPYC of two CPUs with AVX-512; the row `copy` has the memory's speed of the same run. */
export const memorySpeed =
  'memory speed (row copy): reading 80 MB and writing 80 MB past the caches takes a bare loop 3.3 to 4.3 ms on one thread and 3.9 to 4.7 on two there, whatever is computed; a loop that stores through the caches 4.6 to 5.6, NumPy 5.8';
export const readingSpeed =
  'memory speed: a bare loop reads 80 MB in 2.8 to 3.4 ms on one thread there and in 2.3 to 3.5 on two; the loop in JavaScript takes 4.6';
const halfSpeed = 'memory speed (row copy): 80 MB are read and written in 1.7 ms at best, by one thread or two';
const cacheSpeed = 'read and written in the third-level cache: one thread takes 0.32 to 0.37 ms, and handing a half to another costs what that saves';
const throughCaches =
  'memory speed: such results go through the caches (past them it was 9.2 ms, not 7.4, on one thread), which moves 240 MB, 5.1 ms for a bare loop of two threads; 4.1 at best';

const clip = math.clip(10, 90);
const copy = math.convert('f64');
const quadratic = math.polynomial([1, 2, 1]);
const power = (type, kernel, python, js, goals) => ({
  ...onto('power(x, 1.7)', type, kernel, python, js, goals),
  run: (x, out) => [kernel, [x, 1.7], { out }],
});

export const rows = [
  onto('square', 'f32', math.square, 'np.square(x, out=out)', 'x[i] * x[i]', { NumPy: { ratio: 1.7, why: halfSpeed } }),
  onto('square', 'u8', math.square, 'np.square(x, out=out)', 'x[i] * x[i]', { NumPy: { ratio: 1, why: cacheSpeed } }),
  onto('copy', 'f64', copy, 'np.copyto(out, x)', 'x[i]', {}),
  onto(
    'square',
    'f64',
    math.square,
    'np.square(x, out=out)',
    'x[i] * x[i]',
    { NumPy: { ratio: 1.8, why: memorySpeed }, numexpr: { ratio: 1.3, why: memorySpeed }, 'best JS': { ratio: 5, why: memorySpeed } },
    'x*x',
  ),
  onto('sqrt', 'f64', math.sqrt, 'np.sqrt(x, out=out)', 'Math.sqrt(x[i])', { NumPy: 1.8 }),
  onto('clip', 'f64', clip, 'np.clip(x, 10, 90, out=out)', 'Math.min(Math.max(x[i], 10), 90)', { NumPy: { ratio: 8, why: memorySpeed } }),
  onto('clip', 'f32', clip, 'np.clip(x, 10, 90, out=out)', 'Math.min(Math.max(x[i], 10), 90)', { NumPy: { ratio: 12, why: halfSpeed } }),
  onto('x² + 2x + 1', 'f64', quadratic, 'x * x + 2 * x + 1', 'x[i] * x[i] + 2 * x[i] + 1', { NumPy: { ratio: 8, why: memorySpeed } }, 'x*x+2*x+1'),
  onto('x² + 2x + 1', 'f32', quadratic, 'x * x + 2 * x + 1', 'x[i] * x[i] + 2 * x[i] + 1', { NumPy: { ratio: 8, why: halfSpeed } }),
  onto(
    'exp',
    'f64',
    math.exp,
    'np.exp(x, out=out)',
    'Math.exp(x[i])',
    { NumPy: { ratio: 1.5, why: throughCaches }, numexpr: { ratio: 5, why: throughCaches }, 'best JS': { ratio: 25, why: throughCaches } },
    'exp(x)',
  ),
  onto('exp', 'f32', math.exp, 'np.exp(x, out=out)', 'Math.exp(x[i])', { NumPy: 1.5 }),
  onto('log', 'f64', math.log, 'np.log(x, out=out)', 'Math.log(x[i])', { NumPy: { ratio: 1.4, why: throughCaches } }),
  onto('sin', 'f64', math.sin, 'np.sin(x, out=out)', 'Math.sin(x[i])', { NumPy: 1.4, 'best JS': 30 }),
  onto('tanh', 'f64', math.tanh, 'np.tanh(x, out=out)', 'Math.tanh(x[i])', { NumPy: 2 }),
  power('f64', math.power, 'np.power(x, 1.7, out=out)', 'x[i] ** 1.7', {
    NumPy: { ratio: 1.6, why: 'runs of one day differ by more, 1.52 to 1.75' },
  }),
  onto('cumsum', 'f64', math.cumsum, 'np.cumsum(x, out=out)', '(i > 0 ? out[i - 1] : 0) + x[i]', { NumPy: 4 }),
  total('sum', 'f32', math.sum, 'np.sum(x)', fold('0', 'r += v'), { NumPy: 1.2 }),
  total('sum', 'u8', math.sum, 'np.sum(x)', fold('0', 'r += v'), { NumPy: 6 }),
  total('std', 'f64', math.std, 'np.std(x)', fold('0, s = 0', 'r += v; s += v * v', 'Math.sqrt(s / x.length - (r / x.length) ** 2)'), { NumPy: 5 }),
  total('std', 'f32', math.std, 'np.std(x)', fold('0, s = 0', 'r += v; s += v * v', 'Math.sqrt(s / x.length - (r / x.length) ** 2)'), { NumPy: 5 }),
  total('max', 'f64', math.max, 'np.max(x)', fold('-Infinity', 'if (v > r) r = v'), {}),
  total('argmax', 'f64', math.argmax, 'np.argmax(x)', fold('0', 'if (v > x[r]) r = i'), { NumPy: 1.1 }),
  total('norm', 'f64', math.norm, 'np.linalg.norm(x)', fold('0', 'r += v * v', 'Math.sqrt(r)'), {}),
  total('median', 'f64', math.median, 'np.median(x)', undefined, {}),
  order('sort', 'f64', math.sort, 'np.sort(x)', (x) => x.slice().sort(), { NumPy: 1.5, 'best JS': 3 }),
  order('sort', 'f32', math.sort, 'np.sort(x)', (x) => x.slice().sort(), { NumPy: 1.5 }),
  order('sort', 'i32', math.sort, 'np.sort(x)', (x) => x.slice().sort(), { NumPy: 1.5 }),
  order('argsort', 'f64', math.argsort, "np.argsort(x, kind='stable')", undefined, { NumPy: 1.5 }),
  order('unique', 'i32', math.unique, 'np.unique(x)', undefined, {}),
  order('topk(100)', 'f64', math.topk(100), 'np.argpartition(x, -100)[-100:]', undefined, {}),
];

/** Sums and extremes of a matrix by its columns (0) and its rows (1). */
export const axes = ['sum', 'max'].flatMap((name) => [0, 1].map((axis) => ({ name, axis, kernel: math[name] })));

/** The arrays that a row works on, and the Python that makes the same there. */
export function prepare({ type, length }) {
  const { x, setup } = input(type, length);
  return { x, out: math.fill(length, 0, type), setup };
}
