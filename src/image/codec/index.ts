/** Reading and writing of image files: checks what was asked for, finds who can do it, and says in errors which file it was. */
import { fileURLToPath } from 'node:url';
import { CodecMissingError, ImageDecodeError, PixelLimitError, typeError } from '../../errors';
import type { Image, ImageLike } from '../image';
import { readerOf, writerOf } from './choice';
import type { ImageInfo } from './codec';
import { checkEncodable } from './encodable';
import { checkEncodeOptions, type EncodeOptions } from './encode-options';
import { checkFormat, type EncodeFormat, formatOfName } from './format';
import { checkDecodeOptions, type DecodeOptions, type ImageSource } from './options';
import { checkSource, loadSource } from './source';
import { writeWhole } from './write-file';

/** Headers lie within this much of a file, metadata included; where not, the file is read whole. */
const headerBytes = 1 << 18;

/** Reads an image. @throws ImageDecodeError, PixelLimitError, CodecMissingError. */
export async function openImage<T extends Uint8Array | Uint16Array = Uint8Array>(source: ImageSource, options?: DecodeOptions): Promise<Image<T>> {
  checkSource(source, 'Image.open');
  const checked = checkDecodeOptions(options);
  const { bytes, file } = await loadSource(source);
  return namingFile(file, async () => {
    const { codec, format } = readerOf(bytes);
    return (await codec.decode(bytes, format, checked)) as Image<T>;
  });
}

/** Reads what the header of an image says. @throws ImageDecodeError, CodecMissingError. */
export async function probeImage(source: ImageSource, options?: DecodeOptions): Promise<ImageInfo> {
  checkSource(source, 'Image.probe');
  const checked = checkDecodeOptions({ limitPixels: Infinity, ...options }, 'Image.probe');
  const { bytes, file } = await loadSource(source, { most: headerBytes });
  return namingFile(file, async () => {
    const { codec, format } = readerOf(bytes);
    try {
      return await codec.probe(bytes, format, checked);
    } catch (error) {
      if (bytes.length < headerBytes || source instanceof Uint8Array) throw error;
      return await codec.probe((await loadSource(source)).bytes, format, checked);
    }
  });
}

/** Makes the bytes of an image file. @throws TypeError for pixels the format can't hold, CodecMissingError. */
export async function encodeImage<F extends EncodeFormat>(image: ImageLike, format: F, options?: EncodeOptions<F>): Promise<Uint8Array> {
  const name = checkFormat(format);
  const checked = checkEncodeOptions(name, options);
  checkEncodable(image, name);
  return writerOf(name).encode(image, name, checked);
}

/** Writes an image file, whole or not at all; the name's extension decides the format. */
export async function saveImage(image: ImageLike, path: string | URL, options?: EncodeOptions): Promise<void> {
  if (typeof path !== 'string' && !(path instanceof URL)) throw typeError('save takes a path or a file: URL', path);
  const name = typeof path === 'string' ? path : fileURLToPath(path);
  const bytes = await encodeImage(image, formatOfName(name), options);
  await writeWhole(name, bytes);
}

/** Runs a step of reading; its errors get the file's name, as property and in the message. */
async function namingFile<R>(file: string | undefined, step: () => Promise<R>): Promise<R> {
  try {
    return await step();
  } catch (error) {
    throw withFile(error, file);
  }
}

function withFile(error: unknown, file: string | undefined): unknown {
  if (file === undefined) return error;
  if (error instanceof CodecMissingError) return new CodecMissingError(`${file}: ${error.message}`, { cause: error.cause });
  if (!(error instanceof ImageDecodeError || error instanceof PixelLimitError)) return error;
  const { step, index } = error;
  const details = { file, ...(step && { step }), ...(index !== undefined && { index }) };
  const Class = error instanceof PixelLimitError ? PixelLimitError : ImageDecodeError;
  return new Class(`${file}: ${error.message}`, details, { cause: error.cause });
}
