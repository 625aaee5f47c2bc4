/**
 * The worker's loop: takes records in the order in which they came, calls functions with items, and
 * sends results back - many small ones together, those of long work at once.
 */
import { performance } from 'node:perf_hooks';
// From its own file: a worker starts without what only those who send functions need.
import { receiveFunction } from '../functions/receive';
import type { ShippedFunction } from '../functions/types';
import { type AnyFunction, type Chunk, ChunkRun, type Results } from './chunk-run';
import { Decoder } from './decoder';
import { Encoder } from './encoder';
import type { Progress } from './progress';
import { ChunkFlags, ToPool, ToWorker, type WorkerSetup } from './protocol';
import type { Encoded } from './value-tags';

/** Results wait for more of them at most this long, if the worker doesn't run out of work before. */
const flushMs = 1;

export interface RunnerHost {
  readonly where: 'process' | 'thread';
  readonly progress: Progress;
  send(message: Encoded): void;
  /** Called when the setup has come, before any user code runs. */
  named(setup: WorkerSetup): void;
  /** Ends the worker: nothing more comes. */
  end(failed: boolean): void;
  /** True while user code is being loaded. */
  loading(on: boolean): void;
}

export class Runner implements Results {
  readonly #host: RunnerHost;
  readonly #out: Encoder;
  readonly #todo: (() => void | Promise<void>)[] = [];
  readonly #functions = new Map<number, Promise<AnyFunction>>();
  readonly #loaded = new Map<number, AnyFunction>();
  readonly #listeners = new Map<string, (value: unknown) => void>();
  #finalizer: AnyFunction | undefined;
  /** The name of a Process: its error is printed. */
  #solo: string | undefined;
  #failed = false;
  #busy = false;
  #flushedAt = 0;
  #flushSoon: NodeJS.Immediate | undefined;
  /** Bytes of the next message that the pool can see. */
  #shown = 0;
  /** A run that waits, with results that it has not handed over. */
  #waiting: { handOver(): void } | undefined;

  constructor(host: RunnerHost) {
    this.#host = host;
    this.#out = new Encoder(host.where);
  }

  /** Messages of other parts of the library to the pool's side. */
  message(name: string, value: unknown): void {
    this.#out.byte(ToPool.message);
    this.#out.text(name);
    this.#out.root(value, name);
    this.#flushLater();
  }

  onMessage(name: string, listener: (value: unknown) => void): void {
    this.#listeners.set(name, listener);
  }

