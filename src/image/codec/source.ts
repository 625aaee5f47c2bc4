/** Reading a source whole: a path, a URL or bytes. */
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ImageDecodeError, typeError } from '../../errors';
import { checkMemory } from '../../kernels/dtype';
import type { ImageSource } from './options';

export interface LoadedSource {
  readonly bytes: Uint8Array;
  /** Path or URL, for error messages; undefined for bytes. */
  readonly file?: string;
  /** The file that `bytes` are the beginning of, if it was left open: to be closed by whoever asked for that. */
  readonly open?: OpenFile;
}

/** A file that native code reads itself. */
export interface OpenFile {
  readonly fd: number;
  readonly size: number;
  close(): Promise<void>;
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
  /** Answers by its first bytes whether a file is left open instead of being read. */
  readonly leaveOpen?: (start: Uint8Array) => boolean;
}

/** So many bytes show what a file is. */
const startBytes = 32;

export async function loadSource(source: ImageSource, options: LoadOptions = {}): Promise<LoadedSource> {
  if (source instanceof Uint8Array) return { bytes: source };
  const file = nameOf(source);
  try {
    if (source instanceof URL && source.protocol !== 'file:') return { bytes: await fetchBytes(source), file };
    return { ...(await readFile(file as string, options)), file };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ImageDecodeError(`cannot read the image ${file ?? 'of a data: URL'}: ${why}`, file === undefined ? {} : { file }, { cause });
  }
}

async function readFile(
  path: string,
  { most = Infinity, memory = (bytes) => new ArrayBuffer(bytes), leaveOpen }: LoadOptions,
): Promise<LoadedSource> {
  const handle = await open(path);
  let left = false;
  try {
    const stat = await handle.stat();
    // What has no size (a pipe, a device) is read to its end; for a folder that is the system's error.
    if (!stat.isFile() || stat.size === 0) return { bytes: await handle.readFile() };
    if (leaveOpen !== undefined) {
      const start = await readInto(handle, new Uint8Array(Math.min(startBytes, stat.size)));
      left = leaveOpen(start);
      if (left) return { bytes: start, open: { fd: handle.fd, size: stat.size, close: () => handle.close() } };
    }
    const size = Math.min(stat.size, most);
    return { bytes: await readInto(handle, new Uint8Array(memory(size), 0, size)) };
  } finally {
    if (!left) await handle.close();
  }
}

/** What could be read of a file from its start. */
async function readInto(handle: FileHandle, bytes: Uint8Array): Promise<Uint8Array> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  if (!['http:', 'https:', 'data:'].includes(url.protocol)) {
    throw new Error(`the protocol must be file:, data:, http: or https:, got ${url.protocol}`);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
