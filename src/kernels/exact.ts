/** Functions on numbers that JavaScript's Math lacks: fma, half-to-even rounding, erf and its kin. */

/** The nearest whole number, halves to the even one. */
export function roundHalfEven(x: number): number {
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}

/** The remainder with the sign of the divisor, Python's %. */
export function floorMod(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 || Object.is(b, -0) ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

const word = new DataView(new ArrayBuffer(8));

/** A finite number as mantissa · 2^exponent. */
function parts(x: number): [mantissa: bigint, exponent: number] {
  word.setFloat64(0, x);
  const bits = word.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & 0xfffffffffffffn) | (biased > 0 ? 1n << 52n : 0n);
  return [bits >> 63n ? -fraction : fraction, Math.max(biased, 1) - 1075];
}

function roundTo(bits: number, lowest: number): (mantissa: bigint, exponent: number) => number {
  return (mantissa, exponent) => {
    const magnitude = mantissa < 0n ? -mantissa : mantissa;
    const shift = Math.max(magnitude.toString(2).length - bits, lowest - exponent, 0);
    const cut = BigInt(shift);
    let rounded = magnitude >> cut;
    const rest = magnitude - (rounded << cut);
    const half = shift > 0 ? 1n << (cut - 1n) : 1n;
    if (shift > 0 && (rest > half || (rest === half && rounded & 1n))) rounded += 1n;
    const scale = exponent + shift;
    const value = scale < -1000 ? Number(rounded) * 2 ** (scale + 500) * 2 ** -500 : Number(rounded) * 2 ** scale;
    return mantissa < 0n ? -value : value;
  };
}

function fusedMultiplyAdd(round: (mantissa: bigint, exponent: number) => number): (a: number, b: number, c: number) => number {
  return (a, b, c) => {
    const plain = a * b + c;
    if (!Number.isFinite(a) || !Number.isFinite(b) || !Number.isFinite(c) || a === 0 || b === 0) return plain;
    const [x, ex] = parts(a);
    const [y, ey] = parts(b);
    const [z, ez] = parts(c);
    const exponent = Math.min(ex + ey, c === 0 ? ex + ey : ez);
    const sum = ((x * y) << BigInt(ex + ey - exponent)) + (c === 0 ? 0n : z << BigInt(ez - exponent));
    return sum === 0n ? 0 : round(sum, exponent);
  };
}

/** a · b + c, rounded once. */
export const fmaDouble = fusedMultiplyAdd(roundTo(53, -1074));
/** a · b + c, rounded once to f32. */
export const fmaSingle = fusedMultiplyAdd(roundTo(24, -149));

/** erfc for x ≥ 2 by its continued fraction, without the factor exp(-x²)/√π. */
function erfcFraction(x: number): number {
  let value = x;
  for (let k = 60; k > 0; k--) value = x + k / 2 / value;
  return 1 / value;
}

/** The error function: its series up to 2, the continued fraction beyond (Abramowitz and Stegun, 7.1.6 and 7.1.14). */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size > 0)) return x;
  if (size > 6) return Math.sign(x);
  if (size >= 2) return Math.sign(x) * (1 - erfc(size));
  let term = size;
  let sum = size;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return (Math.sign(x) * 2 * sum * Math.exp(-size * size)) / Math.sqrt(Math.PI);
}

/** exp(-x²), with the square's rounding error made good. */
function expOfMinusSquare(x: number): number {
  const lead = Math.fround(x);
  return Math.exp(-lead * lead) * Math.exp(-(x - lead) * (x + lead));
}

/** The complementary error function; far out it keeps its digits. */
export function erfc(x: number): number {
  return x < 2 ? 1 - erf(x) : (expOfMinusSquare(x) * erfcFraction(x)) / Math.sqrt(Math.PI);
}

/** x · Φ(x), the erf form. */
export function gelu(x: number): number {
  if (x < -40) return -0;
  if (!(x <= -2.9)) return 0.5 * x * erfc(-x * Math.SQRT1_2);
  const lead = Math.fround(x);
  const density = Math.exp((-lead * lead) / 2) * Math.exp((-(x - lead) * (x + lead)) / 2);
  return (0.5 * x * density * erfcFraction(-x * Math.SQRT1_2)) / Math.sqrt(Math.PI);
}

/** 1 / (1 + e⁻ˣ), also where e⁻ˣ is too large to be a number. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}
