/** toTensor and fromTensor: images as floats the way neural networks take them, (x / white - mean) / std, and back to bytes. */
import { rangeError, typeError } from '../errors';
import type { Call, View } from '../kernels/call';
import { checkMemory, dtypeOf, overlap } from '../kernels/dtype';
import { checkOptions } from '../kernels/kernel';
import { allocate } from '../kernels/memory';
import { type ImageFactory, type ImageKernel, imageKernel } from './declare';
import { type Image, type ImageLike, imageView } from './image';
import { byteOf, finiteOption, imageArgument, resultImage, wordOption } from './options';
import { type ToneDtype, whiteOf } from './point-operation';

/** Floats with their shape: [channels, height, width] or [height, width, channels]. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface TensorOptions {
  /** Of the channels from 0 to 1 (white: 255 of u8, 65535 of u16, 1 of f32), in the order of the image (R, G, B): a number or one per channel. Default 0 and 1. */
  mean?: number | readonly number[];
  std?: number | readonly number[];
  /** Default 'chw'. */
  layout?: 'chw' | 'hwc';
  /** Numbers of the tensor. */
  dtype?: 'f32';
  /** True: the channels of the tensor are in reverse order. */
  bgr?: boolean;
}

interface ParsedTensor {
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  readonly layout: 'chw' | 'hwc';
  readonly bgr: boolean;
}

function parse(name: string, options?: unknown): ParsedTensor {
  checkOptions(name, options, ['mean', 'std', 'layout', 'dtype', 'bgr']);
  const given = (options ?? {}) as TensorOptions;
  if (given.bgr !== undefined && typeof given.bgr !== 'boolean') throw typeError(`bgr of ${name} must be true or false`, given.bgr);
  wordOption(name, 'dtype', given.dtype, ['f32', 'f32'], 'f32');
  const numbers = (option: 'mean' | 'std', fallback: number) => {
    const value = given[option];
    return Array.isArray(value) ? value.map((each) => finiteOption(name, `each of ${option}`, each)) : finiteOption(name, option, value, fallback);
  };
  const std = numbers('std', 1);
  if ([std].flat().includes(0)) throw rangeError(`std of ${name} must not be 0`, 0);
  return { mean: numbers('mean', 0), std, layout: wordOption(name, 'layout', given.layout, ['chw', 'hwc'], 'chw'), bgr: given.bgr ?? false };
}

function perChannel(name: string, option: string, value: number | readonly number[], channels: number): number[] {
  if (typeof value === 'number') return new Array<number>(channels).fill(value);
  if (value.length !== channels)
    throw rangeError(`${option} of ${name} must be a number or one per channel (${channels}), got ${value.length} numbers`);
  return [...value];
}

/** The tensor's numbers as rows, columns and channels. */
function tensorView(data: Float32Array, width: number, height: number, channels: number, layout: 'chw' | 'hwc'): View {
  const stride = layout === 'chw' ? [width, 1, width * height] : [width * channels, channels, 1];
  return { data, offset: 0, shape: [height, width, channels], stride };
}

const dtypes = ['u8', 'u16', 'f32'] as const;

export interface ToTensorKernel {
  (image: ImageLike, options?: { readonly out?: Float32Array }): Tensor;
  readonly kernelName: string;
  readonly family: string;
}

export const toTensor: ImageFactory<ToTensorKernel, TensorOptions> = imageKernel({
  ...{ name: 'toTensor', family: 'tensor', dtypes },
  summary: 'The image as floats, (x / white - mean) / std.',
  parse: (options?: unknown) => parse('toTensor', options),
  call: (parsed, args, out) => toTensorCall(parsed, args, out),
});

