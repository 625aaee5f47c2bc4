/**
 * grayscale: one number out of red, green and blue. RGB becomes one channel, RGBA gray and alpha (alpha
 * as it was); gray images, with or without alpha, stay as they are.
 */
import type { Call, View } from '../kernels/call';
import { checkOptions } from '../kernels/kernel';
import { type Image, imageView } from './image';
import { lightOf } from './light';
import { imageArgument, resultImage, wordOption } from './options';

export interface GrayscaleOptions {
  /**
   * `bt601` (default): OpenCV's RGB2GRAY, bit by bit. `pillow`: Pillow's 'L', bit by bit. `bt709`:
   * .2126 R + .7152 G + .0722 B of the bytes as they are, rounded half to even. `linear`: the same of
   * linear light, encoded back to sRGB.
   */
  method?: 'bt601' | 'pillow' | 'bt709' | 'linear';
}

/** The order of the first three is that of `weighBytes` in native/kernels/image/grayscale-inl.h. */
const methods = ['bt601', 'pillow', 'bt709', 'linear'] as const;

export type ParsedGrayscale = Readonly<Required<GrayscaleOptions>>;

export function parseGrayscale(options?: unknown): ParsedGrayscale {
  checkOptions('grayscale', options, ['method']);
  const { method } = (options ?? {}) as GrayscaleOptions;
  return Object.freeze({ method: wordOption('grayscale', 'method', method, methods, 'bt601') });
}

/** Units are rows. `out` may be the image itself when that is gray already. */
export function grayscaleCall({ method }: ParsedGrayscale, args: readonly unknown[], out?: unknown): Call<Image> {
  const image = imageArgument('grayscale', args, ['u8']);
  const { width, height } = image;
  const isGray = image.channels < 3;
  const channels = isGray ? image.channels : image.channels - 2;
  const result = resultImage('grayscale', { width, height, channels, dtype: 'u8' }, out, image, isGray) as Image;
  const source = imageView(image);
  const target = imageView(result);
  const linear = method === 'linear' && !isGray;
  return {
    kernel: linear ? 'grayscaleLinear' : 'grayscale',
    views: linear ? [source, ...lightViews(), target] : [source, target],
    params: linear ? [] : [methods.indexOf(isGray ? 'bt601' : method)],
    phases: [{ units: height, grain: 1, cost: 10 + width * (linear ? 1.2 : 0.12) }],
    rowsFrom: 0,
    reference: () => grayscaleReference(source, target, linear ? byLight() : byBytes[method as keyof typeof byBytes]),
    finish: () => result,
  };
}

type Weigh = (red: number, green: number, blue: number) => number;

const byBytes: Record<'bt601' | 'pillow' | 'bt709', Weigh> = {
  bt601: (red, green, blue) => (9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15,
  pillow: (red, green, blue) => (19595 * red + 38470 * green + 7471 * blue + (1 << 15)) >> 16,
  bt709: (red, green, blue) => {
    const sum = 1063 * red + 3576 * green + 361 * blue;
    const above = ((sum + 2500) / 5000) | 0;
    return above * 5000 - 2500 === sum ? above & ~1 : above;
  },
};

function grayscaleReference(source: View, target: View, weigh: Weigh | undefined): void {
  const [height, width, channels] = source.shape;
  const from = source.data as Uint8Array;
  const to = target.data as Uint8Array;
  for (let y = 0; y < height; y++) {
    let at = source.offset + y * source.stride[0];
    let next = target.offset + y * target.stride[0];
    if (channels < 3) {
      to.set(from.subarray(at, at + width * channels), next);
      continue;
    }
    for (let x = 0; x < width; x++, at += channels) {
      to[next++] = (weigh as Weigh)(from[at], from[at + 1], from[at + 2]);
      if (channels === 4) to[next++] = from[at + 3];
    }
  }
}

interface LightTables {
  /** Light of each byte of red, green and blue, weighed: three times 256. Then, for each gray but the first, the least light that makes it. */
  readonly light: Float64Array;
  /** For each 4096th of light the gray that this much makes. Nowhere do two grays begin within one 4096th, so it is at most one too dark for the light above. */
  readonly dark: Uint8Array;
}

let lightTables: LightTables | undefined;

/** The tables are numbers of this one place for all CPU levels, whose bytes are therefore the same. */
function tables(): LightTables {
  if (lightTables !== undefined) return lightTables;
  const light = new Float64Array(1024);
  [0.2126, 0.7152, 0.0722].forEach((weight, channel) => {
    for (let byte = 0; byte < 256; byte++) light[256 * channel + byte] = weight * lightOf(byte / 255);
  });
  for (let gray = 0; gray < 255; gray++) light[768 + gray] = lightOf((gray + 0.5) / 255);
  light[1023] = Infinity;
  const dark = new Uint8Array(4097);
  for (let i = 0, gray = 0; i < dark.length; i++) {
    while (light[768 + gray] <= i / 4096) gray++;
    dark[i] = gray;
  }
  return (lightTables = { light, dark });
}

function lightViews(): View[] {
  return [tables().light, tables().dark].map((data) => ({ data, offset: 0, shape: [data.length], stride: [1] }));
}

function byLight(): Weigh {
  const { light, dark } = tables();
  return (red, green, blue) => {
    const sum = light[red] + light[256 + green] + light[512 + blue];
    const below = dark[Math.trunc(sum * 4096)];
    return sum >= light[768 + below] ? below + 1 : below;
  };
}
