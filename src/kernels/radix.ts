/**
 * The stable order of numbers: indices sorted by keys whose unsigned order is that of TypedArray.sort (−0 before +0,
 * NaN last). Least significant digit first: Knuth, "The Art of Computer Programming" 3, 5.2.5.
 */
import type { TypedArray } from './call';
import { dtypeOf } from './dtype';

const digitBits = 8;
const digits = 1 << digitBits;

/** The indices of the elements in ascending order; equal elements keep their order. */
export function sortedIndices(data: TypedArray): Uint32Array<ArrayBuffer> {
  let indices = new Uint32Array(data.length);
  for (let i = 0; i < indices.length; i++) indices[i] = i;
  let spare = new Uint32Array(data.length);
  const counts = new Uint32Array(digits);
  for (const { words, bits } of keysOf(data)) {
    for (let shift = 0; shift < bits; shift += digitBits) {
      counts.fill(0);
      for (let i = 0; i < words.length; i++) counts[(words[i] >>> shift) & (digits - 1)]++;
      // A digit that all have alike sorts nothing.
      if (counts.includes(words.length)) continue;
      for (let digit = 0, before = 0; digit < digits; digit++) {
        const count = counts[digit];
        counts[digit] = before;
        before += count;
      }
      for (let i = 0; i < indices.length; i++) spare[counts[(words[indices[i]] >>> shift) & (digits - 1)]++] = indices[i];
      [indices, spare] = [spare, indices];
    }
  }
  return indices;
}

interface Key {
  readonly words: Uint32Array;
  readonly bits: number;
}

/** The words of the keys, least significant first. */
function keysOf(data: TypedArray): Key[] {
  const dtype = dtypeOf(data);
  const width = data.BYTES_PER_ELEMENT * 8;
  if (dtype === 'f32' || dtype === 'f64') return floatKeys(data as Float32Array | Float64Array);
  if (dtype === 'i64' || dtype === 'u64') {
    const flip = dtype === 'i64' ? 1n << 63n : 0n;
    const low = Uint32Array.from({ length: data.length }, (_, i) => Number((data[i] as bigint) & 0xffffffffn));
    const high = Uint32Array.from({ length: data.length }, (_, i) => Number(BigInt.asUintN(64, (data[i] as bigint) ^ flip) >> 32n));
    return [
      { words: low, bits: 32 },
      { words: high, bits: 32 },
    ];
  }
  const words = new Uint32Array(data.length);
  const lift = dtype.startsWith('i') ? 2 ** (width - 1) : 0;
  for (let i = 0; i < words.length; i++) words[i] = (data[i] as number) + lift;
  return [{ words, bits: width }];
}

/** The bits of a float as a number that grows with it: negative ones turned over, of others the sign alone. */
function floatKeys(data: Float32Array | Float64Array): Key[] {
  const wide = data.BYTES_PER_ELEMENT === 8;
  const bytes = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const low = new Uint32Array(wide ? data.length : 0);
  const high = new Uint32Array(data.length);
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const highAt = wide && littleEndian ? 4 : 0;
  for (let i = 0; i < data.length; i++) {
    const at = i * data.BYTES_PER_ELEMENT;
    const head = bytes.getUint32(at + highAt, littleEndian);
    const turned = head >>> 31 === 1 ? 0xffffffff : 0;
    const unordered = Number.isNaN(data[i]);
    high[i] = unordered ? 0xffffffff : head ^ (turned | 0x80000000);
    if (wide) low[i] = unordered ? 0xffffffff : bytes.getUint32(at + (littleEndian ? 0 : 4), littleEndian) ^ turned;
  }
  return wide
    ? [
        { words: low, bits: 32 },
        { words: high, bits: 32 },
      ]
    : [{ words: high, bits: 32 }];
}
