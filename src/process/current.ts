/** Who this process or thread is, and who started it. */
import { isDaemon, workerIdentity, workerName, workerParent } from '../worker/context';

export interface ProcessInfo {
  readonly name: string;
  readonly pid: number;
  readonly daemon: boolean;
  isAlive(): boolean;
}

/** This process, or this thread of a ThreadPool; `MainProcess` where nothing of the library started it. */
export function currentProcess(): ProcessInfo {
  const name = workerName() ?? 'MainProcess';
  return { name, pid: process.pid, daemon: isDaemon(), isAlive: () => true };
}

/** The process that started this one; null in the main process. */
export function parentProcess(): ProcessInfo | null {
  const parent = workerParent();
  if (parent === undefined) return null;
  return { ...parent, daemon: false, isAlive: () => isAlive(parent.pid) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

let children = 0;

/** `1`, `2`, …; a child's own are `1:1`, `1:2`. Every process counts, whatever its name. */
export function childIdentity(): string {
  const own = workerIdentity();
  return `${own === undefined ? '' : `${own}:`}${++children}`;
}
