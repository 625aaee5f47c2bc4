/** Two images in one: composite lays one over the other, blend mixes them by shares. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { imageKernel, type SamePixelsKernel } from './declare';
import { Image, type ImageLike, imageView, type Pixels } from './image';
import { finiteOption, imageArgument, resultImage, wholeOption, wordOption } from './options';
import { type ToneDtype, whiteOf } from './point-operation';
import { eachSample, saturated } from './window';

const dtypes = ['u8', 'u16', 'f32'] as const;

const rowAt = ({ offset, stride }: View, y: number): number => offset + y * stride[0];

export interface BlendOptions {
  /** An image of the same size, channels and dtype. */
  over: ImageLike;
  /** The share of `over`, 0 to 1; default 0.5. */
  opacity?: number;
}

function overOption(name: string, value: unknown): ImageLike {
  if (!Image.isImage(value)) throw typeError(`over of ${name} must be an Image`, value);
  return imageArgument(name, [value], dtypes);
}

/** The dtype of an image, which the one over it must have. */
function commonDtype(name: string, image: ImageLike, over: ImageLike): ToneDtype {
  const [dtype, other] = [dtypeOf(image.data), dtypeOf(over.data)];
  if (dtype !== other) throw typeError(`over of ${name} must be of ${dtype} as the image, got one of ${other}`);
  return dtype as ToneDtype;
}

function opacityOption(name: string, value: unknown, fallback: number): number {
  const opacity = finiteOption(name, 'opacity', value, fallback);
  if (opacity < 0 || opacity > 1) throw rangeError(`opacity of ${name} must be from 0 to 1`, opacity);
  return opacity;
}

export const blend: (options: BlendOptions) => SamePixelsKernel = imageKernel({
  ...{ name: 'blend', family: 'alpha', dtypes },
  summary: 'Two images, each by its share.',
  parse: (options?: unknown) => {
    checkOptions('blend', options, ['over', 'opacity']);
    const given = (options ?? {}) as Partial<BlendOptions>;
    return { over: overOption('blend', given.over), opacity: opacityOption('blend', given.opacity, 0.5) };
  },
  call: ({ over, opacity }, args, out) => blendCall(over, opacity, args, out),
});

function blendCall(over: ImageLike, opacity: number, args: readonly unknown[], out: unknown): Call<Image<Pixels>> {
  const image = imageArgument('blend', args, dtypes);
  const { width, height, channels } = image;
  const size = ({ width: w, height: h, channels: c }: ImageLike) => `${w}×${h}×${c}`;
  if (size(over) !== size(image)) throw rangeError(`over of blend must be ${size(image)} as the image, got ${size(over)}`);
  const dtype = commonDtype('blend', image, over);
  const shape = { width, height, channels, dtype };
  const result = resultImage('blend', shape, out, image, true);
  resultImage('blend', shape, result, over, true);
  const [a, b, target] = [imageView(image), imageView(over), imageView(result)];
  return {
    kernel: 'blend',
    views: [a, b, target],
    params: [opacity],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.5 }],
    reference: () =>
      eachSample(target, (i, y) => {
        const below = a.data[rowAt(a, y) + i] as number;
        return saturated(below + ((b.data[rowAt(b, y) + i] as number) - below) * opacity, dtype);
      }),
    finish: () => result,
  };
}

/** The order is that of `Mode` in native/kernels/image/alpha-inl.h. */
const modes = ['over', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'add', 'difference'] as const;
type Mode = (typeof modes)[number];

export interface CompositeOptions {
  /** The image to lay over the other; of its dtype, gray or RGB, with or without alpha. */
  over: ImageLike;
  /** Where its left upper corner lies; it may stick out. Default 0. */
  x?: number;
  y?: number;
  /** Default 'over'. The others are those of the W3C's Compositing and Blending, by sharp's words. */
  mode?: Mode;
  /** Factor of its alpha, 0 to 1; default 1. */
  opacity?: number;
}

interface ParsedComposite extends Required<Omit<CompositeOptions, 'over'>> {
  readonly over: ImageLike;
}

const reachMax = 2 ** 24;

