/**
 * Every elementwise and summing kernel of the math entry point, for every dtype, CPU level, awkward length
 * and offset, against its TypeScript reference: the same bits (transcendental functions: within their ULPs,
 * and the same bits on every level).
 */
import { kernels } from 'everycore';
import * as math from 'everycore/math';
import { describe, expect, test } from 'vitest';
import { kernelNumber } from '../dist/executors/packing.js';
import type { Call, TypedArray } from '../dist/kernels/call.js';
import { constructorOf, type Dtype, dtypeOf } from '../dist/kernels/dtype.js';
import { declarationOf } from '../dist/kernels/kernel.js';
import { arrayOf, binding, runAt, state } from './levels';

const lengths = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 511, 513, 1037];
const approximate = new Set([
  'cbrt',
  'exp',
  'exp2',
  'expm1',
  'log',
  'log2',
  'log10',
  'log1p',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
  'sigmoid',
  'gelu',
  'erf',
  'power',
  'atan2',
  'hypot',
]);

const bytesOf = (data: TypedArray) => new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);

/** NaNs are one number, whatever their bits are. */
function expectSame(got: TypedArray, expected: TypedArray, what: string): void {
  if (Buffer.compare(bytesOf(got), bytesOf(expected)) === 0) return;
  for (let i = 0; i < got.length; i++)
    if (!Object.is(got[i], expected[i])) expect.fail(`${what}: element ${i} is ${got[i]}, expected ${expected[i]}`);
}

/** How near: the references lose some digits themselves; math-functions.test.ts holds the kernels to their limits. */
function expectNear(got: TypedArray, expected: TypedArray, what: string): void {
  const unit = got instanceof Float32Array ? 2 ** -23 : 2 ** -52;
  for (let i = 0; i < got.length; i++) {
    const [a, b] = [got[i] as number, expected[i] as number];
    if (Object.is(a, b) || Math.abs(a - b) <= 1024 * unit * Math.abs(b) + (got instanceof Float32Array ? 1e-45 : 1e-323)) continue;
    expect.fail(`${what}: element ${i} is ${a}, expected about ${b}`);
  }
}

interface Case {
  readonly name: string;
  readonly fn: unknown;
  readonly arity: number;
  readonly dtypes: readonly Dtype[];
}

const registered = kernels().filter(({ entry, family }) => entry === 'math' && /^(unary|binary|ternary|transcendental)$/.test(family));
const cases: Case[] = [
  ...registered.map(({ name, dtypes }) => ({
    name,
    fn: (math as Record<string, unknown>)[name],
    arity:
      declarationOf((math as Record<string, unknown>)[name])?.family === 'unary'
        ? 1
        : declarationOf((math as Record<string, unknown>)[name])?.family === 'binary'
          ? 2
          : 3,
    dtypes,
  })),
  ...Object.entries({
    clip: math.clip(-1.5, 90),
    'clip from 0': math.clip(0, 90),
    'clip from −0': math.clip(-0, 90),
    'clip to 0': math.clip(-90, 0),
    'clip to −0': math.clip(-90, -0),
    axpb: math.axpb(2.5, -1),
    polynomial: math.polynomial([1, -2, 0.25]),
    'convert i16': math.convert('i16'),
    'convert f32': math.convert('f32'),
    'convert u8c': math.convert('u8c'),
    'saturate i8': math.saturate('i8'),
    'saturate u32': math.saturate('u32'),
    normalize: math.normalize(1 / 255, -0.5),
    denormalize: math.denormalize(1 / 255, -0.5),
    fused: math.fused(math.square, math.axpb(2, 1), math.sqrt, math.floor),
    'fused mask': math.fused(math.negate, math.isFinite),
  }).map(([name, fn]) => ({ name, fn, arity: 1, dtypes: declarationOf(fn)?.dtypes ?? [] })),
];

function operands({ name, arity }: Pick<Case, 'name' | 'arity'>, dtype: Dtype, length: number, offset: number, shared: boolean): TypedArray[] {
  const arrays = Array.from({ length: arity }, (_, i) => arrayOf(dtype, length, offset + i, shared, length * 7 + i + 1));
  if (name === 'where') arrays[0] = arrayOf('u8', length, offset, shared, length).map((x) => x % 2) as TypedArray;
  return arrays;
}

