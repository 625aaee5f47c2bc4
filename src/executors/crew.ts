/**
 * The workers of one pool, processes or threads. The pool's side owns the queue: a worker gets the next
 * chunk when it has room, and what a dead one had not started goes to another.
 */
import { BootstrapError, BrokenPoolError } from '../errors';
import type { ShippedFunction } from '../functions';
import { isLoading, workerName } from '../worker/context';
import type { WorkerSetup } from '../worker/protocol';
import type { Chunk, ChunkOwner, RemoteFunction, Source } from './chunks';
import { type Crew, CrewMember } from './crew-member';
import { WorkQueue } from './work-queue';
import type { StartWorker, WorkerExit, WorkerStart } from './worker';

export interface CrewOptions extends Omit<WorkerStart, 'name'> {
  readonly where: 'process' | 'thread';
  readonly start: StartWorker;
  readonly count: number;
  readonly setup: Omit<WorkerSetup, 'name'>;
  readonly maxTasksPerChild?: number;
  readonly onWorkerDeath?: 'replace' | 'break';
  /** The workers cannot work any more. */
  broken(error: BrokenPoolError): void;
}

/** Kept from before a test replaces the clock. */
const afterThisTurn = setImmediate;

/** So many workers in a row may die before they start anything. */
const deathsMax = 3;

/** A worker that is silent for so long, with chunks that it has not started, gives them to an idle one. */
const takeBackMs = 3;

