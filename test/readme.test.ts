/** The README's examples run as they stand, and print what their comments say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, runSource } from './run-program';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, source]) => source);

describe('README', () => {
  test('has at least five examples', () => expect(examples.length).toBeGreaterThanOrEqual(5));

  test.each(examples.map((source, i) => [i + 1, source] as const))('example %i', async (_, source) => {
    const expected = [...source.matchAll(/console\.log\(.*\);? *\/\/ (.*)$/gm)].map(([, line]) => line);
    expect(expected.length, 'an example says what it prints').toBeGreaterThan(0);
    const { code, stdout, stderr } = await runSource(source);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(expected);
  });

  test('the quick start has two commands, one ending in the demo, one in the tests', () => {
    const section = readme.slice(readme.indexOf('## Quick start'));
    const block = /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
    const lines = block.trim().split('\n');
    expect(lines[0]).toMatch(/^git clone /);
    expect(lines[1]).toMatch(/^cd /);
    expect(lines.slice(2)).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  });
});
