/** Functions on their way to workers; `task` for those that stay where they are. What receives them is in receive.ts. */
export { shipFunction } from './ship';
export { type ModuleLocation, task } from './task';
export type { ShippedFunction, WorkerKind } from './types';
