/** Where workers begin: a file that is started by its path. */
import { join } from 'node:path';
import { BootstrapError } from '../errors';

/** @throws BootstrapError in a bundle that has swallowed the package: it has no such file */
export function workerFile(): string {
  const here = typeof __filename === 'string' ? __filename : '';
  if (!here.endsWith(join('executors', 'worker-file.js'))) {
    throw new BootstrapError(
      'workers start from a file of everycore, and a bundler has put the package into another one: mark everycore as external (esbuild: --external:everycore)',
    );
  }
  return join(here, '..', '..', 'worker', 'main.js');
}
