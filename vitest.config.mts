/** Tests run against what users get: the compiled package in dist/, with the native binary beside it. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The package itself is loaded by Node, as in a user's program, and not transformed.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
