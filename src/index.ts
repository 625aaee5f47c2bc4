/** `everycore`: pools, errors and what the library knows of this machine. */
export { cpuCount } from './cpu-count';
export {
  BootstrapError,
  BrokenBarrierError,
  BrokenPipeError,
  BrokenPoolError,
  BufferTooShortError,
  CodecMissingError,
  EOFError,
  EverycoreError,
  FunctionNotShippableError,
  ImageDecodeError,
  ImageEncodeError,
  NativeMissingError,
  NotPositiveDefiniteError,
  NotReadyError,
  PixelLimitError,
  PoolClosedError,
  PoolTerminatedError,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
  SerializationError,
  SingularMatrixError,
  StateError,
  TaskLoadError,
  TaskTimeoutError,
  TimeoutError,
  WorkerDiedError,
} from './errors';
export { type ModuleLocation, task } from './functions/task';
export { type Info, info } from './info';
export { kernels } from './kernels';
export type { Kernel, KernelInfo } from './kernels/kernel';
export type { IMapIterator } from './pool/imap';
export type {
  ImapOptions,
  JobOptions,
  KernelJobOptions,
  KernelMapOptions,
  MapOptions,
  PoolOptions,
  Progress,
  WaitOptions,
} from './pool/options';
export { Pool, type PoolState, ThreadPool } from './pool/pool';
export { AsyncResult } from './pool/result';
export type { PoolStats, WorkerInfo } from './pool/types';
export { currentProcess, type ProcessInfo, parentProcess } from './process/current';
export { activeChildren, type ExitInfo, Process, type ProcessOptions } from './process/process';
