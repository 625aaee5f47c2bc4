/** What is wrong with the options of kernels that look at a window is said in one sentence. */
import * as exported from 'everycore/image';
import { describe, expect, test } from 'vitest';

const kernels = exported as unknown as Record<string, (options?: unknown) => unknown>;

describe('wrong options', () => {
  const wrong: [string, Record<string, unknown>][] = [
    ['boxBlur', {}],
    ['boxBlur', { size: 0 }],
    ['boxBlur', { size: 2.5 }],
    ['boxBlur', { size: Number.NaN }],
    ['medianBlur', { size: 4 }],
    ['medianBlur', { size: 257 }],
    ['convolve', { kernel: [[1, 2], [3]] }],
    ['convolve', { kernel: [[Number.NaN]] }],
    ['convolve', { kernel: [[1]], divisor: 0 }],
    ['convolve', { kernel: [] }],
    ['convolveSeparable', { x: [] }],
    ['unsharp', { radius: -1 }],
    ['unsharp', { threshold: 256 }],
    ['sobel', { dx: 0, dy: 0 }],
    ['sobel', { size: 4 }],
    ['scharr', { dx: 1, dy: 1 }],
    ['erode', { kernel: [[2]] }],
    ['erode', { kernel: [[0]] }],
    ['erode', { size: 3, kernel: [[1]] }],
    ['dilate', { iterations: 0 }],
    ['morphology', {}],
    ['morphology', { op: 'melt' }],
    ['adaptiveThreshold', { size: 2 }],
    ['canny', { low: 1 }],
    ['canny', { low: -1, high: 3 }],
    ['threshold', {}],
    ['threshold', { value: 3, max: Number.NaN }],
    ['autocontrast', { cutoff: 50 }],
    ['clahe', { clipLimit: -1 }],
    ['clahe', { tiles: [0, 2] }],
    ['equalize', { method: 'both' }],
  ];
  test.each(wrong)('%s %o', (kernel, options) => {
    expect(() => kernels[kernel](options)).toThrow(/^(?:(?!\. ).)+$/);
  });

  test('the border of a kernel', () => {
    const image = exported.Image.alloc(7, 5, 3);
    expect(() => exported.boxBlur({ size: 3, border: 'constant', borderValue: [1, 2] })(image)).toThrow(RangeError);
    expect(() => exported.boxBlur({ size: 3, border: 'nowhere' as never })).toThrow(TypeError);
  });
});
