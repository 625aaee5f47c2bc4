/** The recipes of docs/cookbook.md run as they stand, and print what their comments say. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vipsLibrary } from '../dist/image/codec/vips-library.js';
import { root, runSource } from './run-program';

const text = readFileSync(join(root, 'docs', 'cookbook.md'), 'utf8');
const recipes = [...text.matchAll(/^## (.*)\n[\s\S]*?^```js\n([\s\S]*?)^```$/gm)].map(([, title, source]) => [title, source] as const);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everycore-cookbook-'));
  cpSync(join(root, 'examples', 'photos'), join(folder, 'photos'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a recipe prints: behind a console.log, or in comments of their own below a loop. */
function expected(source: string): string[] {
  return source.split('\n').flatMap((line) => /(?:console\.log\(.*\);|^) ?\/\/ (.*)$/.exec(line)?.[1] ?? []);
}

test('there are recipes', () => expect(recipes.length).toBeGreaterThanOrEqual(7));

describe.runIf(vipsLibrary().open)('cookbook', () => {
  test.each(recipes)('%s', async (_, source) => {
    const { code, stdout, stderr } = await runSource(source, { cwd: folder });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(expected(source).length).toBeGreaterThan(0);
    expect(stdout.trim().split('\n')).toEqual(expected(source));
  });
});
