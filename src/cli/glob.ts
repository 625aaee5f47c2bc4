/** Files named on a command line: as they are, by folder, or by a pattern with `*`, `**`, `?`, `[…]` and `{…}`. */
import { readdirSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { UsageError } from './arguments';

const imageName = /\.(png|jpe?g|jfif|webp|avif|tiff?|gif|p[bgpna]m)$/i;

/** The files, each once, in the order of the arguments and then of their names. A name that is not there stays: its error is reported with the others'. */
export function expandFiles(args: readonly string[]): string[] {
  const found = new Set<string>();
  for (const arg of args) {
    for (const file of expandOne(arg)) found.add(normalize(file));
  }
  return [...found];
}

function expandOne(arg: string): string[] {
  const stat = statSync(arg, { throwIfNoEntry: false });
  if (stat?.isDirectory())
    return readdirSync(arg)
      .sort()
      .filter((name) => imageName.test(name))
      .map((name) => join(arg, name));
  if (stat !== undefined || !/[*?[{]/.test(arg)) return [arg];
  const matches = matchesOf(arg);
  if (matches.length === 0) throw new UsageError(`no file matches ${JSON.stringify(arg)}`);
  return matches;
}

function matchesOf(pattern: string): string[] {
  const parts = normalize(pattern).replaceAll('\\', '/').split('/');
  const fixed = parts.findIndex((part) => /[*?[{]/.test(part));
  const root = parts.slice(0, fixed).join('/');
  const rest = parts.slice(fixed).join('/');
  const test = new RegExp(`^${expressionOf(rest)}$`);
  const base = root === '' ? (pattern.startsWith('/') ? '/' : '.') : root;
  const deep = rest.includes('/');
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) return [];
  const entries = readdirSync(base, { recursive: deep, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join((entry as { parentPath?: string }).parentPath ?? entry.path, entry.name))
    .filter((path) => test.test(relativeTo(base, path)))
    .sort();
}

function relativeTo(base: string, path: string): string {
  const slashed = path.replaceAll('\\', '/');
  if (base === '.') return slashed;
  return slashed.slice(base.endsWith('/') ? base.length : base.length + 1);
}

/** A pattern as a regular expression over a path with slashes. */
function expressionOf(pattern: string): string {
  return pattern.replace(/\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|\{[^}]*\}|[.+^$()|\\/[\]{}]/g, (found) => {
    if (found === '**/') return '(?:[^/]+/)*';
    if (found === '**') return '.*';
    if (found === '*') return '[^/]*';
    if (found === '?') return '[^/]';
    if (found.startsWith('[') && found.length > 1) return found.replace('[!', '[^');
    if (found.startsWith('{') && found.length > 1) return `(?:${found.slice(1, -1).split(',').map(expressionOf).join('|')})`;
    return `\\${found}`;
  });
}
