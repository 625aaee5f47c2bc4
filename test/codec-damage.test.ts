/** The built-in codec and damage of every kind: what is refused, what is read all the same, and that nothing else happens. */
import { deflateSync } from 'node:zlib';
import { CodecMissingError, ImageDecodeError, PixelLimitError } from 'everycore';
import { Image } from 'everycore/image';
import { describe, expect, test } from 'vitest';
import { checkDecodeOptions } from '../dist/image/codec/options.js';
import { readChunks } from '../dist/image/codec/png-chunks.js';
import { chunk, header, type PngSpec, png, signature } from './support/png.js';

// Whatever else is installed: this is about the codec that is always there. Read at the first use of any.
process.env.EVERYCORE_CODEC = 'built-in';

const options = checkDecodeOptions(undefined);

/** Numbers that repeat from run to run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('damage', () => {
  const spec: PngSpec = { width: 40, height: 30, depth: 8, colourType: 2, sample: (x, y, c) => (x * 5 + y * 3 + c * 60) & 255 };

  test('truncated and corrupted files are errors, unless what could be read is asked for', async () => {
    const good = png(spec);
    const cut = good.subarray(0, Math.floor(good.length * 0.6));
    await expect(Image.open(cut)).rejects.toThrow(ImageDecodeError);
    await expect(Image.open(cut, { failOn: 'truncated' })).rejects.toThrow(/truncated/);
    const some = await Image.open(cut, { failOn: 'none' });
    const whole = await Image.open(good);
    expect(some.data.subarray(0, 360)).toEqual(whole.data.subarray(0, 360));
    expect(some.data.subarray(-120)).toEqual(new Uint8Array(120));
    const wrong = Buffer.from(good);
    wrong[wrong.length - 14] ^= 1; // the checksum of the pixels
    await expect(Image.open(wrong)).rejects.toThrow(/checksum/);
    expect((await Image.open(wrong, { failOn: 'truncated' })).data).toEqual(whole.data);
    const text = png({ ...spec, before: [chunk('tEXt', Buffer.from('a\0b'))] });
    text[text.indexOf('tEXt') + 5] ^= 1;
    expect((await Image.open(text)).data).toEqual(whole.data);
    await expect(Image.open(text, { failOn: 'warning' })).rejects.toThrow(/tEXt.*checksum/);
  });

  test('headers that no PNG has', async () => {
    for (const wrong of [{ depth: 3 }, { colourType: 5 }, { colourType: 2, depth: 4 }, { width: 0 }, { height: 0 }]) {
      const bytes = Buffer.concat([signature, header({ ...spec, ...wrong }), chunk('IDAT', Buffer.alloc(9)), chunk('IEND', Buffer.alloc(0))]);
      await expect(Image.open(bytes)).rejects.toThrow(ImageDecodeError);
    }
    await expect(Image.open(png({ ...spec, colourType: 3, sample: () => 0 }))).rejects.toThrow(/palette/);
    expect(() => readChunks(signature, options)).toThrow(/header/);
  });

  test('a bomb is refused from its header; one that lies in its data too', async () => {
    const bomb = Buffer.concat([signature, header({ ...spec, width: 60000, height: 60000 }), chunk('IDAT', Buffer.alloc(100))]);
    await expect(Image.open(bomb)).rejects.toThrow(PixelLimitError);
    await expect(Image.open(Buffer.from('P6 60000 60000 255 '))).rejects.toThrow(PixelLimitError);
    expect(await Image.probe(bomb)).toMatchObject({ width: 60000, height: 60000 });
    // Within the limit, but without the pixels: nothing is allocated for what isn't there.
    const before = process.memoryUsage().arrayBuffers;
    const empty = Buffer.concat([
      signature,
      header({ ...spec, width: 16000, height: 16000 }),
      chunk('IDAT', Buffer.from([0x78, 0x9c, 3, 0, 0, 0, 0, 1])),
    ]);
    await expect(Image.open(empty)).rejects.toThrow(ImageDecodeError);
    await expect(Image.open(Buffer.from('P6 16000 16000 255 '))).rejects.toThrow(/truncated/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
    // 8 × 8 pixels in the header, a hundred million bytes in the data: they are not decompressed.
    const lying = png({ ...spec, width: 8, height: 8 });
    const data = deflateSync(Buffer.alloc(1e8));
    const image = await Image.open(
      Buffer.concat([signature, header({ ...spec, width: 8, height: 8 }), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]),
    );
    expect(image.data.every((value) => value === 0)).toBe(true);
    expect((await Image.open(lying, { limitPixels: 64 })).width).toBe(8);
    await expect(Image.open(lying, { limitPixels: 63 })).rejects.toMatchObject({ step: 'decode', code: 'ERR_EVERYCORE_PIXEL_LIMIT' });
  });

  test('thousands of mutated files end in an image or in one of the errors', async () => {
    const next = random(99);
    const palette = [chunk('PLTE', Buffer.from(Array.from({ length: 48 }, (_, i) => i))), chunk('tRNS', Buffer.from([1, 2, 3]))];
    const seeds = [
      png(spec),
      png({ ...spec, interlaced: true, depth: 16, width: 9, height: 9 }),
      png({ ...spec, colourType: 3, depth: 4, sample: (x, y) => (x + y) & 15, before: palette }),
      Buffer.from(`P3 4 3 255 ${Array.from({ length: 36 }, (_, i) => i).join(' ')}`),
      Buffer.from(`P7\nWIDTH 4\nHEIGHT 3\nDEPTH 2\nMAXVAL 255\nTUPLTYPE X\nENDHDR\n${'x'.repeat(24)}`),
      Buffer.from(`P5 4 3 1000 ${'x'.repeat(24)}`),
    ];
    let images = 0;
    let errors = 0;
    for (let i = 0; i < 4000; i++) {
      const bytes = mutated(seeds[i % seeds.length], next);
      const failOn = (['none', 'truncated', 'error', 'warning'] as const)[Math.floor(next() * 4)];
      try {
        const { width, height, channels, data } = await Image.open(bytes, { failOn, limitPixels: 1e6 });
        expect(data.length).toBe(width * height * channels);
        images++;
      } catch (error) {
        const sound = error instanceof ImageDecodeError || error instanceof PixelLimitError || error instanceof CodecMissingError;
        if (!sound) throw error;
        errors++;
      }
    }
    expect(images).toBeGreaterThan(100);
    expect(errors).toBeGreaterThan(100);
  });
});

/** Some bytes changed, cut off, doubled or taken out. Checksums are put right half of the time, so that more than they is tried. */
function mutated(good: Buffer, next: () => number): Buffer {
  let bytes = Buffer.from(good);
  const pick = (below: number) => Math.floor(next() * below);
  for (let n = 1 + pick(4); n > 0; n--) {
    const at = pick(bytes.length);
    const kind = pick(10);
    if (kind < 6) bytes[at] = kind < 3 ? pick(256) : bytes[at] ^ (1 << pick(8));
    else if (kind < 8) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + pick(8))]);
    else if (kind < 9) bytes = bytes.subarray(0, Math.max(1, at));
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(pick(bytes.length))]);
    bytes = Buffer.from(bytes);
  }
  return bytes.length > 8 && bytes[0] === 0x89 && next() < 0.5 ? withChecksums(bytes) : bytes;
}

function withChecksums(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) break;
    bytes.set(chunk(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length)).subarray(-4), at + 8 + length);
    at += 12 + length;
  }
  return bytes;
}
