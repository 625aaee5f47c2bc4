/**
 * The only loader of the native binary: a local build first, then the prebuilt binary of this platform.
 * Never throws; without a binary the TypeScript kernels serve, and `nativeState()` says why.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TypedArray } from './kernels/call';

/** What native/addon/ exports. Descriptions are packed by src/executors/packing.ts. */
export interface NativeBinding {
  isas(): string[];
  kernels(isa: string): { name: string; dtype: number }[];
  find(isa: string, name: string, dtype: number): number;
  run(description: Float64Array, arrays: readonly TypedArray[]): void;
  openPool(threads: number): number;
  closePool(pool: number): void;
  submit(pool: number, job: number, description: Float64Array, arrays: readonly TypedArray[]): Promise<'done' | 'cancelled'>;
  cancel(job: number): void;
  progress(job: number): number;
  /** Undefined when there is no recycled memory to be had now, null where there never is. */
  allocate(bytes: number, firstOfTurn: boolean): ArrayBuffer | null | undefined;
  /** Gives the memory of a buffer back now; the buffer is empty then. */
  discard(buffer: ArrayBuffer): void;
  /** Ends this process with its parent, whatever it is doing then. */
  dieWithParent(parent: number): void;
  /** Memory of a file that another process writes to too; null where that can't be had. */
  mapPage(fd: number, bytes: number): ArrayBuffer | null;
  /** Gives back to the system what nobody has used for so many milliseconds; answers the bytes that are left. */
  trim(unusedMs: number): number;
  memory(): { keptBytes: number; usedBytes: number };
  /** Null when libvips is open, else why not. */
  openVips(file: string): string | null;
  /** Asks the system to read an open file soon; doesn't wait for it. */
  readAhead(fd: number): void;
  /** The bytes of an encoded file, by the number that its encoder reported. */
  takeBlob(blob: number): ArrayBuffer | null;
}

export interface NativeState {
  readonly binding: NativeBinding | null;
  readonly file: string | null;
  readonly error: string | null;
  /** CPU level in use; 'js' for the TypeScript kernels. */
  readonly isa: string;
  /** CPU levels that could be used here. */
  readonly isas: readonly string[];
}

let state: NativeState | undefined;

/** Loads at the first call, and answers the same ever after. */
export function nativeState(): NativeState {
  state ??= load();
  return state;
}

/** The binding when native kernels are to be used, else null (with one warning for the program). */
export function native(): NativeBinding | null {
  const { binding } = nativeState();
  if (binding === null) warnOnce();
  return binding;
}

/** A bundle of ES modules has no __dirname, and no build beside it. */
const localBuild = typeof __dirname === 'string' ? join(__dirname, '..', 'build', 'Release', 'everycore.node') : '';

function load(): NativeState {
  if (process.env.EVERYCORE_NATIVE === '0' || process.env.EVERYCORE_ISA === 'js') {
    return withoutBinary('switched off by the environment (EVERYCORE_NATIVE=0 or EVERYCORE_ISA=js)');
  }
  const failures: string[] = [];
  for (const [file, open] of candidates()) {
    try {
      const binding = open();
      return { binding, file, error: null, ...chooseIsa(binding.isas()) };
    } catch (error) {
      failures.push(`${file}: ${firstLine(error)}`);
    }
  }
  return withoutBinary(failures.join('; ') || `there is no prebuilt binary for ${process.platform}-${process.arch}`);
}

function withoutBinary(error: string): NativeState {
  return { binding: null, file: null, error, isa: 'js', isas: ['js'] };
}

/**
 * Literal `require`s, so that bundlers and tracers of files see the binaries; the local build is found
 * by a path that they do not follow.
 */
function* candidates(): Generator<[file: string, open: () => NativeBinding]> {
  const asked = process.env.EVERYCORE_BINARY; // another build, such as one with sanitizers
  if (asked) {
    yield [asked, () => require(resolve(asked))];
    return;
  }
  if (existsSync(localBuild)) {
    const path = localBuild;
    yield [path, () => require(path)];
  }
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      if (!isMusl()) yield ['prebuilds/linux-x64/everycore.glibc.node', () => require('../prebuilds/linux-x64/everycore.glibc.node')];
      else yield ['prebuilds/linux-x64/everycore.musl.node', () => require('../prebuilds/linux-x64/everycore.musl.node')];
      break;
    case 'linux-arm64':
      if (!isMusl()) yield ['prebuilds/linux-arm64/everycore.glibc.node', () => require('../prebuilds/linux-arm64/everycore.glibc.node')];
      else yield ['prebuilds/linux-arm64/everycore.musl.node', () => require('../prebuilds/linux-arm64/everycore.musl.node')];
      break;
    case 'darwin-arm64':
      yield ['prebuilds/darwin-arm64/everycore.node', () => require('../prebuilds/darwin-arm64/everycore.node')];
      break;
    case 'darwin-x64':
      yield ['prebuilds/darwin-x64/everycore.node', () => require('../prebuilds/darwin-x64/everycore.node')];
      break;
    case 'win32-x64':
      yield ['prebuilds/win32-x64/everycore.node', () => require('../prebuilds/win32-x64/everycore.node')];
      break;
  }
}

function isMusl(): boolean {
  return existsSync('/etc/alpine-release');
}

function chooseIsa(isas: readonly string[]): { isa: string; isas: readonly string[] } {
  const best = isas[isas.length - 1];
  const forced = process.env.EVERYCORE_ISA;
  if (!forced) return { isa: best, isas };
  if (isas.includes(forced)) return { isa: forced, isas };
  process.emitWarning(`EVERYCORE_ISA must be one of ${isas.join(', ')} on this machine, got ${JSON.stringify(forced)}; ${best} is used`, {
    type: 'EverycoreWarning',
    code: 'EVERYCORE_ISA',
  });
  return { isa: best, isas };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0];
}

let warned = false;

function warnOnce(): void {
  // A pool's workers are started with this set: one program warns once, however many processes it has.
  if (warned || process.env.EVERYCORE_WARNED === '1') return;
  warned = true;
  process.emitWarning(`no native binary, the kernels run in TypeScript, which is slower (${nativeState().error})`, {
    type: 'EverycoreWarning',
    code: 'EVERYCORE_NO_NATIVE',
  });
}
