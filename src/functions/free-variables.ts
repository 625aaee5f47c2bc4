/** Which outer variables a piece of code uses: V8's own scope analysis, asked through the inspector. */
import { Script } from 'node:vm';
import { inspectFunction } from './inspect';
import { Obstacle } from './obstacle';

const RESERVED_IN_STRICT = new Set([
  'let',
  'static',
  'yield',
  'eval',
  'arguments',
  'implements',
  'interface',
  'package',
  'private',
  'protected',
  'public',
]);

/** Known answers, by text and candidates. */
const known = new Map<string, readonly string[]>();
const KNOWN_LIMIT = 2000;

/**
 * The names among `candidates` that `expression` uses as free variables; `arguments` is among them when an arrow function uses
 * that of the function around it.
 *
 * The expression is put, never to be run, into a function that has the candidates as parameters. V8 keeps those parameters in
 * the inner function's scope that the inner code refers to, and no others.
 * @throws Obstacle when the expression does not compile on its own.
 */
export function freeVariables(expression: string, candidates: readonly string[], strict: boolean): readonly string[] {
  const names = strict ? candidates.filter((name) => !RESERVED_IN_STRICT.has(name)) : candidates.filter((name) => name !== 'arguments');
  const text = `(function(${names.join()}){${strict ? '"use strict";' : ''}return()=>(${expression}\n)})`;
  let free = known.get(text);
  if (free === undefined) {
    let make: () => Function;
    try {
      make = new Script(text, { filename: 'everycore:free-variables' }).runInThisContext();
    } catch (error) {
      throw new Obstacle(`its source text does not stand alone (${(error as Error).message})`);
    }
    const scope = inspectFunction(make())?.scopes[0];
    const used = scope?.description.startsWith('Closure') ? Object.getOwnPropertyNames(scope.object) : [];
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(text, (free = used.filter((name) => name === 'arguments' || names.includes(name))));
  }
  return free;
}