function toTensorCall(options: ParsedTensor, args: readonly unknown[], out: unknown): Call<Tensor> {
  const image = imageArgument('toTensor', args, dtypes);
  const { width, height, channels } = image;
  const mean = perChannel('toTensor', 'mean', options.mean, channels).map(Math.fround);
  const std = perChannel('toTensor', 'std', options.std, channels).map(Math.fround);
  const dtype = dtypeOf(image.data) as ToneDtype;
  const white = whiteOf[dtype];
  const number = (x: number, c: number): number => Math.fround(Math.fround(x / white) - mean[c]) / std[c];
  const data = floatsFor(image, out);
  const shape = options.layout === 'chw' ? [channels, height, width] : [height, width, channels];
  const source = imageView(image);
  const target = tensorView(data, width, height, channels, options.layout);
  return {
    kernel: 'toTensor',
    views: [source, target],
    params: [options.bgr ? 1 : 0, white, ...mean.flatMap((each, c) => [each, std[c]])],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels * 0.4 }],
    rowsFrom: 0,
    reference: () =>
      eachSample(source, target, options.bgr, (from, to, c) => {
        data[to] = number(image.data[from], c);
      }),
    finish: () => ({ data, shape }),
  };
}

function floatsFor(image: ImageLike, out: unknown): Float32Array {
  const length = image.width * image.height * image.channels;
  if (out === undefined) return allocate(Float32Array, length) as Float32Array;
  if (!(out instanceof Float32Array)) throw typeError('out of toTensor must be a Float32Array', out);
  checkMemory(out, 'out of toTensor');
  if (out.length !== length) throw rangeError(`out of toTensor must have ${length} numbers, got ${out.length}`);
  if (overlap(out, image.data)) throw rangeError('out of toTensor must lie apart from the image, got one that overlaps it');
  return out;
}

/** Calls back with the places of each sample in the image and in the tensor. */
function eachSample(image: View, tensor: View, bgr: boolean, each: (image: number, tensor: number, channel: number) => void): void {
  const [height, width, channels] = image.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const channel = bgr ? channels - 1 - c : c;
        each(y * image.stride[0] + x * channels + c, y * tensor.stride[0] + x * tensor.stride[1] + channel * tensor.stride[2], c);
      }
    }
  }
}

export interface FromTensorKernel extends Pick<ImageKernel, 'family' | 'kernelName'> {
  (tensor: Tensor, options?: { readonly out?: Image }): Image;
}

export const fromTensor: ImageFactory<FromTensorKernel, TensorOptions> = imageKernel({
  ...{ name: 'fromTensor', family: 'tensor', dtypes: ['f32'] },
  summary: 'The image that a tensor was made of, rounded and saturated.',
  parse: (options?: unknown) => parse('fromTensor', options),
  call: (parsed, args, out) => fromTensorCall(parsed, args, out),
});

function fromTensorCall(options: ParsedTensor, args: readonly unknown[], out: unknown): Call<Image> {
  const name = 'fromTensor';
  const { data, shape } = (args[0] ?? {}) as Partial<Tensor>;
  if (!(data instanceof Float32Array)) throw typeError(`${name} takes { data: Float32Array, shape }`, args[0]);
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw rangeError(`the shape of a tensor of ${name} must be three whole numbers from 1 up, got ${JSON.stringify(shape)}`);
  }
  checkMemory(data, 'the data of a tensor');
  const [channels, height, width] = options.layout === 'chw' ? shape : [shape[2], shape[0], shape[1]];
  if (channels > 4) throw rangeError(`a tensor of ${name} must have 1 to 4 channels, got ${channels}`);
  if (data.length !== channels * height * width) {
    throw rangeError(`the data of a tensor of ${shape.join('×')} must have ${channels * height * width} numbers, got ${data.length}`);
  }
  const mean = perChannel(name, 'mean', options.mean, channels);
  const std = perChannel(name, 'std', options.std, channels);
  const like = { data, width: 1, height: 1, channels: 1, stride: 1 };
  const result = resultImage(name, { width, height, channels, dtype: 'u8' }, out, like) as Image;
  const source = tensorView(data, width, height, channels, options.layout);
  const target = imageView(result);
  return {
    kernel: name,
    views: [source, target],
    params: [options.bgr ? 1 : 0, ...mean.flatMap((each, c) => [each, std[c]])],
    phases: [{ units: height, grain: 1, cost: 20 + width * channels }],
    reference: () =>
      eachSample(target, source, options.bgr, (to, from, c) => {
        result.data[to] = byteOf((data[from] * std[c] + mean[c]) * 255);
      }),
    finish: () => result,
  };
}
