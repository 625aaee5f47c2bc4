/** The transcendental functions against values of high precision (test/goldens/make-functions.py), and their special values. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as math from 'everycore/math';
import { expect, test } from 'vitest';
import type { Call } from '../dist/kernels/call.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { runAt, state } from './levels';

/** Within a unit in the last place of a float. */
function expectSingle(got: ArrayLike<number>, exact: ArrayLike<number>, args: readonly ArrayLike<number>[]): void {
  for (let i = 0; i < got.length; i++) {
    if (Object.is(got[i], Math.fround(exact[i]))) continue;
    const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(exact[i]))), -126) - 23);
    const near = Math.abs(got[i] - exact[i]) <= unit;
    if (!near) expect.fail(`of ${args.map((arg) => arg[i]).join(', ')} is ${got[i]}, exactly ${exact[i]}`);
  }
}

const goldens = JSON.parse(readFileSync(join(import.meta.dirname, 'goldens', 'functions.json'), 'utf8')) as Record<string, string>;
const trigonometric = /^(sin|cos|tan|asin|acos|atan|atan2)$/;
const two = /^(sinh|cosh|tanh|asinh|acosh|atanh|cbrt|hypot|sigmoid|erf|gelu)$/;

/** The distance between a double and its neighbour. */
function unit(x: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -1022);
  return 2 ** Math.max(exponent - 52, -1074);
}

test.each(Object.keys(goldens))('%s keeps within its units in the last place', (name) => {
  const bytes = Buffer.from(goldens[name], 'base64');
  const rows = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const inputs = /^(power|atan2|hypot)$/.test(name) ? 2 : 1;
  const width = inputs + 2;
  const column = (i: number) => rows.filter((_, at) => at % width === i);
  const args = Array.from({ length: inputs }, (_, i) => column(i));
  const [high, low] = [column(inputs), column(inputs + 1)];
  const fn = (math as unknown as Record<string, (...args: unknown[]) => Float64Array>)[name];
  const got = fn(...args);
  const limit = trigonometric.test(name) ? 1.5 : two.test(name) ? 2 : 1;
  let worst = 0;
  let where = '';
  for (let i = 0; i < got.length; i++) {
    if (Object.is(got[i], high[i])) continue;
    const error = Math.abs((got[i] - high[i] - low[i]) / unit(high[i]));
    if (!(error <= worst)) {
      worst = error;
      where = `${name}(${args.map((arg) => arg[i]).join(', ')}) is ${got[i]}, exactly ${high[i]}`;
    }
  }
  expect(worst, where).toBeLessThanOrEqual(limit);
  // f32: the nearest value or its neighbour.
  const single = args.map((arg) => Float32Array.from(arg));
  expectSingle(fn(...single), fn(...single.map((arg) => Float64Array.from(arg))), single);
});

const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1, 2, -2, 5e-324, -5e-324, 1.7976931348623157e308];

test.each('cbrt exp expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh'.split(' '))(
  '%s has the special values of Math',
  (name) => {
    const got = (math as unknown as Record<string, (x: Float64Array) => Float64Array>)[name](Float64Array.from(special));
    special.forEach((x, i) => {
      const expected = (Math as unknown as Record<string, (x: number) => number>)[name](x);
      const exact = !Number.isFinite(expected) || expected === 0;
      if (exact) expect(got[i], `${name}(${x})`).toBe(expected);
      else expect(Math.abs(got[i] / expected - 1), `${name}(${x})`).toBeLessThan(1e-15);
    });
  },
);

const binary = { power: math.power, atan2: math.atan2, hypot: math.hypot };

test.each(['power', 'atan2', 'hypot'] as const)('%s has the special values of Math', (name) => {
  const list = [...special, 0.5, -0.5, 3, -3];
  for (const a of list) {
    for (const b of list) {
      const [got] = binary[name](Float64Array.of(a), Float64Array.of(b));
      const expected = name === 'power' ? a ** b : Math[name](a, b);
      if (!Number.isFinite(expected) || expected === 0) expect(got, `${name}(${a}, ${b})`).toBe(expected);
      else expect(Math.abs(got / expected - 1), `${name}(${a}, ${b}) is ${got}, expected ${expected}`).toBeLessThan(1e-15);
    }
  }
});

