/** The second choice: sharp's own JavaScript interface, where its libvips can't be opened directly. */
import { ImageDecodeError } from '../../errors';
import { Image } from '../image';
import type { Codec } from './codec';
import { isTurned } from './exif';
import { checkPixels } from './options';
import { vipsFormats } from './vips-calls';
import { sharpPath } from './vips-library';

/** What is used of sharp. */
interface Sharp {
  metadata(): Promise<{ width: number; height: number; channels: number; depth: string; orientation?: number; space: string }>;
  autoOrient(): Sharp;
  toColourspace(space: string): Sharp;
  raw(options?: { depth: string }): Sharp;
  toFormat(format: string, options: object): Sharp;
  flatten(options: object): Sharp;
  toBuffer(): Promise<Buffer>;
  toBuffer(options: { resolveWithObject: true }): Promise<{ data: Buffer; info: { width: number; height: number; channels: number } }>;
}

type SharpModule = (input: Uint8Array | Uint16Array, options: object) => Sharp;

let module_: SharpModule | null | undefined;

function sharp(): SharpModule | null {
  if (module_ !== undefined) return module_;
  const path = sharpPath();
  try {
    module_ = path === undefined ? null : (require(path) as SharpModule);
  } catch {
    module_ = null;
  }
  return module_;
}

/** True when sharp is installed and loads. */
export function hasSharp(): boolean {
  return sharp() !== null;
}

function opened(bytes: Uint8Array, failOn: string): Sharp {
  return (sharp() as SharpModule)(bytes, { failOn, limitInputPixels: false, sequentialRead: true });
}

async function decoding<R>(step: () => Promise<R>): Promise<R> {
  try {
    return await step();
  } catch (cause) {
    throw new ImageDecodeError(`the image cannot be decoded: ${(cause as Error).message}`, {}, { cause });
  }
}

export const sharpCodec: Codec = {
  name: 'sharp',
  reads: vipsFormats,
  writes: vipsFormats,

  async probe(bytes, format, options) {
    const { width, height, channels, depth, orientation = 1, space } = await decoding(() => opened(bytes, options.failOn).metadata());
    const turned = options.autoOrient && isTurned(orientation);
    const [w, h] = turned ? [height, width] : [width, height];
    return {
      format,
      width: w,
      height: h,
      channels: space === 'cmyk' ? channels - 1 : channels,
      dtype: depth === 'ushort' ? 'u16' : 'u8',
      orientation,
    };
  },

  async decode(bytes, format, options) {
    const info = await this.probe(bytes, format, options);
    checkPixels(info.width, info.height, options);
    const wide = info.dtype === 'u16';
    const gray = info.channels <= 2;
    const space = gray ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
    const { data, info: size } = await decoding(() => {
      const image = opened(bytes, options.failOn);
      const turned = options.autoOrient ? image.autoOrient() : image;
      return turned
        .toColourspace(space)
        .raw({ depth: wide ? 'ushort' : 'uchar' })
        .toBuffer({ resolveWithObject: true });
    });
    return Image.from({ data, info: { ...size, depth: wide ? 'ushort' : 'uchar' } }) as Image<Uint8Array | Uint16Array>;
  },

  async encode(image, format, options) {
    const { data, width, height, channels } = new Image(image.data, image.width, image.height, image.channels, image.stride).copy();
    const { background = [0, 0, 0], ...rest } = options as { background?: readonly number[] };
    const raw = (sharp() as SharpModule)(data as Uint8Array, { raw: { width, height, channels } });
    const [r, g, b] = background;
    const flat = format === 'jpeg' ? raw.flatten({ background: { r, g, b } }) : raw;
    const wide = data.BYTES_PER_ELEMENT === 2;
    const shown = channels <= 2 ? flat.toColourspace(wide ? 'grey16' : 'b-w') : wide ? flat.toColourspace('rgb16') : flat;
    const lossless = format === 'tiff' ? { compression: 'deflate', ...rest } : rest;
    return new Uint8Array(await shown.toFormat(format, lossless).toBuffer());
  },
};
