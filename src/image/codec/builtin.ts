/** The codec that is always there: PNG through node:zlib, and the Netpbm formats. */
import { CodecMissingError } from '../../errors';
import type { Codec, ImageInfo } from './codec';
import { isTurned } from './exif';
import { readChunks } from './png-chunks';
import { pngChannels, readPng } from './png-read';
import { type PngWriteOptions, writePng } from './png-write';
import { readPnm, readPnmHeader } from './pnm-read';
import { writePnm } from './pnm-write';

/** Options of PNG that this codec has. */
const pngOptions = ['compressionLevel', 'adaptiveFiltering'];

/** How the other formats are had. */
export const installCommand = 'npm install sharp';

export const builtin: Codec = {
  name: 'built-in',
  reads: ['png', 'pbm', 'pgm', 'ppm', 'pam'],
  writes: ['png', 'pgm', 'ppm', 'pam'],

  async probe(bytes, format, options): Promise<ImageInfo> {
    if (format !== 'png') {
      const { width, height, channels, max } = readPnmHeader(bytes, options);
      return { format, width, height, channels, dtype: max > 255 ? 'u16' : 'u8', orientation: 1 };
    }
    const chunks = readChunks(bytes, options, true);
    const { header, orientation } = chunks;
    const turned = options.autoOrient && isTurned(orientation);
    const [width, height] = turned ? [header.height, header.width] : [header.width, header.height];
    return { format, width, height, channels: pngChannels(chunks), dtype: header.depth === 16 ? 'u16' : 'u8', orientation };
  },

  decode: (bytes, format, options) => (format === 'png' ? readPng(bytes, options) : readPnm(bytes, options)),

  encode(image, format, options) {
    if (format !== 'png') return writePnm(image, format as 'pgm' | 'ppm' | 'pam');
    const missing = Object.keys(options).find((name) => !pngOptions.includes(name));
    if (missing !== undefined) throw new CodecMissingError(`the built-in PNG writer has no option ${missing}; to get it: ${installCommand}`);
    return writePng(image, options as PngWriteOptions);
  },
};
