/** Tells a user how far a job is: at most 60 times a second, and always one last time. */
import type { Progress } from './options';

const reportMs = 17;

export class ProgressReports {
  readonly #tell: (progress: Progress) => void;
  readonly #failedToTell: (error: unknown) => void;
  readonly #startedAt = performance.now();
  #total: number | null;
  #done = 0;
  #failed = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param failedToTell Hears what the user's function throws, except from the last report. */
  constructor(tell: (progress: Progress) => void, total: number | null, failedToTell: (error: unknown) => void) {
    this.#tell = tell;
    this.#total = total;
    this.#failedToTell = failedToTell;
  }

  /** The length of an iterable has become known. */
  expect(total: number): void {
    this.#total = total;
  }

  /** So many items have ended. */
  set(done: number, failed = this.#failed): void {
    this.#done = done;
    this.#failed = failed;
    this.#report();
  }

  /** One more item has ended. */
  add(ok: boolean): void {
    this.set(this.#done + (ok ? 1 : 0), this.#failed + (ok ? 0 : 1));
  }

  /** All items have ended: now it is known how many they were. */
  complete(): void {
    this.#total = this.#done + this.#failed;
  }

  /** Asks now and then. */
  poll(done: () => number): void {
    this.#timer = setInterval(() => this.set(Math.max(this.#done, done())), reportMs);
    this.#timer.unref();
  }

  /** The last report. @throws what the user's function throws */
  end(ok: boolean): void {
    clearInterval(this.#timer);
    this.#toldAt = Number.POSITIVE_INFINITY;
    if (ok && this.#total !== null) this.#done = this.#total - this.#failed;
    this.#tell(this.#progress(performance.now()));
  }

  #report(): void {
    const now = performance.now();
    if (now - this.#toldAt < reportMs) return;
    this.#toldAt = now;
    try {
      this.#tell(this.#progress(now));
    } catch (error) {
      this.#failedToTell(error);
    }
  }

  #progress(now: number): Progress {
    const elapsedMs = now - this.#startedAt;
    const finished = this.#done + this.#failed;
    const etaMs = this.#total === null || finished === 0 ? null : (elapsedMs / finished) * (this.#total - finished);
    return { done: this.#done, failed: this.#failed, total: this.#total, elapsedMs, etaMs };
  }
}
