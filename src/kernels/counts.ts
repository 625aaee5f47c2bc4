/** Kernels that count: bincount, and histogram({ bins, min, max }). */
import { rangeError, typeError } from '../errors';
import type { Call, TypedArray, View } from './call';
import { linspace } from './create';
import { type Dtype, numberDtypes } from './dtype';
import { checkOptions } from './kernel';
import { vectorView } from './operands';
import { listed, vectorKernel } from './order';
import { isFloat } from './reduce';
import { max, min } from './statistics';
import type { NumberArray } from './types';

/** A kernel that answers how often things occur. */
export interface CountKernel {
  (x: readonly number[] | NumberArray): Uint32Array;
  readonly kernelName: string;
  readonly family: 'order';
}

/** More than this many counts are no counts, but a mistake in the data. */
const countsMax = 2 ** 28;

/**
 * How often 0, 1, 2 … to the largest element occur; nothing for no elements.
 * @throws RangeError for elements that are no whole numbers from 0 to 2^28 − 1, naming the index.
 */
export const bincount = vectorKernel<CountKernel>(
  listed({ name: 'bincount', dtypes: numberDtypes, summary: 'how often 0, 1, 2 … to the largest element occur' }),
  (x, out) => {
    if (out !== undefined) throw typeError('bincount takes no out');
    const data = x.view.data as NumberArray;
    const counts = new Uint32Array(greatestOf(data, x.dtype) + 1);
    const bins = counts.length;
    const cut = stretchesOf(data.length, bins);
    const counting = { units: cut.stretches, grain: 1, cost: cut.length };
    const several = cut.stretches > 1;
    return {
      kernel: 'bincount',
      views: [x.view, vectorView(counts)],
      params: [cut.stretches, cut.length],
      phases: bins === 0 ? [] : several ? [counting, { units: bins, grain: 64, cost: cut.stretches }] : [counting],
      sharedBytes: several ? cut.stretches * bins * 4 : 0,
      reference: () => {
        for (let i = 0; i < data.length; i++) counts[data[i]]++;
      },
      finish: () => counts,
    };
  },
);

/** −1 for none. @throws RangeError for what cannot be counted. */
function greatestOf(data: NumberArray, dtype: Dtype): number {
  if (data.length > 0 && !isFloat(dtype)) {
    const top = max(data);
    if (min(data) >= 0 && top < countsMax) return top;
  }
  let top = -1;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!(value >= 0 && value < countsMax && Number.isInteger(value))) {
      throw rangeError(`bincount takes whole numbers from 0 to ${countsMax - 1}, got ${value} at index ${i}`);
    }
    if (value > top) top = value;
  }
  return top;
}

/** Which bins a histogram has: `bins` of one width from min to max. */
export interface HistogramOptions {
  bins: number;
  min: number;
  max: number;
}

const histogramRule = listed({
  name: 'histogram',
  dtypes: numberDtypes,
  summary: 'histogram({ bins, min, max }): how many elements lie in each bin',
});

/**
 * How many elements lie in each of `bins` bins of one width, whose edges are linspace(min, max, bins + 1), as NumPy's. A
 * bin has its lower edge and not its upper one; the last has both. Elements outside and NaN are left out.
 * @throws RangeError when bins is no whole number ≥ 1, or min and max are not finite with min < max.
 */
export function histogram(options: HistogramOptions): CountKernel {
  checkOptions('histogram', options ?? null, ['bins', 'min', 'max']);
  const { bins, min, max } = options;
  for (const [name, value] of Object.entries({ bins, min, max })) {
    if (typeof value !== 'number') throw typeError(`${name} of histogram must be a number`, value);
  }
  if (!Number.isSafeInteger(bins) || bins < 1 || bins > countsMax) {
    throw rangeError(`bins of histogram must be a whole number from 1 to ${countsMax}, got ${bins}`);
  }
  if (!(min < max && Number.isFinite(max - min))) throw rangeError(`histogram needs min < max, both finite, got ${min} and ${max}`);
  const edges = linspace(min, max, bins + 1);
  return vectorKernel<CountKernel>(histogramRule, (x, out) => {
    if (out !== undefined) throw typeError('histogram takes no out');
    return histogramCall(x.view, edges);
  });
}

/** At the most so many parts of the input are counted by themselves, none shorter than this and than there are bins. */
const stretchesMax = 64;
const stretchLengthMin = 16_384;

function stretchesOf(size: number, bins: number): { stretches: number; length: number } {
  const length = Math.max(Math.ceil(size / stretchesMax), stretchLengthMin, bins);
  return { stretches: Math.ceil(size / length), length };
}

function histogramCall(view: View, edges: Float64Array): Call<Uint32Array> {
  const bins = edges.length - 1;
  const size = view.data.length;
  const counts = new Uint32Array(bins);
  const { stretches, length } = stretchesOf(size, bins);
  return {
    // The native name `histogram` is that of images.
    kernel: 'histogramBetween',
    views: [view, vectorView(edges), vectorView(counts)],
    params: [stretches, length],
    phases:
      size === 0
        ? []
        : [
            { units: stretches, grain: 1, cost: length * 3 },
            { units: bins, grain: 64, cost: stretches },
          ],
    sharedBytes: stretches * bins * 4,
    reference: () => countBetween(view.data, edges, counts),
    finish: () => counts,
  };
}

function countBetween(data: TypedArray, edges: Float64Array, counts: Uint32Array): void {
  const bins = edges.length - 1;
  const [min, max] = [edges[0], edges[bins]];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (!(value >= min && value <= max)) continue;
    // Division says where about; the edges, which are rounded, have the last word.
    let bin = Math.min(Math.floor(((value - min) / (max - min)) * bins), bins - 1);
    while (bin > 0 && value < edges[bin]) bin--;
    while (bin < bins - 1 && value >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
}
