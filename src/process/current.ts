/** Who this process or thread is, and who started it. */
import { workerName, workerParent } from '../worker/context';

export interface ProcessInfo {
  readonly name: string;
  readonly pid: number;
  readonly daemon: boolean;
  isAlive(): boolean;
}

/** This process, or this thread of a ThreadPool; `MainProcess` where nothing of the library started it. */
export function currentProcess(): ProcessInfo {
  const name = workerName() ?? 'MainProcess';
  return { name, pid: process.pid, daemon: name.startsWith('PoolWorker-'), isAlive: () => true };
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

/** `Process-1`, `Process-2`, … ; a child's own are `Process-1:1`, `Process-1:2`. */
export function childName(): string {
  const number = /-([\d:]+)$/.exec(workerName() ?? '')?.[1];
  return `Process-${number === undefined ? '' : `${number}:`}${++children}`;
}
