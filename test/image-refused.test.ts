/**
 * What image kernels refuse, for every kernel there is: arguments that are no images or do not fit, `out` that
 * does not fit, options that are none or make no sense. Each is one sentence that names the kernel, before anything runs.
 */
import { kernels as listed } from 'everycore';
import * as image from 'everycore/image';
import { describe, expect, test } from 'vitest';
import { everyCase, noise } from './support/image-cases.mjs';

const { Image } = image;
type Any = image.Image<never>;
type Made = (...args: unknown[]) => unknown;

interface Case {
  readonly kernel: string;
  readonly option: Record<string, unknown> | undefined;
  readonly inputs: readonly unknown[];
}

const make = (name: string, options?: unknown): Made => (image as unknown as Record<string, (options: unknown) => Made>)[name](options);

const casesOf = new Map<string, Case[]>();
for (const each of everyCase(Image, [[12, 13]]) as Iterable<Case>) {
  casesOf.set(each.kernel, [...(casesOf.get(each.kernel) ?? []), each]);
}
const known = listed().filter(({ entry }) => entry === 'image');

/** What is wrong with the answer to a wrong call; undefined when it is refused as it should be. */
function fault(kernel: string, what: string, wrong: () => unknown): string | undefined {
  try {
    wrong();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const ours = (error instanceof TypeError || error instanceof RangeError) && code?.startsWith('ERR_EVERYCORE_');
    if (!ours) return `${what}: not an error of ours: ${error}`;
    const sentence = !/\n|\. |\.$/.test(message) && message.includes(kernel);
    return sentence ? undefined : `${what}: not one sentence that names the kernel: ${message}`;
  }
  return `${what}: accepted`;
}

const imageOf = (data: unknown, { width, height, channels }: Pick<Any, 'width' | 'height' | 'channels'>): Any =>
  new Image(data as never, width, height, channels) as unknown as Any;

function* wrongArguments(name: string, dtypes: readonly string[]): Generator<[what: string, wrong: () => unknown]> {
  const [{ option, inputs }] = casesOf.get(name) as Case[];
  const made = make(name, option);
  for (const bad of [undefined, null, 3, 'x', {}, new Uint8Array(9)]) yield [`called with ${bad}`, () => made(bad)];
  const [first, ...rest] = inputs as Any[];
  if (!Image.isImage(first)) return;
  yield ['an image of i16', () => made(imageOf(new Int16Array(first.data.length), first), ...rest)];
  for (const dtype of ['u8', 'u16', 'f32'].filter((each) => !dtypes.includes(each))) {
    yield [`an image of ${dtype}`, () => made(noise(Image, first.width, first.height, first.channels, dtype), ...rest)];
  }
  yield ['one argument more', () => made(first, ...rest, 5)];
  yield ['an option of the call', () => made(first, ...rest, { size: 5 })];
  yield ['a number as out', () => made(first, ...rest, { out: 3 })];
  const answer = made(first, ...rest) as Any;
  if (!Image.isImage(answer)) return;
  const wider = { ...answer, width: answer.width + 1 } as Any;
  const data = answer.data as Uint8Array;
  const other = data instanceof Uint8Array ? Uint16Array : Uint8Array;
  const fresh = (length: number) => new (data.constructor as Uint8ArrayConstructor)(length);
  yield ['an out of another size', () => made(first, ...rest, { out: imageOf(fresh(wider.width * wider.height * wider.channels), wider) })];
  yield ['an out of another dtype', () => made(first, ...rest, { out: imageOf(new other(data.length), answer) })];
  yield ['an array as out', () => made(first, ...rest, { out: data })];
  if (data.constructor !== (first.data as Uint8Array).constructor || data.length !== (first.data as Uint8Array).length) return;
  if (answer.width !== first.width || answer.channels !== first.channels) return;
  const tall = imageOf(fresh(first.width * (first.height + 1) * first.channels), { ...first, height: first.height + 1 } as Any);
  const [above, below] = [0, 1].map((y) => tall.view(0, y, first.width, first.height));
  yield ['an out that overlaps the image partly', () => made(above, ...rest, { out: below })];
}

const nonsense = (value: unknown): unknown[] => {
  if (typeof value === 'number') return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'x', null, {}, [], true];
  if (typeof value === 'string') return ['x', 3, null, {}];
  if (typeof value === 'boolean') return ['x', 3, null];
  return [3, 'x', null, {}, [], [Number.NaN], [['x']]];
};

