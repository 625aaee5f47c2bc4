/** Finds the libvips that comes with sharp, and opens it once for the process. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nativeState } from '../../native';

interface Opened {
  readonly open: boolean;
  /** Why it isn't. */
  readonly reason: string;
}

let opened: Opened | undefined;

/** Tries at the first call, and answers the same ever after. */
export function vipsLibrary(): Opened {
  opened ??= openLibrary();
  return opened;
}

function openLibrary(): Opened {
  const { binding } = nativeState();
  if (binding === null) return { open: false, reason: 'there is no native binary' };
  const file = findLibrary();
  if (file === undefined) return { open: false, reason: 'sharp is not installed' };
  const reason = binding.openVips(file);
  return { open: reason === null, reason: reason ?? '' };
}

/** Where sharp is looked for: beside this package, then in the program's own folder. */
export function sharpPath(): string | undefined {
  for (const from of typeof __dirname === 'string' ? [__dirname, process.cwd()] : [process.cwd()]) {
    const found = resolved('sharp', from);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The file of the library; undefined when sharp isn't there or keeps it elsewhere. */
function findLibrary(): string | undefined {
  const sharp = sharpPath();
  if (sharp === undefined) return undefined;
  if (process.platform === 'win32') return libraryIn(resolved(`@img/sharp-win32-${process.arch}/package`, dirname(sharp)));
  for (const platform of [process.platform, `${process.platform}musl`]) {
    const name = `@img/sharp-libvips-${platform}-${process.arch}`;
    const from = dirname(sharp);
    const found = resolved(`${name}/binary`, from) ?? libraryIn(resolved(`${name}/package`, from));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Packages that don't name the file: it is the one in their folder `lib`. */
function libraryIn(packageFile: string | undefined): string | undefined {
  if (packageFile === undefined) return undefined;
  const folder = join(dirname(packageFile), 'lib');
  try {
    const name = readdirSync(folder).find((each) => /^libvips(-cpp)?[.-].*(so|dylib|dll)/.test(each));
    return name && join(folder, name);
  } catch {
    return undefined;
  }
}

function resolved(name: string, from: string): string | undefined {
  try {
    return require.resolve(name, { paths: [from] });
  } catch {
    return undefined;
  }
}
