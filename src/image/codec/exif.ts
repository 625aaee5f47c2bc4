/** The orientation in EXIF data, and turning a picture by it. */
import type { View } from '../../kernels/call';
import { Image, type ImageLike, type Pixels } from '../image';

const orientationTag = 0x0112;

/** The orientation (1 to 8) in a TIFF-shaped EXIF block; 1 when there is none. */
export function orientationOfExif(exif: Uint8Array): number {
  if (exif.length < 14) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = exif[0] === 0x49;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > exif.length) return 1;
    if (view.getUint16(at, little) !== orientationTag) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** True when the orientation swaps width and height. */
export function isTurned(orientation: number): boolean {
  return orientation >= 5;
}

/** The picture as it is to be seen. */
export function oriented<T extends Pixels>(image: Image<T>, orientation: number): Image<T> {
  if (orientation === 1) return image;
  const { width, height, channels, stride } = image;
  const data = new (image.data.constructor as new (length: number) => T)(width * height * channels);
  const [outWidth, outHeight] = isTurned(orientation) ? [height, width] : [width, height];
  const turned = new Image(data, outWidth, outHeight, channels);
  const stored = storedView(turned, orientation);
  const [down, across] = stored.stride;
  for (let y = 0; y < height; y++) {
    let to = stored.offset + y * down;
    for (let x = 0, from = y * stride; x < width; x++, from += channels, to += across) {
      for (let c = 0; c < channels; c++) data[to + c] = image.data[from + c];
    }
  }
  return turned;
}

/**
 * The memory of a picture as it is to be seen, laid out as the file has it: whoever writes the file's pixels into
 * this view has turned the picture.
 */
export function storedView(image: ImageLike, orientation: number): View {
  const { data, width, height, channels, stride } = image;
  const right = (width - 1) * channels;
  const bottom = (height - 1) * stride;
  const layouts: readonly (readonly [offset: number, across: number, down: number])[] = [
    [0, channels, stride],
    [right, -channels, stride],
    [right + bottom, -channels, -stride],
    [bottom, channels, -stride],
    [0, stride, channels],
    [right, stride, -channels],
    [right + bottom, -stride, -channels],
    [bottom, -stride, channels],
  ];
  const [offset, across, down] = layouts[orientation - 1];
  const shape = isTurned(orientation) ? [width, height, channels] : [height, width, channels];
  return { data, offset, shape, stride: [down, across, 1] };
}