export class WorkerCrew {
  readonly #options: CrewOptions;
  readonly #crew: Crew;
  readonly #members = new Set<CrewMember>();
  readonly #queue = new WorkQueue();
  readonly #functions = new WeakMap<ShippedFunction, RemoteFunction>();
  readonly #modules = new Map<string, RemoteFunction>();
  #lastFunction = 0;
  #lastName = 0;
  #deaths = 0;
  #lost = 0;
  #tasksDone = 0; // by workers that have ended
  #scheduled = false;
  /** True once a job has a taskTimeout. */
  #timed = false;
  #held = false;
  /** True when somebody waits for the end of the workers. */
  #awaited = false;
  #state: 'running' | 'closing' | 'ended' = 'running';
  #broken: BrokenPoolError | undefined;
  #timeouts: NodeJS.Timeout | undefined;
  #takeBacks: NodeJS.Timeout | undefined;
  readonly #whenEnded: (() => void)[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#crew = {
      where: options.where,
      start: options.start,
      maxTasksPerChild: options.maxTasksPerChild ?? Infinity,
      ready: () => undefined,
      initFailed: (member, error) => this.#initFailed(member, error),
      answered: (member) => this.#answered(member),
      skipped: (chunk) => this.#queue.again(chunk),
      exited: (member, exit, lost) => this.#exited(member, exit, lost),
    };
  }

  get counts(): { tasksDone: number; workersStarted: number; workersLost: number } {
    const tasksDone = this.members.reduce((sum, member) => sum + member.tasksDone, this.#tasksDone);
    return { tasksDone, workersStarted: this.#lastName, workersLost: this.#lost };
  }

  get members(): readonly CrewMember[] {
    return [...this.#members];
  }

  /**
   * The number under which the workers know the function.
   * @throws BootstrapError while a worker imports the module of a task
   */
  remote(shipped: ShippedFunction): RemoteFunction {
    if (isLoading()) {
      throw new BootstrapError('a module starts workers while a worker imports it: start them in a function, or only where parentProcess() is null');
    }
    const known = shipped.kind === 'module' ? this.#modules.get(shipped.id) : this.#functions.get(shipped);
    if (known !== undefined) return known;
    const remote: RemoteFunction = { crew: this, number: ++this.#lastFunction, shipped, itemMs: Infinity };
    if (shipped.kind === 'module') this.#modules.set(shipped.id, remote);
    else this.#functions.set(shipped, remote);
    return remote;
  }

  /** A function whose variables were captured for one call is not kept after it. */
  release(remote: RemoteFunction): void {
    const { kind, payload } = remote.shipped;
    if (kind === 'module' || (payload.values?.length ?? 0) <= 1) return;
    for (const member of this.#members) member.forget(remote);
  }

  submit(source: Source): void {
    if (this.#broken) {
      source.owner.broken(this.#broken);
      return;
    }
    this.#queue.push(source);
    this.#schedule();
  }

  /** Runs a chunk again, before all others. */
  retry(chunk: Chunk): void {
    this.#queue.again(chunk);
    this.#schedule();
  }

  /** What all workers' answers of one turn of the event loop lead to goes out together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterThisTurn(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#state === 'ended') return;
    this.#recruit();
    const members = [...this.#members];
    for (let next = this.#roomiest(members); next !== undefined; next = this.#roomiest(members)) {
      const chunk = this.#queue.next();
      if (chunk === undefined) break;
      this.#give(next, chunk);
    }
    for (const member of members) {
      if (member.chunksSent >= this.#crew.maxTasksPerChild && member.state === 'ready') member.end();
      else member.flush();
    }
    this.#watch();
    this.#hold();
    if (this.#state === 'closing' && this.#idle) this.#endAll();
  }

  get #idle(): boolean {
    if (this.#queue.length > 0) return false;
    for (const member of this.#members) if (member.inFlight.length > 0) return false;
    return true;
  }

  get #hasIdle(): boolean {
    for (const { state, inFlight } of this.#members) if (state === 'ready' && inFlight.length === 0) return true;
    return false;
  }

  /** Starts the workers that are missing, when there is work for them. */
  #recruit(): void {
    if (this.#queue.length === 0 || this.#broken) return;
    let alive = 0;
    for (const member of this.#members) if (member.state !== 'ending') alive++;
    for (; alive < this.#options.count; alive++) {
      const { env, execArgv, setup } = this.#options;
      const identity = String(++this.#lastName);
      const name = `PoolWorker-${identity}`;
      try {
        this.#members.add(
          new CrewMember(
            this.#crew,
            { name, env, execArgv },
            { ...setup, name, identity, daemon: true, parent: { name: workerName() ?? 'MainProcess', pid: process.pid } },
            this.#held,
          ),
        );
      } catch (error) {
        this.#break(error);
        return;
      }
    }
  }

  /** An idle worker before one that has a little room left. */
  #roomiest(members: readonly CrewMember[]): CrewMember | undefined {
    let best: CrewMember | undefined;
    for (const member of members) {
      if (member.hasRoom && (best === undefined || member.heldUs < best.heldUs || (member.inFlight.length === 0 && best.inFlight.length > 0)))
        best = member;
    }
    return best;
  }

  #give(member: CrewMember, chunk: Chunk): void {
    if (chunk.owner.taskTimeout !== undefined) this.#timed = true;
    try {
      member.give(chunk);
    } catch (error) {
      const { owner, offset, from } = chunk;
      const at = (error as { at?: number }).at ?? from;
      if (at > from) {
        // Those before the one that cannot travel are not to blame.
        this.#give(member, { ...chunk, to: at });
        this.#refuse({ ...chunk, from: at }, error);
        return;
      }
      owner.failed(offset + from, error);
      chunk.from++;
      if (chunk.from < chunk.to && !owner.stopped) this.#queue.again(chunk);
      else owner.ended(chunk);
    }
  }

  #refuse(rest: Chunk, error: unknown): void {
    const { owner, offset, from } = rest;
    owner.split(rest);
    owner.failed(offset + from, error);
    rest.from++;
    if (rest.from < rest.to && !owner.stopped) this.#queue.again(rest);
    else owner.ended(rest);
  }

  #answered(member: CrewMember): void {
    if (member.worked) this.#deaths = 0;
    this.#schedule();
  }

  #initFailed(member: CrewMember, error: unknown): void {
    member.killedFor = 'cancel';
    this.#break(error);
  }

  #exited(member: CrewMember, exit: WorkerExit, lost: readonly { chunk: Chunk; started: number }[]): void {
    this.#members.delete(member);
    const { killedFor } = member;
    const inOrder = member.state === 'dead' && killedFor === undefined && lost.length === 0 && exit.exitCode === 0 && member.chunksSent > 0;
    const rest: Chunk[] = [];
    let reported: Error | undefined;
    for (const { chunk, started } of lost) reported = member.lose(chunk, started, exit, rest) ?? reported;
    this.#queue.againFirst(rest);
    const accident = killedFor === undefined && !inOrder && this.#state === 'running';
    this.#tasksDone += member.tasksDone;
    if (accident) {
      this.#lost++;
      this.#deaths = member.worked ? 0 : this.#deaths + 1;
      const error = reported ?? member.deathOf(exit, []);
      if (this.#options.onWorkerDeath === 'break' || this.#deaths >= deathsMax) this.#break(error);
    }
    if (this.#members.size === 0 && this.#state === 'ended') for (const wake of this.#whenEnded.splice(0)) wake();
    this.#schedule();
    if (this.#state === 'closing' && this.#members.size === 0 && this.#idle) this.#endAll();
  }

  #break(cause: unknown): void {
    if (this.#broken) return;
    const error = new BrokenPoolError(`the pool is broken: ${String((cause as Error)?.message ?? cause)}`, { cause });
    this.#broken = error;
    this.#state = 'ended';
    const owners = this.#queue.drain();
    for (const member of this.#members) {
      for (const { owner } of member.inFlight) owners.add(owner);
      member.kill('terminate', true);
    }
    this.#options.broken(error);
    for (const owner of owners) owner.broken(error);
    this.#hold();
  }

  /** Stops what runs of one owner; its queued chunks are never handed out, because it is stopped. */
  cancel(owner: ChunkOwner): void {
    for (const member of this.#members) {
      if (member.runningChunk()?.owner === owner) member.kill('cancel');
    }
    this.#schedule();
  }

  /** Ends the workers when all work is done. */
  close(): void {
    if (this.#state !== 'running') return;
    this.#state = 'closing';
    this.#schedule();
  }

  #endAll(): void {
    this.#state = 'ended';
    for (const member of this.#members) member.end();
    if (this.#members.size === 0) for (const wake of this.#whenEnded.splice(0)) wake();
  }

  /** Ends the workers now. */
  terminate(): void {
    this.#state = 'ended';
    this.#queue.drain();
    for (const member of this.#members) member.kill('terminate', true);
    this.#hold();
  }

  /** Resolves when no worker is left. */
  async ended(): Promise<void> {
    if (this.#members.size === 0) return;
    this.#awaited = true;
    this.#hold();
    await new Promise<void>((resolve) => this.#whenEnded.push(resolve));
  }

  /** Idle workers keep no program alive; pending work does, and waiting for their end. */
  #hold(): void {
    const held = this.#awaited || (!this.#idle && this.#state !== 'ended');
    if (held === this.#held) return;
    this.#held = held;
    for (const member of this.#members) member.hold(held);
  }

  /** Looks after items that may take too long, and after chunks that wait behind a long one. */
  #watch(): void {
    let shortest = Infinity;
    let waiting = false;
    for (const member of this.#members) {
      if (member.inFlight.length > 1) waiting = true;
      if (!this.#timed) continue;
      for (const { owner } of member.inFlight) shortest = Math.min(shortest, owner.taskTimeout ?? Infinity);
    }
    if (shortest < Infinity) this.#timeouts ??= setTimeout(() => this.#checkTimeouts(), Math.min(50, Math.max(2, shortest / 4)));
    if (waiting) this.#takeBacks ??= setTimeout(() => this.#rebalance(), takeBackMs);
  }

  #checkTimeouts(): void {
    this.#timeouts = undefined;
    for (const member of this.#members) {
      const chunk = member.runningChunk();
      const { taskTimeout } = chunk?.owner ?? {};
      if (chunk === undefined || taskTimeout === undefined) continue;
      const started = member.startedOf(chunk);
      if (started > chunk.received && Date.now() - member.startedAt() > taskTimeout) {
        member.kill({ timeout: chunk, index: chunk.offset + chunk.from + started - 1 });
      }
    }
    this.#watch();
  }

  /** No result waits behind a long item, and no item behind a busy worker while another is idle. */
  #rebalance(): void {
    this.#takeBacks = undefined;
    const now = performance.now();
    for (const member of this.#members) {
      if (member.inFlight.length < 2 || now - member.answeredAt <= takeBackMs) continue;
      member.peek();
      if (this.#queue.length === 0 && this.#hasIdle) this.#queue.againFirst(member.takeBack());
    }
    if (this.#queue.hasOld) this.#schedule();
    else this.#watch();
  }
}