  receive(message: Encoded): void {
    const from = new Decoder(message);
    while (!from.atEnd) this.#record(from);
    if (!this.#busy) void this.#run();
  }

  #record(from: Decoder): void {
    switch (from.byte() as ToWorker) {
      case ToWorker.setup: {
        const setup = from.root() as WorkerSetup;
        this.#todo.push(() => this.#setUp(setup));
        return;
      }
      case ToWorker.fn: {
        const number = from.count();
        const shipped = from.root() as ShippedFunction;
        this.#todo.push(() => this.#load(number, shipped));
        return;
      }
      case ToWorker.forget: {
        const number = from.count();
        this.#todo.push(() => {
          this.#functions.delete(number);
          this.#loaded.delete(number);
        });
        return;
      }
      case ToWorker.chunk: {
        const chunk: Chunk = { start: from.count(), fn: from.count(), flags: from.byte(), items: from.items() };
        this.#todo.push(() => this.#chunk(chunk));
        return;
      }
      case ToWorker.end:
        this.#todo.push(() => this.#end());
        return;
      case ToWorker.message: {
        const name = from.text();
        this.#listeners.get(name)?.(from.root());
      }
    }
  }

  async #run(): Promise<void> {
    this.#busy = true;
    this.#flushedAt = performance.now();
    while (this.#todo.length > 0) {
      const batch = this.#todo.splice(0);
      for (const step of batch) {
        const waiting = step();
        if (waiting !== undefined) await waiting;
      }
    }
    this.#busy = false;
    this.#flush();
  }

  async #setUp(setup: WorkerSetup): Promise<void> {
    const { name, solo, initializer, initArgs, finalizer } = setup;
    this.#host.named(setup);
    if (solo) this.#solo = name;
    try {
      if (finalizer) this.#finalizer = await this.#receive(finalizer);
      if (initializer) await (await this.#receive(initializer))(...(initArgs ?? []));
      this.#out.byte(ToPool.ready);
    } catch (error) {
      this.#out.byte(ToPool.initFailed);
      this.#error(error);
    }
    this.#flush();
  }

  async #receive(shipped: ShippedFunction): Promise<AnyFunction> {
    this.#host.loading(true);
    try {
      return (await receiveFunction(shipped)) as AnyFunction;
    } finally {
      this.#host.loading(false);
    }
  }

  #load(number: number, shipped: ShippedFunction): void {
    const loading = this.#receive(shipped);
    loading.then(
      (fn) => this.#functions.has(number) && this.#loaded.set(number, fn),
      () => undefined,
    );
    this.#functions.set(number, loading);
  }

  #chunk(chunk: Chunk): void | Promise<void> {
    const fn = this.#loaded.get(chunk.fn);
    if (fn !== undefined) return this.#runChunk(chunk, fn);
    return (this.#functions.get(chunk.fn) as Promise<AnyFunction>).then(
      (loaded) => this.#runChunk(chunk, loaded),
      (error) =>
        this.#runChunk(chunk, () => {
          throw error;
        }),
    );
  }

  #runChunk(chunk: Chunk, fn: AnyFunction): void | Promise<void> {
    this.show();
    const timed = (chunk.flags & ChunkFlags.timed) !== 0;
    if (this.#host.progress.begin(chunk.start, timed)) return new ChunkRun(this, chunk, fn).run();
    this.#skip(chunk);
    return undefined;
  }

  #skip({ start }: Chunk): void {
    this.#out.byte(ToPool.skipped);
    this.#out.count(start);
  }

  async #end(): Promise<void> {
    try {
      await this.#finalizer?.();
    } catch (error) {
      console.error(error);
    }
    this.#flush();
    this.#host.end(this.#failed);
  }

  /** @internal */
  start(number: number, timed: boolean): void {
    this.#host.progress.start(number, timed);
  }

  /** @internal Sends what is there, if that has waited long enough. */
  flushIfDue(now: number, after = flushMs): void {
    if (now - this.#flushedAt > after) this.#flush();
  }

  /** @internal Something may wait for a long time now: what is there goes out when the event loop turns. */
  flushSoon(run: { handOver(): void }): void {
    this.#waiting = run;
    this.#flushLater();
  }

  /** @internal What was written can be seen from now on, however long this thread is busy; it is sent with what comes next. */
  show(): void {
    const out = this.#out;
    const { length } = out;
    if (length === this.#shown) return;
    if (out.whole && this.#host.progress.show(out.buffer, this.#shown, length)) this.#shown = length;
    else this.#flush();
  }

  /** @internal */
  results(start: number, values: ArrayLike<unknown>, from: number, to: number): unknown {
    // Nobody asks what a Process returns.
    if (this.#solo !== undefined) return undefined;
    const out = this.#out;
    return out.attempt(() => {
      out.byte(ToPool.results);
      out.count(start);
      if (from === 0 && to === values.length && values instanceof Float64Array) out.packedNumbers(values);
      else out.items(values, from, to, () => 'the result');
    });
  }

  /** @internal */
  failed(start: number, error: unknown): void {
    if (this.#solo !== undefined) {
      this.#failed = true;
      console.error(`Process ${this.#solo}:`, error);
    }
    this.#out.byte(ToPool.failed);
    this.#out.count(start);
    this.#error(error);
  }

  /** @internal */
  done(start: number, ms: number): void {
    this.#out.byte(ToPool.done);
    this.#out.count(start);
    this.#out.double(ms);
  }

  #error(error: unknown): void {
    try {
      this.#out.root(error, 'what the function threw');
    } catch (refused) {
      this.#out.root(refused, 'the error');
    }
  }

  #flushLater(): void {
    this.#flushSoon ??= setImmediate(() => {
      this.#flush();
      this.#waiting?.handOver();
      this.#waiting = undefined;
    });
  }

  #flush(): void {
    if (this.#flushSoon) clearImmediate(this.#flushSoon);
    this.#flushSoon = undefined;
    this.#flushedAt = performance.now();
    if (this.#out.empty) return;
    this.#host.send(this.#out.take());
    // In this order: what is neither sent nor shown would be lost with the worker.
    this.#host.progress.sent();
    this.#shown = 0;
  }
}
