/**
 * Makes the prebuilt binary of this platform in prebuilds/: by prebuildify, with cmake-js where there is
 * cmake, else with node-gyp. Then proves that the file is fit to be published: it loads, exports the two
 * Node-API symbols alone, and needs no newer glibc than Node 20 itself.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// A folder of its own, so that the developer's build stays as it is.
const work = join(root, 'build-prebuilds');
const glibcMax = [2, 28];

function run(command, args, env = {}) {
  execFileSync(command, args, { cwd: work, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
}

function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

rmSync(work, { recursive: true, force: true });
mkdirSync(work);
for (const name of ['native', 'CMakeLists.txt', 'binding.gyp', 'package.json']) cpSync(join(root, name), join(work, name), { recursive: true });

const byCmake = has('cmake');
const prebuildify = join(root, 'node_modules', 'prebuildify', 'bin.js');
run(
  process.execPath,
  [
    prebuildify,
    '--napi',
    '--strip',
    // For cmake-js a target is one of CMake's, for node-gyp a version of Node.
    ...['-t', byCmake ? 'everycore' : process.version],
    ...(process.platform === 'linux' ? ['--tag-libc'] : []),
    ...['--cwd', work, '--out', root],
  ],
  byCmake ? { PREBUILD_NODE_GYP: join(root, 'node_modules', '.bin', 'cmake-js') } : {},
);
rmSync(work, { recursive: true, force: true });

const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
for (const name of readdirSync(folder)) check(join(folder, name));

function check(file) {
  const seen = JSON.parse(execFileSync(process.execPath, ['-p', `JSON.stringify(require(${JSON.stringify(file)}).isas())`], { encoding: 'utf8' }));
  const facts = [`${(statSync(file).size / 1e6).toFixed(2)} MB`, `levels usable here: ${seen.join(', ')}`];
  if (process.platform === 'linux' && has('objdump')) {
    const symbols = execFileSync('objdump', ['-T', file], { encoding: 'utf8' });
    const needed = [...symbols.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [Number(major), Number(minor)]);
    const newest = needed.sort((a, b) => b[0] - a[0] || b[1] - a[1])[0] ?? [0, 0];
    if (newest[0] > glibcMax[0] || (newest[0] === glibcMax[0] && newest[1] > glibcMax[1])) {
      throw new Error(`${file} needs glibc ${newest.join('.')}, more than ${glibcMax.join('.')}`);
    }
    if (/GLIBCXX_/.test(symbols)) throw new Error(`${file} needs the system's libstdc++; it must be linked in`);
    const exported = symbols
      .split('\n')
      .filter((line) => /\bg\s+DF \.text/.test(line))
      .map((line) => line.split(/\s+/).pop());
    const expected = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];
    if (exported.sort().join() !== expected.join())
      throw new Error(`${file} must export ${expected.join(' and ')} alone, it exports ${exported.join(', ')}`);
    facts.push(`glibc ${newest.join('.')} or newer`);
  }
  console.log(`${file.slice(root.length)}: ${facts.join('; ')}`);
}

if (!existsSync(folder)) throw new Error('no binary was made');
