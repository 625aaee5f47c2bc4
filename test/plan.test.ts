/** The planner, by its properties: whatever the request, every unit has its place exactly once. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Chunk, inlineNs, type Plan, type PlanRequest, plan } from '../dist/pool/plan.js';

/** A plan with its sentence, to compare. */
const shown = (asked: PlanRequest) => {
  const { mode, phases, ns, why } = plan(asked);
  return { mode, phases, ns, why: why() };
};

interface Phase {
  readonly units: number;
  readonly grain: number;
  readonly cost: number;
  readonly inOrder?: boolean;
  readonly chained?: boolean;
}

const anyPhase: fc.Arbitrary<Phase> = fc.record({
  units: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 1_000_000 })),
  grain: fc.constantFrom(1, 2, 3, 16, 64, 1000),
  cost: fc.oneof(fc.double({ min: 1e-3, max: 50, noNaN: true }), fc.double({ min: 50, max: 1e6, noNaN: true })),
  inOrder: fc.constantFrom(false, true),
  chained: fc.boolean(),
});
/** Each unit that waits for others is a range: there are hundreds of them at most. */
const phase = anyPhase.map((each) => ({ ...each, chained: each.chained && each.units <= 300 }));

const request: fc.Arbitrary<PlanRequest> = fc.record(
  {
    calls: fc.oneof(
      fc.array(fc.array(phase, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      // Batches of small items.
      fc.array(
        fc.array(
          phase.map((p) => ({ ...p, units: p.units % 50 })),
          { minLength: 1, maxLength: 2 },
        ),
        { maxLength: 300 },
      ),
    ),
    workers: fc.constantFrom(1, 2, 3, 8, 64),
    chunksize: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
  },
  { requiredKeys: ['calls', 'workers'] },
);

const costOf = (calls: readonly (readonly Phase[])[]) =>
  calls.reduce((sum, phases) => sum + phases.reduce((of, { units, cost }) => of + units * cost, 0), 0);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

/** What is wrong with the chunks of one phase over all calls; empty when each unit is covered once. */
function faultsOfSplit(chunks: readonly Chunk[], index: number, calls: PlanRequest['calls']): string[] {
  const faults: string[] = [];
  const reached = calls.map(() => 0);
  for (const { call, callEnd, begin, end } of chunks) {
    const { grain, units, inOrder, chained } = calls[call][index];
    if (inOrder && end - begin !== units) faults.push(`call ${call}: [${begin}, ${end}) of units that go in order`);
    else if (chained && !inOrder && end - begin > grain) faults.push(`call ${call}: [${begin}, ${end}) of units that wait for each other`);
    if (callEnd !== call + 1) faults.push(`a range of the calls ${call} to ${callEnd}`);
    if (begin !== reached[call]) faults.push(`call ${call}: [${begin}, ${end}) after ${reached[call]}`);
    if (begin % grain !== 0) faults.push(`call ${call}: ${begin} is no multiple of the grain ${grain}`);
    if (end <= begin || (end % grain !== 0 && end !== units)) faults.push(`call ${call}: ends at ${end}`);
    reached[call] = end;
  }
  calls.forEach((phases, call) => {
    const units = phases[index]?.units ?? 0;
    if (reached[call] !== units) faults.push(`call ${call}: ${reached[call]} of ${units} units`);
  });
  return faults;
}

function faultsOfItems(chunks: readonly Chunk[], calls: number): string[] {
  const faults: string[] = [];
  let reached = 0;
  for (const { call, callEnd, begin } of [...chunks].sort((a, b) => a.call - b.call)) {
    if (begin >= 0) faults.push('a range of units among whole calls');
    if (call !== reached || callEnd <= call) faults.push(`[${call}, ${callEnd}) after ${reached}`);
    reached = callEnd;
  }
  return reached === calls ? faults : [...faults, `${reached} of ${calls} calls`];
}

function faultsOf({ mode, phases }: Plan, calls: PlanRequest['calls']): string[] {
  if (mode === 'inline') return phases.length === 0 ? [] : ['inline, and yet there are chunks'];
  if (mode === 'items') return phases.length === 1 ? faultsOfItems(phases[0], calls.length) : ['items go in one phase'];
  return phases.flatMap((chunks, index) => faultsOfSplit(chunks, index, calls));
}

describe('whatever the request', () => {
  test('every unit of every phase, or every call, is covered exactly once, from grain to grain', () => {
    const check = fc.property(request, (asked) => {
      expect(faultsOf(plan(asked), asked.calls)).toEqual([]);
    });
    fc.assert(check, { numRuns: 1000 });
  });

  test('the plan depends on the request alone, and leaves it as it was', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const before = structuredClone(asked);
        const first = shown(deepFreeze(asked));
        expect(shown(before)).toEqual(first);
        expect(asked).toEqual(before);
      }),
    );
  });

  test('work stays on the calling thread exactly when it is small and no chunksize was asked for', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const { mode } = plan(asked);
        const small = costOf(asked.calls) <= inlineNs && asked.chunksize === undefined;
        expect(mode === 'inline').toBe(small || asked.calls.length === 0 || costOf(asked.calls) === 0);
      }),
    );
  });

  test('there are enough chunks for all workers where the grain allows, and never a flood of them', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const { mode, phases } = plan(asked);
        if (mode === 'inline' || asked.chunksize !== undefined) return;
        const pieces = asked.calls.reduce((sum, call) => sum + call.length, 0);
        for (const chunks of phases) expect(chunks.length).toBeLessThanOrEqual(1024 * asked.workers + pieces);
        if (mode === 'items') expect(phases[0].length).toBeGreaterThanOrEqual(asked.workers);
      }),
    );
  });

  test('explain() gets one line that says where, how much and why', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const { mode, phases, why: sentence } = plan(asked);
        const why = sentence();
        const chunks = phases.reduce((sum, each) => sum + each.length, 0);
        expect(why).not.toMatch(/[\n]|NaN|Infinity|undefined/);
        if (mode === 'inline') expect(why).toMatch(/^on the calling thread: ./);
        else expect(why).toMatch(new RegExp(`(on|over) ${asked.workers} threads?, ${chunks} chunks?: .`));
      }),
    );
  });
});