/** Where the f32 kernels change their ways, overflow or vanish. */
const turns = [
  0,
  2 ** -149,
  2 ** -126,
  2 ** -25,
  2 ** -12,
  0.25,
  0.5,
  0.625,
  Math.SQRT1_2,
  1,
  Math.SQRT2,
  2,
  9.0109,
  10,
  17.3287,
  18,
  20.5,
  60,
  87.3365,
  88.7228,
  89.416,
  103.9721,
  104,
  126,
  127,
  128,
  149,
  150,
  151,
  2 ** 17,
  2 ** 24,
  3.4028234663852886e38,
  ...[1, 2, 3, 4, 5, 7, 11, 355, 81887, 104348].flatMap((k) => [(k * Math.PI) / 4, k * Math.LN2 * 0.5]),
];

/** Floats of all sizes, and each turn with its neighbours. */
function floats(): Float32Array {
  const bits: number[] = Array.from({ length: 1 << 13 }, (_, i) => i * 524287);
  const cell = new Uint32Array(1);
  for (const turn of turns) {
    new Float32Array(cell.buffer)[0] = turn;
    for (let near = Math.max(cell[0] - 40, 0); near < cell[0] + 40; near++) bits.push(near, near + 2 ** 31);
  }
  return new Float32Array(Uint32Array.from(bits).buffer);
}

test.each(
  'exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf gelu cbrt power atan2 hypot'.split(
    ' ',
  ),
)('%s of floats at the edges, on every CPU level', (name) => {
  const kernel = (math as unknown as Record<string, (...args: Float64Array[]) => Float64Array>)[name];
  const x = floats();
  // Of two operands the second runs through the same numbers in steps.
  const args = /^(power|atan2|hypot)$/.test(name) ? [x, x.map((_, i) => x[(i * 7919) % x.length])] : [x];
  const exact = kernel(...args.map((arg) => Float64Array.from(arg)));
  const [first, ...others] = state.isas.map((isa) => {
    const out = new Float32Array(x.length);
    runAt(isa, declarationOf(kernel)?.call(args, out) as Call);
    return out;
  });
  expectSingle(first, exact, args);
  for (const other of others) {
    const differs = other.findIndex((value, i) => !Object.is(value, first[i]));
    if (differs >= 0) expect.fail(`${name}(${args.map((arg) => arg[differs]).join(', ')}) is ${other[differs]} and ${first[differs]}`);
  }
});

test.each(['sin', 'cos', 'tan'] as const)('%s of a float does not depend on what lies beside it', (name) => {
  const alone = math[name](Float32Array.of(0.3, 1.1, 2.6, 4));
  for (let large = 0; large < 16; large++) {
    const x = Float32Array.from({ length: 16 }, (_, i) => (i === large ? 1e20 : [0.3, 1.1, 2.6, 4][i % 4]));
    math[name](x).forEach((value, i) => expect(value).toBe(i === large ? Math.fround(math[name](Math.fround(1e20))) : alone[i % 4]));
  }
});

test('where an element lies among others does not change its value, in place neither', () => {
  const x = Float64Array.from({ length: 400 }, (_, i) => (i - 200) * 0.0137 + (i % 7 === 0 ? 1e300 : 0));
  const y = Float64Array.from({ length: 400 }, (_, i) => (i % 31) - 15.5);
  const one = 'sinh tanh asinh acosh atanh log1p sin'.split(' ').map((name) => (math as unknown as Record<string, typeof math.sinh>)[name]);
  for (const length of [1, 2, 9, 127, 128, 129, 256, 397]) {
    const [a, b] = [x.slice(3, 3 + length), y.slice(3, 3 + length)];
    for (const fn of one) {
      const whole = fn(x).slice(3, 3 + length);
      expect(fn(a)).toEqual(whole);
      const place = a.slice();
      fn(place, { out: place });
      expect(place).toEqual(whole);
    }
    const powers = math.power(x, y).slice(3, 3 + length);
    expect(math.power(a, b)).toEqual(powers);
    expect(math.power(a, b, { out: b })).toEqual(powers);
    for (const exponent of [1.7, -3]) expect(math.power(a, exponent)).toEqual(math.power(a, new Float64Array(length).fill(exponent)));
    expect(math.power(0.9, a)).toEqual(math.power(new Float64Array(length).fill(0.9), a));
  }
});
