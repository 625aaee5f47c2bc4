/** One worker of a crew: what it was sent and has not answered yet. */
import { TaskTimeoutError, WorkerDiedError } from '../errors';
import { Decoder } from '../worker/decoder';
import { Encoder } from '../worker/encoder';
import { ChunkFlags, ToPool, ToWorker, type WorkerSetup } from '../worker/protocol';
import type { Encoded } from '../worker/value-tags';
import { type Chunk, Fifo, type RemoteFunction } from './chunks';
import type { RunningWorker, StartWorker, WorkerExit, WorkerStart } from './worker';

/** Work that a worker may hold beyond the chunk it runs, so that it never waits for the next one. */
const aheadUs = 1000;

/** What is expected of a chunk whose function nobody knows yet. */
const longUs = 1e9;

/** A message stays below this, so that the first items run while the others are still encoded. */
const messageBytes = 1 << 20;

export interface Crew {
  readonly where: 'process' | 'thread';
  readonly start: StartWorker;
  readonly maxTasksPerChild: number;
  ready(member: CrewMember): void;
  initFailed(member: CrewMember, error: unknown): void;
  /** It has answered: perhaps it has room. */
  answered(member: CrewMember): void;
  skipped(chunk: Chunk): void;
  exited(member: CrewMember, exit: WorkerExit, lost: readonly { chunk: Chunk; started: number }[]): void;
}

export class CrewMember {
  readonly name: string;
  readonly inFlight = new Fifo<Chunk>();
  state: 'starting' | 'ready' | 'ending' | 'dead' = 'starting';
  tasksDone = 0;
  chunksSent = 0;
  /** True once an item of it has started: it did not die of its start. */
  worked = false;
  /** Microseconds of work that it holds, as far as that is known. */
  heldUs = 0;
  /** Why it is being killed, if it is: then its death is nobody's fault. */
  killedFor: 'cancel' | 'terminate' | { readonly timeout: Chunk; readonly index: number } | undefined;
  answeredAt = 0;
  /** Chunks that were taken back and have not been acknowledged. */
  taken = 0;

  readonly #crew: Crew;
  readonly #worker: RunningWorker;
  readonly #out: Encoder;
  readonly #known = new Set<number>();
  readonly #codes = new Set<string>();
  /** The number that the next item gets. */
  #next = 0;
  /** How many messages came from it. */
  #messages = 0;
  /** What has read the beginning of its next message. */
  #ahead: Decoder | undefined;

  constructor(crew: Crew, start: WorkerStart, setup: WorkerSetup, held: boolean) {
    this.#crew = crew;
    this.name = start.name;
    this.#out = new Encoder(crew.where);
    // Refusals of the setup's values are the caller's to hear: before anything is started.
    this.#out.byte(ToWorker.setup);
    this.#out.root(setup, 'initArgs');
    this.#worker = crew.start(start, { message: (message) => this.#receive(message), exit: (exit) => this.#exited(exit) });
    if (!held) this.#worker.hold(false);
    this.flush();
  }

  get pid(): number {
    return this.#worker.pid;
  }

  get alive(): boolean {
    return this.state !== 'dead';
  }

