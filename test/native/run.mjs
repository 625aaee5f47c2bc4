/**
 * The C++ core alone, and the addon in Node, under sanitizers:
 *
 *     node test/native/run.mjs asan     AddressSanitizer and UndefinedBehaviorSanitizer
 *     node test/native/run.mjs tsan     ThreadSanitizer
 *     node test/native/run.mjs plain    neither
 *
 * Builds into build-<kind>/ with CMake, for the CPU levels that this machine can run; runs the C++ tests, then
 * stress.mjs with the addon of that build; under AddressSanitizer the tests of all kernels too, whose odd sizes
 * and views lie between its guard zones.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kinds = {
  plain: { sanitize: '', libraries: [], env: {} },
  asan: {
    sanitize: 'address,undefined',
    libraries: ['libasan.so', 'libubsan.so'],
    env: { ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1' },
  },
  tsan: {
    sanitize: 'thread',
    libraries: ['libtsan.so'],
    // Node itself is not instrumented: what it does looks like races to the sanitizer.
    env: { TSAN_OPTIONS: 'ignore_noninstrumented_modules=1:halt_on_error=1' },
  },
};
/** Where kernels are put through awkward shapes, and codecs through damaged files. */
const kernelTests = [
  'kernels',
  'reduce',
  'axis-levels',
  'scan-levels',
  'scan-order',
  'order-levels',
  'matmul',
  'matrix-linear',
  'image-kernels',
  'image-filters',
  'image-pixels',
  'point-dtypes',
  'codec-damage',
  'codec-vips',
  'pipeline-robust',
].map((name) => `test/${name}.test.ts`);
const [kind = ''] = process.argv.slice(2);
if (!(kind in kinds)) {
  console.error(`usage: node test/native/run.mjs ${Object.keys(kinds).join('|')}`);
  process.exit(2);
}

const { sanitize, libraries, env } = kinds[kind];
const build = join(root, `build-${kind}`);
const compiler = process.env.CXX?.split(' ').at(-1) ?? 'g++';
/** The sanitizer wants the same memory layout every time. */
const steady = spawnSync('setarch', ['-R', 'true']).status === 0 ? ['setarch', '-R'] : [];

const ccache = spawnSync('ccache', ['--version']).status === 0 ? ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'] : [];
const configure = [
  '-S',
  root,
  '-B',
  build,
  '-DCMAKE_BUILD_TYPE=Debug',
  '-DEC_TESTS=ON',
  '-DEC_LEVELS=usable',
  `-DEC_SANITIZE=${sanitize}`,
  `-DCMAKE_CXX_COMPILER=${compiler}`,
];
step('configure', 'cmake', [...configure, ...ccache], {});
step('build', 'cmake', ['--build', build, '-j', String(availableParallelism())], {});
step('C++ tests', ...launch(join(build, 'native_tests'), []), env);
const preload = libraries.map((name) => execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim()).join(' ');
const inNode = { ...env, EVERYCORE_BINARY: join(build, 'everycore.node'), ...(preload && { LD_PRELOAD: preload }) };
step('stress in Node', ...launch(process.execPath, [join(root, 'test/native/stress.mjs')]), inNode);
step('image kernels over threads', ...launch(process.execPath, [join(root, 'test/support/image-digests.mjs'), '--sample']), inNode);
if (kind === 'asan') {
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot', '--testTimeout=900000', ...kernelTests];
  step('tests of the kernels', ...launch(process.execPath, vitest), inNode);
}
console.log(`PASS: C++ tests, stress and kernels under ${sanitize || 'no sanitizer'}`);

function launch(program, args) {
  const [command, ...rest] = [...steady, program, ...args];
  return [command, rest];
}

function step(name, command, args, extra) {
  const began = performance.now();
  const quiet = command === 'cmake';
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    maxBuffer: 1 << 28,
    env: { ...process.env, CXX: undefined, CC: undefined, CCACHE_NOHASHDIR: '1', CCACHE_BASEDIR: root, ...extra },
    timeout: 1_800_000,
  });
  if (status === 0) {
    console.log(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return;
  }
  if (quiet) process.stderr.write(Buffer.concat([stdout, stderr]));
  console.error(`FAIL: ${name} (${error?.message ?? signal ?? `exit code ${status}`})`);
  process.exit(1);
}
