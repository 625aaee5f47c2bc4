/** Process: one function in a child process of its own, as Python's multiprocessing.Process. */
import { BootstrapError, rangeError, StateError, typeError } from '../errors';
import type { RunningWorker, WorkerExit } from '../executors/worker';
import { workerFile } from '../executors/worker-file';
import { isLoading } from '../worker/context';
import { Decoder } from '../worker/decoder';
import { Encoder } from '../worker/encoder';
import { ChunkFlags, ToPool, ToWorker, type WorkerSetup } from '../worker/protocol';
import type { Encoded } from '../worker/value-tags';
import { childIdentity, currentProcess } from './current';
import { runnerOf } from './subclass';

/** Looked up when the first process starts: most programs start none. */
const starting = () => require('../executors/process') as typeof import('../executors/process');
const shipping = () => require('../functions') as typeof import('../functions');

export interface ProcessOptions<A extends readonly unknown[] = readonly never[]> {
  /** What the process runs: a task or a function with its variables. */
  target?: (...args: A) => unknown;
  args?: A;
  /** Default `Process-1`, `Process-2`, …; in a child `Process-1:1`. */
  name?: string;
  /** True: it doesn't keep the program alive, and ends with it. */
  daemon?: boolean;
  env?: Record<string, string | undefined>;
  execArgv?: readonly string[];
}