  /** True when it would take another chunk now. */
  get hasRoom(): boolean {
    if (this.state !== 'ready' || this.killedFor !== undefined || this.#out.size > messageBytes) return false;
    if (this.chunksSent >= this.#crew.maxTasksPerChild) return false;
    return this.inFlight.length === 0 || (this.heldUs < aheadUs && this.#crew.maxTasksPerChild === Infinity);
  }

  hold(on: boolean): void {
    if (this.alive) this.#worker.hold(on);
  }

  /** Adds a chunk to the next message. @throws SerializationError: nothing was added */
  give(chunk: Chunk): void {
    this.#introduce(chunk.fn);
    const { owner, items, from, to, offset } = chunk;
    const out = this.#out;
    const timed = owner.taskTimeout === undefined ? 0 : ChunkFlags.timed;
    if (owner.transfer) out.moves = new Set(owner.transfer);
    const error = out.attempt(() => {
      out.byte(ToWorker.chunk);
      out.count(this.#next >>> 0);
      out.count(chunk.fn.number);
      out.byte(chunk.flags | timed);
      out.items(items, from, to, (i) => owner.nameOf(offset + i));
    });
    if (owner.transfer) out.moves = new Set();
    if (error !== undefined) throw error;
    chunk.start = this.#next;
    chunk.received = 0;
    this.#next = (this.#next + to - from) | 0;
    if (this.inFlight.length === 0) this.answeredAt = performance.now();
    this.inFlight.push(chunk);
    this.chunksSent++;
    chunk.expectedUs = Math.ceil(Math.min(longUs, (to - from) * 1000 * chunk.fn.itemMs));
    this.heldUs += chunk.expectedUs;
  }

  /** The first time that it meets a function it is sent it; the source only once, whatever the variables. */
  #introduce({ number, shipped }: RemoteFunction): void {
    if (this.#known.has(number)) return;
    const { id, kind, name, payload } = shipped;
    const known = kind === 'source' && this.#codes.has(id);
    const error = this.#out.attempt(() => {
      this.#out.byte(ToWorker.fn);
      this.#out.count(number);
      this.#out.root(known ? { id, kind, name, payload: { values: payload.values } } : shipped, `the variables of ${name || 'the function'}`);
    });
    if (error !== undefined) throw error;
    this.#known.add(number);
    this.#codes.add(id);
  }

  forget({ number }: RemoteFunction): void {
    if (!this.#known.delete(number) || !this.alive) return;
    this.#out.byte(ToWorker.forget);
    this.#out.count(number);
  }

  flush(): void {
    if (!this.#out.empty && this.alive) this.#worker.send(this.#out.take());
  }

  /** Nothing more will be asked of it. */
  end(): void {
    if (this.state !== 'ready' && this.state !== 'starting') return;
    this.state = 'ending';
    this.#out.byte(ToWorker.end);
    this.flush();
  }

  kill(why: NonNullable<CrewMember['killedFor']>, gently = false): void {
    if (this.killedFor !== undefined && why !== 'terminate') return;
    this.killedFor = why;
    this.#worker.kill(gently);
  }

  /** How many items of the chunk have started. */
  startedOf({ start, from, to }: Chunk): number {
    return Math.max(0, Math.min(to - from, (this.#worker.watch.started() - start) | 0));
  }

  /** True when buffers of it were given away: nobody else can run it any more. */
  isMoved({ owner }: Chunk): boolean {
    return this.#crew.where === 'thread' && owner.transfer !== undefined;
  }

  /** The chunk whose items run now. */
  runningChunk(): Chunk | undefined {
    let running: Chunk | undefined;
    for (const chunk of this.inFlight) {
      if (this.startedOf(chunk) === 0) break;
      running = chunk;
    }
    return running;
  }

  /** Date.now() when the present item started. */
  startedAt(): number {
    return this.#worker.watch.startedAt();
  }

  /** Takes back what it has not started, to be run elsewhere. */
  takeBack(): Chunk[] {
    if (this.taken > 0) return [];
    const waiting: Chunk[] = [];
    for (const chunk of this.inFlight) {
      if (this.startedOf(chunk) > 0 || this.isMoved(chunk)) waiting.length = 0;
      else waiting.push(chunk);
    }
    if (waiting.length === 0) return [];
    this.#worker.watch.take(waiting[0].start, this.#next);
    const back: Chunk[] = [];
    // What started in between is its own; what only seemed to, comes back as skipped.
    for (let { last } = this.inFlight; last !== undefined && this.inFlight.length > 1; last = this.inFlight.last) {
      if (this.startedOf(last) > 0 || this.isMoved(last)) break;
      back.unshift(this.inFlight.pop() as Chunk);
    }
    this.taken = back.length;
    this.heldUs = 0;
    for (const { expectedUs } of this.inFlight) this.heldUs += expectedUs;
    return back;
  }

  #receive(message: Encoded): void {
    const from = this.#ahead?.resume(message) ?? new Decoder(message);
    this.#ahead = undefined;
    this.#messages = (this.#messages + 1) | 0;
    this.answeredAt = performance.now();
    while (!from.atEnd) this.#record(from);
    this.#crew.answered(this);
  }

  /** Takes the results that it has and could not send yet, because it is busy or dead. */
  peek(): void {
    const unsent = this.#worker.watch.unsent();
    // Otherwise a message is under way.
    if (unsent === undefined || unsent.sent !== this.#messages) return;
    const message: Encoded = { bytes: unsent.bytes, attachments: [], shared: [] };
    this.#ahead = this.#ahead?.resume(message) ?? new Decoder(message);
    if (this.#ahead.atEnd) return;
    while (!this.#ahead.atEnd) this.#record(this.#ahead);
    this.#crew.answered(this);
  }

  #record(from: Decoder): void {
    const kind = from.byte() as ToPool;
    if (kind === ToPool.ready) {
      this.state = this.state === 'starting' ? 'ready' : this.state;
      this.#crew.ready(this);
      return;
    }
    if (kind === ToPool.initFailed) {
      this.#crew.initFailed(this, from.root());
      return;
    }
    if (kind === ToPool.message) {
      from.text();
      from.root();
      return;
    }
    const start = from.count() | 0;
    this.worked = true;
    const chunk = this.inFlight.first;
    if (kind === ToPool.skipped) {
      if (chunk !== undefined && chunk.start === start) {
        this.inFlight.shift();
        this.#crew.skipped(chunk);
      } else {
        this.taken--;
      }
      return;
    }
    this.#result(kind, chunk as Chunk, from);
  }

  #result(kind: ToPool, chunk: Chunk, from: Decoder): void {
    const { owner, offset } = chunk;
    const index = offset + chunk.from + chunk.received;
    if (kind === ToPool.results) {
      const values = from.items();
      chunk.received += values.length;
      this.tasksDone += values.length;
      if (!owner.stopped) owner.results(index, values);
    } else if (kind === ToPool.failed) {
      const error = from.root();
      chunk.received++;
      this.tasksDone++;
      if (!owner.stopped) owner.failed(index, error);
    } else {
      const ms = from.double();
      this.inFlight.shift();
      const { fn, from: first, to } = chunk;
      const itemMs = ms / Math.max(1, to - first);
      this.heldUs = this.inFlight.length === 0 ? 0 : Math.max(0, this.heldUs - chunk.expectedUs);
      fn.itemMs = fn.itemMs === Infinity || itemMs > 4 * fn.itemMs ? itemMs : 0.75 * fn.itemMs + 0.25 * itemMs;
      owner.ended(chunk);
    }
  }

  #exited(exit: WorkerExit): void {
    this.peek();
    const lost = [...this.inFlight.drain()].map((chunk) => ({ chunk, started: this.startedOf(chunk) }));
    if (lost.some(({ started }) => started > 0)) this.worked = true;
    this.state = 'dead';
    this.#crew.exited(this, exit, lost);
  }

  /**
   * What becomes of a chunk now that the worker is dead.
   * @param begun How many of its items it had started.
   * @param rest Takes what is to be done by others.
   * @returns the error of the items that went with it, if there are any
   */
  lose(chunk: Chunk, begun: number, exit: WorkerExit, rest: Chunk[]): Error | undefined {
    const { owner, offset, received } = chunk;
    const started = this.isMoved(chunk) ? chunk.to - chunk.from : begun;
    const timedOut = typeof this.killedFor === 'object' ? this.killedFor : undefined;
    const victim = this.killedFor === 'cancel' || (timedOut !== undefined && timedOut.timeout !== chunk);
    let error: Error | undefined;
    if (!owner.stopped && !victim && started > received) {
      const indices = Array.from({ length: started - received }, (_, i) => offset + chunk.from + received + i);
      // A time-out is the last item's; those before it were done and are done again.
      const guilty = timedOut === undefined ? indices : indices.slice(-1);
      error = this.deathOf(exit, guilty);
      owner.lost(chunk, guilty, error);
      if (guilty.length < indices.length) {
        const before = { ...chunk, from: chunk.from + received, to: chunk.from + started - 1 };
        owner.split(before);
        rest.push(before);
      }
    }
    chunk.from += victim ? received : Math.max(started, received);
    if (chunk.from < chunk.to && !owner.stopped) rest.push(chunk);
    else owner.ended(chunk);
    return error;
  }

  /** The error that the lost items fail with. */
  deathOf({ exitCode, signal, cause }: WorkerExit, taskIndices: readonly number[]): Error {
    if (typeof this.killedFor === 'object') {
      const { timeout, index } = this.killedFor;
      return new TaskTimeoutError(`item ${index} took longer than ${timeout.owner.taskTimeout} ms; its worker was ended`, index);
    }
    const how =
      signal !== null
        ? `was killed by ${signal}${signal === 'SIGKILL' ? ' (often the system, short of memory)' : ''}`
        : (cause as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? 'ran out of memory'
          : exitCode === null
            ? `could not be started: ${String((cause as Error)?.message ?? cause)}`
            : `ended with exit code ${exitCode}`;
    const what =
      taskIndices.length === 0
        ? ''
        : taskIndices.length === 1
          ? ` while it ran item ${taskIndices[0]}`
          : ` while it ran items ${taskIndices.join(', ')}`;
    return new WorkerDiedError(
      `worker ${this.name} (pid ${this.pid}) ${how}${what}`,
      { pid: this.pid, exitCode, signal, taskIndices },
      cause === undefined ? undefined : { cause },
    );
  }
}
