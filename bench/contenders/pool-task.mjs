/** The task of everycore's pools, in a module that its workers import. */
import { task } from 'everycore';

/** A negative number ends the worker. */
export const increment = task(import.meta.url, (x) => (x < 0 ? process.exit(1) : x + 1));

/** Collects garbage, and takes so long that every worker gets one of these. */
export const collect = task(import.meta.url, function collect() {
  globalThis.gc();
  const until = performance.now() + 20;
  while (performance.now() < until);
});
