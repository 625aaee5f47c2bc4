/**
 * How everything here is measured: contenders take turns within one run, so that what else the machine
 * does hits all alike; a figure is the median over the rounds, a ratio is between medians of one run.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** A contender in this process: `run` is one call, which may answer a promise. */
export function here(run) {
  return {
    async measure(times) {
      await new Promise(setImmediate); // garbage of the one before comes back, as in a program that waits at times
      const began = performance.now();
      for (let i = 0; i < times; i++) {
        const answer = run();
        if (typeof answer?.then === 'function') await answer;
      }
      return (performance.now() - began) / times;
    },
  };
}

/** A peer in this process, whose garbage V8 would otherwise mark while another contender runs. */
export function guest(run) {
  const { measure } = here(run);
  return { measure: (times) => measure(times).finally(collect) };
}

/**
 * Milliseconds a call of each contender.
 * @param contenders Name → contender (`here`, or one of bench/peers).
 * @param seconds About how long the whole comparison may take.
 * @param patience Milliseconds; who takes longer even when warm is measured once, and not warmed up where that
 * would take ten times as long.
 * @returns Name → { median, best, rounds, samples }: the samples in the order of the rounds
 */
export async function compare(contenders, { seconds = 2, roundsMin = 5, roundsMax = 40, sliceMs = 4, patience = Number.POSITIVE_INFINITY } = {}) {
  const names = [];
  const times = {};
  const samples = {};
  for (const [name, contender] of Object.entries(contenders)) {
    const first = await contender.measure(1); // caches, compilers and pages wake up
    const once = first > 10 * patience ? first : await contender.measure(1);
    if (once > patience) {
      samples[name] = [once];
      continue;
    }
    names.push(name);
    const calls = (each) => Math.max(1, Math.ceil(sliceMs / Math.max(each, 1e-4)));
    // Short calls are looked at twice: compilers learn from the first look.
    times[name] = once < sliceMs ? calls(await contender.measure(calls(once))) : 1;
    samples[name] = [];
  }
  const until = performance.now() + seconds * 1000;
  for (let round = 0; round < roundsMax && (round < roundsMin || performance.now() < until); round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      samples[name].push(await contenders[name].measure(times[name]));
    }
  }
  return Object.fromEntries(
    Object.keys(contenders).map((name) => {
      const sorted = samples[name].toSorted((a, b) => a - b);
      return [name, { median: sorted[sorted.length >> 1], best: sorted[0], rounds: sorted.length, samples: samples[name] }];
    }),
  );
}

/** Milliseconds in a unit that reads well. */
export function duration(ms) {
  if (ms === undefined) return '–';
  if (ms === Infinity) return 'never';
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 1) return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : 2)} ms`;
  if (ms >= 1e-3) return `${(ms * 1e3).toFixed(ms >= 0.1 ? 0 : ms >= 0.01 ? 1 : 2)} µs`;
  return `${(ms * 1e6).toFixed(0)} ns`;
}

/** A markdown table. The first column is text, the others are numbers. */
export function table(head, rows) {
  const align = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
