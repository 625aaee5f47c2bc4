/** The orientation in EXIF data, and turning a picture by it. */
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
  const { width, height, channels } = image;
  const [outWidth, outHeight] = isTurned(orientation) ? [height, width] : [width, height];
  const data = new (image.data.constructor as new (length: number) => T)(width * height * channels);
  const [begin, acrossStep, downStep] = walk(image, orientation);
  let to = 0;
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0, from = begin + y * downStep; x < outWidth; x++, from += acrossStep) {
      for (let c = 0; c < channels; c++) data[to++] = image.data[from + c];
    }
  }
  return new Image(data, outWidth, outHeight, channels);
}

/** Where the result's first pixel lies in the source, and the steps to the next across and down. */
function walk({ width, height, channels, stride }: ImageLike, orientation: number): [begin: number, across: number, down: number] {
  const right = (width - 1) * channels;
  const bottom = (height - 1) * stride;
  switch (orientation) {
    case 2:
      return [right, -channels, stride];
    case 3:
      return [right + bottom, -channels, -stride];
    case 4:
      return [bottom, channels, -stride];
    case 5:
      return [0, stride, channels];
    case 6:
      return [bottom, -stride, channels];
    case 7:
      return [right + bottom, -stride, -channels];
    default:
      return [right, stride, -channels];
  }
}
