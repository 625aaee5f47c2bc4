/** `everycore/math`: kernels over numbers, number arrays, typed arrays and matrices. */

import { numberDtypes } from './kernels/dtype';
import { binary, binaryFloat, binaryInteger, binaryTest, ternary, unary, unaryFloat, unaryInteger, unaryTest } from './kernels/elementwise';
import { erf as erfOf, floorMod, fmaDouble, fmaSingle, gelu as geluOf, roundHalfEven, sigmoid as sigmoidOf } from './kernels/exact';
import { sumKernel } from './kernels/reduce';

const imul = Math.imul;
const whole = { big: (x: bigint) => x };

export const square = unary('square', 'x · x', (x) => x * x, { int32: (x) => imul(x, x) });
export const cube = unary('cube', 'x · x · x', (x) => x * x * x, { int32: (x) => imul(imul(x, x), x) });
export const negate = unary('negate', '−x', (x) => -x);
export const abs = unary('abs', '|x|', Math.abs, { big: (x) => (x < 0n ? -x : x) });
export const sign = unary('sign', '−1, 0 or 1; zeros and NaN stay', Math.sign, { big: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) });
export const relu = unary('relu', 'max(x, 0); NaN stays', (x) => Math.max(x, 0), { big: (x) => (x > 0n ? x : 0n) });
export const floor = unary('floor', 'the greatest whole number ≤ x', Math.floor, whole);
export const ceil = unary('ceil', 'the least whole number ≥ x', Math.ceil, whole);
export const round = unary('round', 'the nearest whole number, halves to even', roundHalfEven, whole);
export const trunc = unary('trunc', 'x without its fraction', Math.trunc, whole);
export const not = unaryInteger('not', 'every bit turned over', (x) => ~x);

export const sqrt = unaryFloat('sqrt', '√x', Math.sqrt);
export const reciprocal = unaryFloat('reciprocal', '1 / x', (x) => 1 / x);
export const rsqrt = unaryFloat('rsqrt', '1 / √x', (x) => 1 / Math.sqrt(x));
export const cbrt = unaryFloat('cbrt', '∛x', Math.cbrt);
export const exp = unaryFloat('exp', 'eˣ', Math.exp);
export const exp2 = unaryFloat('exp2', '2ˣ', (x) => 2 ** x);
export const expm1 = unaryFloat('expm1', 'eˣ − 1, exact near 0', Math.expm1);
export const log = unaryFloat('log', 'the natural logarithm', Math.log);
export const log2 = unaryFloat('log2', 'the logarithm to base 2', Math.log2);
export const log10 = unaryFloat('log10', 'the logarithm to base 10', Math.log10);
export const log1p = unaryFloat('log1p', 'log(1 + x), exact near 0', Math.log1p);
export const sin = unaryFloat('sin', 'the sine of x radians', Math.sin);
export const cos = unaryFloat('cos', 'the cosine of x radians', Math.cos);
export const tan = unaryFloat('tan', 'the tangent of x radians', Math.tan);
export const asin = unaryFloat('asin', 'the arc sine, in radians', Math.asin);
export const acos = unaryFloat('acos', 'the arc cosine, in radians', Math.acos);
export const atan = unaryFloat('atan', 'the arc tangent, in radians', Math.atan);
export const sinh = unaryFloat('sinh', 'the hyperbolic sine', Math.sinh);
export const cosh = unaryFloat('cosh', 'the hyperbolic cosine', Math.cosh);
export const tanh = unaryFloat('tanh', 'the hyperbolic tangent', Math.tanh);
export const asinh = unaryFloat('asinh', 'the inverse hyperbolic sine', Math.asinh);
export const acosh = unaryFloat('acosh', 'the inverse hyperbolic cosine', Math.acosh);
export const atanh = unaryFloat('atanh', 'the inverse hyperbolic tangent', Math.atanh);
export const sigmoid = unaryFloat('sigmoid', '1 / (1 + e⁻ˣ)', sigmoidOf);
export const gelu = unaryFloat('gelu', 'x · Φ(x), Φ the normal distribution (the erf form)', geluOf);
export const erf = unaryFloat('erf', 'the error function', erfOf);

