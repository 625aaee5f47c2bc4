/** Which pixels the formats hold. */
import { typeError } from '../../errors';
import { checkMemory, dtypeOf } from '../../kernels/dtype';
import { checkLayout, Image, type ImageLike } from '../image';
import type { ImageFormat } from './format';

/** Formats that hold 16 bits a sample. */
const wideFormats: readonly ImageFormat[] = ['png', 'tiff', 'pgm', 'ppm', 'pam'];

/** @throws TypeError for what the format can't hold. */
export function checkEncodable(image: unknown, format: ImageFormat): asserts image is ImageLike {
  if (!Image.isImage(image)) throw typeError('only an Image can be encoded', image);
  checkMemory(image.data, 'the data of an Image');
  checkLayout(image);
  const dtype = dtypeOf(image.data);
  if (dtype === 'u8' || (dtype === 'u16' && wideFormats.includes(format))) return;
  const takes = wideFormats.includes(format) ? 'u8 or u16' : 'u8';
  throw typeError(`${format} holds an Image of ${takes}, got one of ${dtype}: convert it first`);
}
