/** Runs calls on the calling thread: native where there is a kernel, else the TypeScript one. */
import type { Call } from '../kernels/call';
import { watchMemory } from '../kernels/memory';
import { native } from '../native';
import { kernelNumber, pack } from './packing';

/** Runs one call now and gives its answer. */
export function runHere<R>(call: Call<R>): R {
  compute(call);
  return call.finish();
}

/** Runs one call now, up to the point where `finish` has its answer. */
export function compute(call: Call): void {
  if (call.phases.length === 0) return;
  const binding = native();
  if (binding === null || kernelNumber(binding, call.kernel, call.views[0].data) < 0) {
    call.reference();
    return;
  }
  const { description, arrays } = pack(binding, [call]);
  watchMemory(); // of results between phases
  binding.run(description, arrays);
}