function* wrongOptions(name: string): Generator<[what: string, wrong: () => unknown]> {
  const cases = casesOf.get(name) as Case[];
  yield ['an unknown option', () => make(name, { ...cases[0].option, nonsense: 1 })];
  for (const bad of [3, 'x', null, [1]]) yield [`options ${JSON.stringify(bad)}`, () => make(name, bad)];
  const seen = new Set<string>();
  for (const { option, inputs } of cases) {
    for (const [key, value] of Object.entries(option ?? {}).filter(([each]) => !seen.has(each))) {
      seen.add(key);
      for (const bad of nonsense(value)) {
        yield [`${key} ${typeof bad === 'number' ? bad : JSON.stringify(bad)}`, () => make(name, { ...option, [key]: bad })(...inputs)];
      }
    }
  }
}

describe.each(known.map(({ name, dtypes }) => ({ name, dtypes })))('$name', ({ name, dtypes }) => {
  test('arguments and out', () => {
    expect([...wrongArguments(name, dtypes)].map(([what, wrong]) => fault(name, what, wrong)).filter(Boolean)).toEqual([]);
  });

  test('options', () => {
    expect([...wrongOptions(name)].map(([what, wrong]) => fault(name, what, wrong)).filter(Boolean)).toEqual([]);
  });
});

describe('sizes', () => {
  const photo = Image.alloc(12, 13, 3);
  const most = 2 ** 24;
  test.each<[kernel: string, wrong: () => unknown]>([
    ['resize', () => image.resize({ width: 0, height: 2 })],
    ['resize', () => image.resize({ width: 1e9 })],
    ['resize', () => image.resize({ width: most, height: most, fit: 'fill' })(photo)],
    ['pad', () => image.pad({ left: most, top: most })(photo)],
    ['affine', () => image.affine({ matrix: [1, 0, 0, 0, 1, 0], width: most, height: most })(photo)],
    ['affine', () => image.affine({ matrix: [1, 0, 0, 0, 1, 0], width: 0, height: 1 })],
    ['crop', () => image.crop({ x: 0, y: 0, width: 0, height: 1 })],
    ['crop', () => image.crop({ x: 11, y: 0, width: 2, height: 1 })(photo)],
    ['remap', () => image.remap({ mapX: new Float32Array(0), mapY: new Float32Array(0), width: 0, height: 0 })],
    ['medianBlur', () => image.medianBlur({ size: 4 })],
    ['boxBlur', () => image.boxBlur({ size: 2048 })],
    ['gaussianBlur', () => image.gaussianBlur({ sigma: 0 })],
    ['gaussianBlur', () => image.gaussianBlur({ sigma: -1 })],
    ['gaussianBlur', () => image.gaussianBlur({ sigma: 1001 })],
    ['convolve', () => image.convolve({ kernel: Array.from({ length: 256 }, () => [1]) })],
    ['adaptiveThreshold', () => image.adaptiveThreshold({ size: 4 })],
    ['erode', () => image.erode({ size: 1e6 })],
    ['clahe', () => image.clahe({ tiles: [1e9, 1] })],
    ['ssim', () => image.ssim()(Image.alloc(3, 3, 1), Image.alloc(3, 3, 1))],
    ['matchTemplate', () => image.matchTemplate({ template: Image.alloc(20, 2, 3) })(photo)],
    ['absdiff', () => image.absdiff()(photo, Image.alloc(12, 13, 1))],
    ['otsu', () => image.otsu()(photo)],
    ['canny', () => image.canny({ low: 1, high: 2 })(photo)],
    ['Image', () => Image.alloc(2 ** 26, 2 ** 26, 4, 'f32')],
    ['Image', () => Image.alloc(0, 3, 1)],
    ['Image', () => Image.from({ data: new Uint8Array(35), width: 3, height: 4, channels: 3 })],
    ['Image', () => Image.from({ data: new Uint8Array(36), width: 3, height: 4, channels: 5 })],
    ['Image', () => Image.from({ data: new Float64Array(36) as never, width: 3, height: 4, channels: 3 })],
  ])('%s %#', (kernel, wrong) => {
    expect(fault(kernel, 'size', wrong)).toBeUndefined();
  });

  test('an angle as large as you like', () => {
    expect(image.rotate({ angle: 360e6 + 30 })(photo)).toEqual(image.rotate({ angle: 30 })(photo));
    expect(image.rotate({ angle: 1e308 })(photo).width).toBeGreaterThan(11);
  });
});
