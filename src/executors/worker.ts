/** What the pool's scheduler knows of a worker, be it a process or a thread. */
import type { Watch } from '../worker/progress';
import type { Encoded } from '../worker/value-tags';

export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What went wrong in it, where that is known. */
  readonly cause?: unknown;
}

export interface WorkerEvents {
  message(message: Encoded): void;
  /** The last of all: every message has been delivered. */
  exit(exit: WorkerExit): void;
}

export interface RunningWorker {
  readonly pid: number;
  readonly watch: Watch;
  send(message: Encoded): void;
  /** Ends it at once; `gently` gives a process the chance to hear of it. */
  kill(gently?: boolean): void;
  /** Of a process: false when it has ended. */
  signal?(name: NodeJS.Signals): boolean;
  /** Whether it keeps the program alive. */
  hold(on: boolean): void;
}

export interface WorkerStart {
  readonly name: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly execArgv?: readonly string[];
  /** Ctrl-C ends it; a pool's workers leave that to their pool. */
  readonly interruptible?: boolean;
}

/** @throws when the operating system refuses at once */
export type StartWorker = (start: WorkerStart, events: WorkerEvents) => RunningWorker;

/** The environment of a worker: the parent's, with the user's laid over it. */
export function environment(over: WorkerStart['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, EVERYCORE_WARNED: '1', ...over };
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
  return env;
}

/** Node's own options that belong to the parent alone. */
const ownArgument = /^(--(inspect|debug|eval|print|input-type|interactive|check|test|watch|run)\b|-[epic]$|-pe$)/;

/** The parent's options of Node, for its children. */
export function inheritedArguments(): string[] {
  const args: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const arg = process.execArgv[i];
    if (!ownArgument.test(arg)) args.push(arg);
    // The code after -e and its like.
    else if (/^(-[ep]|-pe|--eval|--print)$/.test(arg)) i++;
  }
  return args;
}
