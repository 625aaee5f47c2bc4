/** Kernels of order: sort, argsort, unique and topk(k), all in the order of TypedArray.sort: −0 before +0, NaN last. */
import { rangeError, typeError } from '../errors';
import type { Call, TypedArray } from './call';
import { constructorOf, type Dtype, dtypes, overlap, sameMemory } from './dtype';
import { checkOptions, type Kernel, kernel, register } from './kernel';
import { allocate } from './memory';
import { resultView, toList } from './operands';
import { sortedIndices } from './radix';
import { arrayCall, type IndicesOf, type ScanKernel, type ValuesOf, type Vector, type VectorInput, type VectorSignature, vector } from './scan';
import type { Signed } from './signature';
import { sortingCall } from './sorting';

/** A kernel that answers indices. */
export interface IndexKernel extends Signed<VectorSignature<'indices'>> {
  <X extends VectorInput>(x: X): IndicesOf<X>;
  readonly kernelName: string;
  readonly family: 'order';
}

/** A kernel that answers some of the elements, in order. */
export interface SelectKernel extends Signed<VectorSignature<'values'>> {
  <X extends VectorInput>(x: X): ValuesOf<X>;
  readonly kernelName: string;
  readonly family: 'order';
}

/** A kernel that answers the largest elements and where they stand. */
export interface TopkKernel extends Signed<VectorSignature<'both'>> {
  <X extends VectorInput>(x: X): { values: ValuesOf<X>; indices: IndicesOf<X> };
  readonly kernelName: string;
  readonly family: 'order';
}

interface Rule {
  readonly name: string;
  readonly summary: string;
  readonly dtypes: readonly Dtype[];
}

/** A kernel of one vector that takes no options. Its TypeScript form is all there is where C++ has none. */
export function vectorKernel<K>(rule: Rule, callOf: (x: Vector, out: unknown) => Call): K {
  const call = (args: readonly unknown[], out: unknown): Call => {
    checkOptions(rule.name, args[1], []);
    const x = vector(args[0], `the argument of ${rule.name}`);
    if (!rule.dtypes.includes(x.dtype)) {
      throw typeError(`${rule.name} takes ${rule.dtypes.map((dtype) => constructorOf(dtype).name).join(', ')}`, x.view.data);
    }
    return callOf(x, out);
  };
  return kernel<Kernel>({ ...rule, entry: 'math', family: 'order', elementwise: false, call }, 1) as unknown as K;
}

export function listed(rule: Rule): Rule {
  register({ ...rule, entry: 'math', family: 'order' });
  return rule;
}

const dressed = (x: Vector, data: TypedArray): TypedArray | number[] => (x.kind === 'list' ? toList(data) : data);

/** The elements in ascending order, as TypedArray.sort: −0 before +0, NaN last. `out` may be the input: sorted in place. */
export const sort = vectorKernel<ScanKernel<'order'>>(
  listed({ name: 'sort', dtypes, summary: 'the elements in ascending order; NaN last' }),
  (x, out) => {
    const result = resultView('sort', x, x.dtype, x.view.shape, out);
    const input = x.view.data;
    if (overlap(input, result.data) && !sameMemory(input, result.data)) {
      throw rangeError('out of sort must be the input itself or lie apart from it, got one that overlaps it partly');
    }
    const { finish } = arrayCall('sort', x, result, out);
    return sortingCall({ kernel: 'sort', x: x.view, out: result.data, reference: () => sortInto(input, result.data), finish });
  },
);

function sortInto(input: TypedArray, out: TypedArray): void {
  if (out !== input) out.set(input as never);
  out.sort();
}

/** The indices that sort the elements; equal ones keep their order. */
export const argsort = vectorKernel<IndexKernel>(
  listed({ name: 'argsort', dtypes, summary: 'the indices that sort the elements; equal ones keep their order' }),
  (x, out) => {
    if (out !== undefined) throw typeError('argsort takes no out');
    const indices = allocate(Uint32Array, x.view.data.length);
    return sortingCall({
      kernel: 'argsort',
      x: x.view,
      out: indices,
      reference: () => indices.set(sortedIndices(x.view.data)),
      finish: () => dressed(x, indices),
    });
  },
);

