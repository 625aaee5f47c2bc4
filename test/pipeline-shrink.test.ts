/** How much of a JPEG is read before a resize, as a pure function. */
import { describe, expect, test } from 'vitest';
import { shrinkFor } from '../dist/pipeline/decode.js';

const info = (width: number, height: number) => ({ format: 'jpeg' as const, width, height, channels: 3, dtype: 'u8' as const, orientation: 1 });
const resize = (options: object) => [{ kernel: 'resize', options }, { encode: 'jpeg' as const }];

describe('shrinkFor', () => {
  test('leaves the resize a factor of two or more', () => {
    const shrink = (width: number, height: number, options: object) => shrinkFor(info(width, height), 1, resize(options), 2)?.shrink;
    expect(shrink(4000, 3000, { width: 1000 })).toBe(2);
    expect(shrink(4000, 3000, { width: 1001 })).toBe(undefined);
    expect(shrink(4000, 3000, { width: 500 })).toBe(4);
    expect(shrink(4000, 3000, { width: 250 })).toBe(8);
    expect(shrink(4000, 3000, { width: 10 })).toBe(8);
    expect(shrink(4000, 3000, { width: 500, height: 1000 })).toBe(undefined);
    expect(shrink(4000, 3000, { height: 300 })).toBe(4);
    expect(shrink(4000, 3000, { width: 8000 })).toBe(undefined);
  });

  test('or of one, as sharp does', () => {
    expect(shrinkFor(info(4000, 3000), 1, resize({ width: 1000 }), 1)?.shrink).toBe(4);
    expect(shrinkFor(info(4000, 3000), 1, resize({ width: 1001 }), 1)?.shrink).toBe(2);
    expect(shrinkFor(info(4000, 3000), 1, resize({ width: 2001 }), 1)).toBe(undefined);
  });

  test('only a resize that comes first and averages allows it', () => {
    const big = info(4000, 3000);
    expect(shrinkFor(big, 1, resize({ width: 100, filter: 'nearest' }), 2)).toBe(undefined);
    expect(shrinkFor(big, 1, [{ kernel: 'grayscale' }, ...resize({ width: 100 })], 2)).toBe(undefined);
    expect(shrinkFor(big, 1, [], 2)).toBe(undefined);
  });

  test('the size is that of the whole picture, turned or not, for every fit', () => {
    const sizes = (width: number, height: number, orientation: number, options: object) =>
      shrinkFor(info(width, height), orientation, resize(options), 2)?.steps[0];
    expect(sizes(4001, 3000, 1, { width: 999 })).toEqual({ kernel: 'resize', options: { width: 999, height: 749, fit: 'fill' } });
    expect(sizes(3000, 4001, 6, { width: 999 })).toEqual({ kernel: 'resize', options: { width: 999, height: 749, fit: 'fill' } });
    expect(sizes(4000, 3000, 1, { width: 500, height: 500, fit: 'inside' })).toEqual({
      kernel: 'resize',
      options: { width: 500, height: 375, fit: 'fill' },
    });
    expect(sizes(4000, 3000, 1, { width: 500, height: 500, fit: 'outside' })).toEqual({
      kernel: 'resize',
      options: { width: 667, height: 500, fit: 'fill' },
    });
    const cover = { width: 500, height: 500, position: 'top' };
    expect(sizes(4000, 3000, 1, cover)).toEqual({ kernel: 'resize', options: cover });
    expect(sizes(4000, 3000, 1, { height: 1, width: 1, fit: 'inside', filter: 'box' })).toEqual({
      kernel: 'resize',
      options: { width: 1, height: 1, fit: 'fill', filter: 'box' },
    });
  });
});