export const composite: (options: CompositeOptions) => SamePixelsKernel = imageKernel({
  ...{ name: 'composite', family: 'alpha', dtypes },
  summary: 'Another image laid over this one.',
  parse: (options?: unknown): ParsedComposite => {
    const name = 'composite';
    checkOptions(name, options, ['over', 'x', 'y', 'mode', 'opacity']);
    const given = (options ?? {}) as Partial<CompositeOptions>;
    return {
      over: overOption(name, given.over),
      x: wholeOption(name, 'x', given.x, -reachMax, reachMax, 0),
      y: wholeOption(name, 'y', given.y, -reachMax, reachMax, 0),
      mode: wordOption(name, 'mode', given.mode, modes, 'over'),
      opacity: opacityOption(name, given.opacity, 1),
    };
  },
  call: (parsed, args, out) => compositeCall(parsed, args, out),
});

function compositeCall(options: ParsedComposite, args: readonly unknown[], out: unknown): Call<Image<Pixels>> {
  const { over, x, y, mode, opacity } = options;
  const image = imageArgument('composite', args, dtypes);
  const { width, height, channels } = image;
  if (channels < 3 && over.channels >= 3) throw typeError(`over of composite must be gray to lie over a gray Image, got ${over.channels} channels`);
  const dtype = commonDtype('composite', image, over);
  const shape = { width, height, channels, dtype };
  const result = resultImage('composite', shape, out, image, true);
  // Laid over itself in place, an image would be read after it was written.
  if (out !== undefined) resultImage('composite', shape, result, over);
  const [base, upper, target] = [imageView(image), imageView(over), imageView(result)];
  return {
    kernel: 'composite',
    views: [base, upper, target],
    params: [x, y, modes.indexOf(mode), opacity],
    phases: [{ units: height, grain: 1, cost: 30 + width * (mode === 'over' && opacity === 1 ? 0.6 : 15) }],
    reference: () => compositeReference(base, upper, target, options),
    finish: () => result,
  };
}

/** What two opaque colours, 0 to 1, make of each other. */
const mixers: Readonly<Record<Exclude<Mode, 'add'>, (below: number, above: number) => number>> = {
  over: (_, above) => above,
  multiply: (below, above) => below * above,
  screen: (below, above) => below + above - below * above,
  overlay: (below, above) => (below <= 0.5 ? 2 * below * above : 1 - 2 * (1 - below) * (1 - above)),
  darken: (below, above) => Math.min(below, above),
  lighten: (below, above) => Math.max(below, above),
  difference: (below, above) => Math.abs(above - below),
};

function compositeReference(base: View, over: View, target: View, { x: left, y: top, mode, opacity }: ParsedComposite): void {
  const [height, width, channels] = base.shape;
  const [overHeight, overWidth, overChannels] = over.shape;
  const colors = channels < 3 ? 1 : 3;
  const [below, above, to] = [base.data, over.data, target.data] as [Pixels, Pixels, Pixels];
  const dtype = dtypeOf(to) as ToneDtype;
  const white = whiteOf[dtype];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const under = rowAt(base, y) + x * channels;
      const at = rowAt(target, y) + x * channels;
      const [column, row] = [x - left, y - top];
      if (column < 0 || row < 0 || column >= overWidth || row >= overHeight) {
        for (let c = 0; c < channels; c++) to[at + c] = below[under + c];
        continue;
      }
      const upper = rowAt(over, row) + column * overChannels;
      const a = (channels > colors ? below[under + colors] : white) / white;
      const b = ((overChannels % 2 === 0 ? above[upper + overChannels - 1] : white) / white) * opacity;
      const alpha = mode === 'add' ? Math.min(1, a + b) : a + b - a * b;
      for (let c = 0; c < colors; c++) {
        const [lower, higher] = [below[under + c] / white, above[upper + (overChannels < 3 ? 0 : c)] / white];
        const sum = mode === 'add' ? b * higher + a * lower : b * (1 - a) * higher + a * (1 - b) * lower + a * b * mixers[mode](lower, higher);
        to[at + c] = alpha === 0 ? 0 : saturated((sum / alpha) * white, dtype);
      }
      if (channels > colors) to[at + colors] = saturated(alpha * white, dtype);
    }
  }
}