const isNaNKernel = unaryTest('isNaN', 'whether x is NaN', Number.isNaN);
const isFiniteKernel = unaryTest('isFinite', 'whether x is neither infinite nor NaN', Number.isFinite);

export { isFiniteKernel as isFinite, isNaNKernel as isNaN };

export const add = binary('add', 'a + b', (a, b) => a + b);
export const subtract = binary('subtract', 'a − b', (a, b) => a - b);
export const multiply = binary('multiply', 'a · b', (a, b) => a * b, { int32: imul });
export const minimum = binary('minimum', 'the smaller one; NaN wins', Math.min, {
  big: (a, b) => (less(a, b) ? a : b),
});
export const maximum = binary('maximum', 'the larger one; NaN wins', Math.max, { big: (a, b) => (greater(a, b) ? a : b) });
export const remainder = binary('remainder', "a % b with the dividend's sign; 0 for integers over 0", (a, b) => a % b, {
  big: (a, b) => (b === 0n ? 0n : a % b),
});
export const mod = binary('mod', "a modulo b with the divisor's sign; 0 for integers over 0", floorMod, {
  big: (a, b) => {
    const rest = b === 0n ? 0n : a % b;
    return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
  },
});
export const divide = binaryFloat('divide', 'a / b', (a, b) => a / b);
export const power = binaryFloat('power', 'a to the power of b, as Math.pow', (a, b) => a ** b);
export const atan2 = binaryFloat('atan2', 'the angle of the point (b, a), in radians', Math.atan2);
export const hypot = binaryFloat('hypot', '√(a² + b²) without overflow on the way', Math.hypot);

export const equal = binaryTest('equal', 'a = b', (a, b) => a === b);
export const notEqual = binaryTest('notEqual', 'a ≠ b', (a, b) => a !== b);
export const less = binaryTest('less', 'a < b', (a, b) => a < b);
export const lessEqual = binaryTest('lessEqual', 'a ≤ b', (a, b) => a <= b);
export const greater = binaryTest('greater', 'a > b', (a, b) => a > b);
export const greaterEqual = binaryTest('greaterEqual', 'a ≥ b', (a, b) => a >= b);

export const and = binaryInteger('and', 'bits that both have', (a, b) => a & b);
export const or = binaryInteger('or', 'bits that one has', (a, b) => a | b);
export const xor = binaryInteger('xor', 'bits that only one has', (a, b) => a ^ b);
export const shiftLeft = binaryInteger('shiftLeft', 'bits moved up by b modulo 32 (64 for bigints)', (a, b) => a << b, {
  big: (a, b) => a << (b & 63n),
});
export const shiftRight = binaryInteger('shiftRight', 'bits moved down by b modulo 32 (64 for bigints)', (a, b) => (a < 0 ? a >> b : a >>> b), {
  big: (a, b) => a >> (b & 63n),
});

export const fma = ternary('fma', 'a · b + c, rounded once', fmaDouble, undefined, {
  f32: fmaSingle,
  int32: (a, b, c) => imul(a, b) + c,
  big: (a, b, c) => a * b + c,
});
export const lerp = ternary('lerp', 'a + t · (b − a)', (a, b, t) => a + t * (b - a), numberDtypes);

export { bincount, histogram } from './kernels/counts';
export { arange, fill, linspace, random } from './kernels/create';
export { argsort, sort, topk, unique } from './kernels/order';
export { axpb, clip, convert, denormalize, fused, normalize, polynomial, saturate } from './kernels/parametric';
export { cumprod, cumsum, diff } from './kernels/scan';
export {
  all,
  any,
  argmax,
  argmin,
  count,
  dot,
  max,
  mean,
  median,
  min,
  norm,
  product,
  quantile,
  std,
  variance,
} from './kernels/statistics';
export { where } from './kernels/where';

export const sum = sumKernel('the sum of all elements');

export type { CountKernel, HistogramOptions } from './kernels/counts';
export type { RandomOptions } from './kernels/create';
export type { BinaryKernel, TernaryKernel, UnaryKernel } from './kernels/elementwise';
export type { IndexKernel, SelectKernel, TopkKernel } from './kernels/order';
export type { ReduceKernel } from './kernels/reduce';
export type { ScanKernel } from './kernels/scan';
export type { DotKernel, StatisticKernel } from './kernels/statistics';
export type { OutOption } from './kernels/types';
