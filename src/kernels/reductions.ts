/** What the reductions mean, in plain words: over floats by the fixed tree of reduce.ts, over integers exactly in 64 bits. */
import type { View } from './call';
import type { Dtype } from './dtype';
import { sizeOf } from './operands';
import { answer, blockLength, blockTree, isFloat, pairwise, totalOf, tree } from './reduce';
import type { NumberArray } from './types';

/** The sum of a · b. Integers wrap at 64 bits; plain additions do while they are exact, bigints beyond. */
export function dotOf(a: View, b: View, dtype: Dtype): number | bigint {
  const size = sizeOf(a);
  if (isFloat(dtype)) {
    return tree(size, 0, add, (i) => (a.data[a.offset + i] as number) * (b.data[b.offset + i] as number));
  }
  let [total, part] = [0n, 0];
  for (let i = 0; i < size; i++) {
    const [left, right] = [a.data[a.offset + i], b.data[b.offset + i]];
    const step = typeof left === 'number' ? left * (right as number) : Infinity;
    if (Math.abs(step) <= 2 ** 52 && Math.abs(part) <= 2 ** 52) part += step;
    else {
      total = BigInt.asIntN(64, total + BigInt(part) + BigInt(left) * BigInt(right));
      part = 0;
    }
  }
  return answer(BigInt.asIntN(64, total + BigInt(part)), dtype);
}

const add = (a: number, b: number): number => a + b;

export function productOf({ data, offset, shape: [size] }: View, dtype: Dtype): number | bigint {
  if (isFloat(dtype)) {
    return tree(
      size,
      1,
      (a, b) => a * b,
      (i) => data[offset + i] as number,
    );
  }
  let total = 1n;
  for (let i = 0; i < size && total !== 0n; i++) total = BigInt.asIntN(64, total * BigInt(data[offset + i]));
  return answer(total, dtype);
}

export const meanOf = (x: View, dtype: Dtype): number => Number(totalOf(x, dtype)) / sizeOf(x);

interface Spread {
  readonly size: number;
  readonly mean: number;
  /** The sum of the squared deviations from the mean. */
  readonly squares: number;
}

/** Of a block: the mean, then squared deviations, with the rounding of the mean taken out. */
function spreadOf({ data, offset }: View, begin: number, end: number): Spread {
  const size = end - begin;
  const near = blockTree(begin, end, 0, add, (i) => data[offset + i] as number) / size;
  const deviation = (i: number): number => (data[offset + i] as number) - near;
  const squares = blockTree(begin, end, 0, add, (i) => deviation(i) * deviation(i));
  const rest = blockTree(begin, end, 0, add, deviation);
  return { size, mean: near + rest / size, squares: squares - (rest * rest) / size };
}

function merged(a: Spread, b: Spread): Spread {
  const size = a.size + b.size;
  const delta = b.mean - a.mean;
  const share = b.size / size;
  return { size, mean: a.mean + delta * share, squares: a.squares + b.squares + delta * delta * (a.size * share) };
}

/** The sum of squared deviations from the mean, by blocks that are merged pairwise (Chan, Golub, LeVeque 1983). */
export function deviationsOf(x: View): number {
  const spreads: Spread[] = [];
  for (let begin = 0; begin < sizeOf(x); begin += blockLength) spreads.push(spreadOf(x, begin, Math.min(begin + blockLength, sizeOf(x))));
  return spreads.length > 0 ? pairwise(spreads, merged).squares : 0;
}

/** The variance of `size` elements whose squared deviations from their mean add up to `squares`. */
export function varianceFrom(squares: number, size: number, { ddof = 0 }: { ddof?: unknown }): number {
  const freedom = size - (ddof as number);
  return freedom > 0 ? Math.max(0, squares) / freedom : Number.NaN;
}

/** Σx². */
export const squaresOf = ({ data, offset, shape: [size] }: View): number =>
  tree(size, 0, add, (i) => (data[offset + i] as number) * (data[offset + i] as number));

/** √Σx² from Σx²; squares that overflow or vanish are taken again of x over the largest magnitude. */
export function normFrom(squares: number, x: () => View): number {
  if ((squares > 1e-280 && squares < Infinity) || Number.isNaN(squares)) return Math.sqrt(squares);
  const {
    data,
    offset,
    shape: [size],
  } = x();
  const at = (i: number): number => data[offset + i] as number;
  let top = 0;
  for (let i = 0; i < size; i++) top = Math.max(top, Math.abs(at(i)));
  if (!(top > 0 && top < Infinity)) return top;
  return top * Math.sqrt(tree(size, 0, add, (i) => (at(i) / top) ** 2));
}

/** Where the least (sense −1) or greatest (sense 1) element stands: first on ties, and −0 ties with 0; the first NaN wins. */
export function extremeAt({ data, offset, shape: [size] }: View, sense: 1 | -1): number {
  let best = 0;
  for (let i = 0; i < size; i++) {
    const [value, held] = [data[offset + i], data[offset + best]];
    if (Number.isNaN(value)) return i;
    if (sense > 0 ? value > held : value < held) best = i;
  }
  return best;
}

export function extremeOf(x: View, dtype: Dtype, sense: 1 | -1): number | bigint {
  if (!isFloat(dtype)) return x.data[x.offset + extremeAt(x, sense)];
  const pick = sense > 0 ? Math.max : Math.min;
  let best = -sense * Infinity;
  for (let i = 0; i < sizeOf(x); i++) best = pick(best, x.data[x.offset + i] as number);
  return best;
}

/** Elements that are not zero, at most `enough` of them; NaN is not zero. */
export function countOf({ data, offset, shape: [size] }: View, isZero: boolean, enough = Infinity): number {
  let count = 0;
  const zero = typeof data[offset] === 'bigint' ? 0n : 0;
  for (let i = 0; i < size && count < enough; i++) if ((data[offset + i] === zero) === isZero) count++;
  return count;
}

/** The two places in sorted order that a quantile lies between, and how far behind the first one. */
export function placeOf(q: number, size: number): { low: number; high: number; part: number } {
  const position = q * (size - 1);
  const low = Math.floor(position);
  return { low, high: Math.min(low + 1, size - 1), part: position - low };
}

/** Linear interpolation, as NumPy's; NaN where the greatest element, `last`, is. */
export function between(a: number, b: number, part: number, last: number): number {
  if (Number.isNaN(last)) return Number.NaN;
  if (a === b || part === 0) return a;
  return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

/** Between the two elements beside q · (n − 1), as NumPy's default; NaN for none and where one is NaN. */
export function quantileOf({ data, offset, shape: [size] }: View, q: number): number {
  if (size === 0) return Number.NaN;
  const sorted = (data as NumberArray).slice(offset, offset + size).sort();
  const { low, high, part } = placeOf(q, size);
  return between(sorted[low], sorted[high], part, sorted[size - 1]);
}
