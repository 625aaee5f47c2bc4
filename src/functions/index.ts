/** Functions on their way to workers: `shipFunction` here, `receiveFunction` there; `task` for those that stay where they are. */
export { receiveFunction } from './receive';
export { shipFunction } from './ship';
export { type ModuleLocation, task } from './task';
export type { ShippedFunction, WorkerKind } from './types';
