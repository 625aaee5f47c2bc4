/**
 * convertColor: colours in the numbers of another space. Every pixel goes through RGB; alpha stays.
 * sRGB by IEC 61966-2-1, XYZ of D65, Lab of CIE; hues, YCrCb and what bytes stand for as OpenCV.
 */
import { typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { vectorView } from '../kernels/operands';
import { imageKernel, type SamePixelsKernel } from './declare';
import { type Image, imageView, type Pixels } from './image';
import { byteOfLight, byteTables, lightOf, srgbOf } from './light';
import { byteOf, imageArgument, resultImage, wordOption } from './options';

/** The order is that of `Space` in native/kernels/image/convert-color-inl.h. */
const spaces = ['rgb', 'gray', 'hsv', 'hsl', 'lab', 'ycbcr', 'linear', 'xyz'] as const;
export type ColorSpace = (typeof spaces)[number];

export interface ConvertColorOptions {
  /** Default: rgb, or gray for an image of 1 or 2 channels. */
  from?: ColorSpace;
  /**
   * Bytes: H / 2, S and V or L from 0 to 255; Y, Cb, Cr of the full range; Lab as L · 2.55, a + 128, b + 128; XYZ and linear light · 255.
   * Floats: rgb, xyz, linear and ycbcr from 0 to 1, H from 0 to 360, Lab in CIE's units.
   */
  to: ColorSpace;
}

const name = 'convertColor';

interface Parsed {
  readonly from: ColorSpace | undefined;
  readonly to: ColorSpace;
}

function parse(options?: unknown): Parsed {
  checkOptions(name, options, ['from', 'to']);
  const given = (options ?? {}) as Partial<ConvertColorOptions>;
  if (given.to === undefined) throw typeError(`to of ${name} must name a colour space: ${spaces.join(', ')}`, given.to);
  const from = given.from === undefined ? undefined : wordOption(name, 'from', given.from, spaces, 'rgb');
  return { from, to: wordOption(name, 'to', given.to, spaces, 'rgb') };
}

type Color = readonly [number, number, number];

/** What needs roots and powers. */
interface LightMath {
  light(value: number): number;
  srgb(light: number): number;
  root(t: number): number;
}

function rootOf(t: number): number {
  return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
}

const floatMath: LightMath = { light: lightOf, srgb: srgbOf, root: rootOf };

let roots: Float64Array | undefined;

/** Lab's root of every 32768th, up to 1. */
function rootTable(): Float64Array {
  return (roots ??= Float64Array.from({ length: 32769 }, (_, i) => rootOf(i / 32768)));
}

/** By tables, of which the native kernel has the same. */
function byteMath(): LightMath {
  const tables = byteTables();
  const table = rootTable();
  return {
    light: (value) => tables.light[Math.trunc(Math.min(255, Math.max(0, value * 255 + 0.5)))],
    srgb: (light) => byteOfLight(tables, Math.fround(light)) / 255,
    root: (t) => {
      if (t >= 1) return 1 + (t - 1) / 3;
      const place = Math.max(0, t) * 32768;
      const whole = Math.trunc(place);
      return table[whole] + (table[whole + 1] - table[whole]) * (place - whole);
    },
  };
}

const white = [0.95047, 1, 1.08883] as const;

function toXyz([r, g, b]: Color): Color {
  return [0.412453 * r + 0.35758 * g + 0.180423 * b, 0.212671 * r + 0.71516 * g + 0.072169 * b, 0.019334 * r + 0.119193 * g + 0.950227 * b];
}

function fromXyz([x, y, z]: Color): Color {
  return [3.240481 * x - 1.537152 * y - 0.498536 * z, -0.969255 * x + 1.87599 * y + 0.041556 * z, 0.055647 * x - 0.204041 * y + 1.057311 * z];
}

const map = ([a, b, c]: Color, f: (value: number) => number): Color => [f(a), f(b), f(c)];

function hueOf([r, g, b]: Color, most: number, range: number): number {
  if (range === 0) return 0;
  const turn = most === r ? (60 * (g - b)) / range : most === g ? 120 + (60 * (b - r)) / range : 240 + (60 * (r - g)) / range;
  return turn < 0 ? turn + 360 : turn;
}

function ofHue(degrees: number, least: number, most: number): Color {
  let sixths = degrees / 60;
  sixths -= 6 * Math.trunc(sixths / 6);
  if (sixths < 0) sixths += 6;
  const part = Math.trunc(sixths);
  const rise = least + (most - least) * (sixths - part);
  const fall = most - (most - least) * (sixths - part);
  const colors: readonly Color[] = [
    [most, rise, least],
    [fall, most, least],
    [least, most, rise],
    [least, fall, most],
    [rise, least, most],
    [most, least, fall],
  ];
  return colors[Math.min(part, 5)];
}

const lumaOf = ([r, g, b]: Color): number => 0.299 * r + 0.587 * g + 0.114 * b;

function fromRgb(math: LightMath, space: ColorSpace, color: Color): Color {
  const most = Math.max(...color);
  const least = Math.min(...color);
  const range = most - least;
  switch (space) {
    case 'rgb':
      return color;
    case 'gray':
      return [lumaOf(color), 0, 0];
    case 'hsv':
      return [hueOf(color, most, range), most > 0 ? range / most : 0, most];
    case 'hsl': {
      const middle = (most + least) / 2;
      const width = middle < 0.5 ? most + least : 2 - most - least;
      return [hueOf(color, most, range), range > 0 && width > 0 ? range / width : 0, middle];
    }
    case 'ycbcr': {
      const y = lumaOf(color);
      return [y, (color[2] - y) * 0.564 + 128 / 255, (color[0] - y) * 0.713 + 128 / 255];
    }
    case 'linear':
      return map(color, math.light);
    case 'xyz':
      return toXyz(map(color, math.light));
    case 'lab': {
      const xyz = toXyz(map(color, math.light));
      const [x, y, z] = [math.root(xyz[0] / white[0]), math.root(xyz[1]), math.root(xyz[2] / white[2])];
      return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
    }
  }
}

const cubed = (f: number): number => (f > 6 / 29 ? f * f * f : ((116 * f - 16) * 27) / 24389);

function toRgb(math: LightMath, space: ColorSpace, color: Color): Color {
  const [a, b, c] = color;
  switch (space) {
    case 'rgb':
      return color;
    case 'gray':
      return [a, a, a];
    case 'hsv':
      return ofHue(a, c - c * b, c);
    case 'hsl': {
      const half = b * (c < 0.5 ? c : 1 - c);
      return ofHue(a, c - half, c + half);
    }
    case 'ycbcr': {
      const [cb, cr] = [b - 128 / 255, c - 128 / 255];
      return [a + 1.403 * cr, a - 0.714 * cr - 0.344 * cb, a + 1.773 * cb];
    }
    case 'linear':
      return map(color, math.srgb);
    case 'xyz':
      return map(fromXyz(color), math.srgb);
    case 'lab': {
      const y = (a + 16) / 116;
      return map(fromXyz([cubed(y + b / 500) * white[0], cubed(y), cubed(y - c / 200) * white[2]]), math.srgb);
    }
  }
}

/** What bytes stand for. */
function fromBytes(space: ColorSpace, [a, b, c]: Color): Color {
  if (space === 'hsv' || space === 'hsl') return [a * 2, b / 255, c / 255];
  if (space === 'lab') return [(a * 100) / 255, b - 128, c - 128];
  return [a / 255, b / 255, c / 255];
}

function toBytes(space: ColorSpace, [a, b, c]: Color): Color {
  if (space === 'hsv' || space === 'hsl') return [a / 2 >= 179.5 ? 0 : a / 2, b * 255, c * 255];
  if (space === 'lab') return [(a * 255) / 100, b + 128, c + 128];
  return [a * 255, b * 255, c * 255];
}

function call(parsed: Parsed, args: readonly unknown[], out?: unknown): Call<Image<Pixels>> {
  const image = imageArgument(name, args, ['u8', 'f32']);
  const { width, height, channels } = image;
  const dtype = dtypeOf(image.data);
  const { from = channels < 3 ? 'gray' : 'rgb', to } = parsed;
  const colors = from === 'gray' ? 1 : 3;
  const hasAlpha = channels % 2 === 0;
  if (channels - Number(hasAlpha) !== colors) {
    throw typeError(`${name} from ${from} takes an Image of ${colors} or ${colors + 1} channels, got one of ${channels}`);
  }
  const resultChannels = (to === 'gray' ? 1 : 3) + Number(hasAlpha);
  const result = resultImage(name, { width, height, channels: resultChannels, dtype }, out, image, resultChannels === channels);
  const bytes = dtype === 'u8';
  const [source, target] = [imageView(image), imageView(result)];
  return {
    kernel: name,
    views: [source, ...(bytes ? tableViews() : []), target],
    params: [spaces.indexOf(from), spaces.indexOf(to)],
    phases: [{ units: height, grain: 1, cost: 50 + width * (bytes ? 1.5 : 150) }],
    rowsFrom: 0,
    reference: () => convertReference(source, target, from, to, bytes),
    finish: () => result,
  };
}

function tableViews(): View[] {
  const { light, dark, least } = byteTables();
  return [light, dark, least, rootTable()].map(vectorView);
}

function convertReference(source: View, target: View, from: ColorSpace, to: ColorSpace, bytes: boolean): void {
  const [height, width, channels] = source.shape;
  const resultChannels = target.shape[2];
  const math = bytes ? byteMath() : floatMath;
  const [colors, resultColors] = [from === 'gray' ? 1 : 3, to === 'gray' ? 1 : 3];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = source.offset + y * source.stride[0] + x * channels;
      const next = target.offset + y * target.stride[0] + x * resultChannels;
      const color = [0, 1, 2].map((c) => (c < colors ? source.data[at + c] : 0)) as unknown as Color;
      const alpha = source.data[at + channels - 1];
      const answer = fromRgb(math, to, toRgb(math, from, bytes ? fromBytes(from, color) : color));
      const numbers = bytes ? map(toBytes(to, answer), byteOf) : answer;
      for (let c = 0; c < resultColors; c++) target.data[next + c] = numbers[c];
      if (channels > colors) target.data[next + resultColors] = alpha;
    }
  }
}

export const convertColor: (options: ConvertColorOptions) => SamePixelsKernel = imageKernel({
  ...{ name, family: 'point', dtypes: ['u8', 'f32'], parse, call },
  summary: 'Colours in the numbers of another space.',
});
