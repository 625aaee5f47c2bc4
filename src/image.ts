/** `everycore/image`: Image and the image kernels. */

export { flatten, premultiply, unpremultiply } from './image/alpha';
export * from './image/analysis';
export { extractChannel, mergeChannels, splitChannels, swapChannels } from './image/channels';
export type { ImageInfo } from './image/codec/codec';
export type { EncodeOptions } from './image/codec/encode-options';
export type { EncodeFormat, ImageFormat } from './image/codec/format';
export type { DecodeOptions, FailOn, ImageSource } from './image/codec/options';
export { colorMatrix } from './image/color-matrix';
export { blend, composite } from './image/composite';
export { convertColor } from './image/convert-color';
export type { ImageKernel, SamePixelsKernel, TwoImageKernel } from './image/declare';
export * from './image/filters';
export { autoOrient, crop, flip, flop, pad, rotate90, transposeImage } from './image/geometry';
export { Image, type ImageLike } from './image/image';
export { gaussianBlur, grayscale, resize } from './image/kernels';
export * from './image/measures';
export { brightness, contrast, gamma, invert, levels, linear, lut, posterize, solarize, threshold } from './image/point';
export { fromTensor, type Tensor, toTensor } from './image/tensor';
export { affine, perspective, remap, rotate } from './image/warp';
export type { PipelineData, PipelineOptions } from './pipeline/data';
export type { PipelineSource } from './pipeline/decode';
export type { FileResult } from './pipeline/files';
export { pipeline } from './pipeline/pipeline';
export type { Pipeline } from './pipeline/types';
