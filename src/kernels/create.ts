/** Functions that make arrays: evenly spaced, constant, random. */
import { rangeError, typeError } from '../errors';
import type { TypedArray } from './call';
import { constructorOf, type Dtype, dtypes, numberDtypes } from './dtype';
import { allocate } from './memory';
import { philox } from './philox';
import type { ArrayOf } from './types';

type NumberDtype = Exclude<Dtype, 'i64' | 'u64'>;
type FloatDtype = 'f64' | 'f32';

/** What `random` may be told. */
export interface RandomOptions<D extends FloatDtype = FloatDtype> {
  /** A whole number from 0 to 2^53 − 1: the same seed, the same numbers. Without one they differ from call to call. */
  seed?: number;
  /** 'uniform': from 0 to below 1; 'normal': mean 0, variance 1. Default 'uniform'. */
  distribution?: 'uniform' | 'normal';
  /** Default 'f64'. */
  dtype?: D;
}

/**
 * `n` numbers at even distances, the first is `start` and the last `stop` (n = 1: only `start`). Integer dtypes
 * cut fractions off, as a store into a typed array does.
 * @throws RangeError when n is no whole number ≥ 0 or an end is not finite.
 */
export function linspace(start: number, stop: number, n: number): Float64Array;
export function linspace<D extends NumberDtype>(start: number, stop: number, n: number, dtype: D): ArrayOf[D];
export function linspace(start: number, stop: number, n: number, dtype: NumberDtype = 'f64'): TypedArray {
  checkFinite('start of linspace', start);
  checkFinite('stop of linspace', stop);
  const result = allocate(constructorOf(checkedDtype('linspace', dtype, numberDtypes)), checkedCount('linspace', n));
  // Halves, where the whole distance is beyond the largest double.
  const step = Number.isFinite(stop - start) ? (stop - start) / (n - 1) : stop / (n - 1) - start / (n - 1);
  for (let i = 0; i < n - 1; i++) result[i] = start + i * step;
  if (n > 0) result[n - 1] = n === 1 ? start : stop;
  return result;
}

/**
 * start, start + step, start + 2 · step … to before `stop`. Default step 1.
 * @throws RangeError when the step is 0 or something is not finite.
 */
export function arange(start: number, stop: number, step?: number): Float64Array;
export function arange<D extends NumberDtype>(start: number, stop: number, step: number | undefined, dtype: D): ArrayOf[D];
export function arange(start: number, stop: number, step = 1, dtype: NumberDtype = 'f64'): TypedArray {
  checkFinite('start of arange', start);
  checkFinite('stop of arange', stop);
  checkFinite('step of arange', step);
  if (step === 0) throw rangeError('the step of arange must not be 0');
  const count = Math.max(Math.ceil((stop - start) / step), 0);
  if (!Number.isSafeInteger(count)) throw rangeError(`arange(${start}, ${stop}, ${step}) has more elements than an array can hold`);
  const result = allocate(constructorOf(checkedDtype('arange', dtype, numberDtypes)), count);
  for (let i = 0; i < count; i++) result[i] = start + i * step;
  return result;
}

/** `n` times the same value; i64 and u64 take a bigint. */
export function fill(n: number, value: number): Float64Array;
export function fill<D extends NumberDtype>(n: number, value: number, dtype: D): ArrayOf[D];
export function fill<D extends 'i64' | 'u64'>(n: number, value: bigint, dtype: D): ArrayOf[D];
export function fill(n: number, value: number | bigint, dtype: Dtype = 'f64'): TypedArray {
  const type = constructorOf(checkedDtype('fill', dtype, dtypes));
  const big = dtype === 'i64' || dtype === 'u64';
  if (typeof value !== (big ? 'bigint' : 'number'))
    throw typeError(`the value of fill must be a ${big ? 'bigint' : 'number'} to go with ${dtype}`, value);
  return allocate(type, checkedCount('fill', n)).fill(value as never);
}

/**
 * `n` random numbers by Philox4x32-10 (see philox.ts): one seed gives the same numbers on every machine. Normal ones by
 * the polar method: Marsaglia, Bray, "A convenient method for generating normal variables" (1964). Not for secrets.
 * @throws RangeError when n or the seed is no whole number ≥ 0.
 */