/** The different elements in ascending order. NaN counts as one element; so do −0 and +0, whichever sorts first. */
export const unique = vectorKernel<SelectKernel>(
  listed({ name: 'unique', dtypes, summary: 'the different elements in ascending order' }),
  (x, out) => {
    if (out !== undefined) throw typeError('unique takes no out');
    const sorted = allocate(constructorOf(x.dtype), x.view.data.length);
    return sortingCall({
      kernel: 'sort',
      x: x.view,
      out: sorted,
      reference: () => sortInto(x.view.data, sorted),
      finish: () => dressed(x, distinct(sorted)),
    });
  },
);

/** The first of each run of equal elements. NaN is last and equals no element; only the first is kept. */
function distinct(sorted: TypedArray): TypedArray {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i];
    const again = count > 0 && (value === sorted[count - 1] || (Number.isNaN(value) && Number.isNaN(sorted[count - 1])));
    if (!again) sorted[count++] = value as never;
  }
  return sorted.slice(0, count);
}

const topkRule = listed({ name: 'topk', dtypes, summary: 'topk(k): the k largest elements and their indices, ties by lower index' });

/**
 * The k largest elements, largest first, and their indices; equal elements by lower index. The order is that of sort
 * from behind: NaN before all numbers, +0 before −0.
 * @throws RangeError when k is no whole number ≥ 1, and from the kernel when there are fewer than k elements.
 */
export function topk(k: number): TopkKernel {
  if (typeof k !== 'number') throw typeError('k of topk must be a number', k);
  if (!Number.isSafeInteger(k) || k < 1) throw rangeError(`k of topk must be a whole number ≥ 1, got ${k}`);
  return vectorKernel<TopkKernel>(topkRule, (x, out) => {
    const { data } = x.view;
    if (data.length < k) throw rangeError(`topk(${k}) takes at least ${k} elements, got ${data.length}`);
    if (out !== undefined) throw typeError('topk takes no out');
    const indices = allocate(Uint32Array, k);
    return sortingCall({
      kernel: 'argsort',
      x: x.view,
      out: indices,
      ranks: [[0, k]],
      descending: true,
      reference: () => indices.set(largest(data, k)),
      finish: () => {
        const values = allocate(constructorOf(x.dtype), k);
        for (let i = 0; i < k; i++) values[i] = data[indices[i]] as never;
        return { values: dressed(x, values), indices: dressed(x, indices) };
      },
    });
  });
}

type Element = number | bigint;

/** Whether a sorts before b: below 0, the same: 0, behind: above 0. */
function compare(a: Element, b: Element): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === 0 && b === 0) return Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** The best k seen so far lie in a heap whose root is the worst of them: Williams, "Algorithm 232" (1964). */
function largest(data: TypedArray, k: number): Uint32Array {
  const heap = Uint32Array.from({ length: k }, (_, i) => i);
  const worse = (i: number, j: number): boolean => {
    const order = compare(data[i], data[j]);
    return order < 0 || (order === 0 && i > j);
  };
  const sink = (from: number): void => {
    for (let at = from; ; ) {
      let child = 2 * at + 1;
      if (child >= k) return;
      if (child + 1 < k && worse(heap[child + 1], heap[child])) child++;
      if (!worse(heap[child], heap[at])) return;
      [heap[at], heap[child]] = [heap[child], heap[at]];
      at = child;
    }
  };
  for (let at = k >> 1; at >= 0; at--) sink(at);
  for (let i = k; i < data.length; i++) {
    // The plain comparison first: most elements are below the root.
    if (data[i] < data[heap[0]] || !worse(heap[0], i)) continue;
    heap[0] = i;
    sink(0);
  }
  return heap.sort((i, j) => (worse(i, j) ? 1 : -1));
}
