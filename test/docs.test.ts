/** The generated parts of the documentation are what the code says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, run } from './run-program';

test('docs/kernels.md and the README table are up to date', async () => {
  const { code, stderr } = await run(['scripts/docs.mjs', '--check']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

const cellsOf = (line: string): string[] => line.split('|').map((cell) => cell.trim());

/** The pages of bench/results, with the machine that each names. */
function pages(): { machine: string; rows: string[][] }[] {
  const folder = join(root, 'bench/results');
  const files = readdirSync(folder).flatMap((machine) => readdirSync(join(folder, machine)).map((file) => join(folder, machine, file)));
  return files
    .filter((file) => file.endsWith('.md'))
    .map((file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      return { machine: lines[2], rows: lines.filter((line) => line.startsWith('| ')).map(cellsOf) };
    });
}

test('below the README table stand the machines its figures come from, and no other', () => {
  const [, block] = /<!-- benchmarks -->\n([\s\S]*?)<!-- \/benchmarks -->/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const [shown, caption] = (block ?? '').trim().split('\n\n');
  const rows = shown.split('\n').slice(2).map(cellsOf);
  expect(rows.length).toBeGreaterThan(0);
  const named = caption.split('\n').map((line) => line.trim());
  const sources = rows.map(([, name, ...figures]) => {
    const times = figures.slice(0, 4).map((figure) => figure.replace(/ \(.*/, ''));
    const source = pages().find(({ machine, rows }) => {
      const there = rows.find((row) => row[1] === name) ?? [];
      return named.includes(machine) && times.every((time) => there.includes(time));
    });
    return source?.machine ?? `${name}: on no page of these machines`;
  });
  expect([...new Set(sources)].sort()).toEqual(named.sort());
});
