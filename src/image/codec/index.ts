/** Reading and writing of image files. */
import { CodecMissingError } from '../../errors';
import type { Image } from '../image';

export async function openImage(_source: string | URL | Uint8Array, _options?: object): Promise<Image> {
  throw new CodecMissingError('no codec is there yet');
}
export async function probeImage(_source: string | URL | Uint8Array): Promise<{ format: string; width: number; height: number }> {
  throw new CodecMissingError('no codec is there yet');
}
export async function encodeImage(_image: unknown, _format: string, _options?: object): Promise<Uint8Array> {
  throw new CodecMissingError('no codec is there yet');
}
export async function saveImage(_image: unknown, _path: string | URL, _options?: object): Promise<void> {
  throw new CodecMissingError('no codec is there yet');
}
