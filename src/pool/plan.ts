/**
 * The planner: a pure function from what calls cost to who runs which chunks. It decides whether work
 * stays on the calling thread, splits calls into ranges, or hands out whole calls.
 */
import type { Phase } from '../kernels/call';

/** A range of one call's phase, or (begin < 0) the whole calls [call, callEnd). */
export interface Chunk {
  readonly call: number;
  readonly callEnd: number;
  readonly begin: number;
  readonly end: number;
}

export interface Plan {
  /** 'inline': the calling thread. 'split': ranges of calls. 'items': whole calls. */
  readonly mode: 'inline' | 'split' | 'items';
  /** Chunks of each phase; empty for inline. */
  readonly phases: readonly (readonly Chunk[])[];
  /** Nanoseconds that all of it takes on one thread, roughly. */
  readonly ns: number;
  /** One sentence for `explain()`; made only when somebody asks. */
  readonly why: () => string;
}

/**
 * Waking two sleepers, one to compute and one to be told of the end, takes 120 to 160 microseconds on a virtual
 * machine, and the second thread's caches are empty: two threads were measured to win from 300 microseconds of
 * computing on, and from 450 of moving memory. A calling thread that works along saved no more than 50.
 */
export const inlineNs = 400_000;

/** Chunks a worker: enough that a busy core or an uneven item doesn't leave the others waiting. */
const chunksPerWorker = 32;

/** A chunk shorter than this would pay more for being claimed than it evens out. */
const chunkNsMin = 20_000;

/** A chunk longer than this would make the others wait for a late worker at the end. */
const chunkNsMax = 1_000_000;

/** More chunks than this are only more to plan: the last one is a thousandth of a worker's part. */
const chunksPerWorkerMax = 1000;

export interface PlanRequest {
  /** The phases of each call. */
  readonly calls: readonly (readonly Phase[])[];
  readonly workers: number;
  /** Items a chunk, as the user wishes: then the work is handed out, however small it is. */
  readonly chunksize?: number;
  /** True when the items are the units of the one call there is. */
  readonly elements?: boolean;
}

export function plan({ calls, workers, chunksize, elements = false }: PlanRequest): Plan {
  const costs = calls.map(costOf);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  if (total === 0) return inline(0, () => 'there is nothing to do');
  if (total <= inlineNs && chunksize === undefined) {
    return inline(total, () => `about ${micros(total)} of work, less than handing it over pays for`);
  }
  const asAsked = () => `chunks of ${chunksize} as asked`;
  if (chunksize !== undefined && elements) return splitCalls(calls, total, workers, (phase) => chunksize * phase.cost, asAsked);
  if (chunksize !== undefined && calls.length > 1) return byItems(calls.length, total, chunksize, workers, asAsked);
  // Whole items keep one item's data in one core's caches; but fewer items than workers, or one item
  // much longer than the rest, would leave cores without work.
  const longest = costs.reduce((max, cost) => Math.max(max, cost), 0);
  if (calls.length >= workers && longest * workers <= total * 1.5) {
    return byItems(
      calls.length,
      total,
      itemsPerChunk(total, calls.length, workers),
      workers,
      () => `${calls.length} items keep ${threads(workers)} busy whole`,
      costs,
    );
  }
  const fair = Math.min(chunkNsMax, Math.max(chunkNsMin, total / (workers * chunksPerWorker)));
  const target = Math.max(fair, total / (workers * chunksPerWorkerMax));
  const what = calls.length === 1 ? 'one call' : `${calls.length} calls`;
  return splitCalls(
    calls,
    total,
    workers,
    () => target,
    () => `${what} of about ${micros(total / calls.length)}`,
  );
}

function costOf(phases: readonly Phase[]): number {
  return phases.reduce((sum, phase) => sum + phase.units * phase.cost, 0);
}

export function inline(ns: number, why: () => string): Plan {
  return { mode: 'inline', phases: [], ns, why: () => `on the calling thread: ${why()}` };
}

function itemsPerChunk(total: number, items: number, workers: number): number {
  const perItem = total / items;
  const fair = Math.ceil(items / (workers * chunksPerWorker));
  const shortest = Math.ceil(chunkNsMin / perItem);
  const longest = Math.max(1, Math.floor(chunkNsMax / perItem));
  return Math.max(1, Math.min(Math.max(fair, shortest), Math.max(longest, 1), Math.ceil(items / workers)));
}

/** Whole items, `chunksize` of them a chunk; where their costs are given and differ, the longest chunks begin first. */
function byItems(calls: number, ns: number, chunksize: number, workers: number, why: () => string, costs?: readonly number[]): Plan {
  const chunks: Chunk[] = [];
  for (let call = 0; call < calls; call += chunksize) {
    chunks.push({ call, callEnd: Math.min(call + chunksize, calls), begin: -1, end: -1 });
  }
  if (costs?.some((cost) => cost !== costs[0])) longestFirst(chunks, costs);
  return { mode: 'items', phases: [chunks], ns, why: () => `by items on ${threads(workers)}, ${count(chunks.length)}: ${why()}` };
}

/** A long item begun last would leave the others waiting for it (Graham 1969, longest processing time). */
function longestFirst(chunks: Chunk[], costs: readonly number[]): void {
  const lengths = new Map(chunks.map((chunk) => [chunk, costs.slice(chunk.call, chunk.callEnd).reduce((sum, cost) => sum + cost, 0)]));
  chunks.sort((a, b) => (lengths.get(b) as number) - (lengths.get(a) as number));
}

/** Every call is split into chunks of `target` nanoseconds; phase after phase, the calls side by side. */
function splitCalls(calls: readonly (readonly Phase[])[], ns: number, workers: number, target: (phase: Phase) => number, why: () => string): Plan {
  const depth = calls.reduce((max, phases) => Math.max(max, phases.length), 0);
  const planned: Chunk[][] = [];
  for (let index = 0; index < depth; index++) {
    const chunks: Chunk[] = [];
    calls.forEach((phases, call) => {
      const phase = phases[index];
      if (phase !== undefined) cutPhase(phase, call, target(phase), chunks);
    });
    planned.push(chunks);
  }
  const chunkTotal = planned.reduce((sum, chunks) => sum + chunks.length, 0);
  return { mode: 'split', phases: planned, ns, why: () => `split over ${threads(workers)}, ${count(chunkTotal)}: ${why()}` };
}

/** Appends the ranges of one phase: multiples of the grain, about `target` nanoseconds each, evenly long. */
function cutPhase({ units, grain, cost, inOrder, chained }: Phase, call: number, target: number, chunks: Chunk[]): void {
  if (units <= 0) return;
  const grains = Math.ceil(units / grain);
  const wanted = inOrder ? 1 : chained ? grains : Math.min(grains, Math.max(1, Math.ceil((units * cost) / target)));
  for (let i = 0; i < wanted; i++) {
    const begin = Math.floor((grains * i) / wanted) * grain;
    const end = Math.min(units, Math.floor((grains * (i + 1)) / wanted) * grain);
    if (end > begin) chunks.push({ call, callEnd: call + 1, begin, end });
  }
}

function count(chunks: number): string {
  return chunks === 1 ? '1 chunk' : `${chunks} chunks`;
}

function threads(workers: number): string {
  return workers === 1 ? '1 thread' : `${workers} threads`;
}

function micros(ns: number): string {
  return ns < 1e6 ? `${Math.round(ns / 100) / 10} µs` : `${Math.round(ns / 1e4) / 100} ms`;
}
