/**
 * Philox4x32-10, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3" (2011). Block c of a key can be made without the ones before it; all arithmetic is on 32-bit
 * integers, so every machine makes the same numbers.
 */

const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const bumps = [0x9e3779b9, 0xbb67ae85] as const;
const rounds = 10;

/** The upper 32 bits of a · b. */
function high(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  // Each sum is below 2^32 + 2^17, where doubles are exact.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** Replaces the four words of a counter by the four random words that belong to it and the key. */
export function philox(words: Uint32Array, key0: number, key1: number): void {
  let [a, b, c, d] = words;
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < rounds; round++) {
    const [high0, low0] = [high(multipliers[0], a), Math.imul(multipliers[0], a)];
    const [high1, low1] = [high(multipliers[1], c), Math.imul(multipliers[1], c)];
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1 >>> 0, (high0 ^ d ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + bumps[0]) >>> 0;
    k1 = (k1 + bumps[1]) >>> 0;
  }
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
}
