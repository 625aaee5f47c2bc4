/** The list of all kernels, for docs and tools. */
import type { KernelInfo } from './kernels/kernel';

/** Every kernel of every entry point: name, entry, family, dtypes and what it answers. */
export function kernels(): KernelInfo[] {
  // Required here, so that a program that never asks doesn't load what it doesn't use.
  for (const entry of ['./math', './matrix', './image']) require(entry);
  const { registeredKernels } = require('./kernels/kernel') as typeof import('./kernels/kernel');
  return registeredKernels();
}
