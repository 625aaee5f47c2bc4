/**
 * What each pixel of a resized axis is made of: the filters and windows of Pillow's antialiased resize, a
 * convolution whose kernel is stretched by the scale when the image becomes smaller.
 */

export type ResizeFilter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos3';

interface Filter {
  /** How far it reaches to both sides, in pixels of the result. */
  readonly support: number;
  weight(x: number): number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const filters: Readonly<Record<Exclude<ResizeFilter, 'nearest'>, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))) },
  // Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -1/2.
  bicubic: {
    support: 2,
    weight: (x) => {
      const d = Math.abs(x);
      if (d >= 2) return 0;
      return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
    },
  },
  lanczos3: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** The source pixels [first, first + weights.length) that a pixel of the result is made of; the weights add up to 1. */
export interface Window {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Windows of the pixels [begin, begin + count) of an axis that goes from `from` pixels to `to`. */
export function windowsOf(filter: Exclude<ResizeFilter, 'nearest'>, from: number, to: number, begin: number, count: number): Window[] {
  const { support, weight } = filters[filter];
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = (begin + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + support * stretch + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) => weight((k + first - centre + 0.5) / stretch));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: sum === 0 ? raw : raw.map((each) => each / sum) };
  });
}

/** The nearest source pixel of each of the pixels [begin, begin + count). Positions are added up step by step, so that ties round as in Pillow. */
export function nearestOf(from: number, to: number, begin: number, count: number): Int32Array {
  const scale = from / to;
  const nearest = new Int32Array(count);
  let position = scale * 0.5;
  for (let i = 0; i < begin + count; i++, position += scale) {
    if (i >= begin) nearest[i - begin] = Math.min(from - 1, Math.floor(position));
  }
  return nearest;
}

/** Windows as the native kernels read them: see `Axis` in native/kernels/image/resize-arguments-inl.h. */
export interface Axis {
  readonly windows: readonly Window[];
  /** First group, count of groups and parts of a weight, for every pixel of the result. */
  readonly spans: Int32Array;
  readonly weights: Int8Array | Int16Array | Float32Array;
  /** Weights from one pixel of the result to the next. */
  readonly stride: number;
  /** Source samples in a group. */
  readonly group: 1 | 2;
  readonly groupsMax: number;
  /** Fraction bits of the weights; 0 for floats. */
  readonly bits: number;
}

export function floatAxis(windows: readonly Window[]): Axis {
  const groupsMax = longest(windows.map(({ weights }) => weights.length));
  const weights = new Float32Array(windows.length * groupsMax);
  const spans = new Int32Array(3 * windows.length);
  windows.forEach((window, i) => {
    spans.set([window.first, window.weights.length, 1], 3 * i);
    weights.set(window.weights, i * groupsMax);
  });
  return { windows, spans, weights, stride: groupsMax, group: 1, groupsMax, bits: 0 };
}

/** Bits that the low part of a weight of 22 bits takes; `lowBits` in C++. */
const lowBits = 11;

/** Whole weights of `bits` fraction bits, rounded as Pillow rounds them: half away from zero. */
export function wholeWeights({ weights }: Window, bits: number): number[] {
  const one = 2 ** bits;
  return weights.map((weight) => Math.trunc(weight * one + (weight < 0 ? -0.5 : 0.5)));
}

/** In groups of two samples. `parts` 2: weights in a high and a low half, for `bits` beyond 16. */
export function wholeAxis(windows: readonly Window[], bits: number, parts: 1 | 2): Axis {
  const groups = windows.map(({ first, weights }) => {
    const begin = first >> 1;
    return { begin, count: weights.length === 0 ? 0 : ((first + weights.length - 1) >> 1) - begin + 1 };
  });
  const groupsMax = longest(groups.map(({ count }) => count));
  const stride = groupsMax * 2 * parts;
  const packed = new Int16Array(windows.length * stride);
  const spans = new Int32Array(3 * windows.length);
  windows.forEach((window, i) => {
    const whole = wholeWeights(window, bits);
    const low = parts === 2 && whole.some((weight) => weight % 2 ** lowBits !== 0);
    spans.set([groups[i].begin, groups[i].count, low ? 2 : 1], 3 * i);
    whole.forEach((weight, k) => {
      const sample = window.first - 2 * groups[i].begin + k;
      const at = i * stride + (sample >> 1) * 2 * parts + (sample & 1);
      packed[at] = parts === 2 ? weight >> lowBits : weight;
      if (parts === 2) packed[at + 2] = weight & (2 ** lowBits - 1);
    });
  });
  return { windows, spans, weights: packed, stride, group: 2, groupsMax, bits };
}

/** Windows in quads, as `resize` reads them along rows at the level avx512vnni: of four pixels of the result at a time, with as many samples and digits. */
export function quadAxis(windows: readonly Window[], bits: number): Pick<Axis, 'spans' | 'weights' | 'stride'> {
  const fours = Math.ceil(windows.length / 4);
  const stride = Math.ceil(longest(windows.map(({ weights }) => weights.length)) / 4) * digitsMax * 16;
  const spans = new Int32Array(12 * fours);
  const weights = new Int8Array(fours * stride);
  for (let four = 0; four < fours; four++) {
    const whole = windows.slice(4 * four, 4 * four + 4).map((window) => wholeWeights(window, bits));
    const blocks = Math.ceil(longest(whole.map(({ length }) => length)) / 4);
    const digits = Math.max(...whole.flat().map(digitsOf), 1);
    for (let i = 0; i < 4; i++) spans.set([windows[Math.min(4 * four + i, windows.length - 1)].first, blocks, digits], 12 * four + 3 * i);
    whole.forEach((each, i) => {
      each.forEach((weight, k) => {
        let rest = weight;
        for (let digit = digitsMax - 1; digit >= 0; digit--, rest = (rest + 128) >> 8) {
          if (digit < digits) weights[four * stride + ((k >> 2) * digits + digit) * 16 + 4 * i + (k & 3)] = rest;
        }
      });
    });
  }
  return { spans, weights, stride };
}

/** Digits of 8 bits with a sign that a weight of 22 fraction bits has; trailing zeros are left out. */
const digitsMax = 3;

function digitsOf(weight: number): number {
  if (weight % 2 ** 16 === 0) return 1;
  return weight % 2 ** 8 === 0 ? 2 : 3;
}

/** The most fraction bits with which every weight fits 16 bits and no sum of bytes overflows 32. */
export function fittingBits(windows: readonly Window[]): number {
  const largest = windows.reduce((max, { weights }) => weights.reduce((m, weight) => Math.max(m, Math.abs(weight)), max), 0);
  return Math.min(16, Math.floor(Math.log2(32767 / Math.max(largest, 0.5))));
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((max, length) => Math.max(max, length), 1);
}
