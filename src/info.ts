/** What this copy of the library is and runs on. */
import { cpuCountWithReason } from './cpu-count';
import { nativeState } from './native';

export interface Info {
  version: string;
  /** True when kernels run in C++. */
  native: boolean;
  nativeFile: string | null;
  /** Why there is no native binary. */
  nativeError: string | null;
  /** CPU level in use. */
  isa: 'baseline' | 'avx2' | 'avx512' | 'neon' | 'js';
  /** CPU levels that could be used here, the best one last. */
  isas: string[];
  cpuCount: number;
  cpuCountReason: string;
  /** Image formats that can be read and written. */
  codecs: string[];
}

export function info(): Info {
  const { binding, file, error, isa, isas } = nativeState();
  const { count, reason } = cpuCountWithReason();
  return {
    version: version(),
    native: binding !== null,
    nativeFile: file,
    nativeError: error,
    isa: named(isa) as Info['isa'],
    isas: [...new Set(isas.map(named))],
    cpuCount: count,
    cpuCountReason: reason,
    codecs: codecs(),
  };
}

/** The level `avx512vnni` is `avx512` with a few kernels of its own. */
function named(isa: string): string {
  return isa === 'avx512vnni' ? 'avx512' : isa;
}

function version(): string {
  // A literal `require`: bundlers put what it answers into their bundle.
  return (require('../package.json') as { version: string }).version;
}

/** Looked up late: a program that reads no images doesn't load what does. */
function codecs(): string[] {
  return (require('./image/codec/choice') as typeof import('./image/codec/choice')).codecFormats();
}