describe('the modes', () => {
  const big: readonly Phase[] = [{ units: 1e7, grain: 64, cost: 0.5 }];
  const item: readonly Phase[] = [{ units: 1000, grain: 1, cost: 100 }];

  test('one large call is split', () => {
    const { mode, phases, why } = shown({ calls: [big], workers: 4 });
    expect(mode).toBe('split');
    expect(phases[0].length).toBeGreaterThanOrEqual(32);
    expect(why).toBe(`split over 4 threads, ${phases[0].length} chunks: one call of about 5 ms`);
  });

  test('many alike calls go whole', () => {
    const { mode, phases, why } = shown({ calls: Array.from({ length: 100 }, () => item), workers: 2 });
    expect(mode).toBe('items');
    expect(why).toBe(`by items on 2 threads, ${phases[0].length} chunks: 100 items keep 2 threads busy whole`);
  });

  test('of items that differ, the longest begin first', () => {
    const lengths = [200, 100, 150, 600, 150, 400];
    const calls = lengths.map((units) => [{ units, grain: 1, cost: 1000 }]);
    const { mode, phases } = plan({ calls, workers: 2 });
    expect(mode).toBe('items');
    expect(phases[0].map(({ call }) => lengths[call])).toEqual([600, 400, 200, 150, 150, 100]);
  });

  test('fewer calls than workers, or one much longer than the rest, are split', () => {
    expect(plan({ calls: [big, big], workers: 4 }).mode).toBe('split');
    expect(plan({ calls: [big, item, item, item], workers: 2 }).mode).toBe('split');
  });

  test('small work is inline', () => {
    expect(shown({ calls: [[{ units: 1000, grain: 64, cost: 0.5 }]], workers: 8 })).toEqual({
      mode: 'inline',
      phases: [],
      ns: 500,
      why: 'on the calling thread: about 0.5 µs of work, less than handing it over pays for',
    });
    expect(plan({ calls: [], workers: 8 }).mode).toBe('inline');
  });

  test('a chunksize is taken at its word', () => {
    const { mode, phases } = plan({ calls: Array.from({ length: 10 }, () => item), workers: 2, chunksize: 4 });
    expect(mode).toBe('items');
    expect(phases[0].map(({ call, callEnd }) => [call, callEnd])).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
  });

  test('of an array whose elements are the items, a chunksize counts elements, as nearly as the grain allows', () => {
    const { mode, phases } = plan({ calls: [[{ units: 1000, grain: 64, cost: 1 }]], workers: 2, chunksize: 300, elements: true });
    expect(mode).toBe('split');
    expect(phases[0].map(({ begin, end }) => [begin, end])).toEqual([
      [0, 256],
      [256, 512],
      [512, 768],
      [768, 1000],
    ]);
  });

  test('one item of a batch is split as if no chunksize had been asked for', () => {
    expect(plan({ calls: [big], workers: 2, chunksize: 1 }).phases).toEqual(plan({ calls: [big], workers: 2 }).phases);
  });
});