export interface ExitInfo {
  /** Negative: ended by the signal of that number. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
}

const optionNames = ['target', 'args', 'name', 'daemon', 'env', 'execArgv'];
const alive = new Set<Process<never>>();

/** The children of this process that run. */
export function activeChildren(): Process<never>[] {
  return [...alive];
}

export class Process<A extends readonly unknown[] = readonly never[]> {
  name: string;
  readonly daemon: boolean;
  readonly #options: ProcessOptions<A>;
  readonly #identity: string;
  #worker: RunningWorker | undefined;
  #exit: ExitInfo | undefined;
  #error: unknown;
  #closed = false;
  #ended!: (exit: ExitInfo) => void;
  readonly #sentinel = new Promise<ExitInfo>((resolve) => {
    this.#ended = resolve;
  });

  /** @param identity internal: of an instance that is made again in its child */
  constructor(options: ProcessOptions<A> = {}, identity: string = childIdentity()) {
    if (typeof options !== 'object' || options === null) throw typeError('Process takes an options object: { target, args, name, … }', options);
    for (const key of Object.keys(options)) {
      if (!optionNames.includes(key)) throw typeError(`options of Process are ${optionNames.join(', ')}, got ${JSON.stringify(key)}`);
    }
    const { target, args, name } = options;
    if (target !== undefined && typeof target !== 'function') throw typeError('target must be a function', target);
    if (args !== undefined && !Array.isArray(args)) throw typeError('args must be an array', args);
    if (name !== undefined && typeof name !== 'string') throw typeError('name must be a string', name);
    this.#options = options;
    this.#identity = identity;
    this.name = name ?? `Process-${identity}`;
    this.daemon = options.daemon ?? false;
  }

  /** What the process runs. A subclass may have its own; it runs in the child. */
  run(): unknown {
    const { target, args } = this.#options;
    return target?.(...((args ?? []) as unknown as A));
  }

  /** Null before the start. */
  get pid(): number | null {
    return this.#worker?.pid ?? null;
  }

  /** Null while it runs; negative when a signal ended it. */
  get exitCode(): number | null {
    return this.#exit?.exitCode ?? null;
  }

  get signal(): NodeJS.Signals | null {
    return this.#exit?.signal ?? null;
  }

  /** What the target threw. */
  get error(): unknown {
    return this.#error;
  }

  /** Settles when the process ends. @throws StateError before the start */
  get sentinel(): Promise<ExitInfo> {
    this.#started('sentinel');
    return this.#sentinel;
  }

  /**
   * Starts the process.
   * @throws FunctionNotShippableError and SerializationError at once, before anything is started; StateError the second time;
   * BootstrapError in a bundle, and while a worker imports a module
   */
  start(): Promise<this> {
    if (this.#closed) throw new StateError('the process object is closed');
    if (this.#worker !== undefined) throw new StateError(`process ${this.name} was started already`);
    if (isLoading()) throw new BootstrapError('a module starts a process while a worker imports it: start it only where parentProcess() is null');
    workerFile();
    const { env, execArgv } = this.#options;
    const message = this.#firstMessage();
    const worker = starting().startProcess(
      { name: this.name, env, execArgv, interruptible: true },
      { message: (answer) => this.#receive(answer), exit: (exit) => this.#exited(exit) },
    );
    this.#worker = worker;
    alive.add(this as unknown as Process<never>);
    if (this.daemon) worker.hold(false);
    worker.send(message);
    return Promise.resolve(this);
  }

  #firstMessage(): Encoded {
    const { target, args = [] } = this.#options;
    const { name, daemon } = this;
    const identity = this.#identity;
    const own = this.run !== Process.prototype.run;
    const fn = own ? runnerOf(this, Process, [{ target, args, name, daemon }, identity]) : (target ?? (() => undefined));
    const out = new Encoder('process');
    const setup: WorkerSetup = { name, daemon, identity, parent: { name: currentProcess().name, pid: process.pid }, solo: true };
    out.byte(ToWorker.setup);
    out.root(setup, 'the options');
    out.byte(ToWorker.fn);
    out.count(1);
    out.root(shipping().shipFunction(fn, 'process'), 'the variables of the target');
    out.byte(ToWorker.chunk);
    out.count(0);
    out.count(1);
    out.byte(ChunkFlags.star);
    out.items([own ? [] : args], 0, 1, () => 'args');
    out.byte(ToWorker.end);
    return out.take();
  }

  #receive(message: Encoded): void {
    const from = new Decoder(message);
    while (!from.atEnd) {
      const kind = from.byte() as ToPool;
      if (kind === ToPool.ready) continue;
      if (kind === ToPool.message) {
        from.text();
        from.root();
        continue;
      }
      from.count();
      if (kind === ToPool.results) from.items();
      else if (kind === ToPool.failed) this.#error = from.root();
      else from.double();
    }
  }

  #exited({ exitCode, signal, cause }: WorkerExit): void {
    alive.delete(this as unknown as Process<never>);
    this.#error ??= cause;
    this.#exit = { exitCode: signal === null ? (exitCode ?? 1) : -signalNumber(signal), signal };
    this.#ended(this.#exit);
  }

  /** Waits for its end, or until time is up, as Python's: it never rejects for that. */
  async join(options: { timeout?: number } = {}): Promise<void> {
    this.#started('join');
    if (typeof options !== 'object' || options === null) throw typeError('join takes { timeout } in milliseconds', options);
    const { timeout } = options;
    if (timeout === undefined || timeout === Infinity) {
      // A daemon keeps no program alive, waiting for it does.
      if (this.isAlive()) this.#worker?.hold(true);
      await this.#sentinel;
      return;
    }
    if (typeof timeout !== 'number' || Number.isNaN(timeout)) throw typeError('timeout must be a number of milliseconds', timeout);
    if (timeout > 2 ** 31 - 1) throw rangeError('timeout must be less than 2 ** 31 milliseconds', timeout);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, timeout));
    });
    await Promise.race([this.#sentinel, late]);
    clearTimeout(timer);
  }

  isAlive(): boolean {
    return this.#worker !== undefined && this.#exit === undefined;
  }

  /** Asks it to end (SIGTERM). */
  terminate(): void {
    this.#signal('SIGTERM');
  }

  /** Ends it at once (SIGKILL). */
  kill(): void {
    this.#signal('SIGKILL');
  }

  /** As Ctrl-C does (SIGINT). */
  interrupt(): void {
    this.#signal('SIGINT');
  }

  /** Lets go of a process that has ended. @throws StateError while it runs */
  close(): void {
    if (this.isAlive()) throw new StateError(`process ${this.name} is still running: join() or terminate() it first`);
    this.#closed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive()) {
      this.terminate();
      await this.join();
    }
    this.close();
  }

  #signal(signal: NodeJS.Signals): void {
    this.#started(signal);
    this.#worker?.signal?.(signal);
  }

  #started(what: string): void {
    if (this.#worker === undefined) throw new StateError(`process ${this.name} has not been started: ${what} comes after start()`);
  }
}

function signalNumber(signal: NodeJS.Signals): number {
  // Loaded when it is needed: most processes end in order.
  return (require('node:os') as typeof import('node:os')).constants.signals[signal];
}
