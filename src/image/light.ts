/** sRGB values and linear light (IEC 61966-2-1), as numbers from 0 to 1, and tables of them. */

export function lightOf(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

export function srgbOf(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

export interface ByteTables {
  /** Light of each byte. */
  readonly light: Float32Array;
  /** For every 4096th of light the byte that this much makes. Nowhere do two bytes begin within one 4096th. */
  readonly dark: Uint8Array;
  /** The least light of the byte after each byte. */
  readonly least: Float32Array;
}

let bytes: ByteTables | undefined;

export function byteTables(): ByteTables {
  if (bytes !== undefined) return bytes;
  const light = Float32Array.from({ length: 256 }, (_, byte) => lightOf(byte / 255));
  const least = Float32Array.from({ length: 256 }, (_, byte) => (byte < 255 ? lightOf((byte + 0.5) / 255) : Infinity));
  const dark = new Uint8Array(4097);
  for (let i = 0, byte = 0; i < dark.length; i++) {
    while (least[byte] <= i / 4096) byte++;
    dark[i] = byte;
  }
  return (bytes = { light, dark, least });
}

let words: Float32Array | undefined;

/** Light of each 16-bit number. */
export function wordTable(): Float32Array {
  return (words ??= Float32Array.from({ length: 65536 }, (_, word) => lightOf(word / 65535)));
}

/** The byte that this much light makes. */
export function byteOfLight({ dark, least }: ByteTables, light: number): number {
  const clamped = Math.min(Math.max(light, 0), 1);
  const below = dark[Math.trunc(clamped * 4096)];
  return clamped >= least[below] ? below + 1 : below;
}
