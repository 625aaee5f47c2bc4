/** Files that are written whole or not at all: into a file beside the target, which then takes its name. */
import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Beside the target, because only within one file system a rename is one step. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** @throws the system's error, and the signal's reason; neither leaves anything behind. */
export async function writeWhole(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const temporary = temporaryName(path);
  signal?.throwIfAborted();
  const handle = await open(temporary, 'wx');
  try {
    try {
      await handle.writeFile(bytes, { signal });
    } finally {
      await handle.close();
    }
    signal?.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw signal?.aborted ? signal.reason : error;
  }
}
