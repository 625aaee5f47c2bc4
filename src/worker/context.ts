/** What the library knows of the process or thread that it runs in, shared by all its copies in it. */
interface Context {
  name: string | undefined;
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

export function setName(name: string, parent: Context['parent']): void {
  context().name = name;
  context().parent = parent;
}

export function setLoading(on: boolean): void {
  context().loading += on ? 1 : -1;
}

/** True while a worker imports the module of a task: nobody may start workers then. */
export function isLoading(): boolean {
  return context().loading > 0;
}
