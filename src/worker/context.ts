/** What the library knows of the process or thread that it runs in, shared by all its copies in it. */
interface Context {
  name: string | undefined;
  daemon?: boolean;
  identity?: string;
  parent?: { readonly name: string; readonly pid: number };
  /** How many modules of tasks are being imported right now. */
  loading: number;
}

const key = Symbol.for('everycore.worker.context');
const shared = globalThis as { [key]?: Context };

function context(): Context {
  shared[key] ??= { name: undefined, loading: 0 };
  return shared[key];
}

/** Undefined where no pool or Process started this. */
export function workerName(): string | undefined {
  return context().name;
}

export function workerParent(): Context['parent'] {
  return context().parent;
}

/** Workers of a pool are daemons: they end with the program, whatever they do. */
export function isDaemon(): boolean {
  return context().daemon ?? false;
}

/** The numbers of its ancestors and its own, as in `Process-1:2`. */
export function workerIdentity(): string | undefined {
  return context().identity;
}

export function setName({ name, parent, daemon, identity }: Pick<Context, 'parent' | 'daemon' | 'identity'> & { readonly name: string }): void {
  Object.assign(context(), { name, parent, daemon, identity });
}

export function setLoading(on: boolean): void {
  context().loading += on ? 1 : -1;
}

/** True while a worker imports the module of a task: nobody may start workers then. */
export function isLoading(): boolean {
  return context().loading > 0;
}
