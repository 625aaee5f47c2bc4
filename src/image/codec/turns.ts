/** Long work on the JavaScript thread in short turns, so that timers, signals and other requests get theirs. */

const turnMs = 8;

/** Answers a function to await now and then: it lets the event loop run when a turn has lasted long enough. */
export function turns(): () => Promise<void> | undefined {
  let startedAt = performance.now();
  return () => {
    if (performance.now() - startedAt < turnMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        startedAt = performance.now();
        resolve();
      }),
    );
  };
}
