/** Channels taken out of images and put together anew: splitChannels, mergeChannels, swapChannels, extractChannel. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { dtypeOf } from '../kernels/dtype';
import { checkOptions, type Kernel } from '../kernels/kernel';
import { imageKernel, type SamePixelsKernel } from './declare';
import { type Image, type ImageLike, imageView, type Pixels } from './image';
import { imageArgument, imagesOverlap, resultImage, wholeOption } from './options';

const dtypes = ['u8', 'u16', 'f32'] as const;
const family = 'channels';

/** Nanoseconds that a sample takes. */
const sampleNs = 0.3;

/** For each channel of each result: the number of an image and of its channel. */
type Picks = readonly (readonly [image: number, channel: number])[][];

function takeCall<R>(images: readonly ImageLike[], results: readonly Image<Pixels>[], picks: Picks, answer: R): Call<R> {
  const sources = images.map(imageView);
  const targets = results.map(imageView);
  const { width, height } = images[0];
  return {
    kernel: 'takeChannels',
    views: [...sources, ...targets],
    params: [sources.length, ...picks.flat(2)],
    phases: [{ units: height, grain: 1, cost: 20 + width * picks.flat().length * sampleNs }],
    rowsFrom: images.length === 1 ? 0 : undefined,
    reference: () => targets.forEach((target, i) => picks[i].forEach(([image, channel], c) => takeReference(sources[image], channel, target, c))),
    finish: () => answer,
  };
}

function takeReference(source: View, channel: number, target: View, c: number): void {
  const [height, width] = target.shape;
  for (let y = 0; y < height; y++) {
    let from = source.offset + y * source.stride[0] + channel;
    let to = target.offset + y * target.stride[0] + c;
    for (let x = 0; x < width; x++, from += source.stride[1], to += target.stride[1]) target.data[to] = source.data[from];
  }
}

/** One image with the given channels of the image. */
function picked(name: string, image: ImageLike, channels: readonly number[], out: unknown): Call<Image<Pixels>> {
  const { width, height } = image;
  const wrong = channels.find((channel) => channel >= image.channels);
  if (wrong !== undefined) throw rangeError(`${name} must name channels of the image, which has ${image.channels}`, wrong);
  const result = resultImage(name, { width, height, channels: channels.length, dtype: dtypeOf(image.data) }, out, image);
  return takeCall([image], [result], [channels.map((channel) => [0, channel] as const)], result);
}

export interface ExtractChannelOptions {
  /** Counted from 0. */
  channel: number;
}

export interface SwapChannelsOptions {
  /** For each channel of the result the channel of the image it is: [2, 1, 0] turns RGB into BGR. */
  order: readonly number[];
}

export const extractChannel: (options: ExtractChannelOptions) => SamePixelsKernel = imageKernel({
  ...{ name: 'extractChannel', family, dtypes },
  summary: 'One channel as an image of its own.',
  parse: (options?: unknown) => {
    checkOptions('extractChannel', options, ['channel']);
    return [wholeOption('extractChannel', 'channel', (options as ExtractChannelOptions | undefined)?.channel, 0, 3)];
  },
  call: (channels, args, out) => picked('extractChannel', imageArgument('extractChannel', args, dtypes), channels, out),
});

export const swapChannels: (options: SwapChannelsOptions) => SamePixelsKernel = imageKernel({
  ...{ name: 'swapChannels', family, dtypes },
  summary: 'The channels in another order.',
  parse: (options?: unknown) => {
    const name = 'swapChannels';
    checkOptions(name, options, ['order']);
    const order: unknown = (options as SwapChannelsOptions | undefined)?.order;
    if (!Array.isArray(order)) throw typeError(`order of ${name} must be an array of channels`, order);
    if (order.length < 1 || order.length > 4) throw rangeError(`order of ${name} must name 1 to 4 channels, got ${order.length}`);
    return order.map((channel) => wholeOption(name, 'each of order', channel, 0, 3));
  },
  call: (channels, args, out) => picked('swapChannels', imageArgument('swapChannels', args, dtypes), channels, out),
});

/** Answers an image of one channel for each channel. */
export interface SplitChannelsKernel {
  <T extends Pixels>(image: ImageLike<T>, options?: { readonly out?: readonly Image<T>[] }): Image<T>[];
  readonly kernelName: string;
  readonly family: string;
}

export const splitChannels: () => SplitChannelsKernel = imageKernel({
  ...{ name: 'splitChannels', family, dtypes },
  summary: 'Each channel as an image of its own.',
  parse: (options?: unknown) => checkOptions('splitChannels', options, []),
  call: (_, args, out) => splitCall(imageArgument('splitChannels', args, dtypes), out),
});

function splitCall(image: ImageLike, out: unknown): Call<Image<Pixels>[]> {
  const { width, height, channels } = image;
  if (out !== undefined && !(Array.isArray(out) && out.length === channels)) {
    throw typeError(`out of splitChannels must be an array of ${channels} Images`, out);
  }
  const shape = { width, height, channels: 1, dtype: dtypeOf(image.data) };
  const results = Array.from({ length: channels }, (_, c) => resultImage('splitChannels', shape, (out as unknown[] | undefined)?.[c], image));
  if (results.some((a, i) => results.slice(0, i).some((b) => imagesOverlap(a, b)))) {
    throw rangeError('out of splitChannels must be Images that lie apart from each other, got some that overlap');
  }
  return takeCall(
    [image],
    results,
    results.map((_, c) => [[0, c] as const]),
    results,
  );
}

/** Takes one array of images of one channel. */
export interface MergeChannelsKernel extends Kernel<[images: readonly ImageLike[]], Image<Pixels>> {
  <T extends Pixels>(images: readonly ImageLike<T>[], options?: { readonly out?: Image<T> }): Image<T>;
  readonly family: string;
}

export const mergeChannels: () => MergeChannelsKernel = imageKernel({
  ...{ name: 'mergeChannels', family, dtypes },
  summary: 'Images of one channel as the channels of one image.',
  parse: (options?: unknown) => checkOptions('mergeChannels', options, []),
  call: (_, args, out) => mergeCall(args, out),
});

function mergeCall(args: readonly unknown[], out: unknown): Call<Image<Pixels>> {
  const name = 'mergeChannels';
  const [list] = args;
  if (!Array.isArray(list)) throw typeError(`${name} takes an array of Images`, list);
  if (list.length < 1 || list.length > 4) throw rangeError(`${name} takes 1 to 4 Images, got ${list.length}`);
  const images = list.map((each) => imageArgument(name, [each, ...args.slice(1)], dtypes));
  const [{ width, height, data }] = images;
  const dtype = dtypeOf(data);
  for (const image of images) {
    if (image.channels !== 1) throw typeError(`${name} takes Images of 1 channel, got one of ${image.channels}`);
    if (dtypeOf(image.data) !== dtype) throw typeError(`${name} takes Images of one dtype, got ${dtype} and ${dtypeOf(image.data)}`);
    if (image.width === width && image.height === height) continue;
    throw rangeError(`${name} takes Images of one size, got ${width}×${height} and ${image.width}×${image.height}`);
  }
  const shape = { width, height, channels: images.length, dtype };
  const result = resultImage(name, shape, out, images[0]);
  for (const image of images.slice(1)) resultImage(name, shape, result, image);
  return takeCall(images, [result], [images.map((_image, i) => [i, 0] as const)], result);
}
