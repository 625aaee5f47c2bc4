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

describe('words and floats', () => {
  const { Image } = exported;

  test('what is no number spreads no further than its window', () => {
    const floats = Image.alloc(40, 90, 1, 'f32');
    floats.data.fill(0.25);
    floats.data[3 * 40 + 20] = Number.NaN;
    floats.data[60 * 40 + 5] = Number.POSITIVE_INFINITY;
    const near = (i: number, column: number, row: number) => Math.abs((i % 40) - column) <= 2 && Math.abs(Math.floor(i / 40) - row) <= 2;
    for (const kernel of [exported.boxBlur({ size: 5 }), exported.gaussianBlur({ size: 5 }), exported.convolve({ kernel: [[0, 0, 0, 0, 1]] })]) {
      kernel(floats).data.forEach((value, i) => {
        if (near(i, 20, 3) || near(i, 5, 60)) return;
        expect(value).toBe(0.25);
      });
    }
    expect(exported.boxBlur({ size: 5 })(floats).data[3 * 40 + 18]).toBeNaN();
    expect(exported.boxBlur({ size: 5 })(floats).data[60 * 40 + 7]).toBe(Number.POSITIVE_INFINITY);
  });

  test('derivatives are floats, unless another dtype is asked for, which is saturated', () => {
    const words = Image.from({ data: Uint16Array.of(0, 65535, 0, 0, 9, 9), width: 3, height: 2 });
    expect(exported.sobel({ dx: 1, size: 1 })(words).data).toEqual(Float32Array.of(0, 0, 0, 0, 9, 0));
    expect(exported.sobel({ dx: 1, size: 1, dtype: 's16' })(words).data).toEqual(Int16Array.of(0, 0, 0, 0, 9, 0));
    expect(exported.laplacian({ dtype: 's16' })(words).data.slice(0, 3)).toEqual(Int16Array.of(32767, -32768, 32767));
    expect(exported.laplacian({ dtype: 'u8' })(words).data.slice(0, 3)).toEqual(Uint8Array.of(255, 0, 255));
    const floats = Image.from({ data: Float32Array.of(Number.NaN, 0.5, 1.5, 300), width: 4, height: 1 });
    expect(exported.sobel({ dx: 1, size: 1 })(floats).data.slice(2)).toEqual(Float32Array.of(299.5, 0));
    expect(exported.convolve({ kernel: [[1]] })(floats).data).toEqual(floats.data);
  });

  test('sums of words are rounded half to even and saturated', () => {
    const words = Image.from({ data: Uint16Array.of(1, 3, 65535, 40000), width: 4, height: 1 });
    expect(exported.convolve({ kernel: [[1]], divisor: 2 })(words).data).toEqual(Uint16Array.of(0, 2, 32768, 20000));
    expect(exported.convolve({ kernel: [[2]], offset: -10 })(words).data).toEqual(Uint16Array.of(0, 0, 65535, 65535));
    expect(exported.boxBlur({ size: 3, border: 'constant', borderValue: 65535 })(words).data[3]).toBe(
      Math.floor((6 * 65535 + 65535 + 40000 + 65535 + 4) / 9),
    );
  });
});
