/**
 * Packs calls and chunks into the flat numbers that native/addon/addon.cc reads: one array of typed arrays
 * and one Float64Array, so that a job crosses the boundary in a single call whatever its size.
 */
import type { Call, TypedArray, View } from '../kernels/call';
import { dtypeNumber, dtypeOf } from '../kernels/dtype';
import { type NativeBinding, nativeState } from '../native';
import type { Chunk } from '../pool/plan';

/** As many phases as native/core/kernel.h has. */
const maxPhases = 4;

/** A phase is run in ranges of about this long between two looks at the cancel flag. */
const quantumNs = 250_000;

const kernelNumbers = new Map<string, number[]>();

/** What was looked up last: the calls of a batch are of one kernel and mostly of one dtype. */
let last: { name: string; type: unknown; number: number } | undefined;

/** The native kernel's number; -1 when the binary has none for this dtype. */
export function kernelNumber(binding: NativeBinding, name: string, array: TypedArray): number {
  if (last?.name === name && last.type === array.constructor) return last.number;
  const number = lookUp(binding, name, array);
  last = { name, type: array.constructor, number };
  return number;
}

function lookUp(binding: NativeBinding, name: string, array: TypedArray): number {
  let numbers = kernelNumbers.get(name);
  if (numbers === undefined) kernelNumbers.set(name, (numbers = []));
  const dtype = dtypeNumber(dtypeOf(array));
  numbers[dtype] ??= binding.find(nativeState().isa, name, dtype);
  return numbers[dtype];
}

/** The numbers are written here again and again: the native side copies them before it returns. */
let buffer = new Float64Array(256);
let length = 0;

function put(value: number): void {
  if (length === buffer.length) {
    const larger = new Float64Array(2 * buffer.length);
    larger.set(buffer);
    buffer = larger;
  }
  buffer[length++] = value;
}

export interface Packed {
  /** Valid until the next call of `pack`. */
  readonly description: Float64Array;
  readonly arrays: readonly TypedArray[];
}

/**
 * @param calls All with at least one phase, and with a native kernel.
 * @param phases The planned chunks of each phase; none for a run on the calling thread.
 */
export function pack(binding: NativeBinding, calls: readonly Call[], phases?: readonly (readonly Chunk[])[]): Packed {
  const arrays: TypedArray[] = [];
  let viewCount = 0;
  let paramCount = 0;
  let scratchBytes = 0;
  for (const call of calls) {
    viewCount += call.views.length;
    paramCount += call.params.length;
    scratchBytes = Math.max(scratchBytes, call.scratchBytes ?? 0);
  }
  length = 0;
  put(calls.length);
  put(viewCount);
  put(paramCount);
  put(scratchBytes);
  for (const call of calls) putCall(binding, call, arrays);
  if (phases !== undefined) putChunks(phases);
  return { description: buffer, arrays };
}

function putCall(binding: NativeBinding, call: Call, arrays: TypedArray[]): void {
  put(kernelNumber(binding, call.kernel, call.views[0].data));
  put(call.views.length);
  put(call.params.length);
  put(call.sharedBytes ?? 0);
  for (let i = 0; i < maxPhases; i++) put(i < call.phases.length ? call.phases[i].units : 0);
  for (let i = 0; i < maxPhases; i++) {
    const phase = call.phases[i];
    put(phase === undefined ? 0 : Math.max(1, Math.floor(quantumNs / (phase.cost * phase.grain))) * phase.grain);
  }
  for (const view of call.views) putView(view, arrays);
  for (const param of call.params) put(param);
}

/** The native side has three axes always; missing ones are put in front with length 1. */
function putView(view: View, arrays: TypedArray[]): void {
  const { data, offset, shape, stride } = view;
  put(arrays.length);
  arrays.push(data);
  put(offset);
  for (let axis = shape.length; axis < 3; axis++) put(1);
  for (const axisLength of shape) put(axisLength);
  for (let axis = stride.length; axis < 3; axis++) put(0);
  for (const axisStride of stride) put(axisStride);
}

function putChunks(phases: readonly (readonly Chunk[])[]): void {
  put(phases.length);
  for (const chunks of phases) {
    put(chunks.length);
    for (const chunk of chunks) {
      put(chunk.call);
      put(chunk.callEnd);
      put(chunk.begin);
      put(chunk.end);
    }
  }
}
