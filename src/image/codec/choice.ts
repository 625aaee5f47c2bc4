/** Which codecs there are: libvips, else sharp, for most formats; the built-in one always, for what is left. */
import { CodecMissingError, ImageDecodeError } from '../../errors';
import { builtin, installCommand } from './builtin';
import type { Codec } from './codec';
import { type ImageFormat, sniff } from './format';
import { hasSharp, sharpCodec } from './sharp';
import { vips } from './vips';
import { vipsLibrary } from './vips-library';

let codecs: readonly Codec[] | undefined;

/**
 * In the order they are tried. `EVERYCORE_CODEC` = libvips, sharp or built-in leaves out those before
 * the one that it names.
 */
export function availableCodecs(): readonly Codec[] {
  codecs ??= findCodecs();
  return codecs;
}

function findCodecs(): Codec[] {
  const wanted = process.env.EVERYCORE_CODEC;
  if (wanted === 'built-in') return [builtin];
  if (wanted !== 'sharp' && vipsLibrary().open) return [vips, builtin];
  return hasSharp() ? [sharpCodec, builtin] : [builtin];
}

/** Formats that can be read or written now. */
export function codecFormats(): string[] {
  return [...new Set(availableCodecs().flatMap(({ reads, writes }) => [...writes, ...reads]))];
}

/** True when only the built-in codec is there. */
function onlyBuiltin(): boolean {
  return availableCodecs().length === 1;
}

/** Who reads these bytes. @throws ImageDecodeError, CodecMissingError */
export function readerOf(bytes: Uint8Array): { codec: Codec; format: ImageFormat } {
  if (bytes.length === 0) throw new ImageDecodeError('there are no bytes in it');
  const format = sniff(bytes);
  const codec = availableCodecs().find(({ reads }) => format !== undefined && reads.includes(format));
  if (format !== undefined && codec !== undefined) return { codec, format };
  if (!onlyBuiltin()) throw new ImageDecodeError('it is not in a format that is known here');
  const what = format === undefined ? 'no codec here knows this format' : `no codec here reads ${format}`;
  throw new CodecMissingError(`${what}; to get more: ${installCommand}`);
}

/** Who writes this format. @throws CodecMissingError */
export function writerOf(format: ImageFormat): Codec {
  const codec = availableCodecs().find(({ writes }) => writes.includes(format));
  if (codec !== undefined) return codec;
  throw new CodecMissingError(`no codec here writes ${format}; to get it: ${installCommand}`);
}
