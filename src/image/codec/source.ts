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

/** Answers memory for so many bytes of a file, or more. */
export type FileMemory = (bytes: number) => ArrayBuffer;

interface LoadOptions {
  /** Read no more than this many bytes from the start. */
  readonly most?: number;
  /** Where the bytes of a file are to lie; without it the garbage collector decides how long they stay. */
  readonly memory?: FileMemory;
}

export async function loadSource(source: ImageSource, { most = Infinity, memory }: LoadOptions = {}): Promise<LoadedSource> {
  if (source instanceof Uint8Array) return { bytes: source };
  const file = nameOf(source);
  try {
    if (source instanceof URL && source.protocol !== 'file:') return { bytes: await fetchBytes(source), file };
    return { bytes: await readStart(file as string, most, memory), file };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ImageDecodeError(`cannot read the image ${file ?? 'of a data: URL'}: ${why}`, file === undefined ? {} : { file }, { cause });
  }
}

async function readStart(path: string, most: number, memory: FileMemory = (bytes) => new ArrayBuffer(bytes)): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const stat = await handle.stat();
    // What has no size (a pipe, a device) is read to its end; for a folder that is the system's error.
    if (!stat.isFile() || stat.size === 0) return await handle.readFile();
    const size = Math.min(stat.size, most);
    const bytes = new Uint8Array(memory(size), 0, size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
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
