/**
 * The law of the house, held by machine. Every failure names the file and says what to do about it;
 * ARCHITECTURE.md says why the law is what it is.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { kernels } from 'everycore';
import { expect, test } from 'vitest';
import { dtypes } from '../dist/kernels/dtype.js';
import { nativeState } from '../dist/native.js';

const root = join(import.meta.dirname, '..');

/** All files below a folder, as paths from the root. */
function filesIn(folder: string, pattern: RegExp): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(node_modules|output)$/.test(entry.name) ? [] : filesIn(path, pattern);
    return pattern.test(entry.name) ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Comments and the words in strings are no code. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*(\/\/|#(?!include)).*$/gm, '');

const sources = filesIn('src', /\.[cm]?ts$/);
const nativeFiles = filesIn('native', /\.(cc|h|inc)$/);
const testFiles = filesIn('test', /\.(ts|mts|mjs|cjs|js|cc|h)$/);
const benchFiles = filesIn('bench', /\.(ts|mts|mjs|cjs|js)$/);

interface Import {
  readonly from: string;
  /** A file of src/, or a package's name. */
  readonly to: string;
  /** `import type`: gone after compiling. */
  readonly typeOnly: boolean;
  /** A `require` or `import()` in a function: runs when it is called, not when the file is loaded. */
  readonly lazy: boolean;
}

function importsOf(file: string): Import[] {
  const text = withoutComments(read(file));
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, lazy: boolean) => {
    const path = join(dirname(file), specifier).replace(/\.js$/, '');
    const to = specifier.startsWith('.') ? [`${path}.ts`, join(path, 'index.ts')].find((name) => sources.includes(name)) : specifier;
    found.push({ from: file, to: to ?? path, typeOnly, lazy });
  };
  for (const [, clause, specifier] of text.matchAll(/^(?:import|export)\s+([^'";]*?)\s*from\s*'([^']+)'/gm)) {
    const names = /^\{([\s\S]*)\}$/
      .exec(clause.trim())?.[1]
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    add(specifier, clause.startsWith('type ') || (names?.every((name) => name.startsWith('type ')) ?? false), false);
  }
  for (const [, specifier] of text.matchAll(/^import\s*'([^']+)'/gm)) add(specifier, false, false);
  for (const [, specifier] of text.matchAll(/(?<!typeof )\b(?:require|import)\('([^']+)'\)/g)) add(specifier, false, true);
  return found;
}

const imports = sources.flatMap(importsOf);

/** `of` (a folder or file of src/) never imports values of `from`. */
const forbidden: readonly { of: RegExp; from: RegExp; because: string }[] = [
  { of: /^errors\.ts$/, from: /./, because: 'errors.ts is a leaf: everything imports it, it imports nothing' },
  { of: /^kernels\/call\.ts$/, from: /./, because: 'a call is plain data: the leaf that kernels, planner and executors meet in' },
  { of: /^kernels\/dtype\.ts$/, from: /^(?!errors|kernels\/call)/, because: 'dtype.ts is a leaf beside call.ts' },
  { of: /^pool\/plan\.ts$/, from: /./, because: 'the planner is a pure function of plain data' },
  {
    of: /^(kernels|matrix|image|native|errors|cpu-count)\b/,
    from: /^(pool|worker|process|sync)\//,
    because: 'kernels know nothing of pools and workers: imports point down',
  },
  {
    of: /^executors\//,
    from: /^pool\/(pool|kernel-jobs|function-jobs|imap|result)\.ts/,
    because: 'executors run chunks and know no user: the pool imports them, not they the pool',
  },
  { of: /^(process|sync)\//, from: /^pool\//, because: 'processes, queues and locks stand beside the pool, not on it' },
  {
    of: /^(?!kernels\.ts|cli\/|index\.ts)/,
    from: /^(index|math|matrix|image)\.ts$/,
    because: 'entry points only export: import the file that has what you need',
  },
];

test('imports point right and down', () => {
  const wrong = imports.flatMap(({ from, to, typeOnly, lazy }) => {
    if (typeOnly || lazy || !to.startsWith('src')) return [];
    const [of, target] = [relative('src', from), relative('src', to)];
    return forbidden.filter((rule) => rule.of.test(of) && rule.from.test(target)).map((rule) => `${of} imports ${target}: ${rule.because}`);
  });
  expect(wrong).toEqual([]);
});

test('no file of src/ needs itself to load (cycles of imports)', () => {
  const next = new Map(sources.map((file) => [file, imports.filter((i) => i.from === file && !i.typeOnly && !i.lazy).map((i) => i.to)]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (finished.has(file) || path.includes(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    finished.add(file);
  };
  for (const file of sources) visit(file, []);
  expect(cycles, 'move what both need into a file of its own, or import only the type').toEqual([]);
});

test('every relative import of src/ names a file that is there', () => {
  const lost = imports.filter(({ to }) => to.startsWith('src') && !existsSync(join(root, to))).map(({ from, to }) => `${from}: ${to}`);
  expect(lost).toEqual([]);
});

test('the package has no dependencies but Node and, where it is there, sharp', () => {
  const own = /^(src|prebuilds)\b|^package\.json$|^node:/;
  const foreign = imports.filter(({ to, typeOnly }) => !typeOnly && !own.test(to) && to !== 'sharp');
  expect(
    foreign.map(({ from, to }) => `${from} imports ${to}`),
    "Node's modules are imported as node:…; packages are not imported at all",
  ).toEqual([]);
});

test('only native.ts loads the binary', () => {
  const loaders = sources.filter((file) => /\.node['"`]|prebuilds\/|node-gyp-build|process\.dlopen/.test(withoutComments(read(file))));
  expect(loaders, 'ask native() of src/native.ts for the binding').toEqual(['src/native.ts']);
});

test('only native/addon/ knows Node-API, and the core knows no JavaScript', () => {
  const users = nativeFiles.filter((file) =>
    /#include\s*[<"](napi|node_api|js_native_api|node|v8|uv)[._a-z]*\.?h?[>"]|\bnapi_|\bNapi::/.test(withoutComments(read(file))),
  );
  const outside = users.filter((file) => !file.startsWith('native/addon/'));
  expect(outside, 'pass plain data through native/addon/').toEqual([]);
  expect(users).toContain('native/addon/addon.cc');
});

/** C headers without inline functions: an inline function compiled for AVX-512 may end up in the baseline's code. */
const kernelHeaders = ['stdint.h', 'stddef.h', 'string.h', 'float.h', 'limits.h', 'immintrin.h', 'arm_neon.h'];

test('kernels include no C++ library header', () => {
  const wrong = filesIn('native/kernels', /\.(cc|h|inc)$/).flatMap((file) =>
    [...read(file).matchAll(/^\s*#\s*include\s*<([^>]+)>/gm)]
      .filter(([, header]) => !kernelHeaders.includes(header))
      .map(([, header]) => `${file}: <${header}>`),
  );
  expect(wrong, `kernels may include ${kernelHeaders.join(', ')}; write the function in native/kernels, in an anonymous namespace`).toEqual([]);
});

const lists = (JSON.parse(read('native/sources.gypi')) as { variables: Record<string, string[]> }).variables;
const groups = [...read('native/kernels/groups.inc').matchAll(/^GROUP\((\w+)\)/gm)].map(([, name]) => name);

test('native/sources.gypi lists every C++ file once, and both builds read it', () => {
  const listed = Object.entries(lists)
    .filter(([key]) => key.endsWith('_sources'))
    .flatMap(([, files]) => files);
  const there = nativeFiles.filter((file) => file.endsWith('.cc'));
  expect(
    listed.filter((file) => !existsSync(join(root, file))),
    'listed, but not there',
  ).toEqual([]);
  expect(
    there.filter((file) => !listed.includes(file)),
    'there, but not listed in native/sources.gypi',
  ).toEqual([]);
  expect(
    listed.filter((file, i) => listed.indexOf(file) !== i),
    'listed twice',
  ).toEqual([]);
  for (const build of ['binding.gyp', 'CMakeLists.txt']) {
    expect(read(build), `${build} must read its lists from native/sources.gypi`).toContain('native/sources.gypi');
  }
});

test('every kernel group of groups.inc has its file, and every kernel file its group', () => {
  const fileOf = (group: string) => `native/kernels/${group}.cc`;
  const alike = (name: string) => name.toLowerCase().replace(/[-_]/g, '');
  expect(lists.kernel_sources.map(alike).sort(), 'a line in groups.inc goes with a file in kernel_sources').toEqual(
    groups.map((group) => alike(fileOf(group))).sort(),
  );
  for (const file of lists.avx512vnni_kernels)
    expect(lists.kernel_sources, 'a level with few kernels of its own replaces those of all').toContain(file);
  for (const file of lists.kernel_sources) expect(read(file), `${file} must end in its table`).toMatch(/KernelList \w+\(\) noexcept/);
});

const state = nativeState();

test('every CPU level has the same kernels', () => {
  expect(state.binding, `the native binary did not load: ${state.error}`).not.toBeNull();
  const tables = state.isas.map((isa) => state.binding?.kernels(isa).map(({ name, dtype }) => `${name} ${dtypes[dtype]}`));
  for (const table of tables) expect(table).toEqual(tables[0]);
  expect(new Set(tables[0]).size, 'a kernel stands in the table twice').toBe(tables[0]?.length);
});

test('both sides of the boundary have the same kernels', () => {
  const nativeDtypes = new Map<string, string[]>();
  for (const { name, dtype } of state.binding?.kernels(state.isa) ?? []) nativeDtypes.set(name, [...(nativeDtypes.get(name) ?? []), dtypes[dtype]]);
  const wrong: string[] = [];
  for (const { name, family, dtypes: declared } of kernels()) {
    const found = nativeDtypes.get(name) ?? [];
    const unknown = found.filter((dtype) => !(declared as string[]).includes(dtype));
    if (unknown.length > 0) wrong.push(`${name}: C++ has ${unknown}, the TypeScript declaration doesn't`);
    const missing = declared.filter((dtype) => !found.includes(dtype));
    if (/^(unary|binary|reduce|scan)$/.test(family) && missing.length > 0) wrong.push(`${name}: declared for ${missing} without a C++ kernel`);
  }
  expect(wrong).toEqual([]);
});

test('every error code is documented in docs/errors.md, and no other', () => {
  const codes = (text: string) => [...new Set(text.match(/ERR_EVERYCORE_[A-Z]+(?:_[A-Z]+)*/g) ?? [])].sort();
  const used = codes(sources.map((file) => withoutComments(read(file))).join('\n'));
  expect(codes(read('docs/errors.md')), 'give each code of src/ its row in docs/errors.md').toEqual(used);
});

/** Spelt so that this file does not find itself. */
const unfinished = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'));
const skipped = new RegExp(`\\b(?:test|it|describe|suite)\\.(?:${['on' + 'ly', 'sk' + 'ip', 'to' + 'do'].join('|')})\\b`);
const ownPath = new RegExp(`(?<![\\w.])/(?:${['wo' + 'rk', 'ro' + 'ot', 'Us' + 'ers', 'ho' + 'me'].join('|')})/\\w`);
const written = [
  ...sources,
  ...nativeFiles,
  ...testFiles,
  ...benchFiles,
  ...filesIn('docs', /\.md$/),
  ...filesIn('examples', /\.(ts|mjs|js|md)$/),
  ...readdirSync(root).filter((name) => /\.(md|json|gyp|txt|mts|ts|yml)$/.test(name) && statSync(join(root, name)).isFile()),
];

test('nothing is left unfinished, skipped or tied to one machine', () => {
  const wrong = written.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => {
        const where = `${file}:${i + 1}`;
        if (unfinished.test(line)) return [`${where}: finish it, or say in prose what is missing: ${line.trim()}`];
        if (skipped.test(line)) return [`${where}: tests are never skipped or run alone: ${line.trim()}`];
        if (ownPath.test(line)) return [`${where}: a path of somebody's machine: ${line.trim()}`];
        return [];
      }),
  );
  expect(wrong).toEqual([]);
});

test('files have one job each: 400 lines at the most', () => {
  const long = [...sources, ...nativeFiles, ...testFiles, ...benchFiles]
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 400);
  expect(long, 'cut the file along its jobs').toEqual([]);
});

test('every file says first what it is', () => {
  const silent = [...sources, ...nativeFiles, ...benchFiles].filter((file) => {
    // What a .cc file is for stands in the header beside it.
    if (file.endsWith('.cc') && existsSync(join(root, file.replace(/\.cc$/, '.h')))) return false;
    const first = read(file)
      .replace(/^#!.*\n/, '')
      .replace(/^#pragma once\s*/, '')
      .trimStart();
    return !/^(\/\*\*?|\/\/)/.test(first);
  });
  expect(silent, 'begin with a comment that says what the file is for').toEqual([]);
});
