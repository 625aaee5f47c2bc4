/**
 * Every image kernel: the same bytes on every CPU level, in TypeScript, on every thread count; `out`, views
 * and what lies around them; and that every kernel has cases at all.
 */
import { kernels as listed, Pool } from 'everycore';
import * as image from 'everycore/image';
import { describe, expect, test } from 'vitest';
import { levels } from './every-level';
import { run } from './run-program';
import { everyCase, imageCases, noise } from './support/image-cases.mjs';

const { Image } = image;
type AnyKernel = (...args: unknown[]) => unknown;
const factory = (name: string) => (image as unknown as Record<string, (options: unknown) => AnyKernel>)[name];

async function digests(env: Record<string, string>, ...flags: string[]): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await run(['test/support/image-digests.mjs', ...flags], { env, timeout: 880_000 });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

function differing(a: Record<string, string>, b: Record<string, string>): string[] {
  return Object.keys(a)
    .filter((name) => a[name] !== b[name])
    .slice(0, 20);
}

test('every kernel of everycore/image is tried', () => {
  const tried = new Set(imageCases.map(({ kernel }) => kernel));
  const missing = listed().filter(({ entry, name }) => entry === 'image' && !tried.has(name));
  expect(
    missing.map(({ name }) => name),
    'add rows to test/support/image-cases.mjs',
  ).toEqual([]);
});

describe('the same bytes', () => {
  test('on every CPU level', async () => {
    const [first, ...others] = await Promise.all(levels.map((isa) => digests({ EVERYCORE_ISA: isa })));
    for (const other of others) expect(differing(first, other)).toEqual([]);
  }, 900_000);

  test('in TypeScript', async () => {
    const [native, typescript] = await Promise.all([digests({}, '--exact'), digests({ EVERYCORE_NATIVE: '0' }, '--exact')]);
    expect(Object.keys(typescript).length).toBeGreaterThan(100);
    expect(differing(native, typescript)).toEqual([]);
  }, 900_000);

  test('on one, two and three threads, split and by items', async () => {
    const bytes = await digests({}, '--pools');
    expect(Object.entries(bytes).filter(([, digest]) => digest.startsWith('other'))).toEqual([]);
  }, 900_000);
});

test('a view as input and as out: the same, and nothing around it is touched', () => {
  for (const { name, kernel, option, inputs } of everyCase(Image)) {
    const made = factory(kernel)(option);
    const plain = made(...inputs);
    if (!Image.isImage(plain) || !inputs.every(Image.isImage)) continue;
    const views = inputs.map((input: InstanceType<typeof Image>) => {
      const around = noise(Image, input.width + 5, input.height + 3, input.channels, dtypeOf(input.data), 9);
      const view = around.view(2, 1, input.width, input.height);
      for (let y = 0; y < input.height; y++) {
        view.data.set(input.data.subarray(y * input.stride, y * input.stride + input.width * input.channels) as never, y * view.stride);
      }
      return view;
    });
    const wide = new (plain.data.constructor as Uint8ArrayConstructor)((plain.width + 4) * (plain.height + 2) * plain.channels).fill(77);
    const around = Image.from({ data: wide, width: plain.width + 4, height: plain.height + 2, channels: plain.channels });
    const out = around.view(3, 1, plain.width, plain.height);
    made(...views, { out });
    const begin = around.stride + 3 * plain.channels;
    for (let i = 0; i < wide.length; i++) {
      const y = Math.floor((i - begin) / around.stride);
      const x = i - begin - y * around.stride;
      const inside = i >= begin && y < plain.height && x < plain.width * plain.channels;
      const expected = inside ? plain.data[y * plain.width * plain.channels + x] : 77;
      if (wide[i] !== expected && !(Number.isNaN(wide[i]) && Number.isNaN(expected))) {
        expect.fail(`${name}: element ${i} of out is ${wide[i]}, not ${expected}`);
      }
    }
  }
}, 120_000);

function dtypeOf(data: unknown): string {
  return data instanceof Uint8Array ? 'u8' : data instanceof Uint16Array ? 'u16' : 'f32';
}

test('more than one image through a pool keeps their order', async () => {
  const pool = new Pool(2);
  const images = Array.from({ length: 20 }, (_, i) => noise(Image, 10 + i, 8, 3, 'u8', i));
  const answers = await pool.map(image.grayscale(), images);
  expect(answers.map(({ width }) => width)).toEqual(images.map(({ width }: { width: number }) => width));
  await pool.terminate();
});

describe('what is wrong is said in one sentence', () => {
  const photo = Image.alloc(8, 6, 3);
  test.each([
    ['no size', () => image.resize({}), TypeError, 'resize needs width or height'],
    ['out of what answers no image', () => image.histogram()(photo, { out: photo } as never), TypeError, 'histogram takes no out, got an Image'],
    ['a size of 0', () => image.resize({ width: 0 }), RangeError, 'width of resize must be a whole number from 1'],
    ['half a pixel', () => image.resize({ width: 1.5 }), RangeError, 'got 1.5'],
    ['an unknown option', () => image.resize({ widht: 3 } as never), TypeError, 'got "widht"'],
    ['an unknown filter', () => image.resize({ width: 3, filter: 'cubic' as never }), TypeError, '\'lanczos3\', got "cubic"'],
    ['sigma 0', () => image.gaussianBlur({ sigma: 0 }), RangeError, 'sigma of gaussianBlur must be a finite number above 0'],
    ['sigma NaN', () => image.gaussianBlur({ sigma: Number.NaN }), RangeError, 'got NaN'],
    ['an even window', () => image.gaussianBlur({ size: 4 }), RangeError, 'must be an odd whole number, got 4'],
    ['no image', () => image.grayscale()({} as never), TypeError, 'grayscale takes an Image, got a plain object'],
    ['another dtype', () => image.grayscale()(Image.alloc(2, 2, 3, 'f32') as never), TypeError, 'got one of f32'],
    ['out of another size', () => image.grayscale()(photo, { out: Image.alloc(8, 6, 3) }), RangeError, 'out of grayscale must be 8×6×1, got 8×6×3'],
    ['out over the input', () => image.gaussianBlur({ sigma: 1 })(photo, { out: photo }), RangeError, 'must lie apart'],
    ['data too short', () => Image.from({ data: new Uint8Array(10), width: 8, height: 6, channels: 3 }), RangeError, 'must have 144 elements'],
    ['a size that overflows', () => Image.alloc(2 ** 31, 2 ** 31, 4), RangeError, 'Image'],
  ] as const)('%s', (_, wrong, type, message) => {
    expect(wrong).toThrow(type as ErrorConstructor);
    expect(wrong).toThrow(message);
  });
});
