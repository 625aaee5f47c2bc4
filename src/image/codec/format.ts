/** Image formats: their names, how a file shows which one it is, and which one a file's name asks for. */
import { typeError } from '../../errors';

/** Formats by the name that `Image.probe` answers. PBM (`pbm`) is read only. */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff' | 'gif' | 'pbm' | 'pgm' | 'ppm' | 'pam';

/** What `encode` takes. */
export type EncodeFormat = Exclude<ImageFormat, 'pbm'> | 'jpg' | 'tif';

const extensions: Readonly<Record<Exclude<ImageFormat, 'pbm'>, readonly string[]>> = {
  png: ['png'],
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  webp: ['webp'],
  avif: ['avif'],
  tiff: ['tif', 'tiff'],
  gif: ['gif'],
  pgm: ['pgm'],
  ppm: ['ppm', 'pnm'],
  pam: ['pam'],
};

export const encodeFormats = Object.keys(extensions) as Exclude<ImageFormat, 'pbm'>[];

const formatByExtension = new Map(encodeFormats.flatMap((format) => extensions[format].map((extension) => [extension, format] as const)));

/** `.jpg` for JPEG, and so on: what `toDir` names files. */
export function extensionOf(format: ImageFormat): string {
  return format === 'pbm' ? '.pbm' : `.${extensions[format][0]}`;
}

/** The format that was named, 'jpg' and 'tif' included. */
export function checkFormat(format: unknown): Exclude<ImageFormat, 'pbm'> {
  const found = typeof format === 'string' ? formatByExtension.get(format) : undefined;
  if (found === undefined) throw typeError(`the format must be one of ${encodeFormats.join(', ')}`, format);
  return found;
}

/** The format that a file's name asks for. */
export function formatOfName(path: string): Exclude<ImageFormat, 'pbm'> {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? '';
  const found = formatByExtension.get(extension);
  if (found === undefined) {
    throw typeError(`the name of an image file must end in one of ${[...formatByExtension.keys()].map((each) => `.${each}`).join(' ')}`, path);
  }
  return found;
}

/** The format that the first bytes of a file show, or undefined. */
export function sniff(bytes: Uint8Array): ImageFormat | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp';
  if (text.startsWith('ftyp', 4) && /avi[fs]/.test(text.slice(8))) return 'avif';
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return 'tiff';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (/^P[1-7]\s/.test(text)) return { 1: 'pbm', 4: 'pbm', 2: 'pgm', 5: 'pgm', 3: 'ppm', 6: 'ppm', 7: 'pam' }[text[1]] as ImageFormat;
  return undefined;
}
