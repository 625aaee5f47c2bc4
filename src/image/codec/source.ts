/** Reading a source whole: a path, a URL or bytes. */
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ImageDecodeError, typeError } from '../../errors';
import { checkMemory } from '../../kernels/dtype';
import type { ImageSource } from './options';

export interface LoadedSource {
  readonly bytes: Uint8Array;
  /** Path or URL, for error messages; undefined for bytes. */
  readonly file?: string;
}

/** The name of a source in messages and results; undefined for bytes. */
export function nameOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  if (!(source instanceof URL)) return undefined;
  if (source.protocol === 'file:') return fileURLToPath(source);
  return source.protocol === 'data:' ? undefined : source.href;
}

/** @throws TypeError unless an image can be read from this kind of value. */
export function checkSource(source: unknown, who: string): asserts source is ImageSource {
  if (source instanceof Uint8Array) checkMemory(source, 'the bytes of an image');
  else if (typeof source === 'string' || source instanceof URL) return;
  else throw typeError(`${who} takes a path, a URL or a Uint8Array`, source);
}

/** @param most Read no more than this many bytes from the start. */
export async function loadSource(source: ImageSource, most = Infinity): Promise<LoadedSource> {
  if (source instanceof Uint8Array) return { bytes: source };
  const file = nameOf(source);
  try {
    if (source instanceof URL && source.protocol !== 'file:') return { bytes: await fetchBytes(source), file };
    return { bytes: await readStart(file as string, most), file };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ImageDecodeError(`cannot read the image ${file ?? 'of a data: URL'}: ${why}`, file === undefined ? {} : { file }, { cause });
  }
}

async function readStart(path: string, most: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    // A pipe or a device has no size: it is read to its end.
    if (!(size > most)) return await handle.readFile();
    const bytes = new Uint8Array(most);
    const { bytesRead } = await handle.read(bytes, 0, most, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  if (!['http:', 'https:', 'data:'].includes(url.protocol)) {
    throw new Error(`the protocol must be file:, data:, http: or https:, got ${url.protocol}`);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
