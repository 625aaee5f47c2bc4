/** Whether a script is strict as a whole: asked where a function does not show it by itself. */
import { readFileSync } from 'node:fs';
import { fileOf } from './references';
import { tokenize } from './tokens';

const known = new Map<string, boolean>();

/** Modules and TypeScript are; a script is when it begins with "use strict". */
export function isStrictScript(url: string): boolean {
  let strict = known.get(url);
  if (strict === undefined) known.set(url, (strict = /\.(?:mjs|[cm]?tsx?)$/.test(url) || beginsStrict(url)));
  return strict;
}

function beginsStrict(url: string): boolean {
  if (!url.startsWith('file:')) return false;
  try {
    // Directives come first; the rest of the file is not looked at.
    const text = readFileSync(fileOf(url), 'utf8').slice(0, 10_000).replace(/^#!.*/, '');
    for (const { type, text: word } of tokenize(text)) {
      if (type === 'string' && /^.use strict.$/.test(word)) return true;
      if (type !== 'string' && word !== ';') return false;
    }
  } catch {
    // Not a file on this disk.
  }
  return false;
}
