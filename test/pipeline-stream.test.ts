/** Pictures that go from the decoder straight into the first kernel: the same bytes as when they are held whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'everycore';
import { grayscale, Image, medianBlur, pipeline, resize } from 'everycore/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vipsLibrary } from '../dist/image/codec/vips-library.js';
import type { Step } from '../dist/pipeline/data.js';
import { FrameStore, Frames } from '../dist/pipeline/frames.js';
import { makeSite } from '../dist/pipeline/pipeline.js';
import { flowOver } from '../dist/pipeline/stream.js';

const fixtures = join(__dirname, 'fixtures', 'codec');
const size = { format: 'jpeg' as const, width: 640, height: 480, channels: 3, dtype: 'u8' as const, orientation: 1 };

function picture(width: number, height: number, channels: number, dtype: 'u8' | 'u16' = 'u8') {
  const made = dtype === 'u8' ? Image.alloc(width, height, channels) : Image.alloc(width, height, channels, 'u16');
  for (let i = 0, state = 3; i < made.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made.data[i] = state >>> (dtype === 'u8' ? 24 : 16);
  }
  return made;
}

const bytesOf = ({ data }: { data: Uint8Array | Uint16Array | Int16Array | Float32Array }) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe.runIf(vipsLibrary().open)('streaming', () => {
  // With one thread every item is streamed: there are never more threads than items.
  let pool: Pool;
  beforeAll(() => {
    pool = new Pool(1);
  });
  afterAll(() => pool.terminate());

  test('kernels that take rows are given rows, others and lone items are not', () => {
    const site = makeSite(undefined, 2);
    const frames = new Frames(new FrameStore());
    const through = (...steps: Step[]) => flowOver(steps, size, site, frames)?.calls.length ?? 0;
    site.active = 2;
    expect(through({ kernel: 'resize', options: { width: 100 } })).toBe(1);
    expect(through({ kernel: 'grayscale' }, { kernel: 'invert' }, { custom: medianBlur({ size: 5 }) }, { kernel: 'flip' })).toBe(3);
    // Between the two passes of a resize lies more than rows.
    expect(through({ kernel: 'invert' }, { kernel: 'resize', options: { width: 100 } }, { kernel: 'invert' })).toBe(2);
    expect(through({ kernel: 'gaussianBlur', options: { sigma: 1 } })).toBe(1);
    expect(through({ kernel: 'gaussianBlur', options: { sigma: 1, border: 'wrap' } })).toBe(0);
    expect(through({ kernel: 'resize', options: { width: 100, filter: 'nearest' } })).toBe(0);
    // A copy of the same size is made row by row.
    expect(through({ kernel: 'resize', options: { width: 640, height: 480 } }, { kernel: 'invert' })).toBe(2);
    expect(through({ kernel: 'equalize' })).toBe(0);
    expect(through({ encode: 'jpeg' })).toBe(0);
    expect(through()).toBe(0);
    site.active = 1;
    expect(through({ kernel: 'resize', options: { width: 100 } })).toBe(0);
  });

  for (const [width, height] of [
    [37, 23],
    [640, 481],
    [1200, 900],
    [3000, 33],
    [20, 2000],
  ]) {
    for (const channels of [1, 2, 3, 4]) {
      test(`${width}×${height}×${channels}`, async () => {
        for (const dtype of ['u8', 'u16'] as const) {
          const source = picture(width, height, channels, dtype);
          const bytes = await (source as Image).encode('png', { compressionLevel: 1 });
          const steps = [
            { width: 17 },
            { width: 30, height: 9, fit: 'cover', position: 'top' },
            { width: 30, height: 9, fit: 'cover', position: 'bottom', filter: 'box' },
            { width: 50, height: 50, fit: 'contain', background: 7 },
            { width: 2 * width, filter: 'bilinear' },
          ] as const;
          for (const options of steps) {
            const answer = await pool.apply(pipeline().resize(options), [bytes]);
            expect(bytesOf(answer).equals(bytesOf(resize(options)(source))), JSON.stringify(options)).toBe(true);
          }
          if (dtype === 'u16') continue;
          const gray = await pool.apply(pipeline().grayscale().resize({ width: 20 }), [bytes]);
          expect(bytesOf(gray).equals(bytesOf(resize({ width: 20 })(grayscale()(source as Image))))).toBe(true);
        }
      });
    }
  }

  test('JPEG, progressive JPEG, CMYK, WebP and TIFF', async () => {
    for (const name of ['rgb.jpg', 'progressive.jpg', 'cmyk.jpg', 'rgb.webp', 'rgb.tif', 'orientation6.jpg', 'palette.gif']) {
      const bytes = readFileSync(join(fixtures, name));
      const expected = resize({ width: 21 })(await Image.open(bytes));
      expect((await pool.apply(pipeline({ shrinkOnLoad: false }).resize({ width: 21 }), [bytes])).data, name).toEqual(expected.data);
    }
  });

  test('a broken file is an error of decoding, and the next one is read', async () => {
    const bytes = readFileSync(join(fixtures, 'rgb.jpg'));
    const steps = pipeline({ shrinkOnLoad: false }).resize({ width: 21 });
    await expect(pool.apply(steps, [bytes.subarray(0, 900)])).rejects.toMatchObject({ name: 'ImageDecodeError', step: 'decode', index: 0 });
    expect((await pool.apply(steps, [bytes])).width).toBe(21);
  });
});