export function random(n: number): Float64Array;
export function random<D extends FloatDtype = 'f64'>(n: number, options: RandomOptions<D>): ArrayOf[D];
export function random(n: number, options: RandomOptions = {}): TypedArray {
  if (typeof options !== 'object' || options === null) throw typeError('the options of random must be an object', options);
  for (const key of Object.keys(options)) {
    if (!/^(seed|distribution|dtype)$/.test(key)) throw typeError(`random has the options seed, distribution, dtype, got ${JSON.stringify(key)}`);
  }
  const { seed = freshSeed(), distribution = 'uniform', dtype = 'f64' } = options;
  if (typeof seed !== 'number') throw typeError('the seed of random must be a number', seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw rangeError(`the seed of random must be a whole number from 0 to 2^53 − 1, got ${seed}`);
  if (distribution !== 'uniform' && distribution !== 'normal') {
    throw typeError("the distribution of random must be 'uniform' or 'normal'", distribution);
  }
  const type = constructorOf(checkedDtype('random', dtype, ['f64', 'f32']));
  const result = allocate(type, checkedCount('random', n)) as Float64Array | Float32Array;
  const next = blocksOf(seed);
  if (distribution === 'normal') fillNormal(result, next);
  else if (dtype === 'f32') fillSingles(result, next);
  else fillDoubles(result, next);
  return result;
}

type NextBlock = () => Uint32Array;

/** The blocks of four random words that belong to a seed, one after the other. */
function blocksOf(seed: number): NextBlock {
  const words = new Uint32Array(4);
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  let count = 0;
  return () => {
    words[0] = count;
    words[1] = Math.floor(count / 2 ** 32);
    words[2] = 0;
    words[3] = 0;
    count++;
    philox(words, low, high);
    return words;
  };
}

/** 53 random bits as a number from 0 to below 1. */
const double = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;

function fillDoubles(result: Float64Array | Float32Array, next: NextBlock): void {
  for (let i = 0; i < result.length; i += 2) {
    const words = next();
    result[i] = double(words[0], words[1]);
    if (i + 1 < result.length) result[i + 1] = double(words[2], words[3]);
  }
}

/** 24 bits each: what a single can hold below 1. */
function fillSingles(result: Float64Array | Float32Array, next: NextBlock): void {
  for (let i = 0; i < result.length; i += 4) {
    const words = next();
    for (let j = 0; j < 4 && i + j < result.length; j++) result[i + j] = (words[j] >>> 8) * 2 ** -24;
  }
}

/** A point within the unit circle gives two numbers. */
function fillNormal(result: Float64Array | Float32Array, next: NextBlock): void {
  for (let i = 0; i < result.length; ) {
    const words = next();
    const x = 2 * double(words[0], words[1]) - 1;
    const y = 2 * double(words[2], words[3]) - 1;
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const scale = Math.sqrt((-2 * logarithm(square)) / square);
    result[i++] = x * scale;
    if (i < result.length) result[i++] = y * scale;
  }
}

const bits = new DataView(new ArrayBuffer(8));

/**
 * The logarithm of a positive normal number by + − × ÷ alone, whose bits no machine disagrees on, as Math.log's may:
 * log(2^e · m) = e · log 2 + 2 · artanh((m − 1) / (m + 1)), m from √½ to √2, twelve terms of the series.
 */
function logarithm(x: number): number {
  bits.setFloat64(0, x);
  const head = bits.getUint32(0);
  let exponent = (head >>> 20) - 1023;
  bits.setUint32(0, (head & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  const z = (m - 1) / (m + 1);
  let series = 0;
  for (let power = 23; power >= 1; power -= 2) series = series * z * z + 1 / power;
  return exponent * Math.LN2 + 2 * z * series;
}

function freshSeed(): number {
  const { randomBytes } = require('node:crypto') as typeof import('node:crypto');
  return randomBytes(6).readUIntBE(0, 6);
}

function checkFinite(name: string, value: unknown): void {
  if (typeof value !== 'number') throw typeError(`${name} must be a number`, value);
  if (!Number.isFinite(value)) throw rangeError(`${name} must be finite, got ${value}`);
}

function checkedCount(name: string, n: unknown): number {
  if (typeof n !== 'number') throw typeError(`the length of ${name} must be a number`, n);
  if (!Number.isSafeInteger(n) || n < 0) throw rangeError(`the length of ${name} must be a whole number ≥ 0, got ${n}`);
  return n;
}

function checkedDtype(name: string, dtype: unknown, known: readonly Dtype[]): Dtype {
  if (known.includes(dtype as Dtype)) return dtype as Dtype;
  throw typeError(`the dtype of ${name} must be one of ${known.join(', ')}`, dtype);
}
