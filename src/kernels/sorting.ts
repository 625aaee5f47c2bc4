/**
 * The native kernels of order, sort and argsort, as calls: which ranks are wanted, how the input is cut, how much
 * memory it takes. native/kernels/math/order-inl.h says how they work and lays the memory out alike.
 */
import type { Call, Phase, TypedArray, View } from './call';
import { sizeOf, vectorView } from './operands';

const bucketsMax = 256;
const samplesPerBucket = 8;
/** Buckets of about this many elements are sorted in a near cache; indices, which go along, take room there. */
const bucketLength = { sort: 16_384, argsort: 4096 };
/** Where few indices are wanted, the shorter the bucket the less there is to sort. */
const selectedLength = 256;
/** Where few elements are wanted, splitters lie around them alone: one bucket more than two for each range, as a power of two. */
const selectedBuckets = 8;
const selectedMin = 32_768;
const stretchLength = 32_768;
const stretchesMax = 256;

/** Half-open range of places in the sorted order. */
export type Ranks = readonly [from: number, to: number];

interface Sorting<R> {
  /** 'sort' writes elements, 'argsort' 32-bit indices. */
  readonly kernel: 'sort' | 'argsort';
  readonly x: View;
  /** What has the wanted ranks is written here, range after range. */
  readonly out: TypedArray;
  /** At most three; all ranks by default. What is far from them is not sorted. */
  readonly ranks?: readonly Ranks[];
  readonly descending?: boolean;
  readonly reference: () => void;
  readonly finish: () => R;
}

export function sortingCall<R>({ kernel, x, out, ranks, descending = false, reference, finish }: Sorting<R>): Call<R> {
  const size = sizeOf(x);
  const wanted = ranks ?? [[0, size]];
  const buckets = bucketsOf(kernel, size, x.data.BYTES_PER_ELEMENT, ranks !== undefined);
  const stretches = buckets === 1 ? 1 : Math.min(stretchesMax, Math.ceil(size / stretchLength));
  return {
    kernel,
    views: [x, vectorView(out)],
    params: [buckets, stretches, Number(descending), ...wanted.flat()],
    phases: size === 0 ? [] : phasesOf(size, buckets, stretches, x.data.BYTES_PER_ELEMENT),
    sharedBytes: sharedBytes(size, x.data.BYTES_PER_ELEMENT, kernel === 'argsort', buckets, stretches),
    reference,
    finish,
  };
}

/** A power of two. One and two bytes have a bucket for each first byte. */
function bucketsOf(kernel: 'sort' | 'argsort', size: number, elementBytes: number, selects: boolean): number {
  if (elementBytes <= 2) return size / (selects ? selectedLength : bucketLength.argsort) < 2 ? 1 : bucketsMax;
  if (selects && kernel === 'sort') return size < selectedMin ? 1 : selectedBuckets;
  const wanted = size / (selects ? selectedLength : bucketLength[kernel]);
  return wanted < 2 ? 1 : Math.min(bucketsMax, 2 ** Math.round(Math.log2(wanted)));
}

/** Splitters, counts, distribution, buckets. One bucket needs no splitters and no counts, one and two bytes no splitters. */
function phasesOf(size: number, buckets: number, stretches: number, elementBytes: number): Phase[] {
  const several = buckets > 1;
  const perStretch = size / stretches;
  return [
    { units: several && elementBytes > 2 ? 1 : 0, grain: 1, cost: 20 * buckets * samplesPerBucket },
    { units: several ? stretches : 0, grain: 1, cost: 3 * perStretch },
    { units: stretches, grain: 1, cost: 2 * perStretch },
    { units: buckets, grain: 1, cost: (12 * size) / buckets },
  ];
}

function sharedBytes(size: number, elementBytes: number, indexed: boolean, buckets: number, stretches: number): number {
  const records = 2 * (padded(size * elementBytes) + (indexed ? padded(size * 4) : 0));
  return padded(bucketsMax * elementBytes) + records + padded(stretches * buckets * 4) + padded(size);
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
