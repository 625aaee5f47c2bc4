/** What a codec is: bytes of files to pixels and back. There may be several; the first that knows a format serves. */
import type { Image, ImageLike } from '../image';
import type { EncodeValue } from './encode-options';
import type { ImageFormat } from './format';
import type { CheckedDecodeOptions } from './options';

/** What the header of a file says. */
export interface ImageInfo {
  format: ImageFormat;
  /** Size of the picture as it is opened: turned by `orientation`, unless `autoOrient` is false. */
  width: number;
  height: number;
  channels: number;
  dtype: 'u8' | 'u16';
  /** EXIF orientation, 1 to 8; 1 where the file has none. */
  orientation: number;
}

export interface Codec {
  readonly name: string;
  readonly reads: readonly ImageFormat[];
  readonly writes: readonly ImageFormat[];
  /** Channels that the format's writer takes are settled by the codec; sample types by the caller. */
  probe(bytes: Uint8Array, format: ImageFormat, options: CheckedDecodeOptions): Promise<ImageInfo>;
  decode(bytes: Uint8Array, format: ImageFormat, options: CheckedDecodeOptions): Promise<Image<Uint8Array | Uint16Array>>;
  encode(image: ImageLike, format: ImageFormat, options: Readonly<Record<string, EncodeValue>>): Promise<Uint8Array>;
}
