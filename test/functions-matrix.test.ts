/**
 * Every kind of function, with every way to run a program, on every Node that is supported. The other versions of Node come from npm;
 * where they cannot be had, the tests that need them say so and are left out.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from './run-program';
import { kinds, type Language, writeProgram, writeVitest } from './support/function-programs';

const run = promisify(execFile);
const majors = [20, 22, 24, 26];
const cache = join(root, 'node_modules/.cache/everycore-nodes');
const folder = mkdtempSync(join(tmpdir(), 'everycore-functions-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The binary of a version of Node; undefined, with a message, when it cannot be downloaded. */
async function nodeOf(major: number): Promise<string | undefined> {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const prefix = join(cache, String(major));
  const binary = join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  try {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), '{}');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${major}`], { cwd: prefix, timeout: 300_000 });
    return binary;
  } catch (error) {
    console.warn(`Node ${major} is not tested: ${name}@${major} could not be installed (${String(error).slice(0, 200)})`);
    return undefined;
  }
}

const nodes = new Map<number, string>();
for (const major of majors) {
  const binary = await nodeOf(major);
  if (binary !== undefined) nodes.set(major, binary);
}

type Outcomes = Record<string, string>;

async function outcomes(node: string, args: string[]): Promise<Outcomes> {
  const { stdout } = await run(node, [...args, 'compare'], { cwd: folder, timeout: 60_000, env: { ...process.env, NODE_OPTIONS: '', VITEST: '' } });
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}

/** What does not work, and is documented as such. */
type Exceptions = (kind: string, major: number, mode: string) => boolean;

function expectAll(found: Outcomes, major: number, except: Exceptions = () => false): void {
  const wrong: string[] = [];
  for (const [key, outcome] of Object.entries(found)) {
    const [, kind, mode] = /^(.*), (thread|process)$/.exec(key) as RegExpExecArray;
    const isOk = outcome === 'ok';
    if (isOk === except(kind, major, mode)) wrong.push(isOk ? `${key}: works, but is documented not to` : `${key}: ${outcome}`);
  }
  expect(wrong).toEqual([]);
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(2 * (kinds.length - 1));
}

const notCopied = 'closure of a module that cannot be copied';

interface Runner {
  readonly name: string;
  readonly language: Language;
  readonly since?: number;
  readonly options?: readonly string[];
  readonly except?: Exceptions;
  /** Turns the program into what is run. */
  prepare?(file: string): string;
}

const runners: Runner[] = [
  { name: 'JavaScript modules', language: 'esm' },
  { name: 'CommonJS', language: 'cjs' },
  { name: 'TypeScript, types stripped by Node', language: 'typescript', since: 22 },
  {
    name: 'tsx',
    language: 'typescript',
    options: ['--import', 'tsx'],
    // Threads of Node 20 cannot load TypeScript, with tsx or without.
    except: (kind, major, mode) => kind === notCopied || (kind === 'task' && major === 20 && mode === 'thread'),
  },
  // Bundled, the module is gone: nothing is left to import in the worker.
  { name: 'esbuild, bundled and minified', language: 'typescript', prepare: bundle, except: (kind) => kind === notCopied },
  { name: 'Istanbul', language: 'esm', prepare: instrument },
];

function bundle(file: string): string {
  const outfile = file.replace(/\.mts$/, '.bundle.mjs');
  buildSync({ entryPoints: [file], outfile, bundle: true, minify: true, format: 'esm', platform: 'node', external: ['file:*'], logLevel: 'error' });
  return outfile;
}

function instrument(file: string): string {
  const instrumenter = createInstrumenter({ esModules: true, compact: false });
  for (const each of [file, file.replace('program.', 'lib.')]) writeFileSync(each, instrumenter.instrumentSync(readFileSync(each, 'utf8'), each));
  return file;
}

describe.each(runners)('$name', ({ name, language, since = 0, options = [], except, prepare = (file: string) => file }) => {
  const file = prepare(writeProgram(join(folder, name.replace(/\W+/g, '-')), language));
  test.each([...nodes].filter(([major]) => major >= since))(
    'Node %i',
    async (major, node) => {
      expectAll(await outcomes(node, [...options, file]), major, except);
    },
    90_000,
  );
});

describe.each(['forks', 'threads'])('Vitest, pool of %s', (pool) => {
  test.each([...nodes])(
    'Node %i',
    async (major, node) => {
      const own = join(folder, `vitest-${pool}-${major}`);
      const answers = join(own, 'outcomes.json');
      writeVitest(own, answers);
      const vitest = join(root, 'node_modules/vitest/vitest.mjs');
      await run(node, [vitest, 'run', '--root', own, '--pool', pool], {
        cwd: own,
        timeout: 60_000,
        env: { ...process.env, NODE_OPTIONS: '', VITEST: '' },
      });
      expectAll(JSON.parse(readFileSync(answers, 'utf8')), major, (kind) => kind === notCopied);
    },
    90_000,
  );
});