describe.each(cases)('$name', (each) => {
  test.each(each.dtypes.map((dtype) => ({ dtype })))('$dtype', ({ dtype }) => {
    const declaration = declarationOf(each.fn);
    if (declaration === undefined) throw new Error(`everycore/math does not export ${each.name}`);
    for (const length of lengths) {
      for (const [offset, shared] of [
        [0, false],
        [1, true],
        [3, false],
      ] as const) {
        const args = operands(each, dtype, length, offset, shared);
        const reference = declaration.call(args, undefined);
        if (reference.phases.length > 0) reference.reference();
        const expected = reference.finish() as TypedArray;
        let first: TypedArray | undefined;
        for (const isa of state.isas) {
          const what = `${each.name} ${dtype} of ${length} at ${isa}, offset ${offset}`;
          const out = new (constructorOf(dtypeOf(expected)))(
            new ArrayBuffer((length + 8) * expected.BYTES_PER_ELEMENT),
            offset * expected.BYTES_PER_ELEMENT,
            length,
          );
          new Uint8Array(out.buffer).fill(0xa5);
          runAt(isa, declaration.call(args, out));
          if (approximate.has(each.name)) expectNear(out, expected, what);
          else expectSame(out, expected, what);
          if (first !== undefined) expectSame(out, first, `${what}, against ${state.isas[0]}`);
          first ??= out.slice();
          // Nothing beside the view is written.
          const whole = new Uint8Array(out.buffer);
          const inside = (i: number) => i >= out.byteOffset && i < out.byteOffset + out.byteLength;
          expect(
            whole.every((byte, i) => inside(i) || byte === 0xa5),
            what,
          ).toBe(true);
          if (dtypeOf(expected) === dtype && each.name !== 'where') {
            const own = args.map((arg) => arg.slice());
            runAt(isa, declaration.call(own, own[0]));
            expectSame(own[0], out, `${what}, in place`);
          }
        }
      }
    }
  });
});

test('a scalar on either side, a repeated and a strided operand', () => {
  const { Matrix } = require('everycore/matrix') as typeof import('everycore/matrix');
  for (const { name, fn, arity, dtypes } of cases.filter(({ arity: n }) => n === 2)) {
    const declaration = declarationOf(fn);
    for (const dtype of dtypes) {
      const [a, b] = operands({ name, fn, arity, dtypes }, dtype, 12 * 35, 1, false);
      const scalar = b[5];
      const matrix = Matrix.of(a, 12, 35).transpose();
      const row = Matrix.of(b.slice(0, 12), 1, 12);
      for (const args of [
        [a, scalar],
        [scalar, a],
        [matrix, row],
        [row, matrix],
        [matrix.slice(3, 30, 1, 12), Matrix.of(b.slice(0, 297), 27, 11)],
      ]) {
        const reference = declaration?.call(args, undefined) as Call<{ data: TypedArray } | TypedArray>;
        reference.reference();
        const answer = reference.finish();
        const expected = 'data' in answer ? answer.data : answer;
        for (const isa of state.isas) {
          const call = declaration?.call(args, undefined) as Call<{ data: TypedArray } | TypedArray>;
          runAt(isa, call);
          const result = call.finish();
          const compare = approximate.has(name) ? expectNear : expectSame;
          compare('data' in result ? result.data : result, expected, `${name} ${dtype} at ${isa}`);
        }
      }
    }
  }
});

test('every dtype that is declared has a native kernel', () => {
  for (const { name, dtypes } of registered) {
    for (const dtype of dtypes) expect(kernelNumber(binding, name, new (constructorOf(dtype))(0)), `${name} ${dtype}`).toBeGreaterThanOrEqual(0);
  }
});

test('numbers, lists, and what is refused', () => {
  expect(math.square(3)).toBe(9);
  expect(math.less([1, 2, 3], 2)).toEqual([true, false, false]);
  expect(math.sqrt(Int32Array.of(4, 9))).toEqual(Float64Array.of(2, 3));
  expect(math.where([true, false], [1, 2], [3, 4])).toEqual([1, 4]);
  expect(math.mod(-1, 3)).toBe(2);
  expect(math.remainder(-1, 3)).toBe(-1);
  expect(math.round([0.5, 1.5, -0.5])).toEqual([0, 2, -0]);
  expect(() => math.clip(2, 1)).toThrow(RangeError);
  expect(() => (math.and as (a: unknown, b: unknown) => unknown)(Float64Array.of(1), 1)).toThrow(TypeError);
  expect(() => (math.add as (a: unknown, b: unknown) => unknown)(Float64Array.of(1), Float32Array.of(1))).toThrow(/one dtype/);
  expect(() => (math.square as (a: unknown) => unknown)([1, '2'])).toThrow(/index 1/);
  const loose = math.square as (...args: unknown[]) => unknown;
  expect(() => [1, 2].map(loose)).toThrow('square takes 1 argument and an options object, got 3 arguments (in Array.map, write x => kernel(x))');
  expect(() => loose(1, 2)).toThrow('square takes 1 argument and an options object: the options, got 2');
  expect(math.fma(2 ** 27 + 1, 2 ** 27 + 1, -(2 ** 54))).toBe(2 ** 28 + 1);
});
