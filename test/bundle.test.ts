/** Programs that a bundler has made one file of, with the package in it and without. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { info } from 'everycore';
import { expect, test } from 'vitest';
import { root, run } from './run-program';

const program = `
import { info, Pool, Process, ThreadPool } from 'everycore';
import { square } from 'everycore/math';
const told = ({ name, message }) => ({ name, message });
const say = (value) => console.log(JSON.stringify(value));
async function main() {
  const { version, native } = info();
  say([version, native, await new Pool(2).map(square, [1, 2, 3])]);
  for (const pool of [new Pool(2), new ThreadPool(2)]) {
    say(await pool.map((x) => x + 1, [1, 2, 3]).catch(told));
    say([await pool.apply((x) => x, [5]).catch(told), pool.state]);
    await pool.terminate();
  }
  const child = new Process({ target: () => process.exit(3) });
  try {
    await child.start();
    await child.join();
    say(child.exitCode);
  } catch (error) {
    say(told(error));
  }
}
main();`;

async function bundled(format: 'cjs' | 'esm', external: string[], js = ''): Promise<unknown[]> {
  const folder = join(root, 'build-programs', 'bundles');
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, `program-${format}-${external.length}.mjs`);
  const outfile = entry.replace('.mjs', format === 'cjs' ? '.out.cjs' : '.out.mjs');
  writeFileSync(entry, program);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    external: ['*.node', ...external],
    banner: { js },
    logLevel: 'error',
  });
  const env = { EVERYCORE_BINARY: info().nativeFile ?? undefined };
  const { code, stdout, stderr } = await run([outfile], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const { version, native } = info();
const external = { name: 'BootstrapError', message: expect.stringContaining('mark everycore as external (esbuild: --external:everycore)') };

test.each(['cjs', 'esm'] as const)('a bundle that has swallowed the package runs kernels, and says what functions need (%s)', async (format) => {
  const makeRequire = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  expect(await bundled(format, [], format === 'esm' ? makeRequire : '')).toEqual([
    [version, native, [1, 4, 9]],
    external,
    [external, 'RUN'],
    external,
    [external, 'RUN'],
    external,
  ]);
});

test.each(['cjs', 'esm'] as const)('a bundle with the package outside runs everything (%s)', async (format) => {
  expect(await bundled(format, ['everycore'])).toEqual([[version, native, [1, 4, 9]], [2, 3, 4], [5, 'RUN'], [2, 3, 4], [5, 'RUN'], 3]);
});
