/** `everycore/image`: Image and the image kernels. */
export { Image, type ImageLike } from './image/image';
export type { ImageInfo } from './image/codec/codec';
export type { EncodeOptions } from './image/codec/encode-options';
export type { EncodeFormat, ImageFormat } from './image/codec/format';
export type { DecodeOptions, FailOn, ImageSource } from './image/codec/options';
