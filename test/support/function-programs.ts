/** Programs with one function of each kind, in every language that a user may write them in. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../run-program';

export type Language = 'esm' | 'cjs' | 'typescript';

const extensions = { esm: 'mjs', cjs: 'cjs', typescript: 'mts' };
const harness = join(root, 'test/fixtures/functions/harness.cjs');

/** Files that everything is compared in; the library's own are loaded from where they were built. */
const library = (language: Language): string => {
  const typed = language === 'typescript' ? ': number' : '';
  const text = `
let calls = 0
${language === 'cjs' ? '' : 'export '}function scale(x${typed})${typed} { calls++; return x * calls + offset }
const offset${typed} = 100
const seen = new WeakSet()
${language === 'cjs' ? '' : 'export '}function isNew(object) { const before = seen.has(object); seen.add(object); return !before }
`;
  return language === 'cjs' ? `${text}module.exports = { scale, isNew }` : text;
};

const imports = (language: Language): string =>
  language === 'cjs'
    ? `const { basename } = require('node:path'); const path = require('node:path'); const os = require('node:os')
const lib = require('./lib.cjs'); const { scale, isNew } = lib
const { square } = require(${JSON.stringify(join(root, 'dist/math.js'))}); const { task } = require(${JSON.stringify(join(root, 'dist/index.js'))})
const { compare } = require(${JSON.stringify(harness)}); const here = __filename`
    : `import { basename } from 'node:path'; import * as path from 'node:path'; import os from 'node:os'
import * as lib from './lib.${extensions[language]}'; import { scale, isNew } from './lib.${extensions[language]}'
import math from ${JSON.stringify(pathToFileURL(join(root, 'dist/math.js')).href)}; import everycore from ${JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)}
import harness from ${JSON.stringify(pathToFileURL(harness).href)}
const { square } = math, { task } = everycore, { compare } = harness, here = import.meta.url`;

/** The rows of the table in docs/functions.md. */
export const kinds = [
  'self-contained',
  'nested named functions',
  'constant of the module',
  'closure',
  'async',
  'helpers calling each other',
  'class and instance',
  'Map, Date, typed array',
  'built-in module',
  'import from a module',
  'module as an object',
  'closure of a module that cannot be copied',
  'kernel',
  'import() and require',
  'shared counter',
  'task',
] as const;

const table = (language: Language): string => {
  const number = language === 'typescript' ? ': number' : '';
  const load = language === 'cjs' ? `require('node:os').EOL` : `(await import('node:os')).EOL`;
  const file = language === 'cjs' ? '__filename' : 'import.meta.url';
  return `
const k = 3
let count = 0
function bump() { count++ }
function countTwice() { bump(); bump(); return count }
const even = (n${number}) => n === 0 || odd(n - 1)
function odd(n${number}) { return n !== 0 && even(n - 1) }
class Vec { constructor(x, y) { this.x = x; this.y = y } length() { return Math.hypot(this.x, this.y) * k } }
const vec = new Vec(3, 4)
const map = new Map([['a', new Date(5)]]), floats = Float64Array.of(1, 2)
const adder = (n${number}) => (x${number}) => x + n
const inModule = task(here, function inModule(x) { return basename('a/b') + even(x) + k })
export_kinds({
  'self-contained': [(x${number}) => x + 1, 1],
  'nested named functions': [(x${number}) => { function double(y) { return y * 2 } const triple = (y) => y * 3; return double(x) + triple(x) }, 1],
  'constant of the module': [(x${number}) => x * k, 2],
  closure: [adder(10), 1],
  async: [async (x${number}) => (await x) + k, 1],
  'helpers calling each other': [(n${number}) => [even(n), odd(n)], 7],
  'class and instance': [() => [new Vec(6, 8).length(), vec.length(), vec instanceof Vec]],
  'Map, Date, typed array': [() => [+map.get('a'), floats[1]]],
  'built-in module': [(x) => [basename(x), path.extname(x), os.EOL], 'a/b.txt'],
  'import from a module': [(x${number}) => scale(x) > 100, 2],
  'module as an object': [(x${number}) => lib.scale(x) > 100, 2],
  'closure of a module that cannot be copied': [() => isNew({})],
  kernel: [(x${number}) => square(x), 5],
  'import() and require': [async () => [${load}, ${file}]],
  'shared counter': [() => { const before = count; return countTwice() - before }],
  task: [inModule, 2],
})`;
};

/** Writes a program into a folder; answers its file. It prints the outcomes as JSON. */
export function writeProgram(folder: string, language: Language): string {
  mkdirSync(folder, { recursive: true });
  const extension = extensions[language];
  writeFileSync(join(folder, `lib.${extension}`), library(language));
  const file = join(folder, `program.${extension}`);
  const body = table(language).replace('export_kinds(', 'const kinds = (');
  // The worker imports the module of the task: only the program itself compares.
  const main = language === 'cjs' ? 'require.main === module' : 'process.argv[2] === "compare"';
  writeFileSync(file, `${imports(language)}\n${body}\nif (${main}) compare(kinds).then((outcomes) => console.log(JSON.stringify(outcomes)))\n`);
  return file;
}

/** The same program as a Vitest test, which writes its outcomes to a file. */
export function writeVitest(folder: string, outcomes: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'lib.mts'), library('typescript'));
  const file = join(folder, 'program.test.mts');
  const body = table('typescript')
    .replace('export_kinds(', 'const kinds = (')
    .replace(/const inModule =[^\n]*/, 'const inModule = (x) => x');
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs'; import { test } from 'vitest'\n${imports('typescript')}\n${body}
delete kinds.task
test('kinds', async () => writeFileSync(${JSON.stringify(outcomes)}, JSON.stringify(await compare(kinds))), 30_000)\n`,
  );
  return file;
}
