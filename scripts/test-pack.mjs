/**
 * What a user gets: packs the package, installs the tarball into an empty project with neither compiler
 * nor Python on the PATH, and uses it there by import and by require, natively and without the binary.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
const folder = mkdtempSync(join(tmpdir(), 'everycore-pack-'));

function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: 'utf8', timeout: 240_000, ...options });
}

/** A PATH that holds node and a shell alone. */
function barePath() {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['node', 'sh', 'bash', 'env', 'uname']) {
    const found = name === 'node' ? process.execPath : run('sh', ['-c', `command -v ${name} || true`]).trim();
    if (found) symlinkSync(found, join(bin, name));
  }
  return bin;
}

try {
  if (!readdirSync(root).includes('prebuilds')) throw new Error('run `npm run prebuilds` first');
  const packed = JSON.parse(run(npm[0], [...npm.slice(1), 'pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }))[0];
  const files = packed.files.map(({ path }) => path);
  for (const needed of ['dist/index.js', 'dist/index.d.ts', 'dist/math.js', 'dist/cli/main.js', 'README.md', 'LICENSE'])
    assert(files.includes(needed), `the tarball lacks ${needed}`);
  assert(
    files.some((path) => path.startsWith('prebuilds/')),
    'the tarball has no binary',
  );
  assert(!files.some((path) => /^(test|bench|src|native|binding\.gyp)/.test(path)), 'the tarball holds files that users do not need');

  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', version: '1.0.0', private: true }));
  const env = { ...process.env, PATH: barePath(), npm_config_audit: 'false', npm_config_fund: 'false' };
  run(npm[0], [...npm.slice(1), 'install', '--omit=optional', '--no-package-lock', join(folder, packed.filename)], { cwd: project, env });

  const program = `
    const x = await pool.map(square, [1, 2, 3]);
    const y = await pool.map(square, new Float64Array(1e6).fill(3));
    const product = await pool.apply(matmul, [Matrix.identity(64), Matrix.ones(64, 64)]);
    const gray = await pool.apply(grayscale(), [Image.alloc(64, 48, 3)]);
    const plain = await pool.map((n) => n + 1, [1, 2, 3]);
    console.log(JSON.stringify({ x, y: y[999999], product: product.get(3, 4), gray: [gray.width, gray.channels], plain, native: info().native, isa: info().isa }));
    await pool.terminate();`;
  const names = { everycore: 'Pool, info', 'everycore/math': 'square', 'everycore/matrix': 'matmul, Matrix', 'everycore/image': 'grayscale, Image' };
  const lines = (form) => Object.entries(names).map(form).join('\n');
  writeFileSync(join(project, 'a.mjs'), `${lines(([from, what]) => `import { ${what} } from '${from}';`)}\nconst pool = new Pool(2);${program}`);
  writeFileSync(
    join(project, 'b.cjs'),
    `${lines(([from, what]) => `const { ${what} } = require('${from}');`)}\n(async () => { const pool = new Pool(2);${program} })();`,
  );
  for (const [file, native] of [
    ['a.mjs', '1'],
    ['b.cjs', '1'],
    ['a.mjs', '0'],
  ]) {
    const out = run(process.execPath, [file], {
      cwd: project,
      env: { ...env, EVERYCORE_NATIVE: native },
      stdio: ['ignore', 'pipe', native === '1' ? 'inherit' : 'ignore'],
    });
    const answer = JSON.parse(out);
    assert.deepEqual(
      { ...answer, native: undefined, isa: undefined },
      { x: [1, 4, 9], y: 9, product: 1, gray: [64, 1], plain: [2, 3, 4], native: undefined, isa: undefined },
    );
    assert.equal(answer.native, native === '1', `native must be ${native === '1'} in ${file}`);
  }
  run(process.execPath, [join(project, 'node_modules', 'everycore', 'dist', 'cli', 'main.js'), 'info'], { cwd: project, env });
  console.log(
    `pack-and-install: ${packed.filename}, ${files.length} files, ${(packed.size / 1e6).toFixed(2)} MB packed, ${(packed.unpackedSize / 1e6).toFixed(2)} MB unpacked: works by import, by require and without the binary (installed beside ${dirname(process.execPath)} alone)`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
