/** Writing PGM, PPM and PAM, 8 and 16 bits. */
import { typeError } from '../../errors';
import type { ImageLike } from '../image';
import { turns } from './turns';

const tupleTypes = ['GRAYSCALE', 'GRAYSCALE_ALPHA', 'RGB', 'RGB_ALPHA'];

export async function writePnm(image: ImageLike, format: 'pgm' | 'ppm' | 'pam'): Promise<Uint8Array> {
  const { width, height, channels, data, stride } = image;
  const wide = data.BYTES_PER_ELEMENT === 2;
  const header = Buffer.from(headerOf(image, format, wide ? 65535 : 255), 'latin1');
  const row = width * channels;
  const bytes = new Uint8Array(header.length + row * height * data.BYTES_PER_ELEMENT);
  bytes.set(header);
  const breathe = turns();
  let to = header.length;
  for (let y = 0; y < height; y++) {
    const samples = data.subarray(y * stride, y * stride + row);
    if (wide) {
      await breathe();
      for (const sample of samples) {
        bytes[to++] = sample >> 8;
        bytes[to++] = sample;
      }
    } else {
      bytes.set(samples, to);
      to += row;
    }
  }
  return bytes;
}

function headerOf({ width, height, channels }: ImageLike, format: 'pgm' | 'ppm' | 'pam', max: number): string {
  if (format === 'pam') {
    return `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${channels}\nMAXVAL ${max}\nTUPLTYPE ${tupleTypes[channels - 1]}\nENDHDR\n`;
  }
  const wanted = format === 'pgm' ? 1 : 3;
  if (channels !== wanted)
    throw typeError(`a ${format.toUpperCase()} file holds ${wanted === 1 ? '1 channel' : '3 channels'} (pam holds all), got an Image of ${channels}`);
  return `${format === 'pgm' ? 'P5' : 'P6'}\n${width} ${height}\n${max}\n`;
}
